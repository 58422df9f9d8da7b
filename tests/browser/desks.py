"""The stage of the desk: a CIO with something in each section of « Aujourd’hui »."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone
from tests import cast

from raccord.accounts.actors import Actor
from raccord.accounts.roles import Role
from raccord.followup.models import (
    Case,
    Information,
    Mandate,
    Notification,
    PartnerLink,
    Party,
    Question,
    Review,
    SavedFilter,
)
from raccord.followup.relay import linking, services
from raccord.territory.kinds import Kind


def build(stage: Any, school: Any, cookies: Callable[[Any], dict[str, str]]) -> None:
    """Somebody of this CIO, `adviser`, and the young people who wait there."""
    cio = cast.structure(Kind.CIO, name="CIO du Vignoble nantais", phone="02 40 00 00 02")
    who = stage.users["adviser"] = cast.member(cio, Role.AGENT)
    cast.member(cio, Role.LEAD)
    stage.cookies["adviser"] = cookies(who)
    head = Actor.of(stage.users["head"])
    made = [_case(school, rank) for rank in range(10)]
    for case in made[:3]:
        services.hand_over(
            head, receivers={case.pk: cio}, reason="interview", note="Souhaite un CAP cuisine."
        )
    offered = stage.cases["offered"] = made[0]
    for name in ("accept", "send_back", "redirect"):
        stage.by_route[f"followup:{name}"] = {"case": offered.pk}
    _held(stage, made[3:], cio, school)
    case = _case(school, 10)
    partner = cast.structure(Kind.MLDS, name="MLDS de Nantes", email="mlds@exemple.test")
    services.hand_over(head, receivers={case.pk: partner}, reason="care", note="A visité un CFA.")
    token = linking.signed(linking._SIGNER.sign("la-scene"))
    PartnerLink.objects.update(token_hash=linking.digest(token))
    stage.by_route["followup:partner"] = {"token": token}
    saved = SavedFilter.objects.create(user=who, name="Les 16-17", query="liste=a-suivre")
    stage.values |= {"saved": saved.pk, "partner_code": linking.code_of(token)}
    for kind in ("received", "reminder", "answer"):
        Notification.objects.create(user=who, kind=kind, case=made[0], structure=cio)


def _case(school: Any, rank: int) -> Case:
    person = cast.person(last_name=f"Vignal-Kerbrat {rank}", first_name="Lou-Anne")
    return cast.case(school, of=person)


def _held(stage: Any, cases: list[Case], cio: Any, school: Any) -> None:
    today = timezone.localdate()
    group = cast.structure(Kind.PSAD, name="PSAD du Vignoble nantais")
    for rank, case in enumerate(cases):
        Case.objects.filter(pk=case.pk).update(
            holder=cio,
            stage="diagnosis",
            contact_state="reached",
            next_act_on=today + timedelta(days=rank - 2),
            situation="job",
            situation_lapses_on=today + timedelta(days=rank),
        )
        Party.objects.create(case=case, structure=group, kind="associated")
    case = stage.cases["held"] = cases[0]
    asked = Question.objects.create(case=case, asker=school, text="A-t-il eu son entretien ?")
    stage.by_route |= {
        "followup:reply": {"case": case.pk, "question": asked.pk},
        "followup:ask": {"case": case.pk},
        "followup:leave": {"case": stage.cases["open4"].pk},
    }
    Question.objects.create(
        case=case,
        asker=school,
        text="Vient-il aux rendez-vous ?",
        answer="Oui, chaque semaine.",
        answered_at=timezone.now(),
        answerer=cio,
    )
    Information.objects.create(case=case, by="call", who="both")
    given = {"given_by_structure": group, "given_on": today - timedelta(days=40)}
    for late, one in enumerate(cases[:3]):
        Mandate.objects.create(
            case=one, structure=cio, report_by=today + timedelta(days=5 * late - 5), **given
        )
    Review.objects.create(case=cases[1], months=1, due_on=today)
