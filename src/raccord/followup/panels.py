"""What the sheet shows beside the case: relays, interviews, mandates, solutions... in one query.

Each table keeps its own row-level security: what somebody may not read is absent from the answer.
"""

import json
from collections.abc import Iterable
from functools import cache
from typing import Any
from uuid import UUID

from django.db import connection, models

from raccord.accounts.models import User
from raccord.followup.models import (
    ContactAttempt,
    Handover,
    Information,
    Interview,
    Mandate,
    Merge,
    Message,
    Opening,
    PartnerLink,
    Proposal,
    Question,
    Recommendation,
    Report,
    Review,
)
from raccord.territory.models import Structure

#: Name of a panel -> the rows of which model; each in the order of its `Meta.ordering`.
PANELS: dict[str, type[models.Model]] = {
    "handovers": Handover,
    "links": PartnerLink,
    "informations": Information,
    "questions": Question,
    "interviews": Interview,
    "recommendations": Recommendation,
    "mandates": Mandate,
    "proposals": Proposal,
    "reviews": Review,
    "reports": Report,
    "merges": Merge,
    "contacts": ContactAttempt,
    "messages": Message,
    "openings": Opening,
}
#: What a page names of these: enough to be read, without another query.
_NAMED: dict[type[models.Model], tuple[str, ...]] = {
    Structure: ("id", "name", "kind", "phone"),
    User: ("id", "first_name", "last_name", "email"),
}


def panels_of(case: UUID, person: UUID) -> dict[str, list[Any]]:
    """The rows of every panel, as models whose structures and users are already there."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT raccord_panels(%s, %s)", [case, person])
        found = json.loads(cursor.fetchone()[0])
    return {name: [_row(model, row) for row in found[name]] for name, model in PANELS.items()}


def function() -> str:
    """The query as a function of the database, with the rights of whoever calls it: fourteen tables
    under row-level security take longer to plan than to read, and a connection plans it once."""
    pairs = (f"'{name}', ({_rows(model)})" for name, model in PANELS.items())
    return f"""CREATE OR REPLACE FUNCTION raccord_panels(uuid, uuid) RETURNS jsonb
        LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
        BEGIN RETURN jsonb_build_object({", ".join(pairs)}); END $$"""


def _rows(model: type[models.Model]) -> str:
    table = model._meta.db_table  # noqa: SLF001 - documented by Django
    named = "".join(f", {_named(key)} AS {key.name}" for key in _keys(model))
    # a merge is about two persons, everything else about a case
    about = "$2 IN (t.kept_id, t.absorbed_id)" if model is Merge else "t.case_id = $1"
    return f"""SELECT COALESCE(jsonb_agg(to_jsonb(x) ORDER BY {_order(model)}), '[]')
        FROM (SELECT t.*{named} FROM {table} t WHERE {about}) x"""


def _named(key: "models.ForeignKey[Any, Any]") -> str:
    table = key.related_model._meta.db_table  # noqa: SLF001
    fields = ", ".join(f"'{name}', n.{name}" for name in _NAMED[key.related_model])
    return f"(SELECT jsonb_build_object({fields}) FROM {table} n WHERE n.id = t.{key.column})"


def _order(model: type[models.Model]) -> str:
    ordering: Any = model._meta.ordering or ["-id"]  # noqa: SLF001 - in order of time
    return ", ".join(
        f"x.{name.lstrip('-')}{' DESC' if name.startswith('-') else ''}" for name in ordering
    )


@cache
def _keys(model: type[models.Model]) -> "tuple[models.ForeignKey[Any, Any], ...]":
    fields: Iterable[Any] = model._meta.concrete_fields  # noqa: SLF001
    return tuple(f for f in fields if f.is_relation and f.related_model in _NAMED)


def _row(model: type[models.Model], row: dict[str, Any]) -> Any:
    fields: Iterable[Any] = model._meta.concrete_fields  # noqa: SLF001
    made = model(
        **{
            f.attname: (f.target_field if f.is_relation else f).to_python(row[f.column])
            for f in fields
        }
    )
    made._state.adding, made._state.db = False, connection.alias  # noqa: SLF001
    for key in _keys(model):
        named = row[key.name]
        setattr(made, key.name, key.related_model(**named) if named else None)
    return made
