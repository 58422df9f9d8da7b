"""Uploads of private-school software: `IMPORT_ELEVES`, schema 3.1 of 24/07/2018.

Persons come first, then pupils, each complete: rows flow as they are read, held back one file long
so that a truncated file leaves nothing. Dates are AAAA-MM-JJ, except DATE_IMPORT. A pupil is either
a leaver (CODE_MOTIF_SORTIE and DATE_SORTIE come first) or not.

`uai` is UAJ. `identifiant_local` is ID_PRV_ELE, the number in the private software, required by the
schema; when an older file lacks it, one made from the INE, else from the name and birth.

Never read: nationality, scholarship, régime, transport, profession, dependent children.
"""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pyarrow as pa
from lxml import etree

from raccord.registers.containers import refusal
from raccord.registers.documents import Document
from raccord.registers.enrolment import Nature
from raccord.registers.forbidden import without_forbidden
from raccord.registers.formats import Reading
from raccord.registers.formats.siecle import (
    MOST_PUPILS,
    enrolments,
    joined_ine,
    made_up_number,
    sex_of,
    status_of,
    text_column,
)
from raccord.registers.formats.siecle_companions import (
    best_representative,
    join_lines,
    person_to_call,
)
from raccord.registers.formats.xml_stream import (
    Records,
    read_parameters,
    root_name,
    walk_document,
)

NAME = "prive"
LABEL = "Import SIECLE des établissements privés"
NATURE = Nature.INSCRIPTION
VERSION = 1

_ROWS = 10_000
_TAGS = ("PARAMETRES", "PERSONNE", "ELEVE")
_COLUMNS = [
    "identifiant_local",
    "ine",
    "nom_famille",
    "nom_usage",
    "prenom",
    "prenoms_suivants",
    "date_naissance",
    "sexe",
    "pays_naissance",
    "commune_naissance",
    "commune_residence",
    "code_postal",
    "adresse",
    "telephone",
    "courriel",
    "representant_nom",
    "representant_telephone",
    "statut",
    "mef",
    "classe",
    "date_entree",
    "date_sortie",
    "motif_sortie",
    "uai_precedent",
]


def recognises(document: Document) -> bool:
    """By the root element, never by the name of the file."""
    return root_name(document.head) == "IMPORT_ELEVES"


def read(reading: Reading) -> Iterator[pa.RecordBatch]:
    """Every pupil of the file, leavers included. Raises RefusedFile."""
    chunks = walk_document(reading.document, reading.problems, partial(_walk, reading), _TAGS)
    if not chunks:
        raise refusal(
            reading.document, "aucun élève dans ce fichier : refaites l'export du logiciel"
        )
    uai = next(iter(reading.header.uais), reading.stated_uai)
    first = 1
    for columns in chunks:
        rows = len(columns["prenom"])
        columns |= {
            "ligne": pa.array(range(first, first + rows), pa.int32()),
            "uai": text_column([uai] * rows),
            "annee_scolaire": pa.array([reading.header.school_year] * rows, pa.int16()),
        }
        first += rows
        yield without_forbidden(
            enrolments(reading.stated_source or NAME, columns), reading.problems
        )


def _walk(reading: Reading, elements: Records) -> "list[dict[str, pa.Array[Any]]]":
    people: dict[str, tuple[str | None, str | None]] = {}
    rows: list[tuple[str | None, ...]] = []
    chunks: list[dict[str, pa.Array[Any]]] = []
    for element in elements:
        if element.tag == "ELEVE":
            rows.append(_pupil(element, people))
            if len(rows) == _ROWS:
                chunks.append(_packed(rows))
                rows.clear()
                if len(chunks) * _ROWS >= MOST_PUPILS:
                    raise refusal(reading.document, "nombre d'élèves invraisemblable")
        elif element.tag == "PERSONNE":
            number = (element.findtext("ID_PRV_PER") or "").strip()
            if number:
                people[number] = person_to_call(element)
        else:
            found = read_parameters({child.tag: child.text or "" for child in element})
            reading.header.school_year = found.school_year
            reading.header.exported_on = found.exported_on
            if found.uai:
                reading.header.uais.add(found.uai)
    if rows:
        chunks.append(_packed(rows))
    return chunks


def _packed(rows: list[tuple[str | None, ...]]) -> "dict[str, pa.Array[Any]]":
    columns = zip(*rows, strict=True)
    return {name: text_column(list(values)) for name, values in zip(_COLUMNS, columns, strict=True)}


def _pupil(
    element: etree._Element, people: dict[str, tuple[str | None, str | None]]
) -> tuple[str | None, ...]:
    texts: dict[str, str] = {}
    address: dict[str, str] = {}
    schooling: dict[str, str] = {}
    last_year: str | None = None
    representative: tuple[str | None, str | None] = (None, None)
    for child in element:
        tag = child.tag
        if tag in _PUPIL_TAGS:
            if child.text:
                texts[tag] = child.text
        elif tag == "ADRESSE":
            address = {line.tag: line.text for line in child if line.text}
        elif tag == "SCOLARITE_ACTIVE":
            schooling = {item.tag: item.text for item in child if item.text}
        elif tag == "ETABLISSEMENT_AN_DERNIER":
            last_year = child.findtext("CODE_RNE") or child.findtext("CODE_DEPARTEMENT")
        elif tag == "RESPONSABLES_ELEVE":
            representative = best_representative(_links(child), people)
    ine = joined_ine(texts.get("ID_NATIONAL"), texts.get("INE_RNIE"), texts.get("INE_BEA"))
    others = (texts.get("PRENOM2"), texts.get("PRENOM3"))
    local = (texts.get("ID_PRV_ELE") or "").strip() or made_up_number(
        [ine], [texts.get(tag) for tag in ("NOM_DE_FAMILLE", "PRENOM", "DATE_NAISS")]
    )
    return (
        local,
        ine,
        texts.get("NOM_DE_FAMILLE"),
        texts.get("NOM_USAGE"),
        texts.get("PRENOM"),
        " ".join(name.strip() for name in others if name),
        texts.get("DATE_NAISS"),
        sex_of(texts.get("CODE_SEXE")),
        texts.get("CODE_PAYS"),
        texts.get("CODE_COMMUNE_INSEE_NAISS") or texts.get("VILLE_NAISS"),
        address.get("COMMUNE_ETRANGERE"),
        address.get("CODE_POSTAL"),
        join_lines(address),
        texts.get("TEL_PORTABLE") or texts.get("TEL_PERSONNEL") or texts.get("TEL_PROFESSIONNEL"),
        texts.get("EMAIL"),
        *representative,
        status_of(schooling.get("CODE_STATUT")),
        schooling.get("CODE_MEF"),
        schooling.get("CODE_DIVISION"),
        texts.get("DATE_ENTREE") or schooling.get("DATE_DEB_SCO"),
        texts.get("DATE_SORTIE"),
        texts.get("CODE_MOTIF_SORTIE"),
        last_year,
    )


_PUPIL_TAGS = frozenset(
    [
        "CODE_MOTIF_SORTIE",
        "DATE_SORTIE",
        "ID_PRV_ELE",
        "ID_NATIONAL",
        "INE_BEA",
        "INE_RNIE",
        "NOM_DE_FAMILLE",
        "NOM_USAGE",
        "PRENOM",
        "PRENOM2",
        "PRENOM3",
        "DATE_NAISS",
        "CODE_SEXE",
        "CODE_PAYS",
        "CODE_COMMUNE_INSEE_NAISS",
        "VILLE_NAISS",
        "DATE_ENTREE",
        "TEL_PERSONNEL",
        "TEL_PROFESSIONNEL",
        "TEL_PORTABLE",
        "EMAIL",
    ]
)
_RANK_OF_LINK = {"LEGAL": "1", "PERSONNE_EN_CHARGE": "2", "CONTACT": "3"}


def _links(block: etree._Element) -> Iterator[dict[str, str]]:
    """The links of one pupil, in the words of the SIECLE export."""
    for link in block:
        rank = _RANK_OF_LINK.get(str(link.tag))
        if rank is not None:
            texts = {item.tag: item.text.strip() for item in link if item.text}
            yield texts | {
                "PERSONNE_ID": texts.get("ID_PRV_PER", ""),
                "NIVEAU_RESPONSABILITE": rank,
            }
