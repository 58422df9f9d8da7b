"""From dates of training and contracts to an enrolment: enrolled until when, and how firmly.

The rules are those of the Tableau de bord de l'apprentissage (registers.md, section 8.3, from
flux-retour-cfas `effectif_status.builder.ts`): registered from the start of training; apprentice
between contract dates, the day of rupture excluded; dropped out from the exclusion date, after 90
days never under contract, or after 180 days without contract once there was one; end of training on
its last day, or as soon as the last contract ended by itself within 60 days of that day.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from functools import lru_cache

NEVER_UNDER_CONTRACT_DAYS = 90
WITHOUT_CONTRACT_DAYS = 180
NATURAL_END_DAYS = 60

_DAY = timedelta(days=1)
#: No end of training is written: far enough for nothing to be cut by it.
_OPEN = date(9000, 1, 1)


class State(Enum):
    """Where a learner stands from one day on."""

    REGISTERED = "sans contrat"
    APPRENTICE = "apprenti"
    BETWEEN = "rupture"
    DROPPED = "abandon"
    ENDED = "fin de formation"


_ENROLLED = frozenset({State.REGISTERED, State.APPRENTICE, State.BETWEEN})
_FRAGILE = frozenset({State.REGISTERED, State.BETWEEN})


@dataclass(frozen=True)
class Contract:
    """`end` is the last day written, `broken` the first day without contract."""

    start: date
    end: date | None = None
    broken: date | None = None


@dataclass(frozen=True)
class Chronology:
    """`leaves_on` is the first day no longer enrolled; the fragile period ends the day before
    `fragile_until`. Null: not known to end. `reason` says why the learner leaves."""

    status: str
    leaves_on: date | None = None
    fragile_from: date | None = None
    fragile_until: date | None = None
    reason: str | None = None


#: Learners of one course share their dates.
@lru_cache(maxsize=1 << 12)
def chronology(
    start: date | None,
    end: date | None,
    contracts: tuple[Contract, ...] = (),
    excluded_on: date | None = None,
) -> Chronology:
    """The enrolment that follows from the dates of one training."""
    beginnings = [c.start for c in contracts] + ([start] if start else [])
    if not beginnings:
        return Chronology(State.APPRENTICE.value if contracts else State.REGISTERED.value)
    first = min(beginnings)
    if end is not None and end < first:
        end = None
    segments = _segments(first, end, contracts, excluded_on)
    broken = _last_is_broken(contracts, end)
    leaves_on, reason = _leaving(segments, end)
    enrolled = [state for _, state in segments if state in _ENROLLED]
    # An apprentice whose contract ends before the training is not a rupture yet to come.
    status = enrolled[-1] if enrolled else (State.APPRENTICE if contracts else State.REGISTERED)
    if status is State.BETWEEN and not broken:
        status = State.APPRENTICE
    fragile_from = fragile_until = None
    for position, (day, state) in enumerate(segments):
        if state in _FRAGILE:
            fragile_from = day
            following = segments[position + 1 : position + 2]
            fragile_until = following[0][0] if following else leaves_on
    return Chronology(status.value, leaves_on, fragile_from, fragile_until, reason)


def _effective_end(contract: Contract, end: date | None) -> date:
    """The last day under this contract."""
    if contract.broken is not None:
        return contract.broken - _DAY
    return contract.end or end or _OPEN


def _last_is_broken(contracts: Sequence[Contract], end: date | None) -> bool:
    last = max(
        contracts, key=lambda c: (_effective_end(c, end), c.broken is not None), default=None
    )
    return last is not None and last.broken is not None


def _under_contract(
    contracts: Sequence[Contract], end: date | None, limit: date
) -> list[tuple[date, date]]:
    """Periods under contract, overlaps and neighbours joined; the second day is excluded."""
    periods: list[tuple[date, date]] = []
    for contract in sorted(contracts, key=lambda c: c.start):
        until = min(_effective_end(contract, end) + _DAY, limit)
        if until <= contract.start:
            continue
        if periods and contract.start <= periods[-1][1]:
            periods[-1] = (periods[-1][0], max(periods[-1][1], until))
        else:
            periods.append((contract.start, until))
    return periods


def _segments(
    first: date, end: date | None, contracts: Sequence[Contract], excluded_on: date | None
) -> list[tuple[date, State]]:
    """(first day, state) in order, two neighbours never having the same state."""
    after = end + _DAY if end else _OPEN
    limit = min(after, max(excluded_on, first)) if excluded_on else after
    found: list[tuple[date, State]] = []
    day = first
    for start, until in _under_contract(contracts, end, limit):
        _gap(found, day, start, under_contract_before=day != first)
        found.append((start, State.APPRENTICE))
        day = until
    ended = None if excluded_on else _natural_end(contracts, end)
    if ended is not None and ended < limit:
        _gap(found, day, min(ended, limit), under_contract_before=day != first)
        while found and found[-1][0] >= ended:
            found.pop()
        found.append((ended, State.ENDED))
    else:
        _gap(found, day, limit, under_contract_before=day != first)
        if excluded_on is not None and limit < after:
            found.append((limit, State.DROPPED))
        elif (
            end is not None
            and found
            and (
                found[-1][1] in (State.APPRENTICE, State.REGISTERED)
                or (contracts and not excluded_on and not _last_is_broken(contracts, end))
            )
        ):
            if found[-1][0] >= end:
                found.pop()
            found.append((end, State.ENDED))
    joined: list[tuple[date, State]] = []
    for start, state in found:
        if not joined or joined[-1][1] is not state:
            joined.append((start, state))
    return joined


def _natural_end(contracts: Sequence[Contract], end: date | None) -> date | None:
    """First day after a last contract that ended by itself near the end of training, or the last
    day of training when that contract covers it."""
    if end is None or not contracts or _last_is_broken(contracts, end):
        return None
    last = max(_effective_end(c, end) for c in contracts)
    if last >= end:
        return end
    return last + _DAY if (end - last).days <= NATURAL_END_DAYS else None


def _gap(
    found: list[tuple[date, State]], day: date, until: date, *, under_contract_before: bool
) -> None:
    if until <= day:
        return
    state, days = (
        (State.BETWEEN, WITHOUT_CONTRACT_DAYS)
        if under_contract_before
        else (State.REGISTERED, NEVER_UNDER_CONTRACT_DAYS)
    )
    found.append((day, state))
    if (until - day).days > days:
        found.append((day + timedelta(days=days), State.DROPPED))


def _leaving(
    segments: list[tuple[date, State]], end: date | None
) -> tuple[date | None, str | None]:
    leaves_on, reason = None, None
    for day, state in reversed(segments):
        if state in _ENROLLED:
            break
        leaves_on, reason = day, state.value
    if leaves_on is None and end is not None:
        return end + _DAY, State.ENDED.value
    return leaves_on, reason
