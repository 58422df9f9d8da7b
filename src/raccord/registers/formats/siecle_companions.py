"""The files that come beside a SIECLE export: Nomenclature, Responsables, Structures.

They hold no pupil. They are joined to the export of the same establishment and year: labels of the
courses, name and phone of a representative, course of a division. Two generations of Responsables
exist (RESP_LEGAL until 2017, NIVEAU_RESPONSABILITE after) and one file mixes 0/1 and true/false.

Never read: profession (social category), addresses of the representatives, financial links.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from lxml import etree

from raccord.registers.documents import Document
from raccord.registers.formats import Reading
from raccord.registers.formats.xml_stream import WrongEncoding, encoding_of, records, root_name


class CompanionKind(StrEnum):
    """What a file describes beside the pupils."""

    NOMENCLATURE = "nomenclature"
    REPRESENTATIVES = "responsables"
    STRUCTURES = "structures"
    OTHER = "autre"  # Communs, Geographique, Etablissements: nothing needed from them


_ROOTS = {
    "BEE_NOMENCLATURES": CompanionKind.NOMENCLATURE,
    "BEE_NOMENCLATURE": CompanionKind.NOMENCLATURE,
    "BEE_RESPONSABLES": CompanionKind.REPRESENTATIVES,
    "BEE_RESPONSABLE": CompanionKind.REPRESENTATIVES,
    "BEE_STRUCTURES": CompanionKind.STRUCTURES,
    "BEE_STRUCTURE": CompanionKind.STRUCTURES,
}


def companion_kind(document: Document) -> CompanionKind | None:
    """By the root element; None when it is not a SIECLE file, or when it holds pupils."""
    root = root_name(document.head)
    if root is None or not root.startswith("BEE_") or root == "BEE_ELEVES":
        return None
    return _ROOTS.get(root, CompanionKind.OTHER)


@dataclass
class Companions:
    """What the companions of one export say; empty when there is none."""

    mef_labels: dict[str, str] = field(default_factory=dict)
    motive_labels: dict[str, str] = field(default_factory=dict)
    division_labels: dict[str, str] = field(default_factory=dict)
    division_mef: dict[str, str] = field(default_factory=dict)  # divisions with a single course
    #: ELEVE_ID -> (name, phone) of the person to call
    representatives: dict[str, tuple[str | None, str | None]] = field(default_factory=dict)


def read_companions(reading: Reading) -> Companions:
    """Everything found in `reading.companions`. Raises RefusedFile when one is malformed."""
    found = Companions()
    readers = {
        CompanionKind.NOMENCLATURE: _read_nomenclature,
        CompanionKind.REPRESENTATIVES: _read_representatives,
        CompanionKind.STRUCTURES: _read_structures,
    }
    for document in reading.companions:
        reader = readers.get(companion_kind(document) or CompanionKind.OTHER)
        if reader is None:
            continue
        try:
            reader(document, encoding_of(document), found)
        except WrongEncoding as wrong:
            reader(document, wrong.retry_in, found)
    return found


def leaving_motives(document: Document) -> dict[str, str]:
    """Code -> label of the leaving motives of one Nomenclature (the list is never complete)."""
    found = Companions()
    try:
        _read_nomenclature(document, encoding_of(document), found)
    except WrongEncoding as wrong:
        _read_nomenclature(document, wrong.retry_in, found)
    return found.motive_labels


def join_lines(address: dict[str, str]) -> str | None:
    """The lines of an address that are filled, in order, joined by a space."""
    lines = (address.get(f"LIGNE{rank}_ADRESSE", "").strip() for rank in range(1, 5))
    return " ".join(line for line in lines if line) or None


def _texts(element: etree._Element) -> dict[str, str]:
    return {child.tag: child.text.strip() for child in element if child.text}


# --- Nomenclature --------------------------------------------------------------------------------

_MOTIVES = ("MOTIF_SORTIE", "MOTIFS_SORTIE", "MOTIF")


def _read_nomenclature(document: Document, encoding: str | None, found: Companions) -> None:
    tags = ("MEF", "MATIERE", "PROGRAMME", "OPTION_OBLIGATOIRE", *_MOTIVES)
    for element in records(document, tags, encoding):
        if element.tag == "MEF":
            texts = _texts(element)
            code = str(element.get("CODE_MEF") or texts.get("CODE_MEF") or "").strip()
            label = (
                texts.get("LIBELLE_EDITION") or texts.get("LIBELLE_LONG") or texts.get("FORMATION")
            )
            if code and label:
                found.mef_labels[code] = label
        elif element.tag in _MOTIVES:
            texts = _texts(element)
            pairs = [*element.attrib.items(), *texts.items()]
            motive = next((str(value) for name, value in pairs if str(name)[:4] == "CODE"), "")
            label = texts.get("LIBELLE_LONG") or texts.get("LIBELLE_COURT")
            if motive and label:
                found.motive_labels[motive] = label


# --- Responsables --------------------------------------------------------------------------------

_TRUE = frozenset({"1", "true", "vrai", "o", "oui"})
_LAST_RANK = 9


def _read_representatives(document: Document, encoding: str | None, found: Companions) -> None:
    people: dict[str, tuple[str | None, str | None]] = {}
    links: dict[str, list[dict[str, str]]] = {}
    tags = ("PERSONNE", "RESPONSABLE_ELEVE", "ADRESSE")
    for element in records(document, tags, encoding):
        if element.tag == "PERSONNE":
            number = (element.get("PERSONNE_ID") or "").strip()
            if number:
                people[number] = person_to_call(element)
        elif element.tag == "RESPONSABLE_ELEVE":
            texts = {
                child.tag: child.text.strip()
                for child in element
                if child.text and child.tag in _LINK_TAGS
            }
            if pupil := texts.get("ELEVE_ID"):
                links.setdefault(pupil, []).append(texts)
    # Links may come before persons: they are resolved once everybody is known.
    for pupil, texts_of in links.items():
        found.representatives[pupil] = best_representative(texts_of, people)


def best_representative(
    links: Iterable[dict[str, str]], people: dict[str, tuple[str | None, str | None]]
) -> tuple[str | None, str | None]:
    """(name, phone) of the person to call first; a link to nobody is ignored.

    The lowest rank wins (1, 2, then the others), then the priority contact, then who houses the
    pupil, then the order of the file. Several persons may have rank 1.
    """
    known = [link for link in links if link.get("PERSONNE_ID") in people]
    return people[min(known, key=_order)["PERSONNE_ID"]] if known else (None, None)


_LINK_TAGS = frozenset(
    [
        "ELEVE_ID",
        "PERSONNE_ID",
        "NIVEAU_RESPONSABILITE",
        "RESP_LEGAL",
        "A_CONTACTER_EN_PRIORITE",
        "PERS_CONTACT",
        "HEBERGE_ELEVE",
    ]
)


def person_to_call(element: etree._Element) -> tuple[str | None, str | None]:
    """(name, phone) of a PERSONNE. CODE_PROFESSION (social category) is read past."""
    values: dict[str, str] = {}
    for child in element:
        if child.tag in _PERSON_TAGS and child.text and child.text.strip():
            values[child.tag] = child.text.strip()
    family = values.get("NOM_USAGE") or values.get("NOM_DE_FAMILLE") or values.get("NOM")
    name = " ".join(part for part in (family, values.get("PRENOM")) if part) or None
    phone = (
        values.get("TEL_PORTABLE") or values.get("TEL_PERSONNEL") or values.get("TEL_PROFESSIONNEL")
    )
    return name, phone


_PERSON_TAGS = frozenset(
    {
        "NOM",
        "NOM_DE_FAMILLE",
        "NOM_USAGE",
        "PRENOM",
        "TEL_PORTABLE",
        "TEL_PERSONNEL",
        "TEL_PROFESSIONNEL",
    }
)


def _order(texts: dict[str, str]) -> tuple[int, int, int]:
    """Smallest first: the rank (1, 2, then the others), the priority contact, who houses."""
    rank = texts.get("NIVEAU_RESPONSABILITE") or texts.get("RESP_LEGAL") or ""
    return (
        int(rank) if rank in {"1", "2", "3"} else _LAST_RANK,
        0 if _is_true(texts, "A_CONTACTER_EN_PRIORITE") or _is_true(texts, "PERS_CONTACT") else 1,
        0 if _is_true(texts, "HEBERGE_ELEVE") else 1,
    )


def _is_true(texts: dict[str, str], name: str) -> bool:
    return texts.get(name, "").lower() in _TRUE


# --- Structures ----------------------------------------------------------------------------------


def _read_structures(document: Document, encoding: str | None, found: Companions) -> None:
    """No public sample of Structures.xml exists: tags are looked for by what they mean."""
    for element in records(document, ("DIVISION", "GROUPE"), encoding):
        if element.tag != "DIVISION":
            continue
        code = ""
        label = ""
        mefs: set[str] = set()
        for name, value in _leaves(element):
            if name in {"CODE_STRUCTURE", "CODE_DIVISION", "CODE"} and not code:
                code = value
            elif name.startswith("LIBELLE") and not label:
                label = value
            elif name == "CODE_MEF":
                mefs.add(value)
        if not code:
            continue
        if label:
            found.division_labels[code] = label
        if len(mefs) == 1:
            found.division_mef[code] = mefs.pop()


def _leaves(element: etree._Element) -> Iterator[tuple[str, str]]:
    for node in element.iter(etree.Element):
        for name, value in node.attrib.items():
            yield str(name), str(value).strip()
        if node.text and node.text.strip():
            yield str(node.tag), node.text.strip()
