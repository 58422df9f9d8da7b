"""Reading the one file that equips a territory: CSV or XLSX, one line per structure."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import python_calamine
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

_KEYS = ("uai", "rne", "code uai", "numero uai", "siret")
_MAILS = ("courriel", "mail", "email", "adresse mail", "boite", "boite institutionnelle")
_LARGEST = 5_000_000


class Unreadable(ValueError):
    """Why the file was refused, and what to do."""


@dataclass(frozen=True)
class Row:
    """A line: which structure, and its mailbox (empty: the one already known)."""

    line: int
    key: str
    email: str


def read(file: BinaryIO) -> list[Row]:
    """Every line of a file, or `Unreadable`: nothing is taken from a file with a wrong address."""
    content = file.read(_LARGEST + 1)
    if len(content) > _LARGEST:
        raise Unreadable("Ce fichier dépasse 5 Mo : ce n’est sans doute pas le bon.")
    table = _workbook(content) if content.startswith(b"PK") else _delimited(content)
    lines = [[_bare(cell) for cell in line] for line in table]
    if not lines:
        raise Unreadable(
            "Ce fichier est vide. Il faut une ligne de titres, puis une par structure."
        )
    titles = [_title(cell) for cell in lines[0]]
    key = next((titles.index(name) for name in _KEYS if name in titles), None)
    if key is None:
        raise Unreadable(
            "Aucune colonne « uai » ni « siret » dans la première ligne "
            f"({', '.join(lines[0][:6]) or 'vide'}). Ajoutez-la."
        )
    mail = next((titles.index(name) for name in _MAILS if name in titles), None)
    return list(_rows(lines[1:], key, mail))


def _rows(lines: list[list[str]], key: int, mail: int | None) -> Iterator[Row]:
    wrong = []
    for number, line in enumerate(lines, start=2):
        if not any(line):
            continue
        email = line[mail].lower() if mail is not None and mail < len(line) else ""
        if email:
            try:
                validate_email(email)
            except ValidationError:
                wrong.append(f"ligne {number} : « {email} »")
        yield Row(number, (line[key] if key < len(line) else "").upper().replace(" ", ""), email)
    if wrong:
        shown = ", ".join(wrong[:5]) + (" …" if len(wrong) > 5 else "")
        raise Unreadable(f"Adresses à corriger dans le fichier, puis à redéposer : {shown}.")


def _workbook(content: bytes) -> list[list[object]]:
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        return [list(line) for line in book.get_sheet_by_index(0).to_python()]
    except (python_calamine.CalamineError, IndexError):
        raise Unreadable("Ce classeur ne s’ouvre pas. Enregistrez-le en XLSX ou en CSV.") from None


def _delimited(content: bytes) -> list[list[str]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")
    if "\x00" in text:
        raise Unreadable("Ce fichier n’est ni un CSV ni un classeur XLSX.")
    first = text.partition("\n")[0]
    delimiter = max(";,\t", key=first.count)
    return list(csv.reader(io.StringIO(text), delimiter=delimiter))


def _bare(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)  # a SIRET typed as a number
    return str(cell if cell is not None else "").strip()


def _title(cell: str) -> str:
    folded = cell.lower().translate(str.maketrans("éèêîûç_", "eeeiuc "))
    return re.sub(r"\s+", " ", folded).strip()
