"""INSERT … SELECT for a model: the columns a night does not know take the model's defaults."""

from collections.abc import Mapping
from typing import Any

from django.db import models
from django.db.models.fields import NOT_PROVIDED
from django.utils import timezone

_CALLED = {
    timezone.now: "%(now)s",
    timezone.localdate: "%(as_of)s::date",
    dict: "'{}'",
    list: "'{}'",
}


def insert_select(model: type[models.Model], values: Mapping[str, str], source: str) -> str:
    """SQL that inserts `values` (column → SQL expression) from `source` (FROM … WHERE …).

    Django keeps defaults in Python; written here, a field added to a model reaches the night too.
    """
    columns = dict(values)
    meta = model._meta  # noqa: SLF001 - Django's documented way to a model's columns
    for field in meta.concrete_fields:
        if field.column is None or field.column in columns or isinstance(field, models.AutoField):
            continue
        default = _default(field)
        if default is not None:
            columns[field.column] = default
    names, expressions = ", ".join(columns), ", ".join(columns.values())
    return f"INSERT INTO {meta.db_table} ({names}) SELECT {expressions} {source}"


def _default(field: Any) -> str | None:
    default = field.default
    if default is NOT_PROVIDED:
        return None if field.null else "''"
    if callable(default):
        return _CALLED[default]
    if isinstance(default, bool):
        return "true" if default else "false"
    if isinstance(default, int):
        return str(default)
    return "'" + str(default).replace("'", "''") + "'"


def change(act: str, row: str, case: str, version: str, former: str, source: str) -> str:
    """What a night did to one row, so that it can be taken back (`undo`)."""
    return f"""INSERT INTO detection_change (run_id, act, row, case_id, version, former)
        SELECT %(run)s, '{act}', {row}, {case}, {version}, {former} {source}"""
