"""What the young person and their family were told of the transmission, and any objection.

Due before the first transmission outside of the Éducation nationale (RGPD, art. 13-14); an
objection (art. 21) holds everything back until the DPO has examined it.
"""

from datetime import date
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils import timezone

from raccord.accounts.actors import Actor
from raccord.followup.letters.services import was_informed
from raccord.followup.models import Case, Information, TimelineEvent
from raccord.followup.relay.vocabulary import InformedBy, InformedWho
from raccord.followup.rights import Act
from raccord.followup.services.acting import Change, Refused, perform
from raccord.followup.vocabulary import EventKind
from raccord.privacy.partners import needs_agreement
from raccord.territory.models import Structure


def check_informed(case: Case, to: Structure) -> None:
    """Refuse what would leave the Éducation nationale before the person was told, or against an
    objection."""
    if not needs_agreement(to):
        return
    told = list(case.informations.all())
    if any(one.objects_to and one.lifted_on is None for one in told):
        raise Refused(
            "Ce jeune ou sa famille s’est opposé à la transmission : rien ne part avant que le "
            "délégué à la protection des données l’ait examiné."
        )
    if not told and not was_informed(case):
        raise Refused(
            f"« {to.name} » n’est pas de l’Éducation nationale : dites d’abord comment ce jeune ou "
            "sa famille a été informé de la transmission (« Noter l’information »), ou envoyez le "
            "courrier d’information."
        )


def inform(
    actor: Actor,
    *,
    case: UUID,
    by: str,
    who: str,
    on: date | None = None,
    objects_to: bool = False,
    version: int | None = None,
) -> TimelineEvent:
    """Record that somebody was told, how, and whether they object. Shown to all who follow."""
    today = timezone.localdate()
    on = on or today
    if on > today:
        raise ValidationError({"on": "Cette date est à venir : notez ce qui a eu lieu."})
    how, whom = InformedBy(by), InformedWho(who)

    def decide(found: Case) -> Change:
        age = found.person.age(on)
        if age is not None and age >= 18 and whom is not InformedWho.YOUTH:
            raise ValidationError(
                {"who": "Ce jeune est majeur : c’est lui que l’on informe, lui seul."}
            )
        facts = {
            "by": how.value,
            "who": whom.value,
            "on": on.isoformat(),
            "objects_to": objects_to,
        }
        return Change(EventKind.INFORMED, {}, facts, undoable=False)

    def then(found: Case, event: TimelineEvent) -> None:
        Information(
            case=found, on=on, by=how, who=whom, objects_to=objects_to, recorded_by=actor.user
        ).save(force_insert=True)

    return perform(actor, Act.INFORM, case=case, decide=decide, version=version, then=then)


def lift_objection(actor: Actor, *, case: UUID, version: int | None = None) -> TimelineEvent:
    """The person changed their mind, or the DPO answered: what was held back may leave."""

    def decide(found: Case) -> Change:
        if not any(one.objects_to and one.lifted_on is None for one in found.informations.all()):
            raise Refused("Personne ne s’oppose à la transmission de ce dossier.")
        return Change(EventKind.OBJECTION_LIFTED, {}, {}, undoable=False)

    def then(found: Case, event: TimelineEvent) -> None:
        Information.objects.filter(case=found, objects_to=True, lifted_on__isnull=True).update(
            lifted_on=timezone.localdate()
        )

    return perform(actor, Act.INFORM, case=case, decide=decide, version=version, then=then)
