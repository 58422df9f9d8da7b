"""From people to enrolments: who sits where, before and after."""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from raccord.simulation import levels
from raccord.simulation.parameters import Parameters
from raccord.simulation.places import Kind, Schools, Territory
from raccord.simulation.population import Fate, Population, kinds

Ints = NDArray[np.int64]
NO_DATE = -1

STATUSES = ("scolaire", "apprenti", "sans contrat", "rupture")
MOTIVES = ("", "10", "43", "99")


@dataclass
class Enrolments:
    """Columns of equal length, one value per row of a register."""

    person: Ints
    school: Ints
    level: NDArray[np.int8]
    previous: Ints  # school of last year, -1 unknown
    status: NDArray[np.int8]
    entered: Ints  # days since 1970
    left: Ints  # NO_DATE when none is written
    motive: NDArray[np.int8]
    active: NDArray[np.bool_]  # enrolled on the day of the comparison
    twice: NDArray[np.bool_]  # second enrolment of the same person
    local: Ints

    def __len__(self) -> int:
        return len(self.person)

    def taken(self, rows: Ints) -> "Enrolments":
        """The rows, in the order given."""
        return Enrolments(**{f.name: getattr(self, f.name)[rows] for f in fields(self)})


def _day(year: int, month: int, day: int) -> int:
    return int(np.datetime64(f"{year}-{month:02d}-{day:02d}").astype(np.int64))


def draw(
    rng: np.random.Generator,
    people: Population,
    territory: Territory,
    schools: Schools,
    p: Parameters,
) -> tuple[Enrolments, Enrolments]:
    """Both sides, in a random order of rows."""
    school = np.full(len(people), -1, np.int64)
    rows = np.flatnonzero(people.level >= 0)
    school[rows] = territory.school(
        rng, kinds(people, people.level[rows], rows), people.position[rows]
    )
    together = rng.random(len(people)) < p.twins_together
    _join_twins(people, people.level, school, schools, together)
    before = _before(rng, people, territory, schools, school, p)
    after = _after(rng, people, territory, schools, school, together, p)
    _number(rng, before, after, schools, territory)
    return (
        before.taken(rng.permutation(len(before))),
        after.taken(rng.permutation(len(after))),
    )


def _join_twins(
    people: Population,
    level: NDArray[np.int8],
    school: Ints,
    schools: Schools,
    together: NDArray[np.bool_],
) -> None:
    younger = np.flatnonzero((people.twin >= 0) & (people.twin < np.arange(len(people))))
    elder = people.twin[younger]
    ok = (
        together[younger]
        & (school[younger] >= 0)
        & (school[elder] >= 0)
        & (level[younger] == level[elder])
    )
    ok &= schools.kind[school[younger]] == schools.kind[school[elder]]
    school[younger[ok]] = school[elder[ok]]


def _origins(
    rng: np.random.Generator,
    people: Population,
    territory: Territory,
    rows: Ints,
    level: NDArray[np.int8],
    school: Ints,
) -> Ints:
    """School of the year before, for those of whom the simulation knows no earlier state."""
    came = levels.CAME_FROM[level].copy()
    for public, private in levels.PUBLIC_PRIVATE.items():
        came[(came == public) & people.private[rows]] = private
    lower = territory.school(rng, came, people.position[rows])
    new = levels.ENTRY[level] | (rng.random(len(rows)) < 0.03)
    # Pupils of the first year of collège come from a primary school, which no register holds.
    return np.where(level == levels.CODES["6E"], -1, np.where(new, lower, school))


def _status(
    rng: np.random.Generator, kind: NDArray[np.int8], new: NDArray[np.bool_], p: Parameters
) -> NDArray[np.int8]:
    """Only newcomers may wait for a contract: ninety days at most."""
    draw = rng.random(len(kind))
    apprentice = np.where(
        draw < p.cfa_without_contract,
        np.where(new, 2, 1),
        np.where(draw < p.cfa_without_contract + p.cfa_rupture_today, 3, 1),
    )
    return np.where(kind == Kind.CFA, apprentice, 0).astype(np.int8)


def _before(
    rng: np.random.Generator,
    people: Population,
    territory: Territory,
    schools: Schools,
    school: Ints,
    p: Parameters,
) -> Enrolments:
    rows = np.flatnonzero(people.level >= 0)
    level = people.level[rows]
    count = len(rows)
    year = p.school_year - 1
    month = people.leaving_month[rows]
    # Leavings of September and October are pupils who never came back: nothing is written.
    left_in_year = month >= 2
    month_index = (year - 1970) * 12 + 8 + month.astype(np.int64)
    leaving = month_index.astype("M8[M]").astype("M8[D]").astype(np.int64)
    leaving = leaving + rng.integers(0, 28, count)
    fate = people.fate[rows]
    motive = np.where(
        fate == Fate.DECEASED, 2, np.where(rng.random(count) < 0.5, 3, rng.integers(0, 2, count))
    )
    left_in_year |= fate == Fate.DECEASED
    leaving = np.where(fate == Fate.DECEASED, np.maximum(leaving, _day(year, 11, 1)), leaving)
    stays = ~levels.ENTRY[level]
    side = Enrolments(
        person=rows,
        school=school[rows],
        level=level,
        previous=_origins(rng, people, territory, rows, level, school[rows]),
        status=_status(rng, schools.kind[school[rows]], np.zeros(count, bool), p),
        entered=np.where(stays, _day(year - 1, 9, 1), _day(year, 9, 1)) + rng.integers(0, 4, count),
        left=np.where(left_in_year, leaving, NO_DATE),
        motive=np.where(left_in_year, motive, 0).astype(np.int8),
        active=np.ones(count, bool),
        twice=np.zeros(count, bool),
        local=np.zeros(count, np.int64),
    )
    return _with_second_enrolments(rng, side, people, territory, schools, p)


def _after(
    rng: np.random.Generator,
    people: Population,
    territory: Territory,
    schools: Schools,
    school: Ints,
    together: NDArray[np.bool_],
    p: Parameters,
) -> Enrolments:
    rows = np.flatnonzero(people.next_level >= 0)
    level = people.next_level[rows]
    kind = kinds(people, level, rows)
    chosen = territory.school(rng, kind, people.new_position[rows])
    old = school[rows]
    same_kind = (old >= 0) & (schools.kind[np.maximum(old, 0)] == kind)
    leaves = people.moved_far[rows] | (rng.random(len(rows)) < p.transfers)
    new = np.where(same_kind & ~leaves, old, chosen)
    # Out of the académie: any establishment of the kind, elsewhere in the simulated country.
    out = people.moved_out[rows] | (rng.random(len(rows)) < 0.002)
    for k in Kind:
        mine = np.flatnonzero(out & (kind == k))
        new[mine] = rng.choice(np.flatnonzero(schools.kind == k), len(mine))
    now = np.full(len(people), -1, np.int64)
    now[rows] = new
    _join_twins(people, people.next_level, now, schools, together)
    new = now[rows]

    year = p.school_year
    entered = np.where(new == old, _day(year - 1, 9, 1), _day(year, 9, 1))
    future = rng.random(len(rows)) < 0.002
    day = int(np.datetime64(p.as_of).astype(np.int64))
    side = Enrolments(
        person=rows,
        school=new,
        level=level,
        previous=np.where(old >= 0, old, _origins(rng, people, territory, rows, level, new)),
        status=_status(rng, kind, new != old, p),
        entered=entered + rng.integers(0, 4, len(rows)),
        left=np.where(future, day + rng.integers(1, 60, len(rows)), NO_DATE),
        motive=np.where(future, rng.integers(0, 2, len(rows)) * 3, 0).astype(np.int8),
        active=np.ones(len(rows), bool),
        twice=np.zeros(len(rows), bool),
        local=np.zeros(len(rows), np.int64),
    )
    side = _with_second_enrolments(rng, side, people, territory, schools, p)
    return _joined(side, _left_since(rng, people, schools, school, p))


def _left_since(
    rng: np.random.Generator, people: Population, schools: Schools, school: Ints, p: Parameters
) -> Enrolments:
    """Gone since the September start: still shown by their old school, with a past leaving date."""
    gone = np.isin(people.fate, [Fate.DROPOUT, Fate.UNTRACEABLE])
    gone &= (people.leaving_month >= 0) & (people.leaving_month < 2)
    share = p.left_since_september * 10
    rows = np.flatnonzero(gone & (rng.random(len(people)) < share))
    kind = schools.kind[school[rows]]
    # The FREGATA extract has no leaving date.
    rows = rows[kind != Kind.AGRICOLE]
    count = len(rows)
    start = _day(p.school_year, 9, 1)
    day = int(np.datetime64(p.as_of).astype(np.int64))
    return Enrolments(
        person=rows,
        school=school[rows],
        level=people.level[rows],
        previous=school[rows],
        status=_status(rng, schools.kind[school[rows]], np.zeros(count, bool), p),
        entered=np.full(count, _day(p.school_year - 1, 9, 1)),
        left=start + rng.integers(5, max(6, day - start + 1), count),
        motive=rng.choice([0, 1, 3], count).astype(np.int8),
        active=np.zeros(count, bool),
        twice=np.zeros(count, bool),
        local=np.zeros(count, np.int64),
    )


def _with_second_enrolments(
    rng: np.random.Generator,
    side: Enrolments,
    people: Population,
    territory: Territory,
    schools: Schools,
    p: Parameters,
) -> Enrolments:
    """The same apprentice sent by *formateur* and *responsable*, or also seen in a lycée."""
    at_cfa = schools.kind[side.school] == Kind.CFA
    draw = rng.random(len(side))
    rows = np.flatnonzero(at_cfa & (draw < p.twice_cfa + p.twice_lycee))
    # Two schools at once for a week: a transfer in progress.
    rows = np.append(rows, np.flatnonzero(~at_cfa & (draw < 0.0008) & ~levels.OUTSIDE[side.level]))
    again = side.taken(rows)
    kind = np.where(
        schools.kind[again.school] == Kind.CFA,
        np.where(draw[rows] < p.twice_cfa, Kind.CFA, Kind.LP),
        schools.kind[again.school],
    ).astype(np.int8)
    again.school = territory.school(rng, kind, people.position[again.person], far=3.0)
    again.status = np.where(schools.kind[again.school] == Kind.CFA, again.status, 1)
    again.status[schools.kind[side.school[rows]] != Kind.CFA] = 0
    again.twice[:] = True
    return _joined(side, again.taken(np.flatnonzero(again.school != side.school[rows])))


def _joined(one: Enrolments, two: Enrolments) -> Enrolments:
    return Enrolments(
        **{
            f.name: np.concatenate([getattr(one, f.name), getattr(two, f.name)])
            for f in fields(Enrolments)
        }
    )


def _rank(values: Ints) -> Ints:
    """Rank of each row among the rows of the same value."""
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    starts = np.flatnonzero(np.diff(ordered, prepend=-2) != 0)
    rank = np.empty(len(values), np.int64)
    rank[order] = np.arange(len(values)) - np.repeat(
        starts, np.diff(np.append(starts, len(values)))
    )
    return rank


def _number(
    rng: np.random.Generator,
    before: Enrolments,
    after: Enrolments,
    schools: Schools,
    territory: Territory,
) -> None:
    """Number inside the school, kept from one year to the next by those who stay."""
    before.local = 1_000 + _rank(before.school)
    width = len(schools.kind)
    key = before.person * width + before.school
    order = np.argsort(key, kind="stable")
    wanted = after.person * width + after.school
    found = np.minimum(np.searchsorted(key[order], wanted), len(key) - 1)
    known = key[order][found] == wanted
    taken = np.bincount(before.school, minlength=width)
    mine = (after.school >= territory.first_school[0]) & (
        after.school < territory.first_school[-1] + territory.schools[-1]
    )
    fresh = np.where(known, -1, after.school)
    rank = _rank(fresh)
    # Pupils from another territory get numbers that no territory shares.
    number = np.where(
        mine, 1_000 + taken[after.school] + rank, 60_000 + territory.number * 400 + rank
    )
    after.local = np.where(known, before.local[order][found], number)
