"""The files directories come in: CSV of every dialect, JSON, lines of JSON, Parquet."""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from raccord.registers.problems import RefusedFile

#: A national directory is about 60 MB; beyond this, it is something else.
LARGEST = 400_000_000

#: One record: its line (or rank, from 1) in the file, and its values by column.
Record = tuple[int, dict[str, Any]]


def records_of(path: Path) -> tuple[tuple[str, ...], Iterable[Record]]:
    """The columns and the records of a file, whatever its container. Refused when it has none."""
    if path.stat().st_size > LARGEST:
        raise RefusedFile(path, "le fichier est trop gros pour un annuaire (400 Mo au plus)")
    raw = path.read_bytes()
    if raw.startswith(b"PAR1"):
        rows = _parquet_rows(path, raw)
        return _keys(rows), list(enumerate(rows, start=1))
    if not raw.strip(b"\xef\xbb\xbf\r\n\t "):
        raise RefusedFile(path, "le fichier est vide : redéposez l’export complet")
    if b"\0" in raw[:4096]:
        raise RefusedFile(
            path, "ce n’est ni un CSV, ni un JSON, ni un Parquet : exportez l’annuaire en CSV"
        )
    text = _decoded(raw)
    if text.lstrip()[:1] in "[{":
        rows = _json_rows(path, text)
        return _keys(rows), list(enumerate(rows, start=1))
    return _csv_rows(path, text)


def _decoded(raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")


def _parquet_rows(path: Path, raw: bytes) -> list[dict[str, Any]]:
    try:
        rows: list[dict[str, Any]] = pq.read_table(io.BytesIO(raw)).to_pylist()
    except (pa.ArrowInvalid, OSError):
        raise RefusedFile(
            path, "le Parquet est coupé ou abîmé : téléchargez-le de nouveau"
        ) from None
    if not rows:
        raise RefusedFile(path, "le fichier ne contient aucune structure")
    return rows


def _json_rows(path: Path, text: str) -> list[dict[str, Any]]:
    try:
        if text.lstrip().startswith("["):
            rows = json.loads(text)
        else:
            rows = [json.loads(line) for line in text.splitlines() if line.strip()]
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", None)
        raise RefusedFile(
            path, "le JSON est coupé ou mal formé : téléchargez-le de nouveau", line
        ) from None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows) or not rows:
        raise RefusedFile(path, "le JSON ne contient pas une liste de structures")
    return rows


def _csv_rows(path: Path, text: str) -> tuple[tuple[str, ...], Iterator[Record]]:
    first = text.split("\n", 1)[0]
    delimiter = max(";,\t|", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    # Trailing empty columns and doubled blanks come from spreadsheets.
    try:
        columns = tuple(" ".join(name.split()) for name in next(reader))
    except csv.Error:
        raise RefusedFile(path, "la première ligne ne se lit pas comme un CSV", 1) from None
    named = [(rank, name) for rank, name in enumerate(columns) if name]
    if len(named) < 2:
        raise RefusedFile(path, "la première ligne ne donne pas de noms de colonnes", 1)

    def rows() -> Iterator[Record]:
        line = reader.line_num
        try:
            for values in reader:
                start, line = line + 1, reader.line_num
                if any(value.strip() for value in values):
                    yield start, {name: values[rank] for rank, name in named if rank < len(values)}
        except csv.Error:
            raise RefusedFile(
                path,
                "une valeur n’en finit pas : un guillemet n’est sans doute pas refermé",
                line + 1,
            ) from None

    return tuple(name for _, name in named), rows()


def _keys(rows: list[dict[str, Any]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(key for row in rows[:200] for key in row))
