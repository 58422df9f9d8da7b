"""What the pages ask of the database does not grow with the number of cases."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from tests import cast
from tests.queries import recorded

from raccord.accounts.models import User
from raccord.followup.models import Candidate, Case, LegalRepresentative
from raccord.territory.models import Structure

pytestmark = pytest.mark.django_db

HERE = Path(__file__).parent
#: Everything a row or a sheet may show is there, so that nothing more is asked on a fuller one.
_FILL = """
WITH new AS (
    SELECT gen_random_uuid() AS person, gen_random_uuid() AS "case", gen_random_uuid() AS departure,
        i FROM generate_series(1, %(count)s) AS i
), persons AS (
    INSERT INTO followup_person (id, academie_id, last_name, usage_name, first_name, other_names,
        birth_date, sex, birth_commune, ine, search_name, hidden, training, created_at)
    SELECT person, %(academie)s, 'Nom' || i, '', 'Lou', '', DATE '2009-05-01', 'F', '', '{}',
        'NOM' || i || ' LOU', false, true, now() FROM new
), details AS (
    INSERT INTO followup_contactdetails (person_id, address, postcode, phone, email)
    SELECT person, '', '', '06 00 00 00 00', '' FROM new
), cases AS (
    INSERT INTO followup_case (id, person_id, academie_id, departement_id, school_year, lane,
        status, stage, holder_id, held_since, opened_on, provisional, last_activity_at,
        contact_state, attempts, situation, situation_proof, outcome, false_alarm, version, left_on)
    SELECT "case", person, %(academie)s, %(departement)s, 2026, 'obligation_16_17', 'to_check',
        'spotted', %(school)s, DATE '2026-10-01', DATE '2026-10-01', false, now(), 'not_tried', 0,
        'unknown', '', '', '', 1, DATE '2026-09-01' + (i %% 60)::int FROM new
), parties AS (
    INSERT INTO followup_party (case_id, structure_id, kind, since)
    SELECT "case", %(school)s, kind, DATE '2026-10-01'
    FROM new, unnest(ARRAY['origin', 'holder']) AS kind
), departures AS (
    INSERT INTO followup_departure (id, case_id, person_id, structure_id, school_year, source,
        local_id, level, course, mef, school_status, origin, reason, verdict, evidence, followed_by)
    SELECT departure, "case", person, %(school)s, 2026, 'siecle', 'L' || i,
        '1re ' || (i %% 5), '', '', '', 'register', '', 'missing', '{}', '' FROM new
)
INSERT INTO followup_timelineevent (id, case_id, at, kind, author, facts, note)
SELECT gen_random_uuid(), "case", now(), 'opened', 'La comparaison', '{}', '' FROM new
"""


#: What a hundred thousand rows would be checked against one by one: half of the time.
_FOREIGN_KEYS = """
SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname)
FROM pg_constraint WHERE contype = 'f' AND conrelid = ANY (%s::regclass[])
"""
_FILLED = (
    "followup_person followup_contactdetails followup_case followup_party followup_departure "
    "followup_timelineevent"
).split()


def fill(school: Structure, count: int) -> None:
    """So many open cases of a school, inserted by sets."""
    with connection.cursor() as cursor:
        cursor.execute(
            _FILL,
            {
                "count": count,
                "academie": school.academie_id,
                "departement": school.departement_id,
                "school": school.pk,
            },
        )
        cursor.execute("ANALYZE followup_case, followup_party, followup_departure, followup_person")


def candidates_of(case: Case, count: int) -> None:
    Candidate.objects.bulk_create(
        Candidate(
            case=case,
            departure=case.departures.get(),
            rank=rank,
            source="siecle",
            structure=case.holder,
            local_id=str(rank),
            last_name="Nom",
            first_name="Lou",
        )
        for rank in range(count)
    )


@pytest.fixture
def school() -> Structure:
    return cast.structure()


@pytest.fixture
def visit(school: Structure) -> Callable[..., Any]:
    """Open a page as the head of the school."""
    user: User = cast.member(school)
    client = cast.signed_in(user)
    client.get("/signaler/")  # what the first page of a session writes is not of the list

    def open_page(address: str) -> Any:
        answer = client.get(address)
        assert answer.status_code == 200
        return answer

    return open_page


@pytest.mark.parametrize("count", [5, 200])
def test_the_list(school: Structure, visit: Callable[..., Any], count: int) -> None:
    fill(school, count)
    for case in Case.objects.order_by("pk")[: min(count, 30)]:
        candidates_of(case, 2)
    with recorded(HERE / "queries-list.txt", at_most=12):
        page = visit("/")
    assert page.content.count(b"<tr") == 1 + min(count, 25)


@pytest.mark.parametrize("search", ["?q=nom1", "?circuit=16-17&classe=1re+1", "?liste=suivis"])
def test_filters_and_search(school: Structure, visit: Callable[..., Any], search: str) -> None:
    fill(school, 40)
    with recorded(at_most=12):
        visit("/" + search)


@pytest.mark.parametrize("count", [1, 25])
def test_the_sheet(school: Structure, visit: Callable[..., Any], count: int) -> None:
    fill(school, 3)
    case = Case.objects.order_by("pk")[0]
    candidates_of(case, count)
    for rank in range(count):
        LegalRepresentative.objects.create(person=case.person, rank=rank + 1, name="Nom")
    with recorded(HERE / "queries-sheet.txt", at_most=18):
        visit(f"/dossiers/{case.pk}/")


@pytest.mark.parametrize(
    "page", ["appel", "situation", "coordonnees", "motif", "fausse-alerte", "pause", "relais"]
)
def test_the_pages_of_acts(school: Structure, visit: Callable[..., Any], page: str) -> None:
    fill(school, 1)
    with recorded(at_most=18):
        visit(f"/dossiers/{Case.objects.get().pk}/{page}/")


@pytest.mark.slow
def test_at_a_hundred_thousand_cases_the_list_asks_the_same(
    school: Structure, visit: Callable[..., Any]
) -> None:
    """The territory holds 100,000 cases; the school has 300 of them."""
    with connection.cursor() as cursor:
        cursor.execute(_FOREIGN_KEYS, [_FILLED])
        drops = [drop for (drop,) in cursor.fetchall()]
        cursor.execute(";".join(["SET CONSTRAINTS ALL IMMEDIATE", *drops]))
    fill(cast.structure(), 100_000)
    fill(school, 300)
    with recorded(HERE / "queries-list.txt", at_most=12):
        visit("/")
    case = Case.objects.filter(holder=school).order_by("pk")[0]
    with recorded(HERE / "queries-sheet.txt", at_most=18):
        visit(f"/dossiers/{case.pk}/")
