"""Lists of CFA: the national list of training bodies, and the lists each network keeps.

Every network has its own columns (3 to 77 of them); the same few are recognised by their name.
"""

import re

from raccord.registers import identifiers
from raccord.registers.problems import Severity
from raccord.territory import geography
from raccord.territory.directories.cells import Cells, address_parts
from raccord.territory.directories.rows import StructureRow
from raccord.territory.geography import folded_name
from raccord.territory.kinds import Kind

SOURCE = "organismes-apprentissage"
LABEL = "organismes de formation par apprentissage"
NETWORK_SOURCE = "reseaux-apprentissage"
NETWORK_LABEL = "liste d’un réseau de CFA"

_UFA = re.compile(r"\b(?:lycee|lyc|lp|lpo|lpp|lep|lgt|legta|eplefpa|erea|college)\b")
_MFR = re.compile(r"\b(?:maison familiale|mfr|mfreo|m f r)\b")
_NETWORK_KINDS = {"mfr": Kind.MFR, "greta": Kind.GRETA}
_NAMES = {"afpa": "Centre Afpa"}


def recognise(columns: tuple[str, ...]) -> str | None:
    if {"uai", "siret", "raison_sociale", "nature"} <= set(columns):
        return LABEL
    return None


def row(cells: Cells) -> StructureRow | str:
    return _row(cells, SOURCE, ("uai",), ("siret",), cells.text("reseaux"))


def recognise_network(columns: tuple[str, ...]) -> str | None:
    return NETWORK_LABEL if {"UAI validée", "Siret"} <= set(columns) else None


def network_row(cells: Cells) -> StructureRow | str:
    networks = cells.text("Réseaux à jour", "Réseaux")
    return _row(cells, NETWORK_SOURCE, ("UAI validée",), ("Siret",), networks)


def _row(
    cells: Cells, source: str, uai: tuple[str, ...], siret: tuple[str, ...], written: str
) -> StructureRow:
    networks = tuple(name.strip() for name in written.split("|") if name.strip())
    street, postcode, town = address_parts(cells.text("adresse", "Adresse"))
    if street and not postcode and geography.find_commune(street):
        street, town = "", street  # some lists give the town alone
    place = cells.place(
        postcode=postcode,
        town=town or cells.text("commune"),
        departement=identifiers.departement(cells.text("departement")) or "",
        columns={"postcode": "adresse", "insee": "adresse"},
    )
    own = cells.name("enseigne", "Enseigne")
    legal = cells.name("raison_sociale", "Raison sociale")
    found_uai, found_siret = cells.uai(*uai), cells.siret(*siret)
    return StructureRow(
        kind=_kind(own, legal, networks),
        name=_name(cells, own, legal, networks, found_uai or found_siret),
        source=source,
        line=cells.line,
        uai=found_uai,
        siret=found_siret,
        address=street[:200],
        postcode=place.postcode,
        town=place.town,
        insee=place.insee,
        departement=place.departement,
        latitude=place.latitude,
        longitude=place.longitude,
        accuracy=place.accuracy,
        is_open=cells.text("etat_administratif") not in ("fermé", "ferme", "inactif"),
        networks=networks,
        source_date=cells.day("Date d'import"),
    )


def _kind(own: str, legal: str, networks: tuple[str, ...]) -> Kind:
    """A CFA, unless its name or its network says which: a lycée's apprenticeship unit, an MFR…"""
    words = folded_name(f"{own} {legal}")
    if _MFR.search(words):
        return Kind.MFR
    if len(networks) == 1 and networks[0] in _NETWORK_KINDS:
        return _NETWORK_KINDS[networks[0]]
    return Kind.UFA if _UFA.search(words) else Kind.CFA


def _name(cells: Cells, own: str, legal: str, networks: tuple[str, ...], key: str) -> str:
    """The sign over the door, which people know, unless it is only initials."""
    if own and legal and len(own) < 6:
        return f"{own} – {legal}"[:160]
    if own or legal:
        return own or legal
    network = networks[0] if networks else ""
    name = f"{_NAMES.get(network, 'CFA ' + network)} {key}".replace("  ", " ").strip()
    cells.report(
        "no_name",
        "Raison sociale",
        "",
        f"cette liste ne donne pas le nom : « {name} » en attendant qu’un autre annuaire le donne",
        Severity.NOTICE,
    )
    return name
