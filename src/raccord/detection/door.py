"""The one door to registers for a person: Parquet knows no row-level security.

A school searches its own pupils, of this year and the last; of who could be the same elsewhere it
learns name, birth date and establishment. Every consultation is noted by the page.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import NAMESPACE_OID, UUID, uuid5

import duckdb
import pyarrow as pa
from django.db import connection

from raccord.accounts.actors import Actor
from raccord.detection import night, staging, states
from raccord.detection.calendars import campaign
from raccord.detection.querysets import own_schools
from raccord.detection.states import State
from raccord.followup.search import searchable
from raccord.registers import folding
from raccord.registers.snapshots import quoted
from raccord.territory.models import Structure

#: Own pupils shown for a name, and places shown for one of them.
PUPILS, PLACES = 20, 5


@dataclass(frozen=True)
class Pupil:
    """An enrolment in a school of the one who asks."""

    source: str
    uai: str
    local_id: str
    last_name: str
    first_name: str
    birth_date: date | None
    enrolled: bool

    @property
    def subject(self) -> UUID:
        """What the log of readings names: the enrolment, never who it is."""
        return uuid5(NAMESPACE_OID, f"{self.source}/{self.uai}/{self.local_id}")


@dataclass(frozen=True)
class Place:
    """Somebody elsewhere who could be the same: this, and nothing more."""

    last_name: str
    first_name: str
    birth_date: date | None
    establishment: str


@dataclass(frozen=True)
class Answer:
    """Where a pupil is. `protected`: « retrouvé », without a place."""

    pupil: Pupil
    places: tuple[Place, ...]
    protected: bool = False


def schools(actor: Actor) -> list[Structure]:
    """The schools whose registers this person may search."""
    mine = own_schools(actor)
    return [s for s in actor.schools if s.pk in mine and s.uai]


def own_pupils(actor: Actor, *, named: str, on: date | None = None) -> list[Pupil]:
    """Pupils of one's own schools, of this year and the last, whose name has these words."""
    words = searchable(named).split()
    mine = schools(actor)
    if not words or not mine:
        return []
    found: dict[tuple[str, str, str], Pupil] = {}
    # the latest states first: what they say of somebody wins
    for state, current in _own(mine, on):
        day = on or night.today(mine[0].academie)  # type: ignore[arg-type]
        conditions = " AND ".join(
            f"contains(concat_ws(' ', q.n_nom, q.n_prenom), ${n})" for n in range(1, len(words) + 1)
        )
        uais = ", ".join(f"'{s.uai}'" for s in mine)
        for pupil in _query(
            state,
            f"q.n_uai IN ({uais}) AND {conditions}",
            words,
            # a state of last year says nothing of today
            f"q.d_sortie IS NULL OR q.d_sortie > DATE '{day}'" if current else "false",
        ):
            found.setdefault((pupil.source, pupil.uai, pupil.local_id), pupil)
    return sorted(found.values(), key=lambda p: (p.last_name, p.first_name, p.uai))[:PUPILS]


def levels(actor: Actor, school: Structure) -> list[str]:
    """Levels and streams of the latest register of a school of one's own, as cases keep them."""
    if school.pk not in {s.pk for s in schools(actor)}:
        return []
    for state, _ in _own([school], None):
        with duckdb.connect() as database:
            plain = f"read_parquet('{quoted(state.snapshot.plain)}')"
            present = {str(row[0]) for row in database.execute(f"DESCRIBE FROM {plain}").fetchall()}
            if "formation" not in present:
                continue
            rows = database.execute(
                f"""SELECT DISTINCT {staging.LEVEL} AS level FROM {plain} p
                POSITIONAL JOIN read_parquet('{quoted(state.snapshot.prepared)}') q
                WHERE q.usable AND q.n_uai = $1 AND p.formation IS NOT NULL""",
                [school.uai],
            ).fetchall()
        if rows:
            return [str(level) for (level,) in rows if level]
    return []


def enrolment_of(
    actor: Actor, school: Structure, last_name: str, first_name: str, birth_date: date
) -> tuple[str, str] | None:
    """(source, local number) of the enrolment of this very identity in a school of one's own, in
    its latest register; None when there is none, or more than one."""
    if school.pk not in {s.pk for s in schools(actor)}:
        return None
    for state, _ in _own([school], None):
        with duckdb.connect() as database:
            rows = database.execute(
                f"""SELECT DISTINCT left(q.source, 60), left({states.LOCAL_ID}, 60)
                FROM read_parquet('{quoted(state.snapshot.prepared)}') q
                WHERE q.usable AND q.n_uai = $1 AND q.n_nom = {folding.folded("$2")}
                    AND q.n_prenom = {folding.folded("$3")} AND q.d_naissance = $4 LIMIT 2""",
                [school.uai, last_name, first_name, birth_date],
            ).fetchall()
        if rows:
            return (str(rows[0][0]), str(rows[0][1])) if len(rows) == 1 else None
    return None


def where(actor: Actor, *, pupil: Pupil, on: date | None = None) -> Answer:
    """Where else somebody of this very identity is enrolled today."""
    return whereabouts(actor, pupils=[pupil], on=on)[0]


def whereabouts(actor: Actor, *, pupils: Sequence[Pupil], on: date | None = None) -> list[Answer]:
    """The same for several: each register is read once, not once for each of them."""
    mine = schools(actor)
    if not {p.uai for p in pupils} <= {s.uai for s in mine}:
        raise Structure.DoesNotExist
    if not pupils:
        return []
    day = on or night.today(mine[0].academie)  # type: ignore[arg-type]
    sought = pa.table(
        {
            "rank": list(range(len(pupils))),
            "uai": [p.uai for p in pupils],
            "last_name": [p.last_name for p in pupils],
            "first_name": [p.first_name for p in pupils],
            "birth_date": pa.array([p.birth_date for p in pupils], pa.date32()),
        }
    )
    seen: dict[int, list[Pupil]] = {}
    with duckdb.connect() as database:
        database.execute("SET enable_progress_bar = false")
        database.register("asked", sought)
        database.execute(
            f"""CREATE TABLE sought AS SELECT rank, uai, birth_date,
                {folding.folded("last_name")} AS nom, {folding.folded("first_name")} AS prenom
            FROM asked"""
        )
        for state in _with_one(database, [s for s, current in _states(mine, on) if current]):
            for rank, *found in database.execute(
                f"""SELECT s.rank, q.source, q.n_uai, coalesce(q.identifiant_local, ''),
                    coalesce(p.nom_famille, ''), coalesce(p.prenom, ''), q.d_naissance, true
                FROM read_parquet('{quoted(state.snapshot.plain)}') p
                POSITIONAL JOIN read_parquet('{quoted(state.snapshot.prepared)}') q
                JOIN sought s ON {_ELSEWHERE}
                WHERE (q.d_sortie IS NULL OR q.d_sortie > DATE '{day}')
                ORDER BY ALL LIMIT {200 * len(pupils)}"""
            ).fetchall():
                seen.setdefault(rank, []).append(Pupil(*found))
    uais = {one.uai for found in seen.values() for one in found}
    names = dict(Structure.objects.filter(uai__in=uais).values_list("uai", "name"))
    return [_answer(pupil, seen.get(rank, []), names) for rank, pupil in enumerate(pupils)]


#: The same identity in another establishment, still enrolled: `q` (prepared) and `s` (sought).
_ELSEWHERE = """q.usable AND q.n_nom = s.nom AND q.n_prenom = s.prenom
    AND q.d_naissance IS NOT DISTINCT FROM s.birth_date AND q.n_uai <> s.uai"""


def _with_one(database: duckdb.DuckDBPyConnection, states: Sequence[State]) -> list[State]:
    """The registers that have somebody of those sought: all are looked at in one scan."""
    if not states:
        return []
    by_path = {str(state.snapshot.prepared): state for state in states}
    paths = ", ".join(f"'{quoted(Path(path))}'" for path in by_path)
    rows = database.execute(
        f"""SELECT DISTINCT q.filename FROM read_parquet([{paths}], filename = true,
            union_by_name = true) q JOIN sought s ON {_ELSEWHERE}"""
    ).fetchall()
    return [by_path[path] for (path,) in sorted(rows)]


def _answer(pupil: Pupil, seen: Sequence[Pupil], names: Mapping[str | None, str]) -> Answer:
    if seen and _is_protected(pupil):
        return Answer(pupil, (), protected=True)
    places = {Place(s.last_name, s.first_name, s.birth_date, names.get(s.uai, s.uai)) for s in seen}
    return Answer(pupil, tuple(sorted(places, key=lambda p: p.establishment)[:PLACES]))


def _is_protected(pupil: Pupil) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT raccord_is_protected(%s, %s)",
            [searchable(pupil.last_name, pupil.first_name), pupil.birth_date],
        )
        row = cursor.fetchone()
    return bool(row and row[0])


def _own(mine: Sequence[Structure], on: date | None) -> list[tuple[State, bool]]:
    """Of these, the registers that have a pupil of these schools."""
    uais = {s.uai for s in mine}
    return [(s, now) for s, now in _states(mine, on) if uais & set(s.snapshot.manifest.uais)]


def _states(mine: Sequence[Structure], on: date | None) -> list[tuple[State, bool]]:
    """States of the académies of these schools, the latest first, and whether each is today's."""
    found: dict[str, tuple[State, bool]] = {}
    for academie in {s.academie for s in mine if s.academie}:
        day = on or night.today(academie)
        chosen = states.choose(academie, campaign(academie, day), day)
        for state in chosen.enrolled:
            found[state.snapshot.manifest.key] = state, True
        for state in chosen.former:
            found.setdefault(state.snapshot.manifest.key, (state, False))
    return sorted(
        found.values(), key=lambda f: (f[1], f[0].deposit.state_on, f[0].deposit.pk), reverse=True
    )


def _query(state: State, condition: str, values: Sequence[object], enrolled: str) -> list[Pupil]:
    with duckdb.connect() as database:
        database.execute("SET enable_progress_bar = false")
        rows = database.execute(
            f"""SELECT q.source, q.n_uai, coalesce(q.identifiant_local, ''),
                coalesce(p.nom_famille, ''), coalesce(p.prenom, ''), q.d_naissance,
                coalesce({enrolled}, false)
            FROM read_parquet('{quoted(state.snapshot.plain)}') p
            POSITIONAL JOIN read_parquet('{quoted(state.snapshot.prepared)}') q
            WHERE q.usable AND {condition} ORDER BY ALL LIMIT 200""",
            list(values),
        ).fetchall()
    return [Pupil(*row) for row in rows]
