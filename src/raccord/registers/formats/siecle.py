"""SIECLE « Base Élèves Établissement »: ElevesAvecAdresses and ElevesSansAdresses.

Source: SIECLE-SFD-Exportations-XML v17.4 (2017) and files of 2019; both generations of tags (NOM
before summer 2016), versions 2.1 and 3.0. The file gives pupils first, then their divisions, then
their addresses, linked by numbers valid inside one export only: pupils wait as Arrow columns
(about 300 bytes each), and nothing is yielded before the last byte is read, so that a truncated
file leaves nothing behind.

`uai` is UAJ. `identifiant_local` is the number of the pupil in the establishment, ELENOET: the
element, else the attribute (a public fixture has both, different), else the same number read from
ID_ELEVE_ETAB when that one belongs to UAJ, else ID_ELEVE_ETAB whole, else ID_PRV_ELE (private
software), else one made from the INE, else from the name and birth ("~" then 12 hexadecimals).

Never read: nationality, scholarship, régime, transport, repetition of a year.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from lxml import etree

from raccord.registers.containers import refusal
from raccord.registers.documents import Document
from raccord.registers.enrolment import ENROLMENT_SCHEMA, Nature
from raccord.registers.forbidden import without_forbidden
from raccord.registers.formats import Reading
from raccord.registers.formats.siecle_companions import Companions, join_lines, read_companions
from raccord.registers.formats.xml_stream import (
    LONGEST_TEXT,
    Records,
    read_parameters,
    root_name,
    walk_document,
)
from raccord.registers.problems import Problem, Severity

NAME = "siecle"
LABEL = "SIECLE, export des élèves"
NATURE = Nature.INSCRIPTION
VERSION = 1

_ROWS = 10_000

#: One export is one establishment; the largest city group has a few thousand pupils.
MOST_PUPILS = 1_000_000
_MOST_HELD = 2**30
_MOST_WAITING = 64 * 2**20
_MOST_UNKNOWN_TAGS = 50

_TAGS = ("PARAMETRES", "ELEVE", "OPTION", "STRUCTURES_ELEVE", "BOURSE", "ADRESSE")

# The only tags of a pupil that are looked at; whatever else a file holds is never even decoded.
_PUPIL_TAGS = [
    "ELENOET",
    "ID_NATIONAL",
    "INE_RNIE",
    "INE_BEA",
    "ID_ELEVE_ETAB",
    "ID_PRV_ELE",
    "NOM_DE_FAMILLE",
    "NOM_USAGE",
    "PRENOM",
    "PRENOM2",
    "PRENOM3",
    "DATE_NAISS",
    "CODE_SEXE",
    "CODE_PAYS",
    "VILLE_NAISS",
    "CODE_COMMUNE_INSEE_NAISS",
    "CODE_DEPARTEMENT_NAISS",
    "TEL_PORTABLE",
    "TEL_PERSONNEL",
    "TEL_PROFESSIONNEL",
    "MEL",
    "DATE_ENTREE",
    "DATE_SORTIE",
    "CODE_MOTIF_SORTIE",
    "CODE_STATUT",
    "CODE_MEF",
    "ADRESSE_ID",
]
_SLOT = {tag: slot for slot, tag in enumerate(_PUPIL_TAGS)}
_SLOT["NOM"] = _SLOT["NOM_DE_FAMILLE"]  # before summer 2016
_LAST_YEAR = len(_PUPIL_TAGS)
_SLOT["SCOLARITE_AN_DERNIER"] = _LAST_YEAR
_ELEVE_ID = _LAST_YEAR + 1
_ELENOET_ATTRIBUTE = _LAST_YEAR + 2
_WIDTH = _LAST_YEAR + 3
# Known, and read past: some are forbidden, the others of no use to a comparison.
_SLOT |= dict.fromkeys(
    "ACCEPTE_SMS ADHESION_TRANSPORT CODE_PAYS_NAT CODE_PROVENANCE CODE_REGIME CODE_REGIME2 "
    "DATE_MODIFICATION DOUBLEMENT".split(),
    -1,
)

_SEX = {"1": "M", "2": "F", "M": "M", "H": "M", "F": "F"}
_STATUS = {"ST": "scolaire", "AP": "apprenti"}
_INACTIVE = "inactifs"


def recognises(document: Document) -> bool:
    """By the root element, never by the name of the file."""
    return root_name(document.head) == "BEE_ELEVES"


def read(reading: Reading) -> Iterator[pa.RecordBatch]:
    """Every pupil of the export, leavers and pupils without INE included. Raises RefusedFile."""
    companions = read_companions(reading)

    def walk(elements: Records) -> _Export:
        export = _Export(reading, companions)
        export.walk(elements)
        return export

    yield from walk_document(reading.document, reading.problems, walk, _TAGS).batches()


class _Export:
    """One export being read: pupils in columns, divisions and addresses by their number."""

    def __init__(self, reading: Reading, companions: Companions) -> None:
        self._reading = reading
        self._companions = companions
        self._uai: str | None = reading.stated_uai
        self._waiting: list[list[str | None]] = []
        self._packed_at = 0
        self._chunks: list[_Chunk] = []
        self._pupils = 0
        self._divisions: dict[str, str] = {}
        self._several: set[str] = set()
        self._addresses: dict[str, tuple[str | None, str | None, str | None]] = {}
        self._unknown: Counter[str] = Counter()

    def walk(self, elements: Records) -> None:
        slot_of = _SLOT.get
        waiting = self._waiting
        for element in elements:
            tag = element.tag
            if tag == "ELEVE":
                # The hot loop: no call per field but the dictionary's.
                row: list[str | None] = [None] * _WIDTH
                for child in element:
                    slot = slot_of(child.tag)
                    if slot is None:
                        self._count_unknown(child)
                    elif slot >= 0:
                        row[slot] = child.text if slot != _LAST_YEAR else child.findtext("CODE_RNE")
                row[_ELEVE_ID] = element.get("ELEVE_ID")
                row[_ELENOET_ATTRIBUTE] = element.get("ELENOET")
                waiting.append(row)
                if len(waiting) == _ROWS or elements.bytes_read - self._packed_at > _MOST_WAITING:
                    self._pack(elements.bytes_read)
            elif tag == "STRUCTURES_ELEVE":
                self._division(element)
            elif tag == "ADRESSE":
                self._address(element)
            elif tag == "PARAMETRES":
                self._parameters(element)
        self._pack(elements.bytes_read)

    def _count_unknown(self, child: etree._Element) -> None:
        if len(self._unknown) < _MOST_UNKNOWN_TAGS:
            self._unknown[str(child.tag)[:40]] += 1

    def _parameters(self, element: etree._Element) -> None:
        found = read_parameters({child.tag: child.text or "" for child in element})
        header = self._reading.header
        header.school_year = found.school_year
        header.exported_on = found.exported_on
        if found.uai:
            header.uais.add(found.uai)
            self._uai = found.uai

    def _division(self, element: etree._Element) -> None:
        """Keep the division (type D): groups and the pseudo-division « Inactifs » are no class."""
        pupil = element.get("ELEVE_ID")
        if pupil is None:
            return
        for structure in element:
            code = kind = None
            for child in structure:
                if child.tag == "CODE_STRUCTURE":
                    code = child.text
                elif child.tag == "TYPE_STRUCTURE":
                    kind = child.text
            if kind is None or kind.strip() != "D" or not code or not code.strip():
                continue
            code = code.strip()
            if code.lower() == _INACTIVE:
                continue
            if self._divisions.setdefault(pupil, code) != code:
                self._several.add(pupil)

    def _address(self, element: etree._Element) -> None:
        number = element.get("ADRESSE_ID")
        if number is not None:
            found = {child.tag: child.text for child in element if child.text}
            self._addresses[number] = (
                join_lines(found),
                found.get("CODE_POSTAL"),
                found.get("CODE_COMMUNE_INSEE") or found.get("COMMUNE_ETRANGERE"),
            )

    def _pack(self, bytes_read: int) -> None:
        self._packed_at = bytes_read
        if not self._waiting:
            return
        self._pupils += len(self._waiting)
        if self._pupils > MOST_PUPILS:
            raise refusal(self._reading.document, f"plus de {MOST_PUPILS} élèves : invraisemblable")
        first = self._pupils - len(self._waiting) + 1
        self._chunks.append(_Chunk(self._waiting, first, self._uai))
        self._waiting.clear()
        if sum(chunk.size for chunk in self._chunks) > _MOST_HELD:
            raise refusal(
                self._reading.document, "champs démesurés : ce n'est pas un export de SIECLE"
            )

    def batches(self) -> Iterator[pa.RecordBatch]:
        document, problems = self._reading.document, self._reading.problems
        if not self._pupils:
            raise refusal(
                document,
                "aucun élève dans cet export : SIECLE n'en produit jamais de vide, refaites-le",
            )
        if self._uai is None:
            problems.add(
                Problem(
                    rule="uai_absent",
                    severity=Severity.NOTICE,
                    message="le fichier ne dit pas son établissement (balise UAJ)",
                )
            )
        self._report_unknown_tags()
        year = self._reading.header.school_year
        for chunk in self._chunks:
            columns = chunk.columns
            classes = [self._divisions.get(pupil or "") for pupil in chunk.pupils]
            addresses = [
                self._addresses.get(number or "", _NO_ADDRESS) for number in chunk.addresses
            ]
            people = self._companions.representatives
            people_of = [people.get(pupil or "", _NOBODY) for pupil in chunk.pupils]
            mefs = columns["mef"].to_pylist()
            if self._companions.division_mef:
                by_division = self._companions.division_mef
                mefs = [
                    mef or by_division.get(division or "")
                    for mef, division in zip(mefs, classes, strict=True)
                ]
                columns["mef"] = text_column(mefs)
            labels = self._companions.mef_labels
            columns |= {
                "uai": text_column([self._uai] * len(classes)),
                "classe": text_column(classes),
                "formation": text_column([labels.get(mef or "") for mef in mefs]),
                "adresse": text_column([address[0] for address in addresses]),
                "code_postal": text_column([address[1] for address in addresses]),
                "commune_residence": text_column([address[2] for address in addresses]),
                "representant_nom": text_column([person[0] for person in people_of]),
                "representant_telephone": text_column([person[1] for person in people_of]),
                "annee_scolaire": pa.array([year] * len(classes), pa.int16()),
            }
            batch = enrolments(self._reading.stated_source or NAME, columns)
            self._report_several(chunk, batch)
            yield without_forbidden(batch, problems)

    def _report_several(self, chunk: "_Chunk", batch: pa.RecordBatch) -> None:
        if not self._several:
            return
        for row, pupil in enumerate(chunk.pupils):
            if pupil in self._several:
                self._reading.problems.add(
                    Problem(
                        rule="plusieurs_divisions",
                        severity=Severity.WARNING,
                        message="élève dans plusieurs divisions : la première est gardée",
                        line=batch["ligne"][row].as_py(),
                        identity=identity_of(batch, row),
                        field="classe",
                    )
                )

    def _report_unknown_tags(self) -> None:
        for tag, times in self._unknown.items():
            self._reading.problems.add(
                Problem(
                    rule="balise_inconnue",
                    severity=Severity.NOTICE,
                    message=f"balise inconnue ignorée : {tag} ({times} fois)",
                )
            )


_NO_ADDRESS: tuple[str | None, str | None, str | None] = (None, None, None)
_NOBODY: tuple[str | None, str | None] = (None, None)


class _Chunk:
    """At most 10,000 pupils, in columns, and the two numbers that link them to later blocks."""

    def __init__(self, rows: list[list[str | None]], first: int, uai: str | None) -> None:
        raw = [list(column) for column in zip(*rows, strict=True)]
        self.pupils = raw[_ELEVE_ID]
        self.addresses = raw[_SLOT["ADRESSE_ID"]]

        def column(tag: str) -> list[str | None]:
            return raw[_SLOT[tag]]

        self.columns: dict[str, pa.Array[Any]] = {
            "ligne": pa.array(range(first, first + len(rows)), pa.int32()),
            "identifiant_local": text_column([_local_number(row, uai) for row in rows]),
            "ine": text_column(
                [
                    joined_ine(*values)
                    for values in zip(
                        column("ID_NATIONAL"), column("INE_RNIE"), column("INE_BEA"), strict=True
                    )
                ]
            ),
            "nom_famille": text_column(column("NOM_DE_FAMILLE")),
            "nom_usage": text_column(column("NOM_USAGE")),
            "prenom": text_column(column("PRENOM")),
            "prenoms_suivants": text_column(
                [
                    f"{second} {third}" if second and third else second or third
                    for second, third in zip(column("PRENOM2"), column("PRENOM3"), strict=True)
                ]
            ),
            "date_naissance": text_column(column("DATE_NAISS")),
            "sexe": text_column([sex_of(code) for code in column("CODE_SEXE")]),
            "pays_naissance": text_column(column("CODE_PAYS")),
            "commune_naissance": text_column(
                [
                    _birth_place(*values)
                    for values in zip(
                        column("CODE_COMMUNE_INSEE_NAISS"),
                        column("CODE_DEPARTEMENT_NAISS"),
                        column("VILLE_NAISS"),
                        strict=True,
                    )
                ]
            ),
            "telephone": text_column(
                [
                    mobile or home or work
                    for mobile, home, work in zip(
                        column("TEL_PORTABLE"),
                        column("TEL_PERSONNEL"),
                        column("TEL_PROFESSIONNEL"),
                        strict=True,
                    )
                ]
            ),
            "courriel": text_column(column("MEL")),
            "statut": text_column([status_of(code) for code in column("CODE_STATUT")]),
            "mef": text_column(column("CODE_MEF")),
            "date_entree": text_column(column("DATE_ENTREE")),
            "date_sortie": text_column(column("DATE_SORTIE")),
            "motif_sortie": text_column(column("CODE_MOTIF_SORTIE")),
            "uai_precedent": text_column(raw[_LAST_YEAR]),
        }
        self.size = sum(column.nbytes for column in self.columns.values())


def text_column(values: list[str | None]) -> pa.StringArray:
    """An Arrow text column: trimmed, cut at LONGEST_TEXT characters, "" is null."""
    column = pa.array(values, pa.string())
    if column.nbytes > len(values) * LONGEST_TEXT:
        column = pc.utf8_slice_codeunits(column, 0, LONGEST_TEXT)
    trimmed = pc.utf8_trim_whitespace(column)
    empty = pc.equal(trimmed, pa.scalar(""))
    filled: pa.StringArray = pc.if_else(empty, pa.scalar(None, pa.string()), trimmed)
    return filled


def enrolments(source: str, columns: "dict[str, pa.Array[Any]]") -> pa.RecordBatch:
    """A batch of ENROLMENT_SCHEMA from the columns a format fills; the others are null."""
    rows = len(columns["ligne"])
    filled = {"source": pa.repeat(pa.scalar(source), rows)} | columns
    return pa.RecordBatch.from_arrays(
        [
            filled[field.name] if field.name in filled else pa.nulls(rows, field.type)
            for field in ENROLMENT_SCHEMA
        ],
        schema=ENROLMENT_SCHEMA,
    )


def identity_of(batch: pa.RecordBatch, row: int) -> str:
    """Local number, family name and first name: what names a row for the person who corrects it."""
    parts = (batch[name][row].as_py() for name in ("identifiant_local", "nom_famille", "prenom"))
    return " ".join(part for part in parts if part)


def sex_of(code: str | None) -> str | None:
    """ "M" or "F" from CODE_SEXE; a missing or unknown code stays missing."""
    return _SEX.get(code.strip()) if code else None


def status_of(code: str | None) -> str | None:
    """Our word for CODE_STATUT, the code itself when it is not known."""
    return _STATUS.get(code.strip(), code) if code else None


def joined_ine(*values: str | None) -> str | None:
    """Every distinct INE, in order, joined by "|"."""
    first = values[0]
    if first and all(value is None or value == first for value in values):
        return first
    kept = dict.fromkeys(value.strip() for value in values if value and value.strip())
    return "|".join(kept) or None


def _birth_place(commune: str | None, departement: str | None, town: str | None) -> str | None:
    if commune and (commune := commune.strip()):
        # The 2017 specification prints a code of 3 characters, completed by the département.
        if len(commune) == 3 and departement and len(departement) == 3:
            return departement.removeprefix("0")[:2] + commune  # 044 109, 02A 004, 974 411
        return commune
    return town


def _local_number(row: list[str | None], uai: str | None) -> str | None:
    for slot in (_SLOT["ELENOET"], _ELENOET_ATTRIBUTE):
        number = row[slot]
        if number and number.strip():
            return number
    in_school = row[_SLOT["ID_ELEVE_ETAB"]]
    if in_school and (in_school := in_school.strip()):
        if uai and len(in_school) == 11 and in_school[5:] == uai[1:-1]:
            return in_school[:5].lstrip("0") or in_school
        return in_school
    private = row[_SLOT["ID_PRV_ELE"]]
    if private and private.strip():
        return private
    return made_up_number(
        [row[_SLOT["ID_NATIONAL"]] or row[_SLOT["INE_RNIE"]] or row[_SLOT["INE_BEA"]]],
        [row[_SLOT[tag]] for tag in ("NOM_DE_FAMILLE", "PRENOM", "DATE_NAISS")],
    )


def made_up_number(*choices: list[str | None]) -> str | None:
    """A stable local number from the first choice that holds something: the same row gives the
    same number in every export, and the number tells nothing by itself."""
    for values in choices:
        text = "|".join((value or "").strip().upper() for value in values)
        if text.strip("|"):
            return "~" + hashlib.blake2b(text.encode(), digest_size=6).hexdigest()
    return None
