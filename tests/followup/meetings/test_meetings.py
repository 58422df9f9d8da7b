"""The support group's room: an agenda that makes itself, decisions as they are said, minutes."""

import io
import zipfile
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from tests import cast

from raccord.accounts.actors import Actor
from raccord.accounts.models import User
from raccord.accounts.roles import Role
from raccord.followup.meetings import services
from raccord.followup.meetings.models import AgendaItem, Attendance, Meeting
from raccord.followup.models import (
    Case,
    Handover,
    Mandate,
    Party,
    Recommendation,
    TimelineEvent,
)
from raccord.followup.relay import services as relay
from raccord.followup.services.acting import ChangedMeanwhile, Refused
from raccord.followup.vocabulary import EventKind, Lane, Stage
from raccord.territory.kinds import Kind
from raccord.territory.models import Structure

pytestmark = pytest.mark.django_db


@pytest.fixture
def school() -> Structure:
    return cast.structure(Kind.LYCEE, basin=cast.basin(), name="Lycée Simone-Veil")


@pytest.fixture
def group() -> Structure:
    return cast.structure(Kind.PSAD, basin=cast.basin(), name="PSAD du Pays de Retz")


@pytest.fixture
def lead(group: Structure) -> User:
    return cast.member(group, Role.LEAD)


@pytest.fixture
def leader(lead: User) -> Actor:
    return Actor.of(lead)


@pytest.fixture
def shown(school: Structure, group: Structure) -> Case:
    """A case of the group."""
    return presented(school, group)


def presented(school: Structure, group: Structure, **fields: Any) -> Case:
    """A case that the group follows."""
    found = cast.case(school, **fields)
    Party.objects.create(case=found, structure=group, kind="associated")
    return found


def planned(leader: Actor, group: Structure, in_days: int = 0) -> Meeting:
    return services.plan(leader, group=group.pk, on=cast.day(in_days))


def whys(meeting: Meeting) -> dict[UUID, str]:
    return dict(AgendaItem.objects.filter(meeting=meeting).values_list("case", "why"))


def item_of(meeting: Meeting, case: Case) -> UUID:
    return AgendaItem.objects.get(meeting=meeting, case=case).pk


# --- the agenda -----------------------------------------------------------------------------------


def test_the_agenda_makes_itself(leader: Actor, group: Structure, school: Structure) -> None:
    head = cast.actor(school)
    new = presented(school, group)
    asked = cast.case(school)
    relay.associate(head, case=asked.pk, structure=group, reason="group")
    back = presented(school, group)
    mission = cast.structure(Kind.CIO)
    Handover.objects.create(
        case=back, sender=school, receiver=mission, reason="care", status="sent_back",
        return_reason="no_room", answered_at=timezone.now(),
    )  # fmt: skip
    late = presented(school, group, stage=Stage.CARE)
    Mandate.objects.create(
        case=late,
        structure=mission,
        given_by_structure=group,
        given_on=cast.day(-40),
        report_by=cast.day(-3),
    )
    elsewhere = cast.case(school)
    meeting = planned(leader, group)
    assert whys(meeting) == {
        asked.pk: "asked",
        back.pk: "sent_back",
        late.pk: "overdue",
        new.pk: "new",
    }
    assert elsewhere.pk not in whys(meeting)
    ranks = list(meeting.items.values_list("case", flat=True))
    assert ranks == [asked.pk, back.pk, late.pk, new.pk]


def test_what_is_postponed_or_undecided_comes_back(
    leader: Actor, group: Structure, school: Structure
) -> None:
    postponed, silent, going_on, decided = (presented(school, group) for _ in range(4))
    first = planned(leader, group)
    services.postpone(leader, item=item_of(first, postponed))
    services.carry_on(leader, item=item_of(first, going_on))
    services.decide(leader, item=item_of(first, decided), kind="return")
    services.close(leader, meeting=first.pk)
    later = presented(school, group)
    second = planned(leader, group)
    assert whys(second) == {postponed.pk: "postponed", silent.pk: "postponed", later.pk: "new"}


@pytest.mark.parametrize(
    "fields",
    [
        {"lane": Lane.UNDER_16},
        {"of": {"birth_date": cast.aged(15)}},
        {"of": {"hidden": True}},
        {"of": {"training": True}},
        {"of": {"protected_at": timezone.now()}},
        {"provisional": True},
        {"status": "closed", "outcome": "schooled", "closed_on": cast.day()},
    ],
)
def test_who_is_never_on_it(
    leader: Actor, group: Structure, school: Structure, fields: dict[str, Any]
) -> None:
    who = fields.pop("of", None)
    if who is not None:
        if "protected_at" in who:
            who |= {"protected_by": school}
        fields["of"] = cast.person(**who)
    case = presented(school, group, **fields)
    meeting = planned(leader, group)
    assert whys(meeting) == {}
    with pytest.raises((Refused, Case.DoesNotExist)):
        services.add(leader, meeting=meeting.pk, case=case.pk)
    assert whys(meeting) == {}


def test_the_referent_of_a_basin_has_the_cases_of_the_basin(school: Structure) -> None:
    cio = cast.structure(Kind.CIO, basin=cast.basin())
    referent = cast.actor(cio, Role.BASIN_REFERENT)
    case = cast.case(school, stage=Stage.DIAGNOSIS)
    cast.case(school)  # nobody said anything of it yet: the school's own
    cast.case(cast.structure(basin=cast.basin("Bassin B")), stage=Stage.DIAGNOSIS)
    assert whys(planned(referent, cio)) == {case.pk: "undecided"}


def test_only_a_group_plans(school: Structure, group: Structure) -> None:
    for who in (cast.actor(school), cast.actor(cast.structure(Kind.CIO), Role.LEAD)):
        with pytest.raises(Meeting.DoesNotExist):
            services.plan(who, group=group.pk, on=cast.day())


def test_order_and_remove(leader: Actor, group: Structure, school: Structure) -> None:
    for name in ("A", "B", "C"):
        presented(school, group, of=cast.person(last_name=name))
    meeting = planned(leader, group)
    items = list(meeting.items.order_by("rank"))
    services.move(leader, item=items[2].pk, to=1, version=1)
    assert [i.pk for i in meeting.items.order_by("rank")] == [items[n].pk for n in (2, 0, 1)]
    with pytest.raises(services.MeetingChanged):
        services.remove(leader, item=items[0].pk, version=1)
    services.remove(leader, item=items[0].pk, version=2)
    assert meeting.items.count() == 2


# --- decisions ------------------------------------------------------------------------------------


def test_a_decision_and_its_mandate_in_one_go(
    leader: Actor, group: Structure, school: Structure, shown: Case
) -> None:
    cio = cast.structure(Kind.CIO)
    meeting = planned(leader, group)
    services.decide(
        leader,
        item=item_of(meeting, shown),
        kind="cfa",
        course="CAP cuisine",
        structure=cio,
        report_by=cast.day(20),
        version=shown.version,
    )
    item = AgendaItem.objects.get(meeting=meeting)
    recommendation, mandate = Recommendation.objects.get(), Mandate.objects.get()
    assert (item.decision, item.recommendation, item.mandate) == (
        "recommended",
        recommendation,
        mandate,
    )
    assert (mandate.structure, mandate.recommendation) == (cio, recommendation)
    kinds = TimelineEvent.objects.filter(case=shown).values_list("kind", flat=True)
    assert {EventKind.RECOMMENDED, EventKind.MANDATED} <= set(kinds)


def test_a_mandate_refused_records_nothing(leader: Actor, group: Structure, shown: Case) -> None:
    partner = cast.structure(Kind.MISSION_LOCALE)
    meeting = planned(leader, group)
    with pytest.raises(Refused):
        services.decide(
            leader,
            item=item_of(meeting, shown),
            kind="mission_locale",
            structure=partner,
            report_by=cast.day(20),
        )
    assert not Recommendation.objects.exists()
    assert AgendaItem.objects.get().decision == ""


def test_two_secretaries_at_once(leader: Actor, group: Structure, shown: Case) -> None:
    colleague = cast.actor(group, Role.AGENT)
    meeting = planned(leader, group)
    item, seen = item_of(meeting, shown), shown.version
    services.postpone(leader, item=item, version=seen)
    with pytest.raises(ChangedMeanwhile):
        services.decide(colleague, item=item, kind="return", version=seen)
    assert AgendaItem.objects.get().decision == "postponed"
    services.close(leader, meeting=meeting.pk)
    with pytest.raises(Refused, match="terminée"):
        services.carry_on(colleague, item=item)


def test_a_meeting_does_not_end_before_its_day(leader: Actor, group: Structure) -> None:
    meeting = planned(leader, group, in_days=3)
    with pytest.raises(Refused, match="pas avant"):
        services.close(leader, meeting=meeting.pk)


# --- pages ----------------------------------------------------------------------------------------


@pytest.fixture
def client(lead: User) -> Client:
    return cast.signed_in(lead)


def test_a_meeting_from_plan_to_minutes(
    client: Client, group: Structure, school: Structure, shown: Case
) -> None:
    answer = client.post("/reunions/", {"group": group.pk, "on": cast.day().isoformat()})
    meeting = Meeting.objects.get()
    assert answer["Location"] == f"/reunions/{meeting.pk}/"
    page = client.get(answer["Location"]).content.decode()
    assert "1 dossier à l’ordre du jour" in page.replace("\xa0", " ")
    room = reverse("followup:meeting_case", args=[meeting.pk, meeting.items.get().pk])
    cio = cast.structure(Kind.CIO, basin=cast.basin(), name="CIO du Pays de Retz")
    page = client.get(room).content.decode()
    assert cio.name in page
    said = {
        "decision": "recommended",
        "kind": "return",
        "structure": cio.pk,
        "report_by": (cast.day(30)).isoformat(),
        "version": shown.version,
    }
    assert client.post(room, said).status_code == 302
    attendance = reverse("followup:meeting_attendance", args=[meeting.pk])
    present = {"structure": [group.pk, school.pk], f"present-{school.pk}": "oui"}
    client.post(attendance, present | {f"nom-{school.pk}": "M. Petit, CPE"})
    assert Attendance.objects.get().structure == school
    version = Meeting.objects.get().version
    client.post(reverse("followup:meeting_close", args=[meeting.pk]), {"version": version})
    assert Meeting.objects.get().status == "closed"
    odt = client.get(f"/reunions/{meeting.pk}/compte-rendu.odt").content
    text = zipfile.ZipFile(io.BytesIO(odt)).read("content.xml").decode()
    assert f"Lou {shown.person.last_name[0]}." in text
    assert shown.person.last_name not in text
    assert str(shown.pk) in text
    assert "M. Petit, CPE" in text
    assert "CIO du Pays de Retz" in text
    pdf = client.get(f"/reunions/{meeting.pk}/compte-rendu.pdf")
    assert pdf.content.startswith(b"%PDF-")


def test_the_screen_of_the_room_tells_no_way_to_reach_anybody(
    client: Client, leader: Actor, group: Structure, shown: Case
) -> None:
    details = shown.person.details
    details.address, details.email, details.postcode = (
        "12 rue des Prés",
        "lou@exemple.test",
        "44210",
    )
    details.save()
    meeting = planned(leader, group)
    room = reverse("followup:meeting_case", args=[meeting.pk, item_of(meeting, shown)])
    page = client.get(room).content.decode()
    assert "17 ans" in page.replace("\xa0", " ")
    born = shown.person.birth_date
    for kept in ("12 rue des Prés", "lou@exemple", "44210", "06 99", "0699", f"{born:%d/%m/%Y}"):
        assert kept not in page


def test_the_agenda_is_put_in_order_from_its_page(
    client: Client, leader: Actor, group: Structure, school: Structure
) -> None:
    for name in ("Aubin", "Bara", "Caro"):
        presented(school, group, of=cast.person(last_name=name))
    meeting = planned(leader, group)
    first, second, third = meeting.items.order_by("rank")
    address = reverse("followup:meeting_order", args=[meeting.pk])

    def do(act: str, about: Any = "", **more: Any) -> int:
        version = Meeting.objects.get().version
        said = {"acte": act, "dossier": str(about), "version": version} | more
        return client.post(address, said).status_code

    assert do("placer", third.pk, place="1") == 302
    assert do("retirer", first.pk) == 302
    assert [i.pk for i in meeting.items.order_by("rank")] == [third.pk, second.pk]
    page = client.get(f"/reunions/{meeting.pk}/?chercher=aubin").content.decode()
    assert "Ajouter Lou Aubin" in page
    assert do("ajouter", first.case_id) == 302
    assert meeting.items.count() == 3
    presented(school, group)
    assert "Ouvrir la réunion" in page
    assert do("ouvrir") == 302
    assert Meeting.objects.get().status == "open"
    assert meeting.items.count() == 4
    assert do("refaire", version="1") == 302, "told that somebody wrote meanwhile"
    assert do("placer", "rien") == 404


def test_who_came_reads_the_cases_they_see_and_no_other(
    client: Client, leader: Actor, group: Structure, school: Structure, shown: Case
) -> None:
    other = cast.structure(Kind.LYCEE)
    presented(other, group)
    meeting = planned(leader, group)
    services.attend(leader, meeting=meeting.pk, present=[services.Present(other.pk)])
    guest = cast.signed_in(cast.member(other))
    page = guest.get(f"/reunions/{meeting.pk}/").content.decode()
    assert shown.person.last_name not in page
    assert page.count('class="nom"') == 1
    assert "Terminer" not in page
    stranger = cast.signed_in(cast.member(school))
    assert stranger.get(f"/reunions/{meeting.pk}/").status_code == 404
    for name in ("meeting_close", "meeting_attendance"):
        assert guest.get(reverse(f"followup:{name}", args=[meeting.pk])).status_code == 404
