"""A story has a past. Acts are played today by the services, which know no other day; what they
wrote is then dated some days earlier, in a few statements. For the demonstration only.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import connection, models
from django.utils import timezone

#: Dates that another one carries along: an expected report moves with the day it was asked.
_CARRIED = {
    ("Mandate", "report_by"): "given_on",
    ("Case", "situation_lapses_on"): "situation_confirmed_on",
    ("Proposal", "ends_on"): "starts_on",
}
#: Dates chosen by somebody: they stay on the day they name.
_KEPT = {("Case", "next_act_on"), ("Proposal", "paused_until"), ("Case", "left_on")}
#: The same, in what the timeline tells.
_TOLD = ["on", "since", "confirmed_on", "lapses_on", "report_by"]


@contextmanager
def days_ago(days: int) -> Iterator[None]:
    """What is written inside was done so many days ago."""
    began = timezone.now()
    yield
    if days:
        _shift(began, timezone.localdate(), days)


def age(cases: list[UUID], days: int) -> None:
    """These cases were found by an earlier night."""
    with connection.cursor() as cursor, _quietly(cursor, [m._meta.db_table for m in _dated()]):  # noqa: SLF001
        given: dict[str, Any] = {"cases": cases, "days": days}
        cursor.execute(
            """UPDATE followup_case SET opened_on = opened_on - %(days)s,
                held_since = held_since - %(days)s, untouched_until = untouched_until - %(days)s,
                last_activity_at = last_activity_at - make_interval(days => %(days)s)
            WHERE id = ANY (%(cases)s)""",
            given,
        )
        cursor.execute(
            "UPDATE followup_party SET since = since - %(days)s WHERE case_id = ANY (%(cases)s)",
            given,
        )
        cursor.execute(
            """UPDATE followup_timelineevent SET at = at - make_interval(days => %(days)s)
            WHERE case_id = ANY (%(cases)s)""",
            given,
        )


def _shift(began: datetime, today: date, days: int) -> None:
    """Everything dated since then, or today in a case that was worked on since then."""
    from raccord.followup.models import TimelineEvent  # noqa: PLC0415 - models are ready only now

    events = TimelineEvent.objects.filter(at__gte=began)
    touched = list(events.values_list("case_id", flat=True).distinct())
    given: dict[str, Any] = {
        "began": began,
        "today": today,
        "days": days,
        "cases": touched,
        "told": _TOLD,
    }
    with connection.cursor() as cursor, _quietly(cursor, [m._meta.db_table for m in _dated()]):  # noqa: SLF001
        for model in _dated():
            cursor.execute(_statement(model), given)
        # The same dates, in the words of the timeline; it was just moved, hence the interval.
        cursor.execute(
            """UPDATE followup_timelineevent SET facts = facts || (
                SELECT jsonb_object_agg(k, to_char((facts->>k)::date - %(days)s, 'YYYY-MM-DD'))
                FROM unnest(%(told)s::text[]) k WHERE facts->>k <> '')
            WHERE at >= %(began)s - make_interval(days => %(days)s) AND facts ?| %(told)s::text[]
                AND at <= clock_timestamp() - make_interval(days => %(days)s)
                AND case_id = ANY (%(cases)s)""",
            given,
        )


def _dated() -> list[Any]:
    """The tables of the follow-up that hold a case, and cases themselves."""
    found = []
    for model in apps.get_app_config("followup").get_models():
        if model.__name__.endswith("Event") and model.__name__ != "TimelineEvent":
            continue
        names = {f.name for f in model._meta.concrete_fields}  # noqa: SLF001 - documented
        if (model.__name__ in {"Case", "Meeting", "Vacancy"} or "case" in names) and any(
            _columns(model)
        ):
            found.append(model)
    return found


def _columns(model: Any) -> tuple[list[str], list[str]]:
    """Its days and its instants."""
    days: list[str] = []
    instants: list[str] = []
    for field in model._meta.concrete_fields:  # noqa: SLF001 - documented
        if isinstance(field, models.DateTimeField):
            instants.append(str(field.column))
        elif isinstance(field, models.DateField) and (model.__name__, field.name) not in _KEPT:
            days.append(str(field.column))
    return days, instants


def _statement(model: Any) -> str:
    table = model._meta.db_table  # noqa: SLF001 - documented
    days, instants = _columns(model)
    moved = []
    for column in days:
        leader = _CARRIED.get((model.__name__, column), column)
        moved.append(
            f'"{column}" = CASE WHEN "{leader}" = %(today)s THEN "{column}" - %(days)s'
            f' ELSE "{column}" END'
        )
    moved += [
        f'"{column}" = CASE WHEN "{column}" >= %(began)s THEN "{column}" - '
        f'make_interval(days => %(days)s) ELSE "{column}" END'
        for column in instants
    ]
    everywhere = {"Case": "id = ANY (%(cases)s)", "Meeting": "true", "AgendaItem": "true"}
    everywhere["Vacancy"] = "true"
    mine = everywhere.get(model.__name__, "case_id = ANY (%(cases)s)")
    return f'UPDATE "{table}" SET {", ".join(moved)} WHERE {mine}'


@contextmanager
def _quietly(cursor: Any, tables: list[str]) -> Iterator[None]:
    """Without triggers: history keeps what people changed, and this is nobody's change."""
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for table in tables:
        cursor.execute(f'ALTER TABLE "{table}" DISABLE TRIGGER USER')
    yield
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for table in tables:
        cursor.execute(f'ALTER TABLE "{table}" ENABLE TRIGGER USER')
    cursor.execute("SET CONSTRAINTS ALL DEFERRED")
