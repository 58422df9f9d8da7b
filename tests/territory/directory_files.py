"""Small directories written by hand, in the real columns, for one trap at a time."""

from pathlib import Path

from raccord.territory.directories import Reading, read_directory

#: An invented collège of Rennes; its UAI and SIRET have right keys.
COLLEGE = {
    "Identifiant_de_l_etablissement": "0359001U",
    "Nom_etablissement": "Collège des Essais",
    "Type_etablissement": "Collège",
    "Statut_public_prive": "Public",
    "Adresse_1": "1 rue des Essais",
    "Adresse_2": "",
    "Code_postal": "35000",
    "Code_commune": "35238",
    "Nom_commune": "Rennes",
    "Code_departement": "035",
    "Telephone": "0299000000",
    "Web": "",
    "Mail": "ce.0359001M@example.org",
    "SIREN_SIRET": "",
    "Segpa": "0",
    "Lycee_Agricole": "0",
    "Type_contrat_prive": "SANS OBJET",
    "latitude": "48.1113",
    "longitude": "-1.6800",
    "precision_localisation": "Numéro de rue",
    "date_ouverture": "1975-09-01",
    "date_maj_ligne": "2026-05-27",
    "etat": "OUVERT",
    "ministere_tutelle": "MINISTERE DE L'EDUCATION NATIONALE",
    "code_nature": "340",
    "libelle_nature": "COLLEGE",
    "etablissement_mere": "",
    "code_bassin_formation": "14201",
    "libelle_bassin_formation": "RENNES",
}


def annuaire(folder: Path, *rows: dict[str, str], bom: bool = True, end: str = "\r\n") -> Reading:
    """An annuaire of 2026 whose rows are the collège with some values changed."""
    lines = [";".join(COLLEGE), *(";".join((COLLEGE | row).values()) for row in rows or ({},))]
    return read(folder, ("\ufeff" if bom else "") + end.join(lines) + end)


def plain(folder: Path, *lines: str) -> Reading:
    """Our own file."""
    header = "nom;type;uai;siret;adresse;code_postal;commune;telephone;courriel;communes_desservies"
    return read(folder, "\n".join([header, *lines]))


def read(folder: Path, content: str | bytes, name: str = "depot.csv") -> Reading:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_directory(path)


def rules(reading: Reading) -> list[str]:
    return [problem.rule for problem in reading.problems]
