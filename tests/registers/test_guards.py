"""Guards: partial file, wrong year, wrong establishment, old export."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tests.registers.snapshots_of import SOUND, Pupil, pupils, snapshot_of

from raccord.registers.guards import (
    Decision,
    PartialFile,
    last_years_file,
    older_export,
    partial_file,
    wrong_establishment,
    wrong_year,
)
from raccord.registers.snapshots import Snapshot

DAY = date(2025, 11, 21)
KNOWN = pupils(400)


def compared(folder: Path, today: list[Pupil], *, relaxed: bool = False) -> PartialFile:
    earlier = snapshot_of(folder, "hier.csv", KNOWN)
    now = snapshot_of(folder, "jour.csv", today)
    (found,) = partial_file(earlier, now, as_of=DAY, relaxed=relaxed)
    return found


def spread(count: int) -> list[Pupil]:
    """KNOWN without `count` pupils spread over names and classes."""
    gone = {round(n * len(KNOWN) / max(count, 1)) for n in range(count)}
    return [pupil for n, pupil in enumerate(KNOWN) if n not in gone]


@pytest.mark.parametrize(
    ("missing", "decision"),
    [
        (0, None),
        (5, None),
        (8, None),  # exactly 2 %
        (9, Decision.QUARANTINE),
        (80, Decision.QUARANTINE),  # exactly 20 %
        (81, Decision.REFUSE),
    ],
)
def test_share_of_absent_pupils(tmp_path: Path, missing: int, decision: Decision | None) -> None:
    found = compared(tmp_path, spread(missing))
    assert (found.known, found.absent, found.decision) == (400, missing, decision)
    if decision:
        assert f"{missing} des 400 élèves connus" in found.sentence
        assert "version précédente reste en vigueur" in found.sentence


def test_small_school_needs_more_than_five(tmp_path: Path) -> None:
    few = [pupil | {"classe": "2DE1"} for pupil in KNOWN[:20]]
    earlier = snapshot_of(tmp_path, "hier.csv", few)
    for missing, decision in ((5, None), (6, Decision.REFUSE)):
        now = snapshot_of(tmp_path, f"{missing}.csv", few[missing:])
        (found,) = partial_file(earlier, now, as_of=DAY)
        assert (found.absent, found.decision) == (missing, decision)


def test_leavers_with_a_date_are_not_absent(tmp_path: Path) -> None:
    left = [p | {"date_sortie": "2025-11-03", "motif_sortie": "99"} for p in KNOWN[:100]]
    assert compared(tmp_path, left + KNOWN[100:]).decision is None


def test_leavers_of_yesterday_may_be_purged(tmp_path: Path) -> None:
    left = [p | {"date_sortie": "2025-11-03", "motif_sortie": "99"} for p in KNOWN[:100]]
    earlier = snapshot_of(tmp_path, "hier.csv", left + KNOWN[100:])
    (found,) = partial_file(earlier, snapshot_of(tmp_path, "j.csv", KNOWN[100:]), as_of=DAY)
    assert (found.known, found.absent) == (300, 0)


def test_new_ine_new_number_or_new_name_are_the_same_pupil(tmp_path: Path) -> None:
    changed = [
        p | change
        for p, change in zip(
            KNOWN,
            [{"ine": ""}, {"identifiant_local": "z9"}, {"nom_famille": "AUTRE"}] * 200,
            strict=False,
        )
    ]
    assert compared(tmp_path, changed).absent == 0


def test_whole_division_gone(tmp_path: Path) -> None:
    small = [p | {"classe": "3PREPA"} for p in KNOWN[:6]]
    earlier = snapshot_of(tmp_path, "hier.csv", small + KNOWN[6:])
    now = snapshot_of(tmp_path, "jour.csv", KNOWN[6:])
    for relaxed, decision in ((False, Decision.QUARANTINE), (True, Decision.WARN)):
        (found,) = partial_file(earlier, now, as_of=DAY, relaxed=relaxed)
        assert found.decision is decision
        assert "la division 3PREPA manque entièrement (6 élèves)" in found.sentence


def test_whole_level_gone(tmp_path: Path) -> None:
    level = [p | {"mef": "24720031211"} for p in KNOWN[:400:60]]
    rest = [p for n, p in enumerate(KNOWN) if n % 60]
    earlier = snapshot_of(tmp_path, "hier.csv", level + rest)
    (found,) = partial_file(earlier, snapshot_of(tmp_path, "jour.csv", rest), as_of=DAY)
    assert found.decision is Decision.QUARANTINE
    assert "le niveau (MEF) 247" in found.sentence


def test_alphabetical_cut_is_told(tmp_path: Path) -> None:
    assert "tous les noms après" in compared(tmp_path, KNOWN[:-30]).sentence
    assert "tous les noms avant" in compared(tmp_path, KNOWN[30:]).sentence
    assert "tous les noms" not in compared(tmp_path, spread(30)).sentence


def test_relaxed_between_roll_over_and_constat(tmp_path: Path) -> None:
    assert compared(tmp_path, spread(30), relaxed=True).decision is None
    assert compared(tmp_path, spread(60), relaxed=True).decision is Decision.QUARANTINE
    assert compared(tmp_path, spread(210), relaxed=True).decision is Decision.REFUSE


def test_a_whole_establishment_gone_is_refused_and_the_other_left_alone(tmp_path: Path) -> None:
    other = [p | {"uai": "0540001H"} for p in KNOWN[:50]]
    earlier = snapshot_of(tmp_path, "hier.csv", KNOWN + other)
    found = partial_file(earlier, snapshot_of(tmp_path, "jour.csv", KNOWN), as_of=DAY)
    assert [(f.uai, f.decision) for f in found] == [
        ("0440001M", None),
        ("0540001H", Decision.REFUSE),
    ]
    assert "établissement entier" in found[1].sentence


def with_manifest(snapshot: Snapshot, **changes: Any) -> Snapshot:
    return replace(snapshot, manifest=replace(snapshot.manifest, **changes))


@pytest.fixture
def plain(tmp_path: Path) -> Snapshot:
    return snapshot_of(tmp_path, "a.csv", KNOWN[:10])


def test_no_comparison_across_school_years(plain: Snapshot) -> None:
    earlier, now = (with_manifest(plain, school_year=y) for y in (2024, 2025))
    assert partial_file(earlier, now, as_of=DAY) == []


def test_year_is_refused_against_a_stated_one_or_the_other_files(plain: Snapshot) -> None:
    siecle = with_manifest(plain, format="siecle", school_year=2025)
    old = with_manifest(plain, format="siecle", school_year=2024, document="vieux.zip")
    assert wrong_year([siecle, siecle], as_of=DAY) == []
    (doubt,) = wrong_year([old, siecle, siecle], as_of=DAY)
    assert (doubt.decision, doubt.document) == (Decision.REFUSE, "vieux.zip")
    assert (
        "2024-2025, alors que les autres fichiers du même côté sont de 2025-2026" in doubt.sentence
    )
    (doubt,) = wrong_year([old], as_of=DAY, stated=2025)
    assert doubt.decision is Decision.REFUSE
    assert "2025-2026 est annoncée" in doubt.sentence


def test_year_alone_is_only_a_warning(plain: Snapshot) -> None:
    old = with_manifest(plain, format="siecle", school_year=2024)
    assert wrong_year([old], as_of=DAY) == []
    (doubt,) = wrong_year([old], as_of=DAY, expected=2025)
    assert doubt.decision is Decision.WARN


def test_a_format_whose_rows_have_their_own_year_is_never_refused_by_others(
    plain: Snapshot,
) -> None:
    siecle = with_manifest(plain, format="siecle", school_year=2025)
    cfa = with_manifest(plain, format="dossier_apprenant", school_year=2024)
    (doubt,) = wrong_year([cfa, cfa, siecle], as_of=DAY)[:1]
    assert doubt.decision is Decision.WARN


def test_no_year_says_nothing(plain: Snapshot) -> None:
    assert wrong_year([plain, with_manifest(plain, school_year=2025)], as_of=DAY, stated=2025) == []


@pytest.mark.parametrize(
    ("exported", "doubts"), [("2025-10-07", 0), ("2025-10-06", 1), ("2026-01-01", 1)]
)
def test_old_export_is_a_warning(plain: Snapshot, exported: str, doubts: int) -> None:
    found = wrong_year([with_manifest(plain, exported_on=exported)], as_of=DAY)
    assert [d.decision for d in found] == [Decision.WARN] * doubts


def test_older_export_than_the_last_accepted(plain: Snapshot) -> None:
    first, second = (with_manifest(plain, exported_on=d) for d in ("2025-11-01", "2025-11-08"))
    assert older_export(first, second) is None
    assert older_export(second, second) is None
    assert older_export(plain, second) is None
    doubt = older_export(second, first)
    assert doubt is not None
    assert doubt.decision is Decision.REFUSE


def test_last_years_file_under_a_new_year(tmp_path: Path) -> None:
    earlier = snapshot_of(tmp_path, "a.csv", KNOWN)
    moved = [p | {"classe": p["classe"].replace("2DE", "1G")} for p in KNOWN]
    assert last_years_file(earlier, snapshot_of(tmp_path, "b.csv", moved), as_of=DAY) is None
    repeats = moved[:380] + KNOWN[380:]
    assert last_years_file(earlier, snapshot_of(tmp_path, "c.csv", repeats), as_of=DAY) is None
    doubt = last_years_file(
        earlier, snapshot_of(tmp_path, "d.csv", KNOWN[:300] + moved[300:]), as_of=DAY
    )
    assert doubt is not None
    assert doubt.decision is Decision.QUARANTINE


def test_establishment(tmp_path: Path) -> None:
    other = [SOUND | {"uai": "0540001H", "identifiant_local": "x"}]
    one = snapshot_of(tmp_path, "a.csv", KNOWN[:3])
    mixed = snapshot_of(tmp_path, "b.csv", KNOWN[:3] + other)
    assert wrong_establishment(one, "0440001m") is None
    refused = wrong_establishment(one, "0540001H")
    assert refused is not None
    assert refused.decision is Decision.REFUSE
    assert "0440001M, alors que 0540001H" in refused.sentence
    warned = wrong_establishment(mixed, "0440001M")
    assert warned is not None
    assert warned.decision is Decision.WARN
