"""The sentences say what the evidence says, in plain French, and nothing they must not say."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.matching.report_example import EVIDENCE, coverage

from raccord.matching import wording
from raccord.matching.report.sections import SECTIONS
from raccord.matching.vetoes import VETOES
from raccord.registers.enrolment import PLAIN_COLUMNS

FIELDS = st.lists(st.sampled_from([*PLAIN_COLUMNS, "champ_inconnu"]), max_size=5)
CODES = st.lists(
    st.sampled_from(
        "twin ine_conflict name_and_birth_differ too_little ambiguous taken weak decision x".split()
    ),
    max_size=3,
)
COMPARED = {"agree": FIELDS, "close": FIELDS, "differ": FIELDS}
NEAREST = st.fixed_dictionaries(
    {**COMPARED, "kept_apart": CODES},
    optional={
        "source": st.sampled_from(["cfa", None]),
        "uai": st.sampled_from(["0440001M", None]),
        "probability": st.none() | st.floats(0, 1),
    },
)
EVIDENCES = st.fixed_dictionaries(
    {}, optional={**COMPARED, "vetoes": CODES, "nearest": st.none() | NEAREST}
)


def said(**given: Any) -> str:
    return " ".join(wording.sentences(**given)).replace("\xa0", " ")


def test_found_says_where_how_and_what_agreed() -> None:
    text = said(
        verdict="found", matched_by="ine", matched_uai="0440001M", matched_source="siecle",
        evidence=EVIDENCE["found"][0],
    )  # fmt: skip
    assert "Inscrit à l’établissement 0440001M (base SIECLE)." in text
    assert "Reconnu par son INE" in text
    assert "même INE, même nom de famille, même prénom, même date de naissance" in text


@pytest.mark.parametrize("by", ["ine", "identite", "model", "decision"])
def test_each_means_has_its_sentence(by: str) -> None:
    assert "passe «" not in said(verdict="found", matched_by=by, evidence={}, probability=0.9)
    assert by in wording.MEANS


def test_a_fragile_enrolment_says_so() -> None:
    assert "Inscription fragile" in said(verdict="found", fragile=True, evidence={})


def test_missing_says_where_it_was_searched_the_nearest_and_what_kept_it_apart() -> None:
    text = said(
        verdict="missing", lane="obligation_16_17", evidence=EVIDENCE["missing"][2],
        searched=wording.coverage_sentence(coverage()),
    )  # fmt: skip
    assert "Cherché dans 3 bases d’inscription, la plus ancienne : 5 semaines." in text
    assert "agricole (mise de côté)" in text
    assert "0440123K" in text
    assert "prénom différent" in text
    assert "peut-être un jumeau ou une jumelle" in text
    assert "environ 31 chances sur 100" in text
    assert "L. 114-1" in text


def test_missing_without_a_candidate() -> None:
    assert "Aucune inscription ne lui ressemble." in said(verdict="missing", evidence={})


@pytest.mark.parametrize(
    "code", ["twin", "close_twin", "siblings", "ine_conflict", "too_little", "ambiguous", "taken"]
)
def test_review_says_what_a_human_should_check(code: str) -> None:
    text = said(verdict="review", probability=0.41, evidence={"vetoes": [code]})
    assert "environ 41 chances sur 100" in text
    assert "Pourquoi nous ne tranchons pas" in text
    assert "À vérifier : " in text
    assert "motif «" not in text


def test_every_veto_of_the_comparison_has_its_words() -> None:
    assert "motif «" not in wording.kept_apart(VETOES)


def test_support_and_double_listing_are_told() -> None:
    text = said(verdict="missing", evidence={}, followed_by="MLDS de Fictiville",
                also_listed_by="0440002N")  # fmt: skip
    assert "Déjà accompagné par MLDS de Fictiville" in text
    assert "n’est pas être inscrit" in text
    assert "Aussi listé par 0440002N" in text


def test_nothing_is_said_of_the_deceased() -> None:
    assert wording.sentences(verdict="excluded", lane="deceased", evidence={}) == []


@given(
    verdict=st.sampled_from(["found", "review", "missing", "excluded"]),
    evidence=EVIDENCES,
    lane=st.sampled_from([*wording.LANES, None]),
    probability=st.none() | st.floats(0, 1),
)
def test_any_evidence_gives_sentences_in_protected_words(
    verdict: str, evidence: dict[str, Any], lane: str | None, probability: float | None
) -> None:
    lines = wording.sentences(
        verdict=verdict, evidence=evidence, lane=lane, probability=probability, searched="Cherché."
    )
    assert lines
    for line in lines:
        assert line[0].isupper() or line[0].isdigit()
        assert line.endswith(".")
        assert "None" not in line
        assert not re.search(r"décrocheu|individu|None|snapshot|verdict|\{|\}", line)
        assert not re.search(r" [:;?!»]|« ", line), f"une espace sécable dans {line!r}"


def test_the_words_of_the_sections_respect_people() -> None:
    for section in SECTIONS:
        assert "décrocheu" not in f"{section.title} {section.says}"


@pytest.mark.parametrize(
    ("days", "text"),
    [(None, "date inconnue"), (-1, "du jour"), (0, "du jour"), (1, "1\xa0jour"), (9, "9\xa0jours"),
     (37, "5\xa0semaines"), (69, "9\xa0semaines"), (75, "2\xa0mois"), (400, "13\xa0mois")],
)  # fmt: skip
def test_an_age_is_said_as_people_say_it(days: int | None, text: str) -> None:
    assert wording.how_old(days) == text


@given(st.floats(0, 1))
def test_a_probability_is_never_said_to_be_certain(probability: float) -> None:
    text = wording.chances(probability)
    assert not re.search(r"\b(0|100) chances? sur", text)


def test_the_headline_and_the_state_of_the_registers() -> None:
    assert wording.headline(0, 0) == "Aucun jeune à vérifier."
    assert wording.headline(1, 0) == "1\xa0jeune à vérifier."
    assert wording.headline(1320, 12) == "1\u202f320\xa0jeunes à vérifier, dont 12\xa0mineurs."
    text = wording.freshness(coverage()).replace("\xa0", " ")
    assert text == (
        "2 bases d’inscription lues et à jour, sauf agricole (mise de côté) et cfa-saint-herblain "
        "(5 semaines) : attendez-vous à de fausses alertes."
    )
    sound = [register for register in coverage() if register["status"] == "ok"]
    assert wording.freshness(sound).replace("\xa0", " ") == (
        "2 bases d’inscription lues et à jour."
    )
    assert "ne vaut rien" in wording.freshness([])


def test_a_support_register_finds_nobody_so_it_is_not_counted_as_searched() -> None:
    support = [{**register, "side": "after"} for register in coverage()
               if register["nature"] == "accompagnement"]  # fmt: skip
    assert "Cherché nulle part" in wording.coverage_sentence(support)


def test_the_four_questions_name_the_registers_in_default() -> None:
    questions = wording.four_questions(coverage())
    assert len(questions) == 4
    assert all(question.endswith("\xa0?") and answers for question, answers in questions)
    assert "cfa-saint-herblain (5\xa0semaines)" in questions[0][1][0]


def test_late_schools_do_not_make_a_whole_register_look_old() -> None:
    siecle = {"side": "after", "source": "siecle", "status": "late", "age_days": 36, "files": 78,
              "late_files": 3, "exported_on": "2026-09-09"}  # fmt: skip
    cfa = {"side": "after", "source": "dossier_apprenant", "status": "ok", "files": 6,
           "exported_on": None}  # fmt: skip
    assert wording.freshness([siecle, cfa]).replace("\xa0", " ") == (
        "2 bases d’inscription lues. En défaut : SIECLE (3 fichiers sur 78, 5 semaines) ; "
        "attendez-vous à de fausses alertes."
    )


def test_a_source_is_told_in_words_unless_its_feed_named_it() -> None:
    assert wording.place("0440001M", "dossier_apprenant").endswith("(base CFA)")
    assert wording.place("0440001M", "cfa-nantes").endswith("(base cfa-nantes)")


def test_a_pupil_under_16_who_is_at_school_alerts_nobody() -> None:
    text = said(verdict="excluded", lane="under_16", evidence={}, matched_uai="0440001M",
                matched_by="ine")  # fmt: skip
    assert text == "Hors des listes, compté à part. Inscrit à l’établissement 0440001M."
    assert "DSDEN" in said(verdict="excluded", lane="under_16", evidence={})
