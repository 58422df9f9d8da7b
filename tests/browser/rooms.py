"""The stage of the support group’s room, of openings beyond one’s scope, of the file out."""

from datetime import timedelta
from typing import Any

from django.utils import timezone
from tests import cast

from raccord.accounts.actors import Actor
from raccord.accounts.roles import Role
from raccord.followup.meetings import services
from raccord.followup.models import AgendaItem, BeyondSearch, Opening, Party
from raccord.territory.kinds import Kind


def build(stage: Any, school: Any, cookies: Any) -> None:
    """Everything, once the cases are there."""
    _meetings(stage, school, cookies)
    _beyond(stage, school)


def _meetings(stage: Any, school: Any, cookies: Any) -> None:
    group = cast.structure(Kind.PSAD, name="PSAD du Pays de Retz")
    who = stage.users["psad"] = cast.member(group, Role.LEAD)
    stage.cookies["psad"] = cookies(who)
    leader = Actor.of(who)
    for rank in range(4, 10):
        Party.objects.create(case=stage.cases[f"open{rank}"], structure=group, kind="associated")
    today = timezone.localdate()
    closed = services.plan(leader, group=group.pk, on=today)
    first, second, third, *_ = AgendaItem.objects.filter(meeting=closed)
    cio = stage.users["cio"].memberships.get().structure
    services.decide(leader, item=first.pk, kind="cfa", course="CAP cuisine", structure=cio)
    services.postpone(leader, item=second.pk)
    services.carry_on(leader, item=third.pk)
    services.attend(
        leader,
        meeting=closed.pk,
        present=[services.Present(group.pk), services.Present(school.pk, "Mme Petit, CPE")],
    )
    services.close(leader, meeting=closed.pk)
    meeting = services.plan(leader, group=group.pk, on=today + timedelta(days=14))
    item = AgendaItem.objects.filter(meeting=meeting).order_by("rank")[1]
    stage.values |= {"meeting": meeting.pk, "item": item.pk}
    stage.by_route["followup:meeting_minutes"] = {"meeting": closed.pk, "form": "odt"}
    stage.cases |= {"closed_meeting": closed, "meeting": meeting}


def _beyond(stage: Any, school: Any) -> None:
    """Two searches of the CIO, one that found somebody; a file it opened."""
    who = stage.users["cio"]
    searched = {"user": who, "case": stage.cases["open20"], "holder": school}
    stage.cases["found_beyond"] = BeyondSearch.objects.create(**searched)
    stage.cases["nobody_found"] = BeyondSearch.objects.create(user=who)
    stage.values["search"] = stage.cases["found_beyond"].pk
    now = timezone.now()
    stage.cases["opening"] = Opening.objects.create(
        at=now,
        until=now + timedelta(hours=3),
        case=stage.cases["open21"],
        user=who,
        author=str(who),
        structure=who.memberships.get().structure,
        academie=school.academie,
        reason="Ce jeune est à notre accueil et ne sait plus qui le suit.",
    )
    stage.values["opening"] = stage.cases["opening"].pk
