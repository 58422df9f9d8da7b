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
from raccord.registers.formats.xml_stream import Records, root_name, walk_document
from raccord.registers.problems import ProblemLog


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
    for document in reading.companions:
        kind = companion_kind(document)
        if kind is CompanionKind.NOMENCLATURE:
            labels = walk_document(document, reading.problems, _nomenclature, _NOMENCLATURE_TAGS)
            found.mef_labels |= labels[0]
            found.motive_labels |= labels[1]
        elif kind is CompanionKind.REPRESENTATIVES:
            found.representatives |= walk_document(
                document, reading.problems, _representatives, _REPRESENTATIVE_TAGS
            )
        elif kind is CompanionKind.STRUCTURES:
            divisions = walk_document(document, reading.problems, _divisions, _STRUCTURE_TAGS)
            found.division_labels |= divisions[0]
            found.division_mef |= divisions[1]
    return found


def leaving_motives(document: Document) -> dict[str, str]:
    """Code -> label of the leaving motives of one Nomenclature (the list is never complete)."""
    return walk_document(document, ProblemLog(), _nomenclature, _NOMENCLATURE_TAGS)[1]


def join_lines(address: dict[str, str]) -> str | None:
    """The lines of an address that are filled, in order, joined by a space."""
    lines = (address.get(f"LIGNE{rank}_ADRESSE", "").strip() for rank in range(1, 5))
    return " ".join(line for line in lines if line) or None


def _texts(element: etree._Element) -> dict[str, str]:
    return {child.tag: child.text.strip() for child in element if child.text}


# --- Nomenclature --------------------------------------------------------------------------------

_NOMENCLATURE_TAGS = (
    "MEF", "MOTIF_SORTIE", "MATIERE", "PROGRAMME", "OPTION_OBLIGATOIRE", "PROFESSION",
)  # fmt: skip


def _nomenclature(elements: Records) -> tuple[dict[str, str], dict[str, str]]:
    """Labels of the courses and of the leaving motives."""
    courses: dict[str, str] = {}
    motives: dict[str, str] = {}
    for element in elements:
        if element.tag == "MEF":
            texts = _texts(element)
            code = str(element.get("CODE_MEF") or texts.get("CODE_MEF") or "").strip()
            label = (
                texts.get("LIBELLE_EDITION") or texts.get("LIBELLE_LONG") or texts.get("FORMATION")
            )
            if code and label:
                courses[code] = label
        elif element.tag == "MOTIF_SORTIE":
            texts = _texts(element)
            pairs = [*element.attrib.items(), *texts.items()]
            motive = next((str(value) for name, value in pairs if str(name)[:4] == "CODE"), "")
            label = texts.get("LIBELLE_LONG") or texts.get("LIBELLE_COURT")
            if motive and label:
                motives[motive.strip()] = label
    return courses, motives


# --- Responsables --------------------------------------------------------------------------------

_REPRESENTATIVE_TAGS = ("PERSONNE", "RESPONSABLE_ELEVE", "ADRESSE")
_TRUE = frozenset({"1", "true", "vrai", "o", "oui"})
_LAST_RANK = 9


def _representatives(elements: Records) -> dict[str, tuple[str | None, str | None]]:
    """ELEVE_ID -> (name, phone) of the person to call."""
    people: dict[str, tuple[str | None, str | None]] = {}
    links: dict[str, list[dict[str, str]]] = {}
    for element in elements:
        if element.tag == "PERSONNE":
            number = str(element.get("PERSONNE_ID") or "").strip()
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
    return {pupil: best_representative(texts, people) for pupil, texts in links.items()}


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

_STRUCTURE_TAGS = ("DIVISION", "GROUPE")
_DIVISION_CODES = frozenset({"CODE_STRUCTURE", "CODE_DIVISION"})


def _divisions(elements: Records) -> tuple[dict[str, str], dict[str, str]]:
    """Label of each division, and its course when it has only one.

    Skeleton known from pyKol and GEPI (BEE_STRUCTURES 2.0): DIVISION @CODE_STRUCTURE, labels,
    MEFS_APPARTENANCE/MEF_APPARTENANCE/CODE_MEF.
    """
    labels: dict[str, str] = {}
    courses: dict[str, str] = {}
    for element in elements:
        if element.tag != "DIVISION":
            continue
        code = label = ""
        mefs: set[str] = set()
        for name, value in _leaves(element):
            if name in _DIVISION_CODES and not code:
                code = value
            elif name.startswith("LIBELLE") and len(value) > len(label):
                label = value
            elif name == "CODE_MEF":
                mefs.add(value)
        if code and label:
            labels[code] = label
        if code and len(mefs) == 1:
            courses[code] = mefs.pop()
    return labels, courses


def _leaves(element: etree._Element) -> Iterator[tuple[str, str]]:
    for node in element.iter():
        for name, value in node.attrib.items():
            yield str(name), str(value).strip()
        if node.text and node.text.strip():
            yield str(node.tag), node.text.strip()
