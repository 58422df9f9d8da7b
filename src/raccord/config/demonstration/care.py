"""Chapters of the care: interviews, solutions, mandates, and what became of somebody."""

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.utils import timezone

from raccord.followup.care import clocks, services, vacancies
from raccord.followup.care.vocabulary import MandateStatus, ReviewStatus
from raccord.followup.models import Mandate, Proposal, Review

if TYPE_CHECKING:
    from raccord.config.demonstration.story import Story

_MET: tuple[dict[str, Any], ...] = (
    {
        "schooling": "stopped", "project": "ideas", "course": "Métiers de la cuisine",
        "wishes": ["other_course", "discover"], "obstacles": ["orientation", "confidence"],
    },
    {
        "schooling": "waiting_contract", "project": "clear", "course": "CAP Électricien",
        "wishes": ["apprenticeship"], "obstacles": ["contract", "transport"],
    },
    {
        "schooling": "waiting_place", "project": "clear", "course": "Bac pro Accompagnement",
        "wishes": ["same_school"], "obstacles": ["place"],
    },
    {
        "schooling": "stopped", "project": "none",
        "wishes": ["breathe"], "obstacles": ["confidence", "relay"],
    },
    {
        "schooling": "failed", "project": "ideas", "course": "Logistique",
        "wishes": ["exam", "work"], "obstacles": ["level"],
    },
)  # fmt: skip


def services_meet_young_people(story: "Story") -> None:
    """Entretiens de situation; a few are still to be done."""
    met = (
        ("cio", [*story.cases["cio"][:5], *story.cases["cio_others"][:5]]),
        ("missionlocale", [*story.cases["mission"], *story.cases["mission_others"][:3]]),
        ("mlds", story.cases["mlds"][:4]),
        ("plateforme", story.cases["platform"][:4]),
    )
    for who, cases in met:
        for rank, case in enumerate(cases):
            said = _MET[rank % len(_MET)]
            story.tries(services.interview, story.cast[who], case=case, **said)


def first_solutions_start(story: "Story") -> None:
    """Those that ended more than a month ago: what became of them is due, or was told."""
    today = timezone.localdate()
    for case in story.cases["platform"][:1]:
        _start(story, "plateforme", case, "job", today, proof="contract", course="Agent logistique")
    for case in story.cases["mission_others"][:1]:
        _start(
            story, "missionlocale", case, "cfa", today, proof="contract",
            course="CAP Boulanger", ends_on=today + timedelta(days=300),
        )  # fmt: skip
    for case in story.cases["mlds"][3:4]:
        end = today + timedelta(days=34)
        _start(story, "mlds", case, "mlds_action", today, proof="structure", ends_on=end)


def solutions_are_proposed(story: "Story") -> None:
    """Nothing is sent anywhere: it is put to the young person."""
    for who, case, kind, course in _proposed(story):
        story.tries(services.propose, story.cast[who], case=case, kind=kind, course=course)


def _proposed(story: "Story") -> list[tuple[str, UUID, str, str]]:
    cases = story.cases
    plan = (
        ("cio", cases["cio"][1:2], "cfa", "CAP Électricien"),
        ("cio", cases["cio"][2:3], "return", "Bac pro Accompagnement, soins et services"),
        ("cio", cases["cio"][3:4], "discovery", "Découverte des métiers du bâtiment"),
        ("cio", cases["cio_others"][2:3], "return", "CAP Équipier polyvalent du commerce"),
        ("missionlocale", cases["mission"], "mission_locale", "Accompagnement renforcé"),
        ("missionlocale", cases["mission_others"][1:2], "civic_service", ""),
        ("missionlocale", cases["mission_others"][2:3], "training", "Remise à niveau"),
        ("mlds", cases["mlds"][:3], "mlds_action", "Action de remobilisation"),
        ("plateforme", cases["platform"][1:4], "job", "Assistant commercial"),
    )
    return [(who, case, kind, course) for who, found, kind, course in plan for case in found]


def young_people_answer(story: "Story") -> None:
    """Yes, no, not now."""
    later = timezone.localdate() + timedelta(days=28)
    said: tuple[tuple[str, list[UUID], dict[str, Any]], ...] = (
        ("cio", story.cases["cio"][2:3], {"said": "accepted"}),
        ("cio", story.cases["cio"][3:4], {"said": "paused", "until": later}),
        ("cio", story.cases["cio_others"][2:3], {"said": "refused"}),
        ("missionlocale", story.cases["mission"][:1], {"said": "accepted"}),
        ("missionlocale", story.cases["mission_others"][1:2], {"said": "accepted"}),
        ("missionlocale", story.cases["mission_others"][2:3], {"said": "refused"}),
        ("mlds", story.cases["mlds"][:2], {"said": "accepted"}),
        ("plateforme", story.cases["platform"][1:2], {"said": "accepted"}),
        ("plateforme", story.cases["platform"][2:3], {"said": "refused"}),
    )
    for who, cases, answer in said:
        for case in cases:
            if found := _proposal(case):
                story.tries(services.answer, story.cast[who], proposal=found.pk, **answer)


def solutions_start(story: "Story") -> None:
    """The school that was left reads the outcome on its sheet."""
    today = timezone.localdate()
    for who, case, proof, ends_in in (
        *(("cio", case, "certificate", 0) for case in story.cases["cio"][2:3]),
        *(("mlds", case, "structure", 60) for case in story.cases["mlds"][:1]),
        *(("missionlocale", case, "contract", 180) for case in story.cases["mission_others"][1:2]),
        *(("plateforme", case, "contract", 0) for case in story.cases["platform"][1:2]),
        # Expected to end in these days: the situation is to be confirmed.
        *(("missionlocale", case, "structure", 9) for case in story.cases["mission"][:1]),
        *(("mlds", case, "structure", 4) for case in story.cases["mlds"][1:2]),
    ):
        ends_on = today + timedelta(days=ends_in) if ends_in else None
        if found := _proposal(case):
            given = {"proposal": found.pk, "starts_on": today, "proof": proof, "ends_on": ends_on}
            story.tries(services.start, story.cast[who], **given)


def mandates_are_reported(story: "Story") -> None:
    """Two reports out of the mandates given by the group; the others wait, or are late."""
    done = {"missionlocale": "under_way", "e2c": "not_reached"}
    for who, result in done.items():
        mine = Mandate.objects.filter(
            structure=story.cast.structure(who), status=MandateStatus.GIVEN
        ).order_by("pk")
        for given in mine[:1]:
            story.tries(services.report, story.cast[who], mandate=given.pk, result=result)


def later_on(story: "Story") -> None:
    """What became of somebody a month after: asked for by the clock, and told."""
    clocks.call_reviews(timezone.localdate())
    due = Review.objects.filter(status=ReviewStatus.DUE).order_by("due_on", "case__closed_on")
    for review in due.select_related("case")[:1]:
        actor = next(
            one for one in story.cast.actors.values() if review.case.holder_id in one.structure_ids
        )
        situation = review.case.situation
        given = {"review": review.pk, "situation": situation, "proof": "declaration"}
        story.tries(services.record_review, actor, **given)


def places_were_vacant(story: "Story") -> None:
    """Nobody has confirmed these since."""
    _vacant(story, "cfa", "cfa", "BP Coiffure", 4, "Services", 1)
    _vacant(story, "proviseur", "return", "Bac pro Maintenance", 4, "Industrie", 2)


def places_are_vacant(story: "Story") -> None:
    """Fresh: a place is true on the day it was confirmed."""
    _vacant(story, "proviseur", "return", "CAP Équipier polyvalent du commerce", 3, "Commerce", 3)
    _vacant(story, "cfa", "cfa", "CAP Électricien", 3, "Bâtiment", 5)
    _vacant(story, "cfa", "cfa", "CAP Cuisine", 3, "Restauration", 4)
    _vacant(story, "agricole", "agriculture", "CAPa Jardinier paysagiste", 3, "Agriculture", 6)
    _vacant(story, "e2c", "e2c", "Parcours de la 2e chance", 0, "", 8)
    _vacant(story, "mlds", "mlds_action", "Action de remobilisation", 0, "", 10)


def _vacant(
    story: "Story", who: str, kind: str, course: str, level: int, stream: str, places: int
) -> None:
    structure = story.cast.structure(who)
    given = {"kind": kind, "course": course, "level": level, "stream": stream, "places": places}
    story.tries(vacancies.enter, story.cast["rectorat"], structure=structure, **given)


def _proposal(case: UUID) -> Proposal | None:
    return Proposal.objects.filter(case=case, status__in=["made", "accepted"]).first()


def _start(
    story: "Story",
    who: str,
    case: UUID,
    kind: str,
    on: date,
    *,
    proof: str,
    course: str = "",
    ends_on: date | None = None,
) -> None:
    actor = story.cast[who]
    story.tries(services.propose, actor, case=case, kind=kind, course=course)
    if found := _proposal(case):
        given = {"proposal": found.pk, "starts_on": on, "proof": proof, "ends_on": ends_on}
        story.tries(services.start, actor, **given)
