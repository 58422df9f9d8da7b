"""Questions between structures, inside the case: the conversation that otherwise goes by e-mail
with names in it."""

from uuid import UUID

from django.utils import timezone

from raccord.accounts.actors import Actor
from raccord.followup.forbidden_matters import validate_note
from raccord.followup.identifiers import new_id
from raccord.followup.models import Case, Question, TimelineEvent
from raccord.followup.notifications.services import NotificationKind, notify
from raccord.followup.relay import linking
from raccord.followup.rights import Act
from raccord.followup.services.acting import Change, Refused, perform, speaking_for
from raccord.followup.vocabulary import EventKind


def ask(actor: Actor, *, case: UUID, text: str, version: int | None = None) -> TimelineEvent:
    """A short question to whoever holds the case; they are told, and it waits in the case."""
    validate_note(text)
    question = new_id()

    def decide(found: Case) -> Change:
        return Change(EventKind.QUESTION, {}, {"question": str(question)}, undoable=False)

    def then(found: Case, event: TimelineEvent) -> None:
        asked = Question(
            id=question,
            case=found,
            asker=speaking_for(actor, found),
            asked_by=actor.user,
            text=" ".join(text.split()),
        )
        asked.save(force_insert=True)
        if not notify(NotificationKind.QUESTION, case=found, structure=found.holder):
            linking.offer(found.holder, case=found, question=asked, by=actor.user)

    return perform(actor, Act.ASK, case=case, decide=decide, version=version, then=then)


def reply(
    actor: Actor, *, case: UUID, question: UUID, text: str, version: int | None = None
) -> TimelineEvent:
    """The answer of the holder; whoever asked is told."""
    validate_note(text)

    def decide(found: Case) -> Change:
        asked = Question.objects.filter(pk=question, case=found).first()
        if asked is None:
            raise Case.DoesNotExist
        if asked.answered_at is not None:
            raise Refused("Cette question a déjà sa réponse : relisez-la sur la fiche.")
        return Change(EventKind.REPLY, {}, {"question": str(question)}, undoable=False)

    def then(found: Case, event: TimelineEvent) -> None:
        asked = Question.objects.select_related("asker").get(pk=question)
        asked.answer = " ".join(text.split())
        asked.answered_by, asked.answered_at = actor.user, timezone.now()
        asked.answerer = speaking_for(actor, found)
        asked.save(update_fields=["answer", "answered_by", "answered_at", "answerer"])
        notify(NotificationKind.ANSWER, case=found, structure=asked.asker)

    return perform(actor, Act.REPLY, case=case, decide=decide, version=version, then=then)
