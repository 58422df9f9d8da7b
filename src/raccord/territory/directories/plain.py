"""Our own file, for what nobody publishes: PSAD, MLDS, CIO, and the communes each one serves.

`nom;type;uai;siret;adresse;code_postal;commune;telephone;courriel;communes_desservies`; if wanted,
`site;rendez_vous;latitude;longitude;secteur;rattachee_a`. Only `nom` and `type` are required.
"""

import re
from collections import defaultdict
from functools import cache

from raccord.registers.problems import Severity
from raccord.territory import geography
from raccord.territory.directories import sensitive
from raccord.territory.directories.cells import Cells, address_parts
from raccord.territory.directories.rows import Accuracy, StructureRow
from raccord.territory.kinds import Kind

SOURCE = "saisie"
LABEL = "liste de structures (CSV simple)"

_SECTORS = {"public": "public", "prive": "prive", "hors contrat": "hors_contrat"}


def recognise(columns: tuple[str, ...]) -> str | None:
    return LABEL if {"nom", "type"} <= set(columns) else None


def row(cells: Cells) -> StructureRow | str:
    name, written = cells.name("nom"), cells.text("type")
    kind = kinds_by_word().get(geography.folded_name(written))
    if kind is None:
        known = ", ".join(sorted({one.label for one in Kind}))
        cells.report(
            "kind",
            "type",
            written,
            f"le type « {written} » n’est pas connu : la ligne est laissée de côté ; écrivez l’un "
            f"de ceux-ci : {known}",
            Severity.REJECTED,
        )
        return "type inconnu"
    if not name:
        cells.report(
            "no_name",
            "nom",
            "",
            "cette ligne n’a pas de nom : elle est laissée de côté ; donnez-en un",
            Severity.REJECTED,
        )
        return "sans nom"
    if sensitive.is_sensitive_name(name):
        return sensitive.REASON
    street, postcode, town = address_parts(cells.text("adresse"))
    place = cells.place(
        postcode=cells.text("code_postal") or postcode,
        town=cells.text("commune") or town,
        insee=cells.text("code_insee"),
        point=cells.coordinates("latitude", "longitude"),
        accuracy=Accuracy.EXACT,
        columns={"postcode": "code_postal", "insee": "code_insee", "point": "latitude"},
    )
    if not place.insee and (cells.text("commune") or cells.text("code_postal")):
        cells.report(
            "commune",
            "commune",
            cells.text("commune", "code_postal"),
            "la commune n’a pas été reconnue : la structure est gardée sans lieu sur la carte ; "
            "écrivez son nom officiel et son code postal",
        )
    return StructureRow(
        kind=kind,
        name=name,
        source=SOURCE,
        line=cells.line,
        uai=cells.uai("uai"),
        siret=cells.siret("siret"),
        sector=_SECTORS.get(geography.folded_name(cells.text("secteur")), ""),
        address=street[:200],
        postcode=place.postcode,
        town=place.town,
        insee=place.insee,
        departement=place.departement,
        latitude=place.latitude,
        longitude=place.longitude,
        accuracy=place.accuracy,
        phone=cells.phone("telephone"),
        email=cells.email("courriel"),
        website=cells.website("site"),
        appointment_url=cells.website("rendez_vous"),
        parent_uai=cells.uai("rattachee_a"),
        basin_name=cells.text("bassin"),
        area=_area(cells, place.departement),
    )


@cache
def kinds_by_word() -> dict[str, Kind]:
    """« Mission locale », « mission_locale », « ML »: what people write for a type."""
    words = {geography.folded_name(kind.label): kind for kind in Kind}
    words |= {geography.folded_name(kind.value): kind for kind in Kind}
    return words | {
        "ml": Kind.MISSION_LOCALE,
        "lycee agricole": Kind.LYCEE_AGRICOLE,
        "lycee general": Kind.LYCEE,
        "lycee polyvalent": Kind.LYCEE,
        "lp": Kind.LYCEE_PRO,
        "mgi": Kind.MLDS,
        "centre d information et d orientation": Kind.CIO,
        "ecole de la 2e chance": Kind.E2C,
    }


def _area(cells: Cells, departement: str) -> tuple[str, ...]:
    """The INSEE codes served, written as codes, names, a département (35) or an EPCI (SIREN)."""
    column = "communes_desservies"
    codes: list[str] = []
    for written in re.split(r"\s*[|,]\s*", cells.text(column)):
        if not written:
            continue
        found = _served(written, departement)
        if not found:
            postcode = bool(geography.communes_at(written))
            cells.report(
                "area",
                column,
                written,
                f"« {written} » est un code postal, et plusieurs communes peuvent le partager : "
                "écrivez le code INSEE"
                if postcode
                else f"« {written} » n’est ni une commune, ni un département, ni un EPCI connu : "
                "cette commune n’est pas desservie tant que la ligne n’est pas corrigée",
            )
        codes += found
    return tuple(dict.fromkeys(codes))


def _served(written: str, departement: str) -> list[str]:
    code = written.upper()
    if found := geography.current_commune(code):
        return [found.code]
    if members := _members().get(code):
        return members
    named = geography.find_commune(written, departement=departement) or geography.find_commune(
        written
    )
    return [named.code] if named else []


@cache
def _members() -> dict[str, list[str]]:
    """Département or EPCI -> its communes in force."""
    members: defaultdict[str, list[str]] = defaultdict(list)
    for one in geography.communes():
        if one.is_current:
            members[one.departement].append(one.code)
            if one.epci:
                members[one.epci].append(one.code)
    return dict(members)
