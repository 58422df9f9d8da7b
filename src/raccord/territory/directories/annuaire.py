"""The ministry's annuaire de l'éducation (fr-en-annuaire-education) and its geolocated schools.

The annuaire changed its columns between 2023 (69) and 2026 (71): « Code postal » became
`Code_postal`, `etablissement_multi_lignes` became `multi_uai`. Both are read by name.
"""

from raccord.registers import identifiers
from raccord.registers.problems import Severity
from raccord.territory.directories import sensitive
from raccord.territory.directories.cells import Cells
from raccord.territory.directories.rows import Accuracy, StructureRow
from raccord.territory.kinds import Kind

SOURCE = "annuaire-education"
LABEL_2023 = "annuaire de l’éducation (colonnes de 2023)"
LABEL_2026 = "annuaire de l’éducation (colonnes de 2026)"
GEOLOCATED_SOURCE = "geolocalisation-etablissements"
GEOLOCATED_LABEL = "adresses et géolocalisation des établissements"

#: Ministry codes of nature (N_NATURE_UAI) met in the annuaire.
_NATURES = {
    "300": Kind.LYCEE, "301": Kind.LYCEE, "302": Kind.LYCEE, "303": Kind.LYCEE, "306": Kind.LYCEE,
    "310": Kind.LYCEE, "312": Kind.LYCEE, "315": Kind.LYCEE, "335": Kind.LYCEE, "400": Kind.LYCEE,
    "420": Kind.LYCEE, "430": Kind.LYCEE, "320": Kind.LYCEE_PRO, "334": Kind.SEP,
    "340": Kind.COLLEGE, "349": Kind.COLLEGE, "350": Kind.COLLEGE, "352": Kind.COLLEGE,
    "370": Kind.EREA, "371": Kind.EREA, "380": Kind.MFR, "390": Kind.SEGPA,
    "720": Kind.GRETA, "740": Kind.GRETA, "802": Kind.RECTORAT, "805": Kind.DSDEN, "840": Kind.CIO,
    "841": Kind.CIO,
}  # fmt: skip
_TYPES = {
    "Ecole": Kind.ECOLE,
    "Collège": Kind.COLLEGE,
    "Lycée": Kind.LYCEE,
    "EREA": Kind.EREA,
    "Information et orientation": Kind.CIO,
}
_ACCURACY = {
    "Numéro de rue": Accuracy.EXACT,
    "NUMERO (ADRESSE)": Accuracy.EXACT,
    "PLAQUE_ADRESSE": Accuracy.EXACT,
    "BATIMENT": Accuracy.EXACT,
    "ENTREE PRINCIPALE": Accuracy.EXACT,
    "Parfaite": Accuracy.EXACT,
    "Rue": Accuracy.STREET,
    "ZONE_ADRESSAGE": Accuracy.STREET,
    "Correcte": Accuracy.STREET,
    "Ville": Accuracy.TOWN,
    "COMMUNE": Accuracy.TOWN,
    "Lieu-dit": Accuracy.TOWN,
}
_DOUBTED = {"Mauvaise", "Erreur", "Moyenne", "DIFF_TYPE"}
_OFFICES = "service administratif sans public"
_SECONDARY = {Kind.COLLEGE, Kind.LYCEE, Kind.LYCEE_PRO, Kind.SEP, Kind.SEGPA}


def recognise(columns: tuple[str, ...]) -> str | None:
    if {"Identifiant_de_l_etablissement", "Nom_etablissement"} <= set(columns):
        return LABEL_2026 if "Code_postal" in columns else LABEL_2023
    return None


def row(cells: Cells) -> StructureRow | str:
    if cells.text("ministere_tutelle").startswith("SANTE") or cells.text(
        "Type_etablissement"
    ).startswith("Médico"):
        return sensitive.REASON
    kind = _kind(
        cells.text("code_nature"),
        cells.text("libelle_nature"),
        cells.text("Type_etablissement"),
        cells.text("ministere_tutelle"),
    )
    if cells.flag("Lycee_Agricole") and kind in (Kind.LYCEE, Kind.LYCEE_PRO):
        kind = Kind.LYCEE_AGRICOLE
    if kind is None:
        return _OFFICES
    contract = cells.text("Type_contrat_prive")
    sector = _sector(cells.text("Statut_public_prive"), contract)
    uai = cells.uai("Identifiant_de_l_etablissement")
    place = cells.place(
        postcode=cells.text("Code_postal", "Code postal"),
        town=cells.text("Nom_commune"),
        insee=cells.text("Code_commune"),
        departement=_departement(cells, "Code_departement"),
        point=cells.coordinates("latitude", "longitude"),
        accuracy=_ACCURACY.get(cells.text("precision_localisation"), Accuracy.UNKNOWN),
        columns={"postcode": "Code_postal", "insee": "Code_commune", "point": "latitude"},
    )
    is_open, closing = _state(cells, "etat")
    return StructureRow(
        kind=Kind.HORS_CONTRAT if sector == "hors_contrat" and kind in _SECONDARY else kind,
        name=cells.name("Nom_etablissement"),
        source=SOURCE,
        line=cells.line,
        uai=uai,
        siret=cells.siret("SIREN_SIRET"),
        sector=sector,
        address=_street(cells),
        postcode=place.postcode,
        town=place.town,
        insee=place.insee,
        departement=place.departement,
        latitude=place.latitude,
        longitude=place.longitude,
        accuracy=place.accuracy,
        phone=cells.phone("Telephone"),
        email=cells.email("Mail"),
        website=cells.website("Web"),
        is_open=is_open,
        closing_announced=closing,
        opens_on=cells.day("date_ouverture"),
        parent_uai=cells.uai("etablissement_mere"),
        has_segpa=cells.flag("Segpa"),
        basin_code=cells.text("code_bassin_formation"),
        basin_name=cells.text("libelle_bassin_formation"),
        source_date=cells.day("date_maj_ligne"),
    )


def recognise_geolocated(columns: tuple[str, ...]) -> str | None:
    wanted = {"numero_uai", "appellation_officielle", "appariement"}
    return GEOLOCATED_LABEL if wanted <= set(columns) else None


def geolocated_row(cells: Cells) -> StructureRow | str:
    kind = _kind(
        cells.text("nature_uai"), cells.text("nature_uai_libe"), "", cells.text("libelle_ministere")
    )
    if kind is None:
        return _OFFICES
    sector = _sector(
        cells.text("secteur_public_prive_libe"), cells.text("secteur_prive_libelle_type_contrat")
    )
    accuracy = _ACCURACY.get(cells.text("localisation"), Accuracy.UNKNOWN)
    if cells.text("appariement") in _DOUBTED:
        accuracy = Accuracy.DOUBTFUL
    place = cells.place(
        postcode=cells.text("code_postal_uai"),
        town=cells.text("libelle_commune", "localite_acheminement_uai"),
        insee=cells.text("code_commune"),
        departement=_departement(cells, "code_departement"),
        point=cells.coordinates("latitude", "longitude"),
        accuracy=accuracy,
        columns={"postcode": "code_postal_uai", "insee": "code_commune", "point": "latitude"},
    )
    is_open, closing = _state(cells, "etat_etablissement_libe")
    return StructureRow(
        kind=Kind.HORS_CONTRAT if sector == "hors_contrat" and kind in _SECONDARY else kind,
        name=cells.name("appellation_officielle", "denomination_principale"),
        source=GEOLOCATED_SOURCE,
        line=cells.line,
        uai=cells.uai("numero_uai"),
        sector=sector,
        address=cells.text("adresse_uai", "lieu_dit_uai"),
        postcode=place.postcode,
        town=place.town,
        insee=place.insee,
        departement=place.departement,
        latitude=place.latitude,
        longitude=place.longitude,
        accuracy=place.accuracy,
        is_open=is_open,
        closing_announced=closing,
        opens_on=cells.day("date_ouverture"),
    )


def _kind(nature: str, label: str, type_: str, ministry: str) -> Kind | None:
    if nature.startswith("1"):
        return Kind.ECOLE
    kind = _NATURES.get(nature) or _TYPES.get(type_)
    if kind is None and "APPRENTI" in label:
        return Kind.CFA
    if kind in (Kind.LYCEE, Kind.LYCEE_PRO) and ministry == "AGRICULTURE":
        return Kind.LYCEE_AGRICOLE
    return kind


def _sector(status: str, contract: str) -> str:
    if status == "Public":
        return "public"
    if not status:
        return ""
    return "hors_contrat" if contract == "HORS CONTRAT" else "prive"


def _departement(cells: Cells, column: str) -> str:
    """« 035 », « 35 », « 02A »: the same place in two writings."""
    return identifiers.departement(cells.text(column)) or ""


def _street(cells: Cells) -> str:
    """The three lines of the address without « 35580 BAULON », which other columns say better."""
    lines = [cells.text(column) for column in ("Adresse_1", "Adresse_2")]
    return ", ".join(line for line in lines if line)[:200]


def _state(cells: Cells, column: str) -> tuple[bool, bool]:
    """Whether it is open, and whether its closing is announced."""
    state = cells.text(column).upper()
    if state == "A FERMER":
        cells.report(
            "to_close",
            column,
            "A FERMER",
            "l’annuaire annonce la fermeture de cet établissement : il reste ouvert ici ; "
            "enregistrez sa fermeture et l’établissement qui lui succède quand ils sont connus",
            Severity.NOTICE,
        )
        return True, True
    if state == "A OUVRIR":
        cells.report(
            "to_open",
            column,
            "A OUVRIR",
            "cet établissement n’est pas encore ouvert : il est gardé, sans liste, jusque-là",
            Severity.NOTICE,
        )
    return state in ("OUVERT", ""), False
