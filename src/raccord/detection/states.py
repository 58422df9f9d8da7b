"""Which states of the feeds a night compares: who was enrolled, and who is enrolled today."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from pathlib import Path

import duckdb

from raccord import __version__
from raccord.detection import pairs
from raccord.detection.calendars import Campaign
from raccord.detection.models import Deposit, DepositStatus, Feed, Nature, Side
from raccord.registers import judging, snapshots
from raccord.registers.enrolment import ALL_COLUMNS
from raccord.registers.snapshots import Snapshot, quoted
from raccord.territory.models import Academie

#: Over a snapshot's prepared rows `q`. A register without a number of its own: who is who must hold
#: from one night to the next.
LOCAL_ID = (
    "coalesce(q.identifiant_local, "
    "'x' || left(md5(concat_ws('|', q.n_nom, q.n_prenom, q.d_naissance::VARCHAR)), 16))"
)


@dataclass(frozen=True)
class State:
    """One state of one feed that could be read."""

    deposit: Deposit
    snapshot: Snapshot


@dataclass
class States:
    """What one night compares. `former` feed *before*; the others are in force today."""

    former: list[State] = field(default_factory=list)
    enrolled: list[State] = field(default_factory=list)
    diplomas: list[State] = field(default_factory=list)
    followed: list[State] = field(default_factory=list)
    #: Feeds with nothing that can be read, and why: said with the results.
    lost: list[tuple[Feed, str]] = field(default_factory=list)
    #: Enrolments that their own school says nobody comes from any more.
    declared: list[tuple[str, str, str]] = field(default_factory=list)

    def digest(self, as_of: date, decisions: str) -> str:
        """Names what is compared: the same inputs give the same result."""
        parts = [as_of.isoformat(), decisions, __version__, duckdb.__version__]
        parts += [str(judging.VERSION)]
        for name in ("former", "enrolled", "diplomas", "followed"):
            keys = sorted(
                f"{s.deposit.state_on} {s.snapshot.manifest.key}" for s in getattr(self, name)
            )
            parts += [name, *keys]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def choose(academie: Academie, campaign: Campaign, as_of: date) -> States:
    """The states of that night, read from deposits in force.

    *Before* is the last state of the former campaign, then the last of each month and the last two
    of this one: who came in October and left in November is looked for too.
    """
    found = States(declared=pairs.declared(academie))
    deposits = list(
        Deposit.objects.filter(
            feed__academie=academie,
            feed__active=True,
            status=DepositStatus.ACCEPTED,
            state_on__lte=as_of,
        )
        .select_related("feed")
        .order_by("feed_id", "-state_on", "-id")
    )
    for _, group in groupby(deposits, key=lambda d: d.feed_id):
        mine = list(group)
        feed = mine[0].feed
        assert feed is not None  # noqa: S101 - an accepted deposit has one (constraint)
        current = _first(mine)
        if current is None:
            found.lost.append(
                (feed, "Sa dernière lecture n’est plus gardée : déposez le fichier à nouveau.")
            )
            continue
        if feed.nature == Nature.DIPLOME:
            found.diplomas.append(current)
        elif feed.nature == Nature.ACCOMPAGNEMENT:
            found.followed.append(current)
        else:
            found.enrolled.append(current)
            if feed.side == Side.BOTH:
                found.former += _former(mine, campaign)
    return found


def _first(deposits: Sequence[Deposit]) -> State | None:
    for deposit in deposits:
        snapshot = snapshots.find(deposit.snapshot)
        if snapshot is not None:
            return State(deposit, snapshot)
    return None


def _former(deposits: Sequence[Deposit], campaign: Campaign) -> list[State]:
    """`deposits` of one feed, the latest first."""
    this_year = [d for d in deposits if d.state_on >= campaign.rollover_on]
    earlier = [d for d in deposits if d.state_on < campaign.rollover_on]
    months = {(d.state_on.year, d.state_on.month): d for d in reversed(this_year)}
    kept = {d.pk: d for d in [*this_year[:2], *months.values()]}
    states = [s for d in kept.values() if (s := _first([d])) is not None]
    reference = _first(earlier)
    return [*states, reference] if reference is not None else states


def write_before(states: States, campaign: Campaign, as_of: date, folder: Path) -> None:
    """`avant.parquet`: one row an enrolment, as last seen, of those who may have left.

    Who is in today's state of the very same register, and was not in the reference, has not left:
    compared, they could take the place of somebody who did. `tous.parquet` has them too (`today`),
    and says when each was last seen. Those who left before the year looked at are not sought.
    Whom their school declared gone has left, whatever its register says.
    """
    current = {s.deposit.pk for s in states.enrolled}
    with duckdb.connect() as connection:
        connection.execute("SET enable_progress_bar = false")
        connection.execute("CREATE TABLE declared (source VARCHAR, uai VARCHAR, local_id VARCHAR)")
        if states.declared:
            connection.executemany("INSERT INTO declared VALUES (?, ?, ?)", states.declared)
        parts = [
            _rows(
                connection,
                state,
                rank,
                campaign,
                reference=state.deposit.state_on < campaign.rollover_on,
                current=state.deposit.pk in current,
            )
            for rank, state in enumerate(
                sorted(states.former, key=lambda s: (s.deposit.state_on, s.deposit.pk))
            )
        ]
        connection.execute(
            f"""CREATE TABLE tous AS
            SELECT * EXCLUDE (reference, current), current AND NOT any_reference
                AND (d_sortie IS NULL OR d_sortie > DATE '{as_of}')
                AND (source, uai, identifiant_local) NOT IN (FROM declared) AS today
            FROM (SELECT *, bool_or(reference) OVER (PARTITION BY source, uai, identifiant_local)
                    AS any_reference FROM ({" UNION ALL ".join(parts)}))
            QUALIFY row_number() OVER (PARTITION BY source, uai, identifiant_local
                ORDER BY state DESC, d_sortie IS NULL DESC, d_sortie DESC, row_hash) = 1"""
        )
        columns = ", ".join(ALL_COLUMNS)
        for name, selected in (
            ("avant", f"SELECT {columns} FROM tous WHERE NOT today"),
            ("tous", f"SELECT {columns}, seen_on, today FROM tous"),
        ):
            path = folder / f"{name}.parquet"
            connection.execute(
                f"COPY ({selected} ORDER BY source, uai, identifiant_local) "
                f"TO '{quoted(path)}' (FORMAT parquet)"
            )
            path.chmod(0o600)


def _rows(
    connection: duckdb.DuckDBPyConnection,
    state: State,
    rank: int,
    campaign: Campaign,
    *,
    reference: bool,
    current: bool,
) -> str:
    plain = quoted(state.snapshot.plain)
    present = {str(r[0]) for r in connection.execute(f"DESCRIBE FROM '{plain}'").fetchall()}
    special = {"source": "q.source", "uai": "q.n_uai", "identifiant_local": LOCAL_ID}
    chosen = ", ".join(
        f"({special.get(c) or (f'p.{c}' if c in present else 'NULL')})::VARCHAR AS {c}"
        for c in ALL_COLUMNS
    )
    return f"""
        SELECT {chosen}, q.d_sortie, q.row_hash, {rank} AS state, {reference} AS reference,
            {current} AS current,
            least(DATE '{state.deposit.state_on}', coalesce(q.d_sortie, DATE '9999-12-31'))
                AS seen_on
        FROM read_parquet('{plain}') p
        POSITIONAL JOIN read_parquet('{quoted(state.snapshot.prepared)}') q
        WHERE q.usable AND q.n_uai IS NOT NULL
            AND (q.d_sortie IS NULL OR q.d_sortie >= DATE '{campaign.looks_back_to}')"""
