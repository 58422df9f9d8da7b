"""What goes wrong on real machines and with real deliveries: killed processes, full disks, two runs
at once, yesterday's, partial, wrong-year and broken files. Nothing half made is ever seen."""

import json
import os
import resource
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.command_line import Run, contents, run
from tests.matching.territory import (
    DAY,
    Result,
    Row,
    compared,
    crowd,
    csv_file,
    pupil,
    raccord,
    uai,
)
from tests.registers.siecle_files import export, parameters
from tests.registers.siecle_files import pupil as siecle_pupil

from raccord.matching import outputs

__all__ = ["run"]  # a fixture

pytestmark = pytest.mark.xdist_group("faults")

#: Runs a comparison that kills itself when it reaches a given stage.
KILLED = """
import os, signal, sys
from raccord import cli
from raccord.matching import {module}
real = {module}.{function}
def killed(*arguments, **options):
    {before}
    os.kill(os.getpid(), signal.SIGKILL)
{module}.{function} = killed
sys.exit(cli.main(sys.argv[1:]))
"""


@pytest.fixture
def registers(tmp_path: Path) -> tuple[Path, Path]:
    others = crowd(8)
    return (
        csv_file(tmp_path / "before.csv", [pupil(1), *others]),
        csv_file(tmp_path / "after.csv", others),
    )


# --- killed --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("module", "function", "before"),
    [
        ("verdicts", "settle", "pass"),
        ("outputs", "write_summary", "real(*arguments, **options)"),
    ],
    ids=["in-the-middle", "just-before-the-end"],
)
def test_killed_in_the_middle(
    tmp_path: Path, registers: tuple[Path, Path], module: str, function: str, before: str
) -> None:
    first, second = registers
    out = tmp_path / "sortie" / "out"
    compared(tmp_path, first, second, out=out)
    kept = contents(out)
    code = KILLED.format(module=module, function=function, before=before)
    changed = csv_file(tmp_path / "before2.csv", [pupil(2), *crowd(9)])
    command = ["compare", "--before", changed, "--after", second, "--out", out]
    killed = subprocess.run(
        [sys.executable, "-c", code, *map(str, command)],
        check=False, capture_output=True, timeout=120,
    )  # fmt: skip
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert contents(out) == kept
    result = compared(tmp_path, changed, second, out=out)
    assert result.verdict(pupil(2)) == "missing"


def test_what_a_killed_run_leaves_is_removed_by_the_next(
    tmp_path: Path, registers: tuple[Path, Path]
) -> None:
    out = tmp_path / "sortie" / "out"
    left = tmp_path / "sortie" / ".out.999999999"  # no such process
    left.mkdir(parents=True)
    (left / "missing.csv").write_text("OZANNE")
    compared(tmp_path, *registers, out=out)
    assert [p.name for p in (tmp_path / "sortie").iterdir()] == ["out"]


def test_what_a_running_process_writes_is_left_alone(tmp_path: Path) -> None:
    running = tmp_path / f".out.{os.getppid()}"
    running.mkdir()
    outputs.Folder(tmp_path / "out").discard()
    assert running.is_dir()


def test_killed_between_the_two_renames_of_a_result(tmp_path: Path) -> None:
    """The former result is the only one there is: put back, not removed."""
    former = tmp_path / ".out.999999999.former"
    former.mkdir()
    (former / "summary.json").write_text('{"versions": {"raccord": "0"}}')
    outputs.Folder(tmp_path / "out").discard()
    assert [p.name for p in tmp_path.iterdir()] == ["out"]
    assert (tmp_path / "out" / "summary.json").exists()


def test_two_runs_publish_to_one_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another run publishes between the two renames: tried again, and the last one stays."""
    out = tmp_path / "out"
    folder = outputs.Folder(out)
    (folder.path / "summary.json").write_text("mine")
    rename = Path.rename

    def late(self: Path, target: Path) -> Path:
        if self == folder.path and not out.exists():
            out.mkdir()
            (out / "summary.json").write_text("other")
        monkeypatch.setattr(Path, "rename", rename)
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", late)
    folder.publish()
    assert (out / "summary.json").read_text() == "mine"
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_killed_while_reading(tmp_path: Path) -> None:
    """Half a snapshot is never used: the same file is read again, whole."""
    path = csv_file(tmp_path / "a.csv", crowd(300))
    home = tmp_path / "home"
    code = (
        "import os, signal, sys; from pathlib import Path\n"
        "from raccord.registers import reading, snapshots\n"
        "def killed(self, connection, source): os.kill(os.getpid(), signal.SIGKILL)\n"
        "snapshots.Keeping.prepare = killed\n"
        "reading.open_registers([Path(sys.argv[1])])\n"
    )
    environment = os.environ | {"RACCORD_HOME": str(home)}
    killed = subprocess.run(
        [sys.executable, "-c", code, str(path)], check=False, env=environment, timeout=60
    )
    assert killed.returncode == -signal.SIGKILL
    (half,) = (home / "snapshots").iterdir()
    assert half.name.startswith(".")
    said = raccord("quality", path, "--out", tmp_path / "q", home=home)
    assert said.returncode == 0, said.stderr
    assert "300 inscriptions" in said.stdout


def test_two_runs_at_once_on_the_same_files(tmp_path: Path, registers: tuple[Path, Path]) -> None:
    first, second = registers
    environment = os.environ | {"RACCORD_HOME": str(tmp_path / "home")}
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "raccord.cli", "compare", "--before", str(first), "--after",
             str(second), "--out", str(tmp_path / f"out{n}"), "--as-of", DAY.isoformat()],
            env=environment, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True,
        )
        for n in range(2)
    ]  # fmt: skip
    for process in running:
        _, error = process.communicate(timeout=120)
        assert process.returncode == 0, error
    one, other = (Result(tmp_path / f"out{n}", {}).rows for n in range(2))
    assert one == other
    assert [p for p in (tmp_path / "home" / "snapshots").iterdir() if p.name.startswith(".")] == []


# --- no room -------------------------------------------------------------------------------------


def _limited(size: int) -> Callable[[], None]:
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return limit


@pytest.mark.parametrize("warm", [False, True], ids=["while-reading", "while-writing"])
def test_a_full_disk(tmp_path: Path, warm: bool) -> None:
    """French, on one line, and the former result untouched."""
    before = csv_file(tmp_path / "before.csv", crowd(500))
    after = csv_file(tmp_path / "after.csv", crowd(500)[:400])
    out, home = tmp_path / "out", tmp_path / "home"
    command = ("compare", "--before", before, "--after", after, "--as-of", DAY)
    if warm:
        said = raccord(*command, "--out", out, home=home)
        assert said.returncode == 0, said.stderr
    kept = contents(out) if warm else {}
    said = raccord(*command, "--out", out, home=home, preexec_fn=_limited(3000))
    assert said.returncode == 2, said.stderr
    lines = said.stderr.splitlines()
    assert 1 <= len(lines) <= 2
    assert all("écriture" in line and "impossible" in line for line in lines), lines
    assert (contents(out) if out.exists() else {}) == kept
    assert raccord(*command, "--out", out, home=home).returncode == 0


# --- guards --------------------------------------------------------------------------------------


def known(count: int = 60, school: int = 1) -> list[Row]:
    return [pupil(rank) | {"uai": uai(school)} for rank in range(100, 100 + count)]


def test_yesterdays_state_stays_when_the_file_is_partial(tmp_path: Path) -> None:
    rows = known()
    before = csv_file(tmp_path / "before.csv", rows)
    after = csv_file(tmp_path / "after.csv", rows)
    compared(tmp_path, before, after, out=tmp_path / "hier")
    csv_file(after, rows[:30])
    alone = compared(tmp_path, before, after, out=tmp_path / "seul")
    assert alone.summary["counts"]["missing"] == 30  # nothing to compare with: no guard
    today = compared(tmp_path, before, after, out=tmp_path / "jour", since=tmp_path / "hier")
    assert today.summary["counts"]["missing"] == 0
    (entry,) = [e for e in today.summary["coverage"] if e["status"] == "quarantined"]
    assert "partiel" in entry["message"]
    assert today.summary["provisional"] is True
    assert "partiel" in today.report


def test_a_few_departures_are_not_a_partial_file(tmp_path: Path) -> None:
    rows = known()
    before = csv_file(tmp_path / "before.csv", rows)
    after = csv_file(tmp_path / "after.csv", rows)
    compared(tmp_path, before, after, out=tmp_path / "hier")
    csv_file(after, rows[3:])
    today = compared(tmp_path, before, after, out=tmp_path / "jour", since=tmp_path / "hier")
    assert today.summary["counts"]["missing"] == 3
    assert {e["status"] for e in today.summary["coverage"]} == {"ok"}


def test_two_schools_with_one_file_name_keep_their_own_yesterday(tmp_path: Path) -> None:
    schools = {name: known(40, n) for n, name in enumerate(("ouest", "est"), start=1)}
    schools["est"] = [row | pupil(i + 300) | {"uai": uai(2)} for i, row in
                      enumerate(schools["est"])]  # fmt: skip
    for name, rows in schools.items():
        (tmp_path / name).mkdir()
        csv_file(tmp_path / name / "eleves.csv", rows)
    before = csv_file(tmp_path / "before.csv", [r for rows in schools.values() for r in rows])
    after = [tmp_path / name / "eleves.csv" for name in schools]
    compared(tmp_path, before, after, out=tmp_path / "hier")
    csv_file(after[0], schools["ouest"][1:])  # one departure: both schools are otherwise whole
    csv_file(after[1], schools["est"][1:])
    today = compared(tmp_path, before, after, out=tmp_path / "jour", since=tmp_path / "hier")
    assert {e["status"] for e in today.summary["coverage"]} == {"ok"}
    assert today.summary["counts"]["missing"] == 2


def siecle(folder: Path, school: int, year: str, name: str = "ElevesSansAdresses.xml") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    pupils = [siecle_pupil(school * 100 + n) for n in range(3)]
    path.write_text(export(pupils, head=parameters(uai=uai(school), year=year)), "iso-8859-15")
    return path


@pytest.mark.parametrize("same_name", [False, True])
def test_a_file_of_another_year_than_the_others(run: Run, tmp_path: Path, same_name: bool) -> None:
    """Only that one is refused, although all schools name their export alike."""
    before = csv_file(tmp_path / "before.csv", crowd(5))
    for school, year in ((1, "2026"), (2, "2026"), (3, "2025")):
        name = "ElevesSansAdresses.xml" if same_name else f"Eleves{school}.xml"
        siecle(tmp_path / "after" / str(school), school, year, name)
    said = run("compare", "--before", before, "--after", tmp_path / "after",
               "--out", tmp_path / "out")  # fmt: skip
    assert said.status == 2
    assert len(said.reasons) == 1
    assert "2025-2026" in said.err
    assert not (tmp_path / "out").exists()
    said = run("compare", "--before", before, "--after", tmp_path / "after",
               "--out", tmp_path / "out", "--without-refused")  # fmt: skip
    assert said.status == 0
    summary = json.loads((tmp_path / "out" / "summary.json").read_text("utf-8"))
    assert len([i for i in summary["inputs"] if i["side"] == "after"]) == 2


@pytest.mark.parametrize(("stated", "status"), [(None, 0), ("2025", 0), ("2026", 2)])
def test_a_stated_year(run: Run, tmp_path: Path, stated: str | None, status: int) -> None:
    before = csv_file(tmp_path / "before.csv", crowd(5))
    after = siecle(tmp_path / "after", 1, "2025")
    said = run("compare", "--before", before, "--after", after, "--out", tmp_path / "out",
               "--as-of", DAY, *(["--year", stated] if stated else []))  # fmt: skip
    assert said.status == status, said.err
    assert (tmp_path / "out").exists() == (status == 0)


# --- broken files, through the command line ------------------------------------------------------


def _bomb() -> bytes:
    return (
        b'<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "aaaaaaaaaa">'
        + b"".join(b'<!ENTITY %c "%s">' % (98 + i, b"&%c;" % (97 + i) * 10) for i in range(8))
        + b"]><BEE_ELEVES>&i;</BEE_ELEVES>"
    )


def _zip_bomb(folder: Path) -> bytes:
    path = folder / "source.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("Eleves.xml", b"<BEE_ELEVES>" + b" " * 60_000_000)
    data = path.read_bytes()
    path.unlink()
    return data


BROKEN: dict[str, bytes | Callable[[Path], bytes]] = {
    "vide.xml": b"",
    "espace.csv": b" \n\n",
    "page.xml": b"<!DOCTYPE html><html><body>Session expir\xc3\xa9e</body></html>",
    "coupe.xml": export([siecle_pupil()]).encode("iso-8859-15")[:-40],
    "sans-eleve.xml": export([]).encode("iso-8859-15"),
    "bombe.xml": _bomb(),
    "entite.xml": b'<!DOCTYPE b [<!ENTITY x SYSTEM "file:///etc/passwd">]><BEE_ELEVES>&x;'
    b"</BEE_ELEVES>",
    "prive.xml": b"<?xml version='1.0'?><IMPORT_ELEVES><ELEVE>",
    "bombe.zip": _zip_bomb,
    "coupe.zip": b"PK\x03\x04" + bytes(60),
    "classeur.xlsx": b"PK\x03\x04 pas un classeur",
    "coupe.parquet": b"PAR1" + bytes(40) + b"PAR1",
    "entete.csv": b"nom_famille;prenom;date_naissance\n",
    "manque.csv": b"nom_famille;prenom;identifiant_local\nA;B;1\n",
    "fregata.csv": "Identifiant unique*;Premier prénom*;Nom de famille*\n".encode(),
    "binaire.csv": bytes(range(256)) * 50,
    "ligne.csv": b"nom_famille;prenom;date_naissance\n" + b"A" * 3_000_000,
    "image.csv": b"\x89PNG\r\n\x1a\n" + bytes(100),
    "portrait.pdf": b"%PDF-1.7\n",
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_refused_in_one_line(run: Run, tmp_path: Path, name: str) -> None:
    content = BROKEN[name]
    (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content(tmp_path))
    before = csv_file(tmp_path / "before.csv", crowd(3))
    said = run("compare", "--before", before, "--after", tmp_path / name,
               "--out", tmp_path / "out")  # fmt: skip
    assert said.status == 2, said.err
    assert len(said.reasons) == 1, said.err
    assert said.reasons[0].startswith(name)
    assert not (tmp_path / "out").exists()
    assert "root:" not in said.err


def test_all_the_broken_files_at_once(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "after"
    folder.mkdir()
    for name, content in BROKEN.items():
        (folder / name).write_bytes(content if isinstance(content, bytes) else content(tmp_path))
    csv_file(folder / "sain.csv", crowd(3))
    before = csv_file(tmp_path / "before.csv", crowd(3))
    command = ("compare", "--before", before, "--after", folder, "--out", tmp_path / "out")
    said = run(*command)
    assert said.status == 2
    assert len(said.reasons) == len(BROKEN)
    said = run(*command, "--without-refused")
    assert said.status == 0, said.err
    assert "⚠" in said.out
