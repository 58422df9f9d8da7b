"""The command line as other people's scripts use it: options, exit statuses, what is written."""

import ast
import json
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tests.command_line import Run, contents, run
from tests.matching.territory import (
    DAY,
    compared,
    crowd,
    csv_file,
    moved,
    pupil,
    raccord,
)

from raccord import __version__, cli, commands

__all__ = ["run"]  # a fixture

pytestmark = pytest.mark.xdist_group("cli")

GONE = pupil(1)


@pytest.fixture
def registers(tmp_path: Path) -> tuple[Path, Path]:
    others = crowd(8)
    return (
        csv_file(tmp_path / "before.csv", [GONE, *others]),
        csv_file(tmp_path / "after.csv", others),
    )


# --- the options ---------------------------------------------------------------------------------


def test_every_option_of_the_contract_exists() -> None:
    parse = cli.build_parser().parse_args
    options = parse(
        "compare --before a --before b --after c --after d --out e --diplomas f --diplomas g "
        "--followed h --decisions i --since j --as-of 2026-10-01 --all-ages --engine spark "
        "--threads 2 --year 2026 --without-refused".split()
    )
    assert [p.name for p in options.before] == ["a", "b"]
    assert [p.name for p in options.after] == ["c", "d"]
    assert options.as_of == date(2026, 10, 1)
    assert (options.engine, options.threads, options.year) == ("spark", 2, 2026)
    assert options.all_ages and options.without_refused
    assert parse("quality a b".split()).paths == [Path("a"), Path("b")]
    assert parse("explain d --uai u --id 1".split()).id == "1"
    for form in ("real", "plain", "parquet"):
        assert parse(f"simulate --pupils 5 --seed 1 --out d --format {form}".split()).format == form
    assert parse("evaluate d --truth t".split()).truth == Path("t")
    assert parse("train --before a --after b --out m".split()).out == Path("m")


def test_nothing_heavy_is_imported_before_it_is_needed() -> None:
    code = (
        "import sys; from raccord import cli; cli.build_parser(); "
        "print(sorted({'duckdb', 'pyarrow', 'numpy', 'lxml', 'splink'} & set(sys.modules)))"
    )
    said = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert ast.literal_eval(said.stdout) == []


def test_version(run: Run) -> None:
    said = run("--version")
    assert (said.status, said.out) == (0, f"Raccord {__version__}\n")


@pytest.mark.parametrize(
    "command", ["", *"compare quality explain simulate evaluate train".split()]
)
def test_help_is_french(run: Run, command: str) -> None:
    said = run(*filter(None, [command]), "--help")
    assert said.status == 0
    assert len(said.out) > 200


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("", "il manque COMMANDE"),
        ("comparer", "valeur inconnue"),
        ("compare --before a --after b", "il manque --out"),
        ("compare --out o --after b", "il manque --before"),
        ("compare --out o --before b", "il manque --after"),
        ("compare --out o", "--before et --after"),
        ("compare --before a --after b --out o --as-of hier", "« hier » n'est pas une date"),
        ("compare --before a --after b --out o --as-of 2026-02-30", "n'est pas une date"),
        ("compare --before a --after b --out o --threads 0", "nombre entier positif"),
        ("compare --before a --after b --out o --engine dask", "valeur inconnue"),
        ("compare --before a --after b --out o --rapide", "options inconnues"),
        ("compare --before", "une valeur est attendue"),
        ("quality", "il manque CHEMIN"),
        ("explain dossier --uai u", "il manque --id"),
    ],
)
def test_a_wrong_command_is_refused_in_one_french_line(
    run: Run, arguments: str, words: str
) -> None:
    said = run(*arguments.split())
    assert said.status == 2
    assert words in said.err
    assert len(said.reasons) == 1
    assert not said.out


# --- compare -------------------------------------------------------------------------------------


def test_done(run: Run, registers: tuple[Path, Path], tmp_path: Path) -> None:
    before, after = registers
    out = tmp_path / "out"
    said = run("compare", "--before", before, "--after", after, "--out", out, "--as-of", DAY)
    assert said.status == 0, said.err
    assert said.err == ""
    assert str(out / "report.html") in said.out
    assert "1  à rechercher" in said.out
    summary = json.loads((out / "summary.json").read_text("utf-8"))
    assert summary["counts"]["missing"] == 1


def test_every_reason_of_a_refusal_on_its_line_and_nothing_written(
    run: Run, registers: tuple[Path, Path], tmp_path: Path
) -> None:
    before, _ = registers
    (tmp_path / "page.xml").write_text("<html><body>Erreur 503</body></html>")
    (tmp_path / "vide.csv").write_text("")
    out = tmp_path / "out"
    said = run(
        "compare", "--before", before, "--before", tmp_path / "absent.csv",
        "--after", tmp_path / "page.xml", "--after", tmp_path / "vide.csv", "--out", out,
    )  # fmt: skip
    assert said.status == 2
    assert [line.split(" : ")[0] for line in said.reasons] == ["absent.csv", "page.xml", "vide.csv"]
    assert not said.out
    assert not out.exists()
    assert sorted(p.name for p in tmp_path.iterdir() if p.name.startswith(".")) == []


def test_a_refusal_keeps_the_former_result(
    run: Run, registers: tuple[Path, Path], tmp_path: Path
) -> None:
    before, after = registers
    out = tmp_path / "out"
    run("compare", "--before", before, "--after", after, "--out", out)
    kept = contents(out)
    after.write_text("plus rien")
    assert run("compare", "--before", before, "--after", after, "--out", out).status == 2
    assert contents(out) == kept


def test_a_refused_register_and_a_refused_decisions_file_are_both_said(
    run: Run, registers: tuple[Path, Path], tmp_path: Path
) -> None:
    said = run(
        "compare", "--before", registers[0], "--after", tmp_path / "absent.csv",
        "--out", tmp_path / "out", "--decisions", tmp_path / "decisions.csv",
    )  # fmt: skip
    assert said.status == 2
    assert {line.split(" : ")[0] for line in said.reasons} == {"absent.csv", "decisions.csv"}


def test_a_name_with_a_line_break_stays_on_one_line(run: Run, tmp_path: Path) -> None:
    said = run("compare", "--before", tmp_path / "a\nb.csv", "--after", tmp_path / "c\u2028d.csv",
               "--out", tmp_path / "out")  # fmt: skip
    assert said.status == 2
    assert len(said.reasons) == 2


def test_without_refused_goes_on_and_says_what_is_absent(
    run: Run, registers: tuple[Path, Path], tmp_path: Path
) -> None:
    before, after = registers
    (tmp_path / "cfa.csv").write_text("<html>")
    out = tmp_path / "out"
    said = run("compare", "--before", before, "--after", after, "--after", tmp_path / "cfa.csv",
               "--out", out, "--without-refused")  # fmt: skip
    assert said.status == 0, said.err
    assert "⚠ cfa.csv" in said.out
    summary = json.loads((out / "summary.json").read_text("utf-8"))
    (entry,) = [e for e in summary["coverage"] if e["status"] != "ok"]
    assert (entry["side"], entry["source"], entry["status"]) == ("after", "cfa.csv", "refused")
    assert summary["provisional"] is True
    assert "cfa.csv" in (out / "report.html").read_text("utf-8")


def test_without_refused_marks_the_verdicts_it_weakens(
    run: Run, registers: tuple[Path, Path], tmp_path: Path
) -> None:
    """The contract: absent « in coverage, in the report and on every verdict it weakens »."""
    before, after = registers
    (tmp_path / "cfa.csv").write_text("<html>")
    compared(tmp_path, before, after)
    whole = compared(tmp_path / "out", before, after, out=tmp_path / "whole").of(GONE)
    weak = compared(
        tmp_path, before, [after, tmp_path / "cfa.csv"], out=tmp_path / "weak",
        without_refused=True,
    ).of(GONE)  # fmt: skip
    assert whole != weak


def test_without_refused_needs_something_on_both_sides(
    run: Run, registers: tuple[Path, Path], tmp_path: Path
) -> None:
    (tmp_path / "seul.csv").write_text("<html>")
    said = run("compare", "--before", registers[0], "--after", tmp_path / "seul.csv",
               "--out", tmp_path / "out", "--without-refused")  # fmt: skip
    assert said.status == 2
    assert not (tmp_path / "out").exists()


def test_today_is_the_default_day(run: Run, tmp_path: Path) -> None:
    row = pupil(2)
    before = csv_file(tmp_path / "b.csv", [row])
    today = moved(row, date_sortie=date.today().isoformat())
    after = csv_file(tmp_path / "a.csv", [today, *crowd(3)])
    run("compare", "--before", before, "--after", after, "--out", tmp_path / "out")
    summary = json.loads((tmp_path / "out" / "summary.json").read_text("utf-8"))
    assert summary["as_of"] == date.today().isoformat()
    assert summary["counts"]["found"] == 0


def test_the_current_folder_receives_the_result(
    run: Run, registers: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = tmp_path / "ici"
    inside.mkdir()
    monkeypatch.chdir(inside)
    before, after = registers
    assert run("compare", "--before", before, "--after", after, "--out", ".").status == 0
    assert (inside / "summary.json").exists()


def test_a_link_is_replaced_where_it_leads(
    run: Run, registers: tuple[Path, Path], tmp_path: Path
) -> None:
    before, after = registers
    (tmp_path / "disque").mkdir()
    (tmp_path / "lien").symlink_to(tmp_path / "disque")
    for _ in range(2):
        said = run("compare", "--before", before, "--after", after, "--out", tmp_path / "lien")
        assert said.status == 0, said.err
    assert (tmp_path / "lien").is_symlink()
    assert (tmp_path / "disque" / "summary.json").exists()
    assert [p for p in tmp_path.iterdir() if p.name.startswith(".")] == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "introuvable"),
        ("<html>", "JSON attendu"),
        ("{}", "raccord train"),
        ("[]", "raccord train"),
        (b"\xff\xfe\x00", "UTF-8"),
        ('{"comparisons": {}}', "niveaux différents"),
    ],
)
def test_a_model_that_is_not_one_is_refused(
    run: Run, registers: tuple[Path, Path], tmp_path: Path, content: str | bytes | None, words: str
) -> None:
    model = tmp_path / "modele.json"
    if content is not None:
        model.write_bytes(content if isinstance(content, bytes) else content.encode())
    before, after = registers
    said = run("compare", "--before", before, "--after", after, "--out", tmp_path / "out",
               "--model", model)  # fmt: skip
    assert said.status == 2
    assert words in said.err
    assert len(said.reasons) == 1
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("option", "words"),
    [("--decisions", "décisions illisible"), ("--since", "ne contient pas le résultat")],
)
def test_other_files_that_are_absent(
    run: Run, registers: tuple[Path, Path], tmp_path: Path, option: str, words: str
) -> None:
    before, after = registers
    said = run("compare", "--before", before, "--after", after, "--out", tmp_path / "out",
               option, tmp_path / "absent")  # fmt: skip
    assert said.status == 2
    assert words in said.err
    assert not (tmp_path / "out").exists()


def test_a_fault_of_ours_says_so_without_a_value(
    run: Run, registers: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    value = " ".join(["OZANNE", "Zoé"])

    def broken(*_: Any) -> None:
        raise ZeroDivisionError(value)

    from raccord.matching import comparison

    monkeypatch.setattr(comparison, "compare", broken)
    before, after = registers
    said = run("compare", "--before", before, "--after", after, "--out", tmp_path / "out")
    assert said.status == 1
    assert "ZeroDivisionError" in said.err
    assert "une erreur qui vient de lui" in said.err
    assert value not in said.err


def test_interrupted(
    run: Run, registers: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_: Any) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(commands, "run", interrupted)
    said = run("compare", "--before", registers[0], "--after", registers[1], "--out", tmp_path)
    assert said.status == 130
    assert "Rien n'a été modifié" in said.err


# --- the same files again ------------------------------------------------------------------------


def test_cold_or_warm_cache_never_changes_a_result(tmp_path: Path) -> None:
    before = csv_file(tmp_path / "before.csv", [GONE, *crowd(30)])
    after = csv_file(tmp_path / "after.csv", [moved(r, ine="") for r in crowd(30)])
    results = []
    for name in ("froid", "chaud"):
        said = raccord("compare", "--before", before, "--after", after, "--out", tmp_path / name,
                       "--as-of", DAY, home=tmp_path / "home")  # fmt: skip
        assert said.returncode == 0, said.stderr
        results.append(said.stdout.split("Rapport")[0])
    assert results[0] == results[1]
    files = [contents(tmp_path / name) for name in ("froid", "chaud")]
    for found in files:
        del found["summary.json"]  # it holds durations
        for name in [name for name in found if name.startswith("etat")]:
            del found[name]  # what the next night starts from, in no order
    assert files[0] == files[1]


def test_the_same_file_twice_changes_nothing(tmp_path: Path) -> None:
    others = crowd(20)
    before = csv_file(tmp_path / "before.csv", [GONE, *others])
    after = csv_file(tmp_path / "after.csv", [moved(r, ine="") for r in others])
    once = compared(tmp_path, before, after, out=tmp_path / "once")
    (tmp_path / "dossier").mkdir()
    copy = tmp_path / "dossier" / "after.csv"
    copy.write_bytes(after.read_bytes())
    twice = compared(tmp_path, [before, before], [after, after, copy], out=tmp_path / "twice")
    assert twice.rows == once.rows
    assert any("donné deux fois" in warning for warning in twice.summary["warnings"])


def test_the_cache_names_the_file_given_today(tmp_path: Path) -> None:
    from tests.matching.territory import parquet_file

    parquet_file(tmp_path / "octobre.parquet", crowd(8))
    before = csv_file(tmp_path / "before.csv", crowd(8))
    compared(tmp_path, before, tmp_path / "octobre.parquet")
    (tmp_path / "octobre.parquet").rename(tmp_path / "novembre.parquet")
    result = compared(tmp_path, before, tmp_path / "novembre.parquet")
    documents = {entry["document"] for entry in result.summary["inputs"]}
    assert documents == {"before.csv", "novembre.parquet"}


# --- the other commands --------------------------------------------------------------------------


def test_quality(run: Run, registers: tuple[Path, Path], tmp_path: Path) -> None:
    said = run("quality", registers[0], "--out", tmp_path / "qualite")
    assert said.status == 0, said.err
    assert "before.csv" in said.out
    assert {p.name for p in (tmp_path / "qualite").iterdir()} == {
        "qualite.html", "corrections.csv"}  # fmt: skip


def test_quality_of_a_refused_file(run: Run, tmp_path: Path) -> None:
    said = run("quality", tmp_path / "absent.csv", "--out", tmp_path / "qualite")
    assert said.status == 2
    assert said.reasons == ["absent.csv : fichier introuvable"]


@pytest.mark.parametrize(
    "command",
    [
        "quality {file} --out {file}",
        "simulate --pupils 10 --seed 1 --out {file}",
        "compare --before {file} --after {file} --out {file}/dossier",
    ],
)
def test_a_place_where_nothing_can_be_written(
    run: Run, registers: tuple[Path, Path], command: str
) -> None:
    kept = registers[0].read_bytes()
    said = run(*command.format(file=registers[0]).split())
    assert said.status == 2, said.err
    assert len(said.reasons) == 1
    assert "impossible" in said.err
    assert registers[0].read_bytes() == kept


@pytest.mark.parametrize("truth", ["absent.parquet", "before.csv"])
def test_evaluate_needs_a_truth(
    run: Run, registers: tuple[Path, Path], tmp_path: Path, truth: str
) -> None:
    before, after = registers
    run("compare", "--before", before, "--after", after, "--out", tmp_path / "out")
    said = run("evaluate", tmp_path / "out", "--truth", tmp_path / truth)
    assert said.status == 2
    assert said.reasons[0].startswith(truth)


def test_train_needs_many_pairs(run: Run, registers: tuple[Path, Path], tmp_path: Path) -> None:
    before, after = registers
    said = run("train", "--before", before, "--after", after, "--out", tmp_path / "m.json")
    assert said.status == 2
    assert "1 000" in said.err.replace("\u202f", " ")
    assert not (tmp_path / "m.json").exists()


def test_train_says_every_reason(run: Run, tmp_path: Path) -> None:
    said = run("train", "--before", tmp_path / "a.csv", "--after", tmp_path / "b.csv",
               "--out", tmp_path / "m.json")  # fmt: skip
    assert [line.split(" : ")[0] for line in said.reasons] == ["a.csv", "b.csv"]
