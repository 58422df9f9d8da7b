"""The young people of one territory: families, identities, last year's course and this year's."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from raccord.simulation import levels
from raccord.simulation.names import first_names, surnames
from raccord.simulation.parameters import LEAVING_MONTHS, Parameters
from raccord.simulation.places import Kind, Territory

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


class Fate(IntEnum):
    """What became of a young person enrolled before."""

    ENROLLED = 0
    DROPOUT = 1
    UNTRACEABLE = 2
    GRADUATE = 3
    ELSEWHERE = 4  # out of the territory, or taught where no register exists
    DECEASED = 5
    ENTRANT = 6  # not enrolled before


FATES = ("inscrit", "decroche", "introuvable", "diplome", "parti", "decede", "entrant")


@dataclass
class Population:
    """Columns of equal length, one value per young person."""

    offset: int
    family: Ints
    twin: Ints  # index of the twin, -1 without
    close_twin: Flags
    girl: Flags
    first: NDArray[np.int32]
    second: NDArray[np.int32]  # -1 without
    third: NDArray[np.int32]
    surname: NDArray[np.int32]
    surname_2: NDArray[np.int32]
    usage: NDArray[np.int32]
    born: Ints  # days since 1970
    birthplace: NDArray[np.int32]  # commune of the territory, -1 born abroad
    country: NDArray[np.int32]
    position: NDArray[np.float64]
    new_position: NDArray[np.float64]
    moved: Flags  # changed home
    moved_far: Flags
    moved_out: Flags
    private: Flags
    level: NDArray[np.int8]  # before, -1 for entrants
    next_level: NDArray[np.int8]  # after, -1 when gone
    fate: NDArray[np.int8]
    flagged: Flags  # left the ministry's schools at 16 or more without the diploma bar
    passed: Flags  # the exam of this level, this year
    graduated: Flags  # holds a diploma at or above the legal bar
    leaving_month: NDArray[np.int8]  # 0 September … 11 August, -1 stayed until the end
    age: NDArray[np.int16]  # in whole years, on the day of the comparison

    def __len__(self) -> int:
        return len(self.family)


def draw(
    rng: np.random.Generator, territory: Territory, pupils: int, offset: int, p: Parameters
) -> Population:
    """About `pupils` young people enrolled before, and the newcomers that keep the size."""
    total = round(pupils * (1 + p.gone) / (1 + 0.16 * (p.twice_cfa + p.twice_lycee)))
    family = _families(rng, total)
    twin = _twins(rng, family, p)
    families = int(family[-1]) + 1
    # A member of a pair copies what the elder of the pair got.
    elder = np.where((twin >= 0) & (twin < np.arange(total)), twin, np.arange(total))

    entrant = (rng.random(total) < p.gone / (1 + p.gone))[elder]
    drawn = np.searchsorted(
        np.cumsum(levels.WEIGHTS) / levels.WEIGHTS.sum(), rng.random(total), side="right"
    ).astype(np.int8)
    newcomer = np.where(rng.random(total) < 0.62, levels.CODES["6E"], drawn).astype(np.int8)
    level = np.where(entrant, newcomer, drawn)[elder]

    girl = rng.random(total) < 0.49
    same_sex = rng.random(total) < 0.65
    girl = np.where((elder != np.arange(total)) & same_sex, girl[elder], girl)
    # Fewer girls in vocational courses (about 43 %).
    girl &= ~(levels.VOCATIONAL[level] & (rng.random(total) < 0.12))

    first_year = np.where(entrant, p.school_year, p.school_year - 1)
    years = first_year - levels.AGES[level] - _delay(rng, level)
    years = years[elder]
    january = np.array(years - 1970, "M8[Y]").astype("M8[D]").astype(np.int64)
    born = january + rng.integers(0, 365, total)
    abroad = (rng.random(families) < p.born_abroad)[family] & (rng.random(total) < 0.7)
    born = np.where(abroad & (rng.random(total) < p.born_january_first), january, born)[elder]

    first, close = _first_names(rng, twin, girl, years, p)
    names = surnames()
    compound = rng.random(families) < p.compound_surname
    uses = rng.random(total) < p.usage_name
    other_name = names.draw(rng, families)[family]
    position = rng.random(families)
    moves = rng.random(families) < p.moves_house
    far = moves & (rng.random(families) < p.moves_far)
    near = position + rng.normal(0, 0.004, families)
    new = np.where(far, (position + rng.normal(0, 0.12, families)) % 1.0, near)
    new_position = np.where(moves, np.clip(new, 0, 0.999_999), position)

    day = int(np.datetime64(p.as_of).astype("M8[D]").astype(np.int64))
    age = _age(born, p)
    people = Population(
        offset=offset,
        family=family,
        twin=twin,
        close_twin=close,
        girl=girl,
        first=first,
        second=_later_name(rng, girl, years, 0.12),
        third=_later_name(rng, girl, years, 0.45),
        surname=names.draw(rng, families)[family],
        surname_2=np.where(compound, names.draw(rng, families), -1)[family].astype(np.int32),
        usage=np.where(uses, other_name, -1).astype(np.int32),
        born=np.minimum(born, day - 3_650),
        birthplace=_birthplaces(rng, territory, family, position, abroad),
        country=rng.integers(0, 12, families).astype(np.int32)[family],
        position=position[family],
        new_position=new_position[family],
        moved=moves[family],
        moved_far=far[family],
        moved_out=(far & (rng.random(families) < p.moves_out / p.moves_far))[family],
        private=(rng.random(families) < p.private)[family],
        level=np.where(entrant, -1, level).astype(np.int8),
        next_level=np.where(entrant, level, -1).astype(np.int8),
        fate=np.where(entrant, Fate.ENTRANT, Fate.ENROLLED).astype(np.int8),
        flagged=np.zeros(total, bool),
        passed=np.zeros(total, bool),
        graduated=np.zeros(total, bool),
        leaving_month=np.full(total, -1, np.int8),
        age=age,
    )
    _promote(rng, people, p)
    return people


def _age(born: Ints, p: Parameters) -> NDArray[np.int16]:
    days = born.astype("M8[D]")
    months = days.astype("M8[M]").astype(np.int64)
    day = (days - days.astype("M8[M]").astype("M8[D]")).astype(np.int64) + 1
    now = (p.as_of.year - 1970) * 12 + p.as_of.month - 1
    complete = now - months - (day > p.as_of.day)
    years: NDArray[np.int16] = (complete // 12).astype(np.int16)
    return years


def _families(rng: np.random.Generator, total: int) -> Ints:
    sizes = rng.choice([1, 2, 3, 4], size=total, p=[0.62, 0.28, 0.08, 0.02])
    return np.repeat(np.arange(total), sizes)[:total].astype(np.int64)


def _twins(rng: np.random.Generator, family: Ints, p: Parameters) -> Ints:
    first_of_family = np.flatnonzero(np.diff(family, prepend=-1) > 0)
    has_second = np.append(family[1:] == family[:-1], False)[first_of_family]
    candidates = first_of_family[has_second]
    wanted = min(len(candidates), round(len(family) * p.twin_children / 2))
    elders = rng.choice(candidates, size=wanted, replace=False)
    twin = np.full(len(family), -1, np.int64)
    twin[elders] = elders + 1
    twin[elders + 1] = elders
    return twin


def _delay(rng: np.random.Generator, level: NDArray[np.int8]) -> Ints:
    draw = rng.random(len(level))
    late = np.where(levels.VOCATIONAL[level], 0.38, np.where(levels.SUPERIOR[level], 0.30, 0.09))
    early = ~levels.VOCATIONAL[level] & (draw > 0.98)
    years: Ints = (
        (draw < late).astype(np.int64)
        + (draw < late * 0.28)
        + (draw < late * 0.08 * levels.SUPERIOR[level])
        - early
    )
    return years


def _later_name(
    rng: np.random.Generator, girl: Flags, years: Ints, none: float
) -> NDArray[np.int32]:
    # Second forenames are those of the grandparents' time as often as of the child's.
    names = first_names().draw(rng, girl, years - rng.integers(0, 12, len(years)))
    return np.where(rng.random(len(years)) < none, -1, names).astype(np.int32)


def _first_names(
    rng: np.random.Generator, twin: Ints, girl: Flags, years: Ints, p: Parameters
) -> tuple[NDArray[np.int32], Flags]:
    names = first_names()
    first = names.draw(rng, girl, years)
    close = np.zeros(len(twin), bool)
    elders = np.flatnonzero(twin > np.arange(len(twin)))
    alike = elders[rng.random(len(elders)) < p.close_twins]
    pairs = rng.integers(0, len(names.close_pairs), len(alike))
    for elder, pair in zip(alike.tolist(), pairs.tolist(), strict=True):
        sex_a, name_a, sex_b, name_b = names.close_pairs[pair]
        other = int(twin[elder])
        girl[elder], first[elder] = sex_a == "F", name_a
        girl[other], first[other] = sex_b == "F", name_b
        close[elder] = close[other] = True
    # Other twins never share their first name.
    same = np.flatnonzero((twin >= 0) & ~close)
    same = same[first[same] == first[twin[same]]]
    same = same[same > twin[same]]
    for _ in range(20):
        if not len(same):
            break
        first[same] = names.draw(rng, girl[same], years[same])
        same = same[first[same] == first[twin[same]]]
    return first, close


def _birthplaces(
    rng: np.random.Generator,
    territory: Territory,
    family: Ints,
    position: NDArray[np.float64],
    abroad: Flags,
) -> NDArray[np.int32]:
    homes = territory.commune(position)
    nearest = np.searchsorted(territory.maternities, homes, side="right") - 1
    group = nearest // 7 * 7  # seven maternities per département
    wards = group + np.minimum(rng.geometric(0.38, len(position)) - 1, 6)
    usual = territory.maternities[wards][family]
    elsewhere = rng.choice(territory.maternities, len(family))
    place = np.where(rng.random(len(family)) < 0.14, elsewhere, usual)
    return np.where(abroad, -1, place).astype(np.int32)


def _promote(rng: np.random.Generator, people: Population, p: Parameters) -> None:
    """Exams, promotion, then those who leave."""
    rows = np.flatnonzero(people.level >= 0)
    level = people.level[rows]
    older = people.age[rows] >= 16
    ministry = ~levels.OUTSIDE[level]
    secondary = ministry & ~levels.SUPERIOR[level]
    graduated = rng.random(len(rows)) < levels.PASSES[level]
    girl = people.girl[rows]

    following = levels.follow(rng, levels.PROMOTION, level)
    kept = older & secondary & ~graduated
    following[kept] = levels.follow(rng, levels.WITHIN_MINISTRY, level[kept])
    following[graduated] = levels.follow(rng, levels.AFTER_DIPLOMA, level[graduated])

    fate = np.zeros(len(rows), np.int8)
    # 1. The funnel: leavers of 16 or more, below the bar, seen in no other school of the ministry.
    risk = np.where(older & secondary & ~graduated, levels.FLAGGED[level], 0.0)
    risk = risk * np.clip((people.age[rows] - 15) / 2, 0.5, 2.0)
    wanted = p.flagged_16_plus * np.count_nonzero(older & secondary)
    chance = np.zeros(len(rows))
    for vocational, course in ((True, p.dropout_vocational), (False, 1 - p.dropout_vocational)):
        for girls, sex in ((True, p.dropout_girls), (False, 1 - p.dropout_girls)):
            group = (levels.VOCATIONAL[level] == vocational) & (girl == girls)
            weight = np.where(group, risk, 0.0)
            if weight.any():
                chance += np.minimum(0.9, weight * (course * sex * wanted / weight.sum()))
    flagged = rng.random(len(rows)) < chance
    outcome = rng.random(len(rows))
    trained = flagged & (outcome < p.funnel.in_training)
    following[trained] = levels.follow(rng, levels.ELSEWHERE, level[trained])
    fate[flagged & ~trained] = Fate.UNTRACEABLE
    fate[flagged & (outcome >= p.funnel.in_training + p.funnel.untraceable)] = Fate.DROPOUT
    # 2. Leavers of CFA and agriculture, and of higher education.
    outside = ~ministry & ~graduated & older
    fate[outside & (rng.random(len(rows)) < 0.035)] = Fate.DROPOUT
    fate[~older & (rng.random(len(rows)) < p.gone_under_16)] = Fate.ELSEWHERE
    fate[(fate == 0) & (rng.random(len(rows)) < p.deceased)] = Fate.DECEASED
    # 3. Graduates and students whom no register holds next year: as many as the overall share asks.
    missing = p.gone * len(rows) - np.count_nonzero(fate)
    can_leave = (fate == 0) & ~flagged & (graduated | levels.SUPERIOR[level])
    fate[_weighted(rng, np.where(can_leave, levels.LEAVES[level], 0.0), missing)] = Fate.GRADUATE

    following[fate > 0] = -1
    months = rng.choice(12, size=len(rows), p=np.array(LEAVING_MONTHS) / sum(LEAVING_MONTHS))
    left = flagged | np.isin(fate, [Fate.DROPOUT, Fate.ELSEWHERE, Fate.DECEASED])
    people.leaving_month[rows] = np.where(left, months, -1)
    people.next_level[rows] = following
    people.fate[rows] = fate
    people.flagged[rows] = flagged
    people.passed[rows] = graduated
    # Students hold their baccalauréat; some dropouts of vocational courses hold a CAP.
    earlier = flagged & (rng.random(len(rows)) < p.dropout_with_diploma)
    people.graduated[rows] = (
        graduated | levels.SUPERIOR[level] | (earlier & levels.VOCATIONAL[level])
    )


def _weighted(rng: np.random.Generator, weights: NDArray[np.float64], wanted: float) -> Ints:
    """About `wanted` rows, each chosen with a chance that follows its weight."""
    if wanted <= 0 or not weights.any():
        return np.zeros(0, np.int64)
    low, high = 0.0, 1e6
    for _ in range(60):
        scale = (low + high) / 2
        low, high = (scale, high) if _odds(weights, scale).sum() < wanted else (low, scale)
    return np.flatnonzero(rng.random(len(weights)) < _odds(weights, scale))


def _odds(weights: NDArray[np.float64], scale: float) -> NDArray[np.float64]:
    return weights * scale / (1 + weights * scale)


def kinds(people: Population, level: NDArray[np.int8], rows: Ints) -> NDArray[np.int8]:
    """Kind of establishment of each course, private for the families that chose it."""
    kind = levels.KINDS[level].copy()
    for public, private in levels.PUBLIC_PRIVATE.items():
        kind[(kind == public) & people.private[rows]] = private
    return kind


__all__ = ["FATES", "Fate", "Kind", "Population", "draw", "kinds"]
