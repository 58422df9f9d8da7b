"""The directory of the simulated territory, `annuaire.csv`: schools and who takes over after them.

Names are those of trees, rivers and virtues, never of a real establishment. A basin is a stretch of
the line where communes stand: each has its CIO, its PSAD, its mission locale and its agency of
France Travail, whose areas differ a little, as real ones do; partners that are rarer serve a
département, or everybody.
"""

import csv
import unicodedata
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

import numpy as np

from raccord.simulation.places import DEPARTEMENTS, Kind, Schools, Territory

COLUMNS = (
    "nom", "type", "uai", "siret", "code_insee", "code_postal", "courriel", "secteur",
    "bassin", "communes_desservies",
)  # fmt: skip

_BASINS = 3  # per département

_NAMES = (
    "des Tilleuls", "du Grand Pré", "de la Source", "des Quatre-Vents", "du Moulin", "des Érables",
    "de l’Horizon", "du Vallon", "des Roseaux", "de la Fontaine", "des Châtaigniers", "du Lavoir",
    "de la Prairie", "des Bruyères", "du Vieux-Port", "de la Colline", "des Peupliers", "du Marais",
    "de l’Étang", "des Genêts", "du Belvédère", "de la Lisière", "des Hauts-Champs", "du Gué",
)  # fmt: skip
_SAINTS = ("Sainte-Flora", "Saint-Bricou", "Sainte-Aure", "Saint-Valdry", "Notre-Dame-du-Gué")

#: What each département has one of: word of the directory, stem of the name.
_OF_DEPARTEMENT = (
    ("employment_platform", "Plateforme vers l’emploi"),
    ("e2c", "École de la deuxième chance"),
    ("info_jeunes", "Info Jeunes"),
    ("greta", "GRETA"),
)
#: What the territory has one of; EPIDE are rare, and receive from everywhere.
_OF_TERRITORY = (
    ("epide", "EPIDE du Vieux-Port"),
    ("service_civique", "Service civique de la Lisière"),
    ("region", "Région"),
    ("draaf", "DRAAF"),
    ("draio", "DRAIO"),
)

#: Kind of the simulation: word of the directory, sector, stem of the name.
_SCHOOLS: dict[Kind, tuple[str, str, str]] = {
    Kind.COLLEGE: ("college", "public", "Collège"),
    Kind.COLLEGE_PRIVE: ("college", "prive", "Collège"),
    Kind.LYCEE: ("lycee", "public", "Lycée"),
    Kind.LYCEE_PRIVE: ("lycee", "prive", "Lycée"),
    Kind.LP: ("lycee_pro", "public", "Lycée professionnel"),
    Kind.LP_PRIVE: ("lycee_pro", "prive", "Lycée professionnel"),
    Kind.AGRICOLE: ("lycee_agricole", "public", "Lycée agricole"),
    Kind.CFA: ("cfa", "", "CFA"),
}


def write_directory(path: Path, territory: Territory, schools: Schools) -> None:
    """Write the directory of one territory."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, delimiter=";", restval="")
        writer.writeheader()
        writer.writerows(_school_rows(territory, schools))
        writer.writerows(_service_rows(territory))


def basin_of(territory: Territory, commune: int) -> int:
    """Number of the basin of a commune, by its rank on the line."""
    count = len(territory.departements) * _BASINS
    return min(commune * count // len(territory.insee), count - 1)


def _school_rows(territory: Territory, schools: Schools) -> Iterator[dict[str, str]]:
    trees, saints = cycle(_NAMES), cycle(_SAINTS)
    rank = {insee: number for number, insee in enumerate(territory.insee.to_pylist())}
    postcodes = territory.postcode.to_pylist()
    for kind in Kind:
        first, count = int(territory.first_school[kind]), int(territory.schools[kind])
        word, sector, stem = _SCHOOLS[kind]
        for number in range(first, first + count):
            uai, insee = schools.uai[number].as_py(), schools.insee[number].as_py()
            place = rank[insee]
            yield {
                "nom": f"{stem} {next(saints if sector == 'prive' else trees)}",
                "type": word,
                "uai": uai,
                "siret": schools.siret[number].as_py(),
                "code_insee": insee,
                "code_postal": postcodes[place],
                "courriel": f"ce.{uai.lower()}@exemple.test",
                "secteur": sector,
                "bassin": _basin_name(basin_of(territory, place)),
            }


def _service_rows(territory: Territory) -> Iterator[dict[str, str]]:
    insees, postcodes = territory.insee.to_pylist(), territory.postcode.to_pylist()
    basins = np.array([basin_of(territory, place) for place in range(len(insees))])
    for number in range(int(basins.max()) + 1):
        places = np.flatnonzero(basins == number)
        name = _basin_name(number)
        # A mission locale reaches into the neighbouring basin: areas never quite agree.
        wider = np.arange(max(0, places[0] - 8), min(len(insees), places[-1] + 9))
        for kind, label, area in (
            ("cio", "CIO", places),
            ("psad", "PSAD", places),
            ("mission_locale", "Mission locale", wider),
            ("france_travail", "France Travail", wider),
        ):
            yield _service(
                kind, f"{label} {name}", insees[places[0]], postcodes[places[0]], name,
                [insees[place] for place in area],
            )  # fmt: skip
    span = len(territory.departements)
    for rank, index in enumerate(territory.departements):
        code = DEPARTEMENTS[index][0]
        place = rank * len(insees) // span
        at = (insees[place], postcodes[place])
        yield _service("dsden", f"DSDEN ({code})", *at, "", [code])
        yield _service("mlds", f"MLDS ({code})", *at, "", [code])
        yield _service("conseil_departemental", f"Conseil départemental ({code})", *at, "", [code])
        for number, (kind, stem) in enumerate(_OF_DEPARTEMENT):
            name = f"{stem} {_NAMES[(rank * 5 + number) % len(_NAMES)]}"
            yield _service(kind, name, *at, "", [code])
    for kind, name in _OF_TERRITORY:
        yield _service(kind, name, insees[0], postcodes[0], "", [])
    yield _service("rectorat", "Rectorat", insees[0], postcodes[0], "", [])


def _service(
    kind: str, name: str, insee: str, postcode: str, basin: str, area: list[str]
) -> dict[str, str]:
    letters = unicodedata.normalize("NFKD", name.replace("’", " ").lower())
    plain = letters.encode("ascii", "ignore").decode()
    mailbox = "".join(c if c.isalnum() else "-" for c in plain).strip("-")
    return {
        "nom": name,
        "type": kind,
        "code_insee": insee,
        "code_postal": postcode,
        "courriel": f"{mailbox}@exemple.test",
        "bassin": basin,
        "communes_desservies": "|".join(area),
    }


def _basin_name(number: int) -> str:
    return f"Bassin {_NAMES[number % len(_NAMES)]}"
