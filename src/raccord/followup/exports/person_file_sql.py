"""The function of the database that gathers a file: the only way to what a page may not read."""

from pathlib import Path
from typing import Any

from raccord.followup.exports.person_file_parts import FREE, NAMED, PARTS, Part

_SHEET = Path(__file__).parent / "person_file.sql"
SIGNATURE = "raccord_person_file(uuid, text)"


def function() -> str:
    """`raccord_person_file(case, given to)`: who may is decided there, the making is written in the
    timeline there. NULL: no such case for this person."""
    parts = ",\n        ".join(f"'{part.key}', {_rows(part)}" for part in PARTS)
    return _SHEET.read_text("utf-8").replace("__PARTS__", parts)


def _rows(part: Part) -> str:
    condition = " OR ".join(
        f"t.{column} = ANY ({_whose(part, column)})" for column in part.about.split(", ")
    )
    if part.only:
        condition = f"({condition}) AND {part.only}"
    if part.placed:
        condition = f"NOT hides AND ({condition})"
    if part.key.startswith("interviews"):
        condition = f"NOT withheld AND ({condition})"
    columns = ", ".join(f"'{f.name}', {_column(part, f)}" for f in part.fields)
    keys = [f.column for f in part.model._meta.concrete_fields if f.primary_key]  # noqa: SLF001
    order = ", ".join(f"t.{key}" for key in keys)
    first = next((f.column for f in part.fields if f.name in _DATES), "")
    order = f"t.{first}, {order}" if first else order
    return f"""(SELECT COALESCE(jsonb_agg(jsonb_build_object({columns}) ORDER BY {order}), '[]')
            FROM {part.table} t WHERE {condition})"""


#: By which a list of rows is read, the first one that a table has.
_DATES = (
    "pgh_created_at",
    "at",
    "asked_at",
    "made_at",
    "given_on",
    "made_on",
    "on",
    "since",
    "due_on",
)


def _whose(part: Part, column: str) -> str:
    of_persons = column in {"person_id", "one_id", "other_id", "kept_id", "absorbed_id"}
    of_persons = of_persons or part.key.startswith("identity")
    return "persons" if of_persons else "cases"


def _column(part: Part, field: Any) -> str:
    name, column = field.name, field.column
    if field.is_relation:
        related = field.related_model
        table, key = related._meta.db_table, related._meta.pk.column  # noqa: SLF001
        told = f'(SELECT n."{NAMED[related]}" FROM {table} n WHERE n.{key} = t.{column})'
        if related is not _STRUCTURE:
            return told
        shown = "NOT hides"
        if part.key.startswith("departures"):
            shown = f"(NOT hides OR t.{column} IS DISTINCT FROM protector)"
        return f"CASE WHEN {shown} THEN {told} END"
    if part.key.startswith("representatives") and name in ("phone", "email"):
        return f"CASE WHEN given <> 'representative' THEN t.{column} END"
    if name in FREE and not part.key.startswith("departures"):
        return f"CASE WHEN NOT hides THEN t.{column} END"
    return f't."{column}"'


_STRUCTURE = next(iter(NAMED))
