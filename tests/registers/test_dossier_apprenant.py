"""dossierApprenant v3, and the chronology of an apprenticeship."""

import csv
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.registers.reading_of import document, reading_of, workbook

from raccord.registers.formats import dossier_apprenant
from raccord.registers.formats.apprenticeship import (
    Chronology,
    Contract,
    State,
    chronology,
)

START, END = date(2025, 9, 1), date(2026, 8, 31)

#: A few labels of the template, as written in it.
LABELS = (
    "nom_apprenant *",
    "prenom_apprenant *",
    "date_de_naissance_apprenant *",
    "sexe_apprenant *",
    "code_postal_apprenant *",
    "tel_apprenant",
    "ine_apprenant",
    "rqth_apprenant",
    "nir_apprenant",
    "cause_exclusion_formation",
    "dernier_organisme_uai",
    "etablissement_responsable_uai *",
    "etablissement_formateur_uai *",
    "annee_scolaire *",
    "libelle_court_formation",
    "formation_cfd",
    "date_entree_formation *",
    "date_fin_formation *",
    "date_exclusion_formation **",
    "obtention_diplome_formation",
    "date_obtention_diplome_formation",
    "contrat_date_debut **",
    "contrat_date_fin **",
    "contrat_date_rupture **",
    "contrat_date_debut_2 **",
    "contrat_date_fin_2**",
    "contrat_date_rupture_2 **",
)
LEARNER: dict[str, object] = {
    "nom_apprenant": "Perrin",
    "prenom_apprenant": "Gaston",
    "date_de_naissance_apprenant": "24/01/2008",
    "sexe_apprenant": "H",
    "code_postal_apprenant": "1000",
    "tel_apprenant": "+33612345678",
    "rqth_apprenant": "interdit-rqth",
    "nir_apprenant": "108014410912345",
    "cause_exclusion_formation": "interdit-cause",
    "dernier_organisme_uai": "0540001H",
    "etablissement_responsable_uai": "0540002J",
    "etablissement_formateur_uai": "0440001M",
    "annee_scolaire": "2025-2026",
    "libelle_court_formation": "CAP PATISSIER",
    "formation_cfd": "50022145",
    "date_entree_formation": "2025-09-01",
    "date_fin_formation": "31/08/2026",
    "contrat_date_debut": "2025-09-15",
    "contrat_date_fin": "2026-08-31",
}


def row_of(learner: dict[str, object]) -> list[object]:
    return [learner.get(label.replace("*", "").strip(), "") for label in LABELS]


def csv_of(*learners: dict[str, object], delimiter: str = ";") -> str:
    lines = [LABELS, *(row_of(learner) for learner in learners)]
    return "\n".join(delimiter.join(str(v) for v in line) for line in lines) + "\n"


def test_apprentice_under_contract() -> None:
    found = reading_of(dossier_apprenant, csv_of(LEARNER))
    row = found.rows[0]
    assert row["uai"] == "0440001M"
    assert row["uai_precedent"] == "0540001H"
    assert row["date_naissance"] == "2008-01-24"
    assert row["sexe"] == "M"
    assert row["code_postal"] == "01000"
    assert row["telephone"] == "+33612345678"
    assert row["statut"] == "apprenti"
    assert row["date_entree"] == "2025-09-01"
    assert row["date_sortie"] == "2026-08-31"
    assert (row["fragile_du"], row["fragile_au"]) == ("2025-09-01", "2025-09-15")
    assert row["annee_scolaire"] == 2025
    assert found.header.school_year == 2025
    assert "diplome_obtenu" not in row


def test_forbidden_values_appear_nowhere() -> None:
    found = reading_of(dossier_apprenant, csv_of(LEARNER))
    assert "interdit" not in repr(found)
    assert "108014410912345" not in repr(found)


def test_workbook_with_spreadsheet_dates_and_a_title() -> None:
    learner = {
        **LEARNER,
        "date_de_naissance_apprenant": datetime(2008, 1, 23, 23, 0),
        "date_entree_formation": datetime(2025, 8, 31, 22, 0),
        "date_fin_formation": date(2026, 8, 31),
        "contrat_date_debut": 45915,
        "code_postal_apprenant": 1000,
        "obtention_diplome_formation": True,
        "date_obtention_diplome_formation": date(2026, 7, 5),
    }
    content = workbook([["À remplir"], LABELS, row_of(learner)])
    assert dossier_apprenant.recognises(document(content))
    row = reading_of(dossier_apprenant, content).rows[0]
    assert row["date_naissance"] == "2008-01-24", "23:00 UTC is the next day in France"
    assert row["date_entree"] == "2025-09-01"
    assert row["fragile_au"] == "2025-09-15", "serial 45915"
    assert row["code_postal"] == "01000"
    assert (row["diplome_obtenu"], row["niveau_diplome"]) == ("CAP PATISSIER", "3")
    assert row["date_diplome"] == "2026-07-05"
    assert row["ligne"] == 3


def test_calendar_of_1904() -> None:
    learner = {**LEARNER, "contrat_date_debut": 44453, "date_fin_formation": date(2026, 8, 31)}
    content = workbook([LABELS, row_of(learner)], epoch_1904=True)
    row = reading_of(dossier_apprenant, content).rows[0]
    assert (row["fragile_au"], row["date_sortie"]) == ("2025-09-15", "2026-08-31")


def test_same_learner_from_both_establishments_keeps_two_rows_and_one_number() -> None:
    other = {**LEARNER, "etablissement_formateur_uai": "", "contrat_date_debut": ""}
    rows = reading_of(dossier_apprenant, csv_of(LEARNER, other)).rows
    assert [r["uai"] for r in rows] == ["0440001M", "0540002J"]
    assert rows[0]["identifiant_local"] == rows[1]["identifiant_local"]


def test_unreadable_contract_is_reported_and_the_row_kept() -> None:
    found = reading_of(dossier_apprenant, csv_of({**LEARNER, "contrat_date_debut": "bientôt"}))
    assert len(found.rows) == 1
    problem = next(p for p in found.problems if p.rule == "date_formation")
    assert (problem.line, problem.value) == (2, "bientôt")
    assert "Perrin" in problem.identity


def test_trailing_department_of_origin_is_not_an_establishment() -> None:
    row = reading_of(dossier_apprenant, csv_of({**LEARNER, "dernier_organisme_uai": "044"})).rows[0]
    assert "uai_precedent" not in row


@pytest.mark.shared
def test_real_template(shared: Path) -> None:
    path = shared / "data/tdb/dossier_apprenant_v3_modele_import.csv"
    with path.open(encoding="utf-8-sig", newline="") as stream:
        fields = list(csv.DictReader(stream, delimiter=";"))
    labels = [f["champ"] for f in fields]
    assert len(labels) == 62
    found = reading_of(dossier_apprenant, workbook([labels, [f["exemple"] for f in fields]]))
    assert found.rows[0]["nom_famille"] == "Dupuis"
    assert not {"colonne_inconnue", "donnee_interdite"} & found.rules()


# --- the chronology (registers.md, sections 8.3 and 14, test idea 38) ----------------------------


def day(count: int, origin: date = START) -> date:
    return origin + timedelta(days=count)


def test_never_under_contract_drops_out_after_90_days() -> None:
    found = chronology(START, END)
    assert found == Chronology("sans contrat", day(90), START, day(90), "abandon")


@pytest.mark.parametrize(("wait", "leaves"), [(89, END), (90, END), (91, END), (None, day(90))])
def test_first_contract_around_the_90th_day(wait: int | None, leaves: date) -> None:
    contracts = () if wait is None else (Contract(day(wait), END),)
    assert chronology(START, END, contracts).leaves_on == leaves


def test_rupture_day_is_without_contract_and_fragile() -> None:
    found = chronology(START, END, (Contract(START, END, broken=day(30)),))
    assert (found.status, found.fragile_from) == ("rupture", day(30))
    assert (found.leaves_on, found.reason) == (day(30 + 180), "abandon")
    assert found.fragile_until == found.leaves_on


def test_new_contract_the_next_day_leaves_one_fragile_day() -> None:
    found = chronology(
        START,
        END,
        (
            Contract(START, END, day(30)),
            Contract(day(31), END),
        ),
    )
    assert (found.status, found.leaves_on) == ("apprenti", END)
    assert (found.fragile_from, found.fragile_until) == (day(30), day(31))


def test_overlapping_contracts_are_one() -> None:
    found = chronology(
        START,
        END,
        (
            Contract(START, day(200)),
            Contract(day(100), END),
        ),
    )
    assert found == Chronology("apprenti", END, None, None, "fin de formation")


@pytest.mark.parametrize("before", [0, 1, 59, 60])
def test_contract_ending_by_itself_near_the_end_finishes_the_training(before: int) -> None:
    last = END - timedelta(days=before)
    found = chronology(START, END, (Contract(START, last),))
    assert found.leaves_on == (last + timedelta(days=1) if before else END)
    assert (found.fragile_from, found.reason) == (None, "fin de formation")


def test_contract_ending_by_itself_61_days_before_is_fragile_until_the_end() -> None:
    last = END - timedelta(days=61)
    found = chronology(START, END, (Contract(START, last),))
    assert (found.fragile_from, found.fragile_until) == (last + timedelta(days=1), END)
    assert (found.status, found.leaves_on) == ("apprenti", END)


def test_rupture_near_the_end_is_no_natural_end() -> None:
    found = chronology(START, END, (Contract(START, END, END - timedelta(days=20)),))
    assert (found.status, found.leaves_on) == ("rupture", END + timedelta(days=1))


def test_exclusion_wins_over_contracts() -> None:
    found = chronology(START, END, (Contract(START, END),), excluded_on=day(50))
    assert (found.status, found.leaves_on, found.reason) == ("apprenti", day(50), "abandon")


def test_nothing_known() -> None:
    assert chronology(None, None) == Chronology("sans contrat")
    assert chronology(None, END, excluded_on=None).leaves_on is None


def test_end_before_the_beginning_is_ignored() -> None:
    assert chronology(START, date(2024, 8, 31), (Contract(START),)).leaves_on is None


def by_day(
    start: date, end: date, contracts: Sequence[Contract], excluded_on: date | None
) -> list[tuple[date, State]]:
    """The same rules one day at a time: slow and obvious."""
    first = min([start, *(c.start for c in contracts)])
    days = [first + timedelta(days=n) for n in range((end - first).days + 1)]
    ends = {c: (c.broken - timedelta(days=1)) if c.broken else (c.end or end) for c in contracts}
    states, idle, ever = [], 0, False
    for today in days:
        if excluded_on and today >= excluded_on:
            states.append(State.DROPPED)
            continue
        if any(c.start <= today <= last for c, last in ends.items()):
            states.append(State.APPRENTICE)
            idle, ever = 0, True
            continue
        idle += 1
        if idle > (180 if ever else 90):
            states.append(State.DROPPED)
        else:
            states.append(State.BETWEEN if ever else State.REGISTERED)
    if contracts and not excluded_on:
        last_day = max(ends.values())
        naturally = not any(c.broken for c, e in ends.items() if e == last_day)
        if naturally and (end - last_day).days <= 60:
            states = [
                State.ENDED
                if today > last_day and state in (State.REGISTERED, State.BETWEEN)
                else state
                for today, state in zip(days, states, strict=True)
            ]
        if naturally:
            states[-1] = State.ENDED
    if states[-1] in (State.APPRENTICE, State.REGISTERED):
        states[-1] = State.ENDED
    return list(zip(days, states, strict=True))


offsets = st.integers(-40, 420)


@st.composite
def trainings(draw: st.DrawFn) -> tuple[tuple[Contract, ...], date | None]:
    contracts = []
    for _ in range(draw(st.integers(0, 3))):
        begins = draw(offsets)
        length = draw(st.integers(0, 380))
        broken = draw(st.one_of(st.none(), st.integers(0, length)))
        contracts.append(
            Contract(
                day(begins),
                draw(st.sampled_from([None, day(begins + length)])),
                None if broken is None else day(begins + broken),
            )
        )
    excluded = draw(st.one_of(st.none(), offsets))
    return tuple(contracts), None if excluded is None else day(excluded)


@settings(max_examples=300)
@given(trainings())
def test_periods_agree_with_the_days(training: tuple[tuple[Contract, ...], date | None]) -> None:
    contracts, excluded_on = training
    found = chronology(START, END, contracts, excluded_on)
    days = by_day(START, END, contracts, excluded_on)
    enrolled = [d for d, s in days if s not in (State.DROPPED, State.ENDED)]
    leaves = enrolled[-1] + timedelta(days=1) if enrolled else days[0][0]
    assert found.leaves_on == leaves
    fragile = [d for d, s in days if s in (State.REGISTERED, State.BETWEEN)]
    assert (found.fragile_from is None) == (not fragile)
    if fragile:
        assert found.fragile_until == fragile[-1] + timedelta(days=1)
        assert found.fragile_from is not None
        assert found.fragile_from <= fragile[-1]
