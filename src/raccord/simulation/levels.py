"""Courses: what each level leads to, and the tables the population is drawn from.

Weights are thousands of pupils in France, rounded (DEPP, Note 23.51: 5.657 M in the second degree;
1,021,500 apprentices of whom 38 % secondary); promotion shares are estimates of ours.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from raccord.simulation.places import Kind

PUBLIC_PRIVATE = {
    Kind.COLLEGE: Kind.COLLEGE_PRIVE,
    Kind.LYCEE: Kind.LYCEE_PRIVE,
    Kind.LP: Kind.LP_PRIVE,
}


@dataclass(frozen=True)
class Level:
    """One year of one course. `age` is that of a pupil on time on 31 December of the first term."""

    key: str
    kind: Kind
    age: int
    weight: float
    mef: str
    formation: str
    classe: str
    next: dict[str, float]
    diploma: str = ""  # sat at the end of the year
    diploma_level: int = 0  # 3 to 8, France Compétences
    passes: float = 0.0
    leaves: float = 0.0  # graduates: relative odds of being in no register next year
    flagged: float = 0.0  # relative risk of leaving without the diploma bar
    vocational: bool = False
    superior: bool = False


def _level(key: str, kind: Kind, age: int, weight: float, mef: str, label: str, classe: str,
           following: str, diploma: str = "", **rates: float) -> Level:  # fmt: skip
    name, _, level = diploma.partition("|")
    shares = {k: float(v) for k, v in (item.split(":") for item in following.split())}
    return Level(
        key, kind, age, weight, mef, label, classe, shares, name, int(level or 0),
        passes=rates.get("passes", 0.0), leaves=rates.get("leaves", 0.0),
        flagged=rates.get("flagged", 0.0), vocational=bool(rates.get("vocational", 0)),
        superior=bool(rates.get("superior", 0)),
    )  # fmt: skip


# Dispositifs 100-103, 201, 202, 240, 301: confirmed; the others (200, 211, 212, 241, 247, 276, 311,
# 381) are from memory, to be checked.
LEVELS: tuple[Level, ...] = (
    _level("6E", Kind.COLLEGE, 11, 810, "10010012110", "6EME", "6", "5E:.99 6E:.01"),
    _level("5E", Kind.COLLEGE, 12, 815, "10110010110", "5EME", "5", "4E:.99 5E:.01"),
    _level("4E", Kind.COLLEGE, 13, 820, "10210010110", "4EME", "4", "3E:.965 4E:.01 A3:.025"),
    _level("3E", Kind.COLLEGE, 14, 800, "10310019110", "3EME", "3",
           "2GT:.60 2P:.215 CAP1:.055 3E:.02 FC1:.045 FP1:.025 A2:.035", flagged=2.0),
    _level("2GT", Kind.LYCEE, 15, 560, "20010018110", "2NDE GENERALE ET TECHNOLOGIQUE", "2",
           "1G:.66 1T:.255 2P:.04 2GT:.035 A1:.01", flagged=1.0),
    _level("1G", Kind.LYCEE, 16, 390, "20110018110", "PREMIERE GENERALE", "1G",
           "TG:.965 1T:.02 1G:.015", flagged=0.7),
    _level("TG", Kind.LYCEE, 17, 385, "20210018110", "TERMINALE GENERALE", "TG",
           "CP1:.16 BT1:.16 FB1:.05 TG:.63", "Baccalauréat général|4",
           passes=.955, leaves=1.0, flagged=2.0),
    _level("1T", Kind.LYCEE, 16, 150, "21131019110", "PREMIERE STMG", "1STMG",
           "TT:.96 1T:.03 TP:.01", flagged=1.3),
    _level("TT", Kind.LYCEE, 17, 150, "21231020110", "TERMINALE STMG", "TSTMG",
           "BT1:.66 FB1:.20 TT:.14", "Baccalauréat technologique|4",
           passes=.90, leaves=.9, flagged=2.0),
    _level("2P", Kind.LP, 15, 160, "24731213310", "2NDE PRO METIERS DE LA RELATION CLIENT", "2MRC",
           "1P:.95 2P:.03 CAP1:.02", flagged=1.5, vocational=1),
    _level("1P", Kind.LP, 16, 165, "24731213320", "1ERE PRO METIERS DU COMMERCE", "1MCV",
           "TP:.98 1P:.02", flagged=1.5, vocational=1),
    _level("TP", Kind.LP, 17, 150, "24731213330", "TERMINALE PRO METIERS DU COMMERCE", "TMCV",
           "BT1:.55 FB1:.35 TP:.10", "Baccalauréat professionnel|4",
           passes=.83, leaves=1.3, flagged=4.0, vocational=1),
    _level("CAP1", Kind.LP, 15, 55, "24123434210", "1ERE ANNEE CAP MENUISIER", "1CAPM",
           "CAP2:.95 CAP1:.05", flagged=2.0, vocational=1),
    _level("CAP2", Kind.LP, 16, 45, "24123434220", "2EME ANNEE CAP MENUISIER", "2CAPM",
           "1P:.60 FP2:.25 CAP2:.15", "CAP|3",
           passes=.84, leaves=1.0, flagged=3.0, vocational=1),
    _level("BT1", Kind.LYCEE, 18, 110, "31131209210", "BTS 1 MANAGEMENT COMMERCIAL", "1MCO",
           "BT2:.82 BT1:.06 FB1:.08 FB2:.04", leaves=.5, superior=1),
    _level("BT2", Kind.LYCEE, 19, 100, "31131209220", "BTS 2 MANAGEMENT COMMERCIAL", "2MCO",
           "BT2:.30 FB2:.70", "BTS|5", passes=.80, leaves=2.5, superior=1),
    _level("CP1", Kind.LYCEE, 18, 42, "30111107210", "CPGE 1 MPSI", "MPSI",
           "CP2:.95 BT1:.05", leaves=.4, superior=1),
    _level("CP2", Kind.LYCEE, 19, 40, "30111107220", "CPGE 2 MP", "MP",
           "CP2:.80 FB1:.20", leaves=4.0, superior=1),
    _level("A3", Kind.AGRICOLE, 14, 25, "10310020110", "3EME DE L'ENSEIGNEMENT AGRICOLE", "3EA",
           "A2:.80 2P:.08 FC1:.12"),
    _level("A2", Kind.AGRICOLE, 15, 30, "27621002310", "2NDE PRO PRODUCTIONS", "2PRO",
           "A1:.97 A2:.03", vocational=1),
    _level("A1", Kind.AGRICOLE, 16, 34, "27621002320", "1ERE PRO CGEA", "1CGEA",
           "AT:.98 A1:.02", vocational=1),
    _level("AT", Kind.AGRICOLE, 17, 32, "27621002330", "TERMINALE PRO CGEA", "TCGEA",
           "AB1:.40 FB1:.40 BT1:.12 AT:.08", "Baccalauréat professionnel|4",
           passes=.86, leaves=1.3, vocational=1),
    _level("AB1", Kind.AGRICOLE, 18, 10, "38121001210", "BTSA 1 ACSE", "1ACSE", "AB2:.90 AB1:.10",
           leaves=.5, superior=1),
    _level("AB2", Kind.AGRICOLE, 19, 9, "38121001220", "BTSA 2 ACSE", "2ACSE", "AB2:.30 FB2:.70",
           "BTSA|5", passes=.82, leaves=2.5, superior=1),
    _level("FC1", Kind.CFA, 15, 70, "24123201210", "CAP MACON 1ERE ANNEE", "CAP1",
           "FC2:.94 FC1:.03 CAP1:.03", vocational=1),
    _level("FC2", Kind.CFA, 16, 66, "24123201220", "CAP MACON 2EME ANNEE", "CAP2",
           "FP2:.70 FC2:.30", "CAP|3", passes=.82, leaves=1.2, vocational=1),
    _level("FP1", Kind.CFA, 16, 35, "24722102310", "BAC PRO CUISINE 1ERE ANNEE", "BP1",
           "FP2:.95 2P:.05", vocational=1),
    _level("FP2", Kind.CFA, 17, 45, "24722102320", "BAC PRO CUISINE 2EME ANNEE", "BP2",
           "FP3:.97 FP2:.03", vocational=1),
    _level("FP3", Kind.CFA, 18, 42, "24722102330", "BAC PRO CUISINE 3EME ANNEE", "BP3",
           "FB1:.75 FP3:.25", "Baccalauréat professionnel|4",
           passes=.80, leaves=1.4, vocational=1),
    _level("FB1", Kind.CFA, 19, 95, "31131208210", "BTS NDRC 1ERE ANNEE", "BTS1",
           "FB2:.93 FB1:.07", leaves=.5, superior=1),
    _level("FB2", Kind.CFA, 20, 90, "31131208220", "BTS NDRC 2EME ANNEE", "BTS2",
           "FB2:1", "BTS|5", passes=.78, leaves=2.5, superior=1),
)  # fmt: skip

CODES: dict[str, int] = {level.key: code for code, level in enumerate(LEVELS)}
KINDS: NDArray[np.int8] = np.array([level.kind for level in LEVELS], np.int8)
AGES: NDArray[np.int16] = np.array([level.age for level in LEVELS], np.int16)
WEIGHTS: NDArray[np.float64] = np.array([level.weight for level in LEVELS])
PASSES = np.array([level.passes for level in LEVELS])
LEAVES = np.array([level.leaves for level in LEVELS])
FLAGGED = np.array([level.flagged for level in LEVELS])
VOCATIONAL = np.array([level.vocational for level in LEVELS])
SUPERIOR = np.array([level.superior for level in LEVELS])
TERMINAL = np.array([bool(level.diploma) for level in LEVELS])
OUTSIDE = np.isin(KINDS, [Kind.AGRICOLE, Kind.CFA])
#: First years of a course: the pupil comes from another establishment.
ENTRY = np.isin(
    np.arange(len(LEVELS)),
    [CODES[k] for k in "6E 2GT 2P CAP1 BT1 CP1 A3 A2 AB1 FC1 FP1 FB1".split()],
)
#: Kind of establishment a newcomer to each level was in last year (public side).
CAME_FROM = np.array(
    [
        Kind.LP if level.key in ("BT1", "AB1", "FB1") and i % 2 else
        Kind.LYCEE if level.superior else Kind.COLLEGE
        for i, level in enumerate(LEVELS)
    ],
    np.int8,
)  # fmt: skip


def _cumulated(keep: NDArray[np.bool_]) -> NDArray[np.float64]:
    table = np.zeros((len(LEVELS), len(LEVELS)))
    for code, level in enumerate(LEVELS):
        for key, share in level.next.items():
            if keep[code, CODES[key]]:
                table[code, CODES[key]] = share
        if not table[code].any():
            table[code, code] = 1.0
    table = np.cumsum(table, axis=1)
    return table / table[:, -1:]


_ALL = np.ones((len(LEVELS), len(LEVELS)), bool)
_NOT_SAME = ~np.eye(len(LEVELS), dtype=bool)
#: The usual promotion; the same without a repeat (graduates); the same within the ministry (those
#: of 16 or more: their moves to agriculture and CFA are drawn by the funnel).
PROMOTION = _cumulated(_ALL)
AFTER_DIPLOMA = _cumulated(_NOT_SAME | ~TERMINAL[:, None])
WITHIN_MINISTRY = _cumulated(~OUTSIDE[None, :] | OUTSIDE[:, None])
_ELSEWHERE = np.zeros((len(LEVELS), len(LEVELS)))
for _code, _item in enumerate(LEVELS):
    _following = (
        {"FC1": 0.6, "FP1": 0.25, "A2": 0.15}
        if _item.age <= 15
        else {"FP2": 0.35, "FC1": 0.35, "FP1": 0.18, "A1": 0.12}
    )
    for _key, _share in _following.items():
        _ELSEWHERE[_code, CODES[_key]] = _share
#: Where those flagged who are in training elsewhere went.
ELSEWHERE = np.cumsum(_ELSEWHERE, axis=1)


def follow(
    rng: np.random.Generator, table: NDArray[np.float64], level: NDArray[np.int8]
) -> NDArray[np.int8]:
    """Next level of each pupil, according to a cumulated table."""
    out = level.copy()
    for code in np.unique(level):
        rows = np.flatnonzero(level == code)
        found = np.searchsorted(table[code], rng.random(len(rows)), side="right")
        out[rows] = np.minimum(found, len(LEVELS) - 1)
    return out


def shares_by_kind(private: float) -> NDArray[np.float64]:
    """Share of pupils in each kind of establishment."""
    out = np.zeros(len(Kind))
    for level in LEVELS:
        other = PUBLIC_PRIVATE.get(level.kind)
        out[level.kind] += level.weight * (1 - private if other is not None else 1)
        if other is not None:
            out[other] += level.weight * private
    shares: NDArray[np.float64] = out / out.sum()
    return shares
