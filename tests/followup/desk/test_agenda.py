"""The agenda: what is promised for which day, and a calendar file that names nobody."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from tests import cast
from tests.queries import recorded

from raccord.accounts.actors import Actor
from raccord.accounts.roles import Role
from raccord.followup.desk import agenda
from raccord.followup.meetings.models import Attendance, Meeting
from raccord.followup.models import Case, Mandate, Party, Review
from raccord.territory.kinds import Kind
from raccord.territory.models import Structure

pytestmark = pytest.mark.django_db

HERE = Path(__file__).parent


@pytest.fixture
def cio() -> Structure:
    return cast.structure(Kind.CIO, name="CIO de la Loire")


@pytest.fixture
def adviser(cio: Structure) -> Actor:
    return cast.actor(cio, Role.AGENT)


def monday() -> date:
    return agenda.first_day(timezone.localdate())


def fill(cio: Structure, number: int) -> list[Case]:
    """Something of each kind on the days of these two weeks."""
    school, made = cast.structure(name="Lycée Rare"), []
    group = cast.structure(Kind.PSAD, name="PSAD de Nantes")
    for rank in range(number):
        case = cast.case(school, of=cast.person(last_name=f"Quimperlé{rank}"))
        on = monday() + timedelta(days=rank % 14)
        Case.objects.filter(pk=case.pk).update(
            holder=cio, next_act_on=on, situation="job", situation_lapses_on=on
        )
        Review.objects.create(case=case, months=1, due_on=on)
        Party.objects.create(case=case, structure=group, kind="associated")
        given = {"given_by_structure": group, "given_on": on - timedelta(days=30)}
        Mandate.objects.create(case=case, structure=cio, report_by=on, **given)
        made.append(case)
    meeting = Meeting.objects.create(group=group, on=monday() + timedelta(days=2), place="Salle 3")
    Attendance.objects.create(meeting=meeting, structure=cio)
    return made


def text(answer: Any) -> str:
    assert answer.status_code == 200
    return " ".join(answer.content.decode().replace("\u00a0", " ").replace("\u202f", " ").split())


def test_two_weeks_by_day(adviser: Actor, cio: Structure) -> None:
    [case] = fill(cio, 1)
    page = text(cast.signed_in(adviser.user).get("/agenda/"))
    assert "4 échéances du" in page
    for said in ("À reprendre", "Compte rendu de mandat attendu", "Devenir à relever", "Salle 3"):
        assert said in page
    assert case.person.last_name in page


def test_nothing_is_planned(adviser: Actor) -> None:
    assert "Rien n’est prévu" in text(cast.signed_in(adviser.user).get("/agenda/"))


def test_only_what_is_entrusted_to_me(adviser: Actor, cio: Structure) -> None:
    mine, _ = fill(cio, 2)
    Case.objects.filter(pk=mine.pk).update(assigned_to=adviser.user)
    found = agenda.days(adviser, monday(), own=True)
    acts = [e.case.pk for day in found for e in day.entries if e.kind == "act"]
    assert acts == [mine.pk]


def test_the_calendar_file_names_nobody(adviser: Actor, cio: Structure) -> None:
    cases = fill(cio, 3)
    answer = cast.signed_in(adviser.user).get("/agenda/raccord.ics")
    told = answer.content.decode()
    assert answer["Content-Type"].startswith("text/calendar")
    assert told.startswith("BEGIN:VCALENDAR\r\n")
    assert told.count("BEGIN:VEVENT") == 3 * 4 + 1
    assert all(len(line.encode()) <= 75 for line in told.split("\r\n"))
    for case in cases:
        for hidden in (case.person.last_name, case.person.first_name, "Rare", "Salle 3"):
            assert hidden not in told
    assert f"/dossiers/{cases[0].pk}/" in told.replace("\r\n ", "")


def test_nobody_reads_the_agenda_of_others(cio: Structure) -> None:
    fill(cio, 1)
    other = cast.actor(cast.structure(Kind.CIO), Role.AGENT)
    client = cast.signed_in(other.user)
    assert "Rien n’est prévu" in text(client.get("/agenda/"))
    assert b"VEVENT" not in client.get("/agenda/raccord.ics").content


@pytest.mark.parametrize("number", [1, 20])
def test_what_the_page_asks(adviser: Actor, cio: Structure, number: int) -> None:
    fill(cio, number)
    client = cast.signed_in(adviser.user)
    client.get("/mes-acces/")
    with recorded(HERE / "queries-agenda.txt", at_most=12):
        text(client.get("/agenda/?du=2026-11-x"))
