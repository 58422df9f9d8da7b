"""The whole way, in the formats that establishments export: simulate, compare, evaluate; and the
real samples read by `raccord quality`."""

import json
from pathlib import Path

import pytest
from tests.command_line import Run, run

from raccord.matching.comparison import Request, compare
from raccord.simulation import simulate

__all__ = ["run"]  # a fixture

pytestmark = pytest.mark.xdist_group("real-formats")

PUPILS = 2000


@pytest.fixture(scope="module")
def territory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("territory")
    simulate(PUPILS, 11, folder, format="real")
    return folder


def _command(folder: Path, out: Path) -> list[str]:
    """The command that `raccord simulate` prints, on this folder."""
    told = json.loads((folder / "simulation.json").read_text("utf-8"))["command"].split()[1:]
    sides = {"--before", "--after", "--diplomas", "--followed"}
    words = [
        str(folder / word) if told[rank - 1] in sides else word for rank, word in enumerate(told)
    ]
    words[words.index("--out") + 1] = str(out)
    return words


@pytest.mark.slow
def test_simulate_compare_evaluate(run: Run, territory: Path, tmp_path: Path) -> None:
    """The delivery holds one file of the wrong year: refused, then left out."""
    out = tmp_path / "out"
    said = run(*_command(territory, out))
    if said.status == 2:
        assert len(said.reasons) == 1, said.err
        assert not out.exists()
        said = run(*_command(territory, out), "--without-refused")
    assert said.status == 0, said.err
    said = run("evaluate", out, "--truth", territory / "truth.parquet", "--json")
    assert said.status == 0, said.err
    rates = json.loads(said.out)
    assert rates["hidden"] == 0, rates
    assert rates["f1"] > 0.98, rates
    assert rates["review"] < 0.02 * rates["rows"]


@pytest.mark.slow
def test_the_same_territory_is_well_read(run: Run, territory: Path, tmp_path: Path) -> None:
    said = run("quality", territory / "before", "--out", tmp_path / "qualite")
    assert said.status == 0, said.err
    assert (tmp_path / "qualite" / "qualite.html").stat().st_size > 10_000


#: What each real sample is: the number of pupils read, or words of its refusal.
SAMPLES: dict[str, int | str] = {
    "siecle/anonymise_eleves_avec_adresse_simple_corrige.xml": 1,
    "siecle/anonymise_eleves_avec_adresse_avec_double_structure.xml": 1,
    "siecle/anonymise_eleves_avec_adresse_simple_MALFORME.xml": "ligne",
    "siecle/anonymise_nomenclature_simple.xml": "élèves",
    "siecle/bee_champs.csv": "aucun format connu",
    "siecle/schema_Import_3.1.xsd": "schéma",
    "etablissements/annuaire-education_35_2023-06.csv": "aucun format connu",
    "noms/prenoms_sexe.csv": "aucun format connu",
}


@pytest.mark.shared
@pytest.mark.parametrize("name", SAMPLES)
def test_real_samples(run: Run, shared: Path, tmp_path: Path, name: str) -> None:
    said = run("quality", shared / "data" / name, "--out", tmp_path)
    expected = SAMPLES[name]
    if isinstance(expected, int):
        assert said.status == 0, said.err
        assert "inscription" in said.out
    else:
        assert said.status == 2
        assert len(said.reasons) == 1
        assert expected in said.err


@pytest.mark.shared
def test_the_official_template_of_apprentices(run: Run, shared: Path, tmp_path: Path) -> None:
    """As published it holds examples or nothing at all: read, or refused for want of a learner."""
    sample = shared / "data/tdb/dossier_apprenant_v3_modele_import.csv"
    said = run("quality", sample, "--out", tmp_path)
    assert said.status in (0, 2)
    if said.status == 2:
        assert len(said.reasons) == 1
        assert "aucun" in said.err


@pytest.mark.shared
def test_names_of_real_samples_are_never_said_in_a_refusal(
    run: Run, shared: Path, tmp_path: Path
) -> None:
    sample = shared / "data/siecle/anonymise_eleves_avec_adresse_simple_MALFORME.xml"
    said = run("quality", sample, "--out", tmp_path)
    assert "<NOM" not in said.err


def test_in_summer_two_bases_coexist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the roll-over to September an establishment exports last year's base and next year's:
    neither is a file of the wrong year."""
    simulation = simulate(1_500, 11, tmp_path / "ete", format="real", season="summer")
    monkeypatch.setenv("RACCORD_HOME", str(tmp_path / "home"))
    result = compare(
        Request(
            before=[simulation.before],
            after=[simulation.after],
            out=tmp_path / "resultat",
            as_of=simulation.as_of,
        )
    )
    assert result["counts"]["found"] > result["counts"]["missing"]
