"""`raccord explain` through the command line, for each verdict of a small territory."""

from pathlib import Path

import pytest
from tests.command_line import Run, run
from tests.matching.territory import Row, compared, crowd, moved, pupil, uai

from raccord import commands

__all__ = ["run"]  # a fixture

pytestmark = pytest.mark.xdist_group("cli")


@pytest.fixture(scope="module")
def explained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Row]]:
    folder = tmp_path_factory.mktemp("explain")
    by_ine, by_identity, by_model, doubt, gone, young, dead, twice = (
        pupil(rank) for rank in range(20, 28)
    )
    young["date_naissance"] = "2012-02-02"
    dead["motif_sortie"] = "43"
    others = crowd(30)
    after = [
        moved(by_ine), moved(by_identity, ine=""),
        moved(by_model, ine="", nom_famille=by_model["nom_famille"][:-1], source="cfa"),
        moved(doubt, ine=pupil(70)["ine"], uai_precedent="", commune_naissance=""),
        moved(gone, ine="", prenom="ALBERTINE", adresse="3 RUE SECRETE"),
    ]  # fmt: skip
    rows = {"ine": by_ine, "identity": by_identity, "model": by_model, "review": doubt,
            "missing": gone, "young": young, "dead": dead, "twice": twice}  # fmt: skip
    rows["second"] = twice | {"uai": uai(7), "identifiant_local": "second"}
    before = [*rows.values(), *others]
    compared(folder, before, [*after, *others], out=folder / "out")
    return folder / "out", rows


@pytest.mark.skipif(
    not (Path(commands.__file__).parent / "matching" / "nearest.py").exists(),
    reason="nearest.py is being written",
)
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("ine", ["INE"]),
        ("identity", ["prénom"]),
        ("model", [uai(9)]),
        ("review", ["INE"]),
        ("missing", ["prénom"]),
        ("young", ["16 ans"]),
        ("twice", [uai(7)]),
    ],
)
def test_explain_each_verdict(
    run: Run, explained: tuple[Path, dict[str, Row]], name: str, words: list[str]
) -> None:
    out, rows = explained
    row = rows[name]
    said = run("explain", out, "--uai", row["uai"], "--id", row["identifiant_local"])
    assert said.status == 0, said.err
    for word in words:
        assert word.lower() in said.out.lower(), said.out
    assert "SECRETE" not in said.out


def test_explain_an_unknown_enrolment(run: Run, explained: tuple[Path, dict[str, Row]]) -> None:
    said = run("explain", explained[0], "--uai", uai(1), "--id", "inconnu")
    if said.status == 1:
        pytest.skip("nearest.py is being written")
    assert said.status == 2
    assert len(said.reasons) == 1
