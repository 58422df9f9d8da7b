"""Chances of those who could be the one sought: at most one of them is."""

from hypothesis import given
from hypothesis import strategies as st

from raccord.matching import lookup

WEIGHTS = st.lists(st.floats(-60, 60), max_size=40)


@given(WEIGHTS)
def test_chances_are_shared(weights: list[float]) -> None:
    chances = lookup.chances(weights)
    assert len(chances) == len(weights)
    assert all(0 <= chance <= 1 for chance in chances)
    assert sum(chances) < 1 + 1e-9
    ordered = sorted(zip(weights, chances, strict=True))
    assert [c for _, c in ordered] == sorted(chances)


@given(WEIGHTS, st.floats(-60, 60))
def test_one_more_makes_nobody_likelier(weights: list[float], another: float) -> None:
    before, after = lookup.chances(weights), lookup.chances([*weights, another])
    assert all(now <= was + 1e-12 for was, now in zip(before, after, strict=False))


def test_ten_who_share_as_much_are_not_shown() -> None:
    assert max(lookup.chances([3.0] * 10)) < lookup.FROM
    assert lookup.chances([3.0])[0] > lookup.SURE_FROM


def test_nobody_near_is_nobody() -> None:
    assert lookup.chances([]) == []
    assert lookup.chances([-30.0])[0] < lookup.FROM
