"""La préconisation of the support group, and the mandate it gives: who does what, by which day."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils import timezone

from raccord.accounts.actors import Actor
from raccord.accounts.roles import Role
from raccord.followup.care.models import Mandate, Recommendation
from raccord.followup.care.undoing import made
from raccord.followup.care.vocabulary import (
    BEFORE_16,
    MandateResult,
    MandateStatus,
    SolutionKind,
)
from raccord.followup.forbidden_matters import validate_note
from raccord.followup.models import Case, TimelineEvent
from raccord.followup.notifications.services import NotificationKind, notify
from raccord.followup.relay.mandates import mandate_of
from raccord.followup.relay.services import check_receiver, join
from raccord.followup.rights import Act
from raccord.followup.services.acting import Change, Refused, perform, speaking_for
from raccord.followup.vocabulary import EventKind, Lane, PartyKind, Stage, Status
from raccord.territory.models import Structure

#: A mandate whose report is awaited later than this is forgotten by everybody.
LONGEST = timedelta(days=120)


def recommend(
    actor: Actor,
    *,
    case: UUID,
    kind: str,
    course: str = "",
    note: str = "",
    version: int | None = None,
) -> TimelineEvent:
    """The group recommends one solution from the list."""
    validate_note(note)
    validate_note(course)
    wanted = SolutionKind(kind)
    told = Recommendation(
        kind=wanted,
        course=" ".join(course.split()),
        note=" ".join(note.split()),
        by=actor.user,
    )

    def decide(found: Case) -> Change:
        check_age(found, wanted)
        stage = Stage.DIAGNOSIS if found.stage == Stage.SPOTTED else found.stage
        facts = {"kind": wanted.value, "recommendation": str(told.pk)}
        return Change(EventKind.RECOMMENDED, {"stage": stage}, facts, restores=made(told))

    def then(found: Case, event: TimelineEvent) -> None:
        told.case, told.structure = found, _group(actor, found)
        told.save(force_insert=True)

    return perform(actor, Act.RECOMMEND, case=case, decide=decide, version=version, then=then)


def mandate(
    actor: Actor,
    *,
    case: UUID,
    structure: Structure,
    report_by: date,
    recommendation: UUID | None = None,
    note: str = "",
    version: int | None = None,
) -> TimelineEvent:
    """A structure is asked to act and to report by a day: it joins the follow-up, and is told.

    Raises Refused when its mandate, a missing agreement or information not given forbids it.
    """
    validate_note(note)
    today = timezone.localdate()
    if not today <= report_by <= today + LONGEST:
        raise ValidationError(
            {
                "report_by": f"Le {report_by:%d/%m/%Y} ne convient pas : un compte rendu s’attend "
                f"au plus tard le {today + LONGEST:%d/%m/%Y}."
            }
        )
    given = Mandate(
        structure=structure,
        report_by=report_by,
        given_on=today,
        given_by=actor.user,
        note=" ".join(note.split()),
    )

    def decide(found: Case) -> Change:
        giver = _group(actor, found)
        if structure.pk == giver.pk:
            raise Refused("Choisissez une autre structure que la vôtre.")
        if found.mandates.filter(structure=structure, status=MandateStatus.GIVEN).exists():
            raise Refused(f"« {structure.name} » a déjà un mandat en cours pour ce jeune.")
        if not follows(found, structure):
            check_receiver(found, structure, carries=False)
        if recommendation is not None:
            given.recommendation = found.recommendations.filter(pk=recommendation).first()
        given.given_by_structure = giver
        facts = {"to": structure.name, "report_by": report_by.isoformat()}
        return Change(EventKind.MANDATED, {"stage": Stage.CARE}, facts, undoable=False)

    def then(found: Case, event: TimelineEvent) -> None:
        given.case = found
        given.save(force_insert=True)
        if not follows(found, structure):
            join(found, structure, PartyKind.ASSOCIATED)
        notify(NotificationKind.MANDATE, case=found, structure=structure)

    return perform(actor, Act.MANDATE, case=case, decide=decide, version=version, then=then)


def withdraw_mandate(actor: Actor, *, mandate: UUID, version: int | None = None) -> TimelineEvent:
    """The group no longer expects anything; the structure goes on following until it leaves."""

    def decide(found: Case) -> Change:
        given = _waiting(found, mandate)
        if given.given_by_structure_id not in actor.structure_ids:
            raise Refused("Seul le groupe qui l’a donné retire un mandat.")
        facts = {"to": given.structure.name, "withdrawn": True}
        return Change(EventKind.MANDATED, {}, facts, undoable=False)

    def then(found: Case, event: TimelineEvent) -> None:
        Mandate.objects.filter(pk=mandate).update(status=MandateStatus.WITHDRAWN)

    return _on(actor, Act.MANDATE, mandate, decide, then, version)


def report(
    actor: Actor, *, mandate: UUID, result: str, note: str = "", version: int | None = None
) -> TimelineEvent:
    """The mandated structure says what it did; who gave the mandate is told."""
    validate_note(note)
    found_result = MandateResult(result)

    def decide(found: Case) -> Change:
        given = _waiting(found, mandate)
        if given.structure_id not in actor.structure_ids:
            raise Refused(f"Ce mandat est celui de « {given.structure.name} ».")
        values = {}
        if found_result is MandateResult.SENT_BACK and found.status == Status.PAUSED:
            values = {"status": Status.TO_CHECK, "next_act_on": None}
        facts = {"by": given.structure.name, "result": found_result.value}
        return Change(EventKind.MANDATE_REPORTED, values, facts, note, undoable=False)

    def then(found: Case, event: TimelineEvent) -> None:
        given = Mandate.objects.select_related("given_by_structure").get(pk=mandate)
        given.status, given.result = MandateStatus.REPORTED, found_result
        given.reported_on, given.reported_by = timezone.localdate(), actor.user
        given.save(update_fields=["status", "result", "reported_on", "reported_by"])
        notify(NotificationKind.ANSWER, case=found, structure=given.given_by_structure)

    return _on(actor, Act.REPORT, mandate, decide, then, version)


def check_age(case: Case, kind: SolutionKind) -> None:
    """Before 16 instruction is compulsory (L. 131-1): school, and nothing else."""
    if case.lane == Lane.UNDER_16 and kind not in BEFORE_16:
        raise Refused(
            "Avant 16 ans, l’instruction est obligatoire : seul un retour en classe se propose. "
            "Saisissez la DSDEN."
        )


def follows(case: Case, structure: Structure) -> bool:
    """Whether a structure holds a case or is associated to it."""
    return any(
        p.structure_id == structure.pk
        and p.until is None
        and p.kind in (PartyKind.HOLDER, PartyKind.ASSOCIATED)
        for p in case.parties.all()
    )


def mandates_of(actor: Actor, mandates: Iterable[Mandate]) -> list[Mandate]:
    """Those on which one of their structures must report."""
    return [
        one
        for one in mandates
        if one.status == MandateStatus.GIVEN and one.structure_id in actor.structure_ids
    ]


def _group(actor: Actor, case: Case) -> Structure:
    """The structure that recommends, among those of this person."""
    taking_part = {p.structure_id for p in case.parties.all() if p.until is None}
    for membership in actor.memberships:
        referent = membership.role == Role.BASIN_REFERENT
        recommends = mandate_of(membership.structure.kind).recommends
        if referent or (recommends and membership.structure_id in taking_part):
            return membership.structure
    return speaking_for(actor, case)  # type: ignore[no-any-return]


def _waiting(case: Case, mandate: UUID) -> Mandate:
    found: Mandate = (
        Mandate.objects.select_related("structure", "given_by_structure")
        .filter(case=case)
        .get(pk=mandate)
    )
    if found.status != MandateStatus.GIVEN:
        raise Refused(f"Ce mandat n’attend plus rien : {found.get_status_display()}.")
    return found


def _on(
    actor: Actor, act: Act, mandate: UUID, decide: Any, then: Any, version: int | None
) -> TimelineEvent:
    found = Mandate.objects.filter(pk=mandate, case__in=Case.objects.visible_to(actor)).first()
    if found is None:
        raise Case.DoesNotExist
    return perform(actor, act, case=found.case_id, decide=decide, version=version, then=then)
