"""What the sheet shows of the care, and the one obvious thing to do next."""

from datetime import date, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone

from raccord.accounts.actors import Actor
from raccord.followup.care.mandating import mandates_of
from raccord.followup.care.models import Proposal
from raccord.followup.care.proposing import LIVE
from raccord.followup.care.reviewing import next_review
from raccord.followup.care.steps import checklist
from raccord.followup.care.vocabulary import (
    Obstacle,
    ProposalStatus,
    ReviewStatus,
    SolutionKind,
    Wish,
)
from raccord.followup.freshness import Freshness, campaign_year
from raccord.followup.models import Case
from raccord.followup.rights import Act
from raccord.followup.telling import Step, short
from raccord.followup.vocabulary import ContactState, PartyKind, SituationKind, Status

#: A report is on the sheet so many days before it is due.
_SOON = timedelta(days=10)


def context(
    actor: Actor,
    case: Case,
    able: dict[Act, Any],
    panels: dict[str, list[Any]],
    undone: set[Any],
    today: date,
) -> dict[str, Any]:
    """For `care/on_sheet.html`, without a query; what to do next, where the care knows better."""
    found = _next(actor, case, able, panels, today)
    better = {"step": found[0], "step_address": found[1]} if found else {}
    live = [one for one in panels["proposals"] if one.status in LIVE]
    running = [one for one in panels["proposals"] if one.status == ProposalStatus.STARTED]
    past = [one for one in panels["proposals"] if one not in live and one not in running]
    mine = mandates_of(actor, panels["mandates"]) if able[Act.REPORT] else []
    return better | {
        "care": {
            "checklist": checklist(
                case, panels["contacts"], panels["messages"], undone, notes=bool(able[Act.NOTES])
            ),
            "interviews": [_told(one) for one in panels["interviews"]],
            "recommendations": panels["recommendations"],
            "mandates": panels["mandates"],
            "to_report": {one.pk for one in mine},
            "mine": set(actor.structure_ids),
            "live": live,
            "running": running,
            "past": past,
            "reviews": panels["reviews"],
            "next_review": None if case.is_open else next_review(case, today),
            "lapsed": _lapsed(case, today),
        },
    }


def tell_moments(case: Case, fresh: Freshness) -> None:
    """Say of each departure whether it came in the middle of a year, or between two: the constat de
    rentrée of the académie tells them apart."""
    for departure in case.departures.all():
        left = departure.left_on
        if left is None:
            departure.moment = ""  # type: ignore[attr-defined]
            continue
        current = departure.school_year == campaign_year(timezone.localdate())
        constat = (fresh.constat_on if current else None) or date(departure.school_year, 9, 20)
        between = left < constat
        departure.moment = (  # type: ignore[attr-defined]
            "entre deux années scolaires" if between else "en cours d’année"
        )


def _told(interview: Any) -> dict[str, Any]:
    return {
        "one": interview,
        "wishes": [Wish(value).label for value in interview.wishes],
        "obstacles": [Obstacle(value).label for value in interview.obstacles],
    }


def _lapsed(case: Case, today: date) -> bool:
    known = case.situation != SituationKind.UNKNOWN
    return known and case.situation_lapses_on is not None and case.situation_lapses_on < today


def _next(
    actor: Actor, case: Case, able: dict[Act, Any], panels: dict[str, list[Any]], today: date
) -> tuple[Step, str] | None:
    """The one obvious act, when the care has one."""

    def of_case(act: Act, sentence: str, label: str) -> tuple[Step, str]:
        return Step(sentence, act, label), reverse(f"followup:{act}", args=[case.pk])

    if able[Act.ACCEPT]:
        return None  # the relay first
    if found := _to_report(actor, case, able, panels, today):
        return found
    if not case.is_open:
        return _after(case, able, panels, today, of_case)
    waits = case.next_act_on is not None and case.next_act_on > today
    if case.status == Status.TRANSMITTED or (waits and case.status == Status.PAUSED):
        return None
    if able[Act.PROPOSE] and (found := _proposal(case, panels, today)):
        return found
    if _lapsed(case, today) and able[Act.STILL_TRUE]:
        return of_case(
            Act.STILL_TRUE, "Situation à confirmer : est-ce toujours exact ?", "Répondre"
        )
    if waits or case.status == Status.TO_CONFIRM or _at_school(case):
        return None
    if case.contact_state == ContactState.REACHED and case.holder_id in actor.structure_ids:
        if able[Act.INTERVIEW] and able[Act.INTERVIEWS] and not panels["interviews"]:
            sentence = "Joint : faire l’entretien de situation"
            return of_case(Act.INTERVIEW, sentence, "Noter l’entretien")
        if able[Act.PROPOSE] and panels["interviews"]:
            return of_case(Act.PROPOSE, "Proposer une solution", "Proposer une solution")
    return None


def _at_school(case: Case) -> bool:
    """Whether a school still holds it; its services come after."""
    return any(
        p.structure.is_school
        for p in case.parties.all()
        if p.kind == PartyKind.HOLDER and p.until is None
    )


def _to_report(
    actor: Actor, case: Case, able: dict[Act, Any], panels: dict[str, list[Any]], today: date
) -> tuple[Step, str] | None:
    mine = mandates_of(actor, panels["mandates"]) if able[Act.REPORT] else []
    if not mine:
        return None
    first = min(mine, key=lambda one: (one.report_by, one.pk))
    if first.report_by > today + _SOON:
        return None
    late = first.report_by < today
    when = f"en retard depuis le {short(first.report_by)}" if late else short(first.report_by)
    sentence = f"Compte rendu de mandat {when if late else 'attendu le ' + when}"
    address = reverse("followup:report", args=[case.pk, first.pk])
    return Step(sentence, Act.REPORT, "Rendre compte"), address


def _after(
    case: Case, able: dict[Act, Any], panels: dict[str, list[Any]], today: date, of_case: Any
) -> tuple[Step, str] | None:
    """Once closed: what became of them, and whether it is still true."""
    due = [one for one in panels["reviews"] if one.status == ReviewStatus.DUE]
    if due and able[Act.REVIEW]:
        one = max(due, key=lambda review: (review.due_on, review.pk))
        when = "Un an" if one.months == 12 else f"{one.months} mois"
        address = reverse("followup:review", args=[case.pk, one.pk])
        return Step(
            f"{when} après : où en est ce jeune ?", Act.REVIEW, "Relever son devenir"
        ), address
    if _lapsed(case, today) and able[Act.STILL_TRUE]:
        found: tuple[Step, str] = of_case(
            Act.STILL_TRUE, "Situation à confirmer : est-ce toujours exact ?", "Répondre"
        )
        return found
    return None


def _proposal(case: Case, panels: dict[str, list[Any]], today: date) -> tuple[Step, str] | None:
    """The proposal that waits for somebody to speak of it."""
    for one in sorted(panels["proposals"], key=lambda p: (p.status != "accepted", p.made_on, p.pk)):
        what = SolutionKind(one.kind).label
        if one.status == ProposalStatus.ACCEPTED:
            return _about(
                case, one, "start", f"Vérifier que cela a commencé : {what}", "C’est commencé"
            )
        if one.status == ProposalStatus.MADE:
            said = f"Réponse attendue : {what}, proposé le {short(one.made_on)}"
            return _about(case, one, "answer_proposal", said, "Noter sa réponse")
        if one.status == ProposalStatus.PAUSED and one.paused_until and one.paused_until <= today:
            return _about(case, one, "answer_proposal", f"En reparler : {what}", "Noter sa réponse")
    return None


def _about(case: Case, one: Proposal, page: str, said: str, label: str) -> tuple[Step, str]:
    return Step(said, Act.PROPOSE, label), reverse(f"followup:{page}", args=[case.pk, one.pk])
