"""L’entretien de situation: short, from lists, read by the services that follow and nobody else."""

from collections.abc import Iterable
from datetime import date, timedelta
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils import timezone

from raccord.accounts.actors import Actor
from raccord.followup.care.models import Interview
from raccord.followup.care.undoing import made
from raccord.followup.care.vocabulary import Obstacle, Project, Schooling, Wish
from raccord.followup.forbidden_matters import validate_note
from raccord.followup.models import Case, TimelineEvent
from raccord.followup.rights import Act
from raccord.followup.services.acting import Change, perform, speaking_for
from raccord.followup.vocabulary import ContactState, EventKind, Stage, Status

#: An interview told later than this is a souvenir.
_OLDEST = timedelta(days=365)


def interview(
    actor: Actor,
    *,
    case: UUID,
    schooling: str,
    project: str,
    course: str = "",
    wishes: Iterable[str] = (),
    obstacles: Iterable[str] = (),
    note: str = "",
    on: date | None = None,
    version: int | None = None,
) -> TimelineEvent:
    """Somebody was met: where schooling stands, the project, what stands in the way, the wishes.

    The timeline says that it took place, never what was said.
    """
    validate_note(note)
    validate_note(course)
    today = timezone.localdate()
    on = on or today
    if on > today:
        raise ValidationError({"on": "Cette date est à venir : notez l’entretien une fois fait."})
    if on < today - _OLDEST:
        raise ValidationError({"on": f"Le {on:%d/%m/%Y} est bien ancien : vérifiez l’année."})
    told = Interview(
        on=on,
        schooling=Schooling(schooling),
        project=Project(project),
        course=" ".join(course.split()),
        wishes=[Wish(one).value for one in wishes],
        obstacles=[Obstacle(one).value for one in obstacles],
        note=" ".join(note.split()),
        by=actor.user,
    )

    def decide(found: Case) -> Change:
        values: dict[str, object] = {
            "contact_state": ContactState.REACHED,
            "stage": Stage.DIAGNOSIS if found.stage == Stage.SPOTTED else found.stage,
        }
        if found.status == Status.PAUSED:
            values |= {"status": Status.TO_CHECK, "next_act_on": None}
        return Change(EventKind.INTERVIEW, values, {"on": on.isoformat()}, restores=made(told))

    def then(found: Case, event: TimelineEvent) -> None:
        told.case, told.structure = found, speaking_for(actor, found)
        told.save(force_insert=True)

    return perform(actor, Act.INTERVIEW, case=case, decide=decide, version=version, then=then)
