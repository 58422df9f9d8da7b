"""Which format a document is, from its content, and which documents describe the same pupils."""

import importlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import cast

from raccord.registers.containers import refusal
from raccord.registers.documents import Document
from raccord.registers.formats import Format
from raccord.registers.formats.siecle_companions import CompanionKind, companion_kind
from raccord.registers.formats.xml_stream import head_text, parameters_in_head, root_name
from raccord.registers.problems import RefusedFile

#: Most specific first: the plain file, which asks for three columns only, comes last.
FORMAT_NAMES: tuple[str, ...] = (
    "siecle",
    "private_import",
    "fregata",
    "dossier_apprenant",
    "sifa",
    "eleves_complete",
    "plain",
)


@cache
def formats() -> tuple[Format, ...]:
    """The modules of `raccord.registers.formats`, in the order they are tried."""
    found: list[Format] = []
    for name in FORMAT_NAMES:
        path = f"raccord.registers.formats.{name}"
        try:
            found.append(cast(Format, importlib.import_module(path)))
        except ModuleNotFoundError as error:
            if error.name != path:
                raise
    return tuple(found)


def recognise(document: Document) -> Format | CompanionKind | None:
    """The format that reads `document`, or what it describes beside the pupils, or None.

    None: `why_not` says the reason in French.
    """
    kind = companion_kind(document)
    if kind is not None:
        return kind
    return next((format_ for format_ in formats() if format_.recognises(document)), None)


_OTHER_MAGICS = (
    (b"%PDF", "c'est un PDF : une base s'exporte en XML, CSV ou classeur"),
    (b"7z\xbc\xaf\x27\x1c", "c'est une archive 7z : refaites une archive zip"),
    (b"Rar!", "c'est une archive rar : refaites une archive zip"),
    (b"\x89PNG", "c'est une image"),
    (b"\xff\xd8\xff", "c'est une image"),
    (b"SQLite format 3", "c'est une base de données SQLite"),
    (b"BZh", "c'est un fichier bz2 : refaites une archive zip"),
    (b"\xfd7zXZ", "c'est un fichier xz : refaites une archive zip"),
    (b"{\\rtf", "c'est un document de traitement de texte : exportez en CSV ou en classeur"),
)
_KNOWN_BUT_USELESS = {
    "STS_EDT": "c'est un fichier d'emplois du temps (STSweb), pas l'export des élèves de SIECLE",
    "EDT_STS": "c'est un fichier d'emplois du temps (STSweb), pas l'export des élèves de SIECLE",
    "erreur": "c'est un message d'erreur du service SIECLE, pas un export : refaites la demande",
    "schema": "c'est un schéma XML, pas un export",
}
_HTML = re.compile(r"\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.I | re.S)


def why_not(document: Document) -> str:
    """Why nothing recognises `document`: one French sentence that says what to do."""
    head = document.head
    if not head.strip(b"\0 \t\r\n\xef\xbb\xbf"):
        return "le fichier est vide" if not document.size else "le fichier ne contient que du vide"
    for magic, reason in _OTHER_MAGICS:
        if head.startswith(magic):
            return reason
    text = head_text(head)
    root = root_name(head)
    if _HTML.match(text) or (root or "").lower() == "html":
        return (
            "c'est une page web (souvent une page d'erreur ou de connexion enregistrée à la place "
            "de l'export) : refaites le téléchargement"
        )
    if root in _KNOWN_BUT_USELESS:
        return _KNOWN_BUT_USELESS[root]
    if root is not None:
        return (
            f"fichier XML inconnu (racine « {root[:40]} ») : on attend BEE_ELEVES (SIECLE) ou "
            "IMPORT_ELEVES (import du privé)"
        )
    if text.lstrip().startswith(("{", "[")):
        return "c'est un fichier JSON : exportez la base en CSV, XML ou classeur"
    if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return (
            "classeur ou document dont aucune feuille n'a les colonnes d'une base connue : "
            "vérifiez la ligne d'en-tête (voir docs/formats.md)"
        )
    if b"\0" in head[:4096]:
        return "fichier binaire d'un type inconnu"
    return (
        "aucun format connu : les colonnes nom_famille, prenom et date_naissance (ou celles d'un "
        "export connu) sont introuvables dans la première ligne (voir docs/formats.md)"
    )


@dataclass
class Register:
    """One document that holds people, its format, and the documents that describe the same."""

    document: Document
    format: Format
    companions: list[Document] = field(default_factory=list)


@dataclass
class Sorting:
    """What `pair_companions` made of a pile of documents.

    `orphans` are companions (with the reason in French) that no register of the pile asks for:
    harmless beside registers, a refusal when nothing else was given. `refused` are documents that
    are nothing known.
    """

    registers: list[Register] = field(default_factory=list)
    orphans: list[tuple[Document, str]] = field(default_factory=list)
    refused: list[RefusedFile] = field(default_factory=list)


def pair_companions(documents: Iterable[Document]) -> Sorting:
    """Recognise every document and give each SIECLE export the companions of the same
    establishment and school year, preferring those of the same archive or folder, then the
    latest. Order of the registers = order of `documents`."""
    sorting = Sorting()
    companions: list[tuple[Document, CompanionKind]] = []
    for document in documents:
        try:
            found = recognise(document)
        except RefusedFile as error:
            sorting.refused.append(error)
            continue
        if found is None:
            sorting.refused.append(refusal(document, why_not(document)))
        elif isinstance(found, CompanionKind):
            if found is not CompanionKind.OTHER:
                companions.append((document, found))
            else:
                sorting.orphans.append((document, "fichier SIECLE sans élève, inutile ici"))
        else:
            sorting.registers.append(Register(document, found))
    _keep_one_export_per_archive(sorting)
    keys = {document: _key(document) for document, _ in companions}
    used: set[Document] = set()
    for register in sorting.registers:
        if register.format.NAME != "siecle":
            continue
        key = _key(register.document)
        for kind in CompanionKind:
            candidates = [
                document
                for document, its_kind in companions
                if its_kind is kind and keys[document] == key and key[0] is not None
            ]
            if candidates:
                best = max(candidates, key=lambda document: _closeness(document, register.document))
                register.companions.append(best)
                used.update(candidates)
    for document, kind in companions:
        if document not in used:
            sorting.orphans.append(
                (
                    document,
                    f"{kind.value} SIECLE sans l'export des élèves du même établissement et de la "
                    "même année : fichier non utilisé",
                )
            )
    return sorting


def _keep_one_export_per_archive(sorting: Sorting) -> None:
    """An archive may hold the same pupils twice, with and without addresses: the latest export
    wins, then the larger one."""
    best: dict[tuple[object, ...], Register] = {}
    for register in sorting.registers:
        document = register.document
        key = (document.path, register.format.NAME, *_key(document))
        if register.format.NAME != "siecle" or not document.member or None in key:
            continue
        rival = best.get(key)
        if rival is None or _freshness(document) > _freshness(rival.document):
            best[key] = register
    winners = set(map(id, best.values()))
    kept: list[Register] = []
    for register in sorting.registers:
        document = register.document
        key = (document.path, register.format.NAME, *_key(document))
        if key in best and id(register) not in winners:
            reason = "même établissement et même année qu'un autre export de l'archive : non lu"
            sorting.orphans.append((document, reason))
        else:
            kept.append(register)
    sorting.registers = kept


def _freshness(document: Document) -> tuple[str, int, str]:
    return parameters_in_head(document.head).exported_at[:10], document.size, document.member


def _key(document: Document) -> tuple[str | None, int | None]:
    parameters = parameters_in_head(document.head)
    return parameters.uai, parameters.school_year


def _closeness(companion: Document, register: Document) -> tuple[bool, bool, str, str]:
    return (
        companion.path == register.path,
        companion.path.parent == register.path.parent,
        parameters_in_head(companion.head).exported_at,
        companion.label,
    )
