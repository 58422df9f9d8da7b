"""The simulated territory: its shape, its rates, its truth."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pyarrow.parquet as pq
import pytest

from raccord.registers.enrolment import PLAIN_COLUMNS
from raccord.simulation import HARDER, STANDARD, Simulation, keys, levels, simulate
from raccord.simulation.drawing import parts
from raccord.simulation.parameters import BRITTANY_2018_19, BRITTANY_2020_21, Funnel, Parameters

Draw = Callable[..., Simulation]


def connected(simulation: Simulation) -> duckdb.DuckDBPyConnection:
    found = duckdb.connect()
    folder = simulation.folder
    found.execute(f"CREATE VIEW before AS FROM '{folder}/before/*.parquet'")
    found.execute(f"CREATE VIEW after AS FROM '{folder}/after/*.parquet'")
    found.execute(f"CREATE VIEW truth AS FROM '{folder}/truth.parquet'")
    found.execute(f"CREATE VIEW truth_after AS FROM '{folder}/truth_after.parquet'")
    return found


def one(connection: duckdb.DuckDBPyConnection, query: str) -> float:
    row = connection.execute(query).fetchone()
    assert row is not None
    return float(row[0])


def test_has_the_plain_columns_and_about_as_many_rows_as_asked(territory: Draw) -> None:
    simulation = territory(20_000, 1)
    for side in ("before", "after"):
        table = pq.read_table(simulation.folder / side)
        assert tuple(table.schema.names) == PLAIN_COLUMNS
        assert abs(len(table) - 20_000) < 400


def test_the_truth_names_each_enrolment_once(territory: Draw) -> None:
    found = connected(territory(20_000, 1))
    key = "source, uai, identifiant_local"
    for side, truth in (("before", "truth"), ("after", "truth_after")):
        rows = one(found, f"SELECT count(*) FROM {side}")
        assert one(found, f"SELECT count(DISTINCT ({key})) FROM {side}") == rows
        assert one(found, f"SELECT count(*) FROM {truth}") == rows
        assert one(found, f"SELECT count(*) FROM {side} ANTI JOIN {truth} USING ({key})") == 0


def test_every_after_enrolment_of_the_truth_exists_and_is_of_the_same_person(
    territory: Draw,
) -> None:
    found = connected(territory(20_000, 1))
    wrong = one(
        found,
        """SELECT count(*) FROM truth t LEFT JOIN truth_after a ON t.after_source = a.source
        AND t.after_uai = a.uai AND t.after_identifiant_local = a.identifiant_local
        WHERE t.truth = 'enrolled'
        AND NOT coalesce(a.young_person = t.young_person AND a.active, false)""",
    )
    assert wrong == 0
    gone = one(
        found,
        """SELECT count(*) FROM truth t SEMI JOIN (FROM truth_after WHERE active) a
        USING (young_person) WHERE t.truth = 'gone'""",
    )
    assert gone == 0
    filled = "SELECT count(*) FROM truth WHERE (truth = 'gone') <> (after_uai IS NULL)"
    assert one(found, filled) == 0


def test_active_rows_have_not_left_and_the_others_have(territory: Draw) -> None:
    found = connected(territory(20_000, 1))
    joined = "after JOIN truth_after USING (source, uai, identifiant_local)"
    out = "coalesce(date_sortie <= '2026-10-15', false)"
    assert one(found, f"SELECT count(*) FROM {joined} WHERE active = {out}") == 0
    assert one(found, f"SELECT count(*) FROM {joined} WHERE date_sortie > '2026-10-15'") > 0


@pytest.mark.parametrize("harder", [False, True])
def test_rates_are_those_of_the_measured_population(territory: Draw, harder: bool) -> None:
    p: Parameters = HARDER if harder else STANDARD
    found = connected(territory(20_000, 1, harder=harder))
    gone = one(found, "SELECT avg((truth = 'gone')::INT) FROM truth")
    assert gone == pytest.approx(p.gone, abs=0.006)
    without = one(found, "SELECT avg((ine IS NULL)::INT) FROM after")
    assert without == pytest.approx(p.without_ine, abs=0.008)
    changed = one(
        found,
        """SELECT avg((split_part(b.ine, '|', 1) <> split_part(a.ine, '|', 1))::INT)
        FROM truth t JOIN before b USING (source, uai, identifiant_local)
        JOIN after a ON t.after_source = a.source AND t.after_uai = a.uai
        AND t.after_identifiant_local = a.identifiant_local
        WHERE len(split_part(a.ine, '|', 1)) = 11 AND b.ine NOT LIKE '%|%'""",
    )
    assert changed == pytest.approx(p.wrong_ine, abs=0.012)
    different = one(
        found,
        """SELECT avg((b.date_naissance <> a.date_naissance OR
        upper(strip_accents(b.nom_famille || b.prenom))
        <> upper(strip_accents(a.nom_famille || a.prenom)))::INT)
        FROM truth t JOIN before b USING (source, uai, identifiant_local)
        JOIN after a ON t.after_source = a.source AND t.after_uai = a.uai
        AND t.after_identifiant_local = a.identifiant_local""",
    )
    assert different == pytest.approx(p.corrupted, abs=0.02)


@pytest.mark.parametrize(
    ("funnel", "seed"), [(BRITTANY_2020_21, 5), (BRITTANY_2018_19, 6)], ids=["2020-21", "2018-19"]
)
def test_reproduces_the_breton_funnels(funnel: Funnel, seed: int) -> None:
    counts = {"flagged": 0, "in_training": 0, "dropout": 0, "untraceable": 0}
    girls = ages = vocational = dropouts = older = 0
    for part in parts(120_000, seed, replace(STANDARD, funnel=funnel)):
        people = part.people
        flagged = people.flagged & (people.level >= 0)
        counts["flagged"] += int(flagged.sum())
        for name, fate in (("in_training", 0), ("dropout", 1), ("untraceable", 2)):
            counts[name] += int((flagged & (people.fate == fate)).sum())
        dropout = flagged & (people.fate == 1)
        dropouts += int(dropout.sum())
        girls += int(people.girl[dropout].sum())
        ages += int(people.age[dropout].sum())
        level = people.level[dropout]
        vocational += int(levels.VOCATIONAL[level].sum())
        secondary = (people.level >= 0) & (people.age >= 16)
        secondary &= ~levels.OUTSIDE[people.level] & ~levels.SUPERIOR[people.level]
        older += int(secondary.sum())
    total = counts["flagged"]
    assert total / older == pytest.approx(0.029, abs=0.004)  # 2.9 % of the 16+ in secondary
    assert counts["in_training"] / total == pytest.approx(funnel.in_training, abs=0.04)
    assert counts["untraceable"] / total == pytest.approx(funnel.untraceable, abs=0.04)
    assert counts["dropout"] / total == pytest.approx(funnel.dropout, abs=0.04)
    assert girls / dropouts == pytest.approx(0.40, abs=0.07)
    assert vocational / dropouts == pytest.approx(0.61, abs=0.07)
    assert ages / dropouts + 0.5 == pytest.approx(17.8, abs=0.6)


def test_the_same_seed_writes_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        simulate(3_000, 9, tmp_path / name)
    simulate(3_000, 10, tmp_path / "other")
    for name in ("truth.parquet", "truth_after.parquet", "simulation.json"):
        one_, two = (tmp_path / n / name for n in ("one", "two"))
        assert one_.read_bytes() == two.read_bytes()
        assert one_.read_bytes() != (tmp_path / "other" / name).read_bytes()
    for side in ("before", "after"):
        sides = [pq.read_table(tmp_path / n / side) for n in ("one", "two")]
        assert sides[0].equals(sides[1])


def test_keys_are_valid_and_nothing_forbidden_is_written(territory: Draw) -> None:
    table = pq.read_table(territory(20_000, 1).folder / "before")
    letters = "ABCDEFGHJKLMNPRSTUVWXYZ"
    for uai in table["uai"].unique().to_pylist():
        assert uai[-1] == letters[int(uai[:-1]) % 23]
        assert uai[3] in "89", "numbers where no real establishment stands"
    for value in table["ine"].slice(0, 2_000).to_pylist():
        for ine in (value or "").split("|"):
            if re.fullmatch(r"[0-9]{9}[A-K]{2}", ine):
                key = 97 - int(ine[:9]) % 97
                assert ine[9:] == "".join("ABCDEFGHJK"[int(d)] for d in f"{key:02d}")
            elif ine:
                assert ine[-1] == letters[int(ine[:-1]) % 23]
    assert not set(table.schema.names) - set(PLAIN_COLUMNS)
    for phone in table["telephone"].slice(0, 500).to_pylist():
        assert phone is None or re.fullmatch(r"070[0-9]{7}", phone)
    for mail in table["courriel"].slice(0, 500).to_pylist():
        assert mail is None or mail.endswith(".example")


def test_ine_numbers_are_a_bijection() -> None:
    numbers = keys.ine_numbers(np.arange(200_000), 4)
    assert len(np.unique(numbers)) == 200_000
    assert keys.siret(12)[-1].isdigit()


def test_special_sets_hold_what_their_names_say(territory: Draw) -> None:
    found = connected(territory(20_000, 1))
    assert one(found, "SELECT count(*) FROM truth WHERE twin_left_alone") > 5
    assert one(found, "SELECT count(*) FROM truth WHERE twin_left_alone AND truth <> 'gone'") == 0
    assert one(found, "SELECT count(*) FROM truth WHERE close_twin AND NOT twin_left_alone") == 0
    assert one(found, "SELECT count(*) FROM truth WHERE stranger_ine") > 20
    worn = one(
        found,
        """SELECT count(*) FROM truth t JOIN before b USING (source, uai, identifiant_local)
        JOIN after a ON split_part(a.ine, '|', 1) = split_part(b.ine, '|', 1)
        JOIN truth_after ta ON ta.source = a.source AND ta.uai = a.uai
        AND ta.identifiant_local = a.identifiant_local
        WHERE t.stranger_ine AND ta.young_person <> t.young_person""",
    )
    assert worn > 15
    twice = "SELECT count(*) FROM (SELECT young_person FROM truth GROUP BY 1 HAVING count(*) > 1)"
    assert one(found, twice) * 2 == one(found, "SELECT count(*) FROM truth WHERE duplicate_before")


def test_twins_share_birth_and_name_but_not_the_first_name() -> None:
    for part in parts(20_000, 2, STANDARD):
        people = part.people
        twins = np.flatnonzero(people.twin >= 0)
        assert len(twins) / len(people) == pytest.approx(0.03, abs=0.003)
        other = people.twin[twins]
        assert (people.born[twins] == people.born[other]).all()
        assert (people.surname[twins] == people.surname[other]).all()
        assert (people.first[twins] != people.first[other]).all()


def test_simulation_json_says_how_to_go_on(territory: Draw) -> None:
    simulation = territory(20_000, 1)
    told = json.loads((simulation.folder / "simulation.json").read_text(encoding="utf-8"))
    assert told["command"] == simulation.command
    assert told["command"].startswith("raccord compare --before before --after after")
    assert "--as-of 2026-10-15" in told["command"]
    assert told["seed"] == 1
    assert told["parameters"]["gone"] == STANDARD.gone
    assert simulation.as_of == date(2026, 10, 15)


@pytest.mark.parametrize("pupils", [1, 40, 500])
def test_any_small_size_works(tmp_path: Path, pupils: int) -> None:
    seen: list[tuple[int, int]] = []
    simulate(pupils, 3, tmp_path / "t", progress=lambda done, asked: seen.append((done, asked)))
    assert pq.read_table(tmp_path / "t" / "truth.parquet").num_rows >= 1
    assert seen[-1][1] == pupils


def test_refuses_what_it_cannot_draw(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="au moins un élève"):
        simulate(0, 1, tmp_path)
    with pytest.raises(ValueError, match="format inconnu"):
        simulate(10, 1, tmp_path, format="xls")
    with pytest.raises(ValueError, match="sum to 1"):
        replace(STANDARD, funnel=Funnel(0.5, 0.5, 0.5))


def test_plain_format_is_the_same_territory_as_csv(tmp_path: Path, territory: Draw) -> None:
    simulate(2_000, 4, tmp_path, format="plain")
    [path] = (tmp_path / "before").glob("*.csv")
    header = path.read_text(encoding="utf-8").splitlines()[0]
    assert header.replace('"', "").split(";") == list(PLAIN_COLUMNS)
    twin = territory(2_000, 4)
    assert (tmp_path / "truth.parquet").read_bytes() == twin.truth.read_bytes()
