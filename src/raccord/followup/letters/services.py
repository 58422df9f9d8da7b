"""Writing to families and young people: preparing, sending, models of texts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from raccord.accounts.actors import Actor
from raccord.accounts.roles import OF_STRUCTURE, Role
from raccord.followup.identifiers import new_id
from raccord.followup.letters import sealing, tokens
from raccord.followup.letters.addressing import Recipient, recipients
from raccord.followup.letters.models import AnswerLink, LetterTemplate, Message
from raccord.followup.letters.vocabulary import Audience, Medium, MessageStatus, Purpose
from raccord.followup.letters.wording import check_text, fields_of, filled
from raccord.followup.models import Case, TimelineEvent
from raccord.followup.rights import Act, abilities
from raccord.followup.services.acting import Change, Refused, perform_all
from raccord.followup.vocabulary import ContactState, EventKind
from raccord.matching.wording import day
from raccord.territory.models import Structure

#: What counts as an attempt to reach somebody; a notice informs, it does not.
_ATTEMPTS = (Purpose.FIRST_CONTACT, Purpose.REMINDER)


@dataclass(frozen=True)
class Written:
    """One message as it leaves."""

    case: Case
    recipient: Recipient
    sender: Structure
    subject: str
    body: str
    link: str
    on: date


@dataclass
class Batch:
    """What was written, and who was left out and why."""

    written: list[Written] = field(default_factory=list)
    left_out: list[tuple[Case, str]] = field(default_factory=list)
    events: list[TimelineEvent] = field(default_factory=list)


def addressable(actor: Actor, cases: Iterable[UUID]) -> list[tuple[Case, Recipient, str]]:
    """Of the cases asked, those one sees: who would be written to, and why not at all."""
    found = list(
        Case.objects.visible_to(actor)
        .filter(pk__in=list(cases))
        .select_related("person", "person__details", "person__details__commune", "holder")
        .prefetch_related("parties", "departures", "person__representatives")
        .order_by("person__search_name", "pk")
    )
    who = recipients(found)
    return [(case, who[case.pk], abilities(actor, case)[Act.LETTER].refusal) for case in found]


def send(actor: Actor, *, cases: Sequence[UUID], purpose: str, medium: str) -> Batch:
    """Write to those who can be: a letter is given back to print, an SMS or an e-mail waits for
    the worker. Those who cannot be reached so are left out, and told."""
    with transaction.atomic():
        asked = addressable(actor, cases)
        if len(asked) < len(set(cases)):
            raise Case.DoesNotExist
        batch, texts = Batch(), texts_for(actor, purpose, medium)
        chosen: list[tuple[Case, Recipient, Structure, LetterTemplate]] = []
        for case, recipient, refusal in asked:
            sender = sender_of(actor, case)
            text = texts.get((sender.pk, recipient.audience)) or texts.get(
                (None, recipient.audience)
            )
            reason = refusal or recipient.why_not(medium) or ("" if text else "aucun modèle")
            if reason or text is None:
                batch.left_out.append((case, reason))
            else:
                chosen.append((case, recipient, sender, text))
        if chosen:
            _write(actor, batch, chosen, Purpose(purpose), Medium(medium))
        return batch


def _write(
    actor: Actor,
    batch: Batch,
    chosen: list[tuple[Case, Recipient, Structure, LetterTemplate]],
    purpose: Purpose,
    medium: Medium,
) -> None:
    audience = {case.pk: recipient.audience for case, recipient, _, _ in chosen}

    def decide(found: Case) -> Change:
        values: dict[str, Any] = {}
        if purpose in _ATTEMPTS:
            values["attempts"] = found.attempts + 1
            if found.contact_state == ContactState.NOT_TRIED:
                values["contact_state"] = ContactState.TRIED
        facts = {"purpose": purpose.value, "medium": medium.value, "audience": audience[found.pk]}
        return Change(EventKind.LETTER, values, facts)

    batch.events = perform_all(actor, Act.LETTER, cases=audience, decide=decide)
    event_of = {event.case_id: event for event in batch.events}
    messages, links, today = [], [], timezone.localdate()
    for case, recipient, sender, text in chosen:
        token = tokens.draw() if "lien" in fields_of(text.body) else ""
        written = _written(case, recipient, sender, text, token, today)
        message = Message(
            id=new_id(),
            case=case,
            event=event_of[case.pk],
            template=text,
            structure=sender,
            purpose=purpose,
            medium=medium,
            audience=recipient.audience,
            by=actor.user,
            status=MessageStatus.PRINTED if medium == Medium.LETTER else MessageStatus.WAITING,
            sent_at=timezone.now() if medium == Medium.LETTER else None,
            outgoing="" if medium == Medium.LETTER else _outgoing(medium, written),
        )
        messages.append(message)
        if token:
            expires = today + timedelta(days=tokens.DAYS)
            links.append(
                AnswerLink(
                    case=case, message=message, digest=tokens.digest(token), expires_on=expires
                )
            )
        batch.written.append(written)
    Message.objects.bulk_create(messages)
    AnswerLink.objects.bulk_create(links)


def _written(
    case: Case,
    recipient: Recipient,
    sender: Structure,
    text: LetterTemplate,
    token: str,
    today: date,
) -> Written:
    link = tokens.address(token) if token else ""
    departures = [d for d in case.departures.all() if d.structure_id == sender.pk]
    values = {
        "prenom": case.person.first_name,
        "nom": case.person.usage_name or case.person.last_name,
        "etablissement": sender.name,
        "classe": departures[-1].level if departures else "",
        "date": day(today),
        "date_limite": day(today + timedelta(days=tokens.DAYS)),
        "telephone": f" au {sender.phone}" if sender.phone else "",
        "lien": link,
    }
    return Written(
        case,
        recipient,
        sender,
        filled(text.subject, values),
        filled(text.body, values),
        link,
        today,
    )


def _outgoing(medium: Medium, written: Written) -> str:
    to = written.recipient.phone if medium == Medium.SMS else written.recipient.email
    return sealing.seal({"to": to, "subject": written.subject, "body": written.body})


def sender_of(actor: Actor, case: Case) -> Structure:
    """In whose name: the structure of the actor that takes part, the one that holds it first."""
    mine = {m.structure_id: m.structure for m in actor.memberships if m.role in OF_STRUCTURE}
    if case.holder_id in mine:
        return mine[case.holder_id]
    taking_part = [p.structure_id for p in case.parties.all() if p.until is None]
    return next((mine[pk] for pk in taking_part if pk in mine), case.holder)


def texts_for(
    actor: Actor, purpose: str, medium: str
) -> dict[tuple[int | None, str], LetterTemplate]:
    """The approved texts, by structure (None: national) and by audience."""
    found = LetterTemplate.objects.visible_to(actor).approved()
    found = found.filter(purpose=purpose, medium=medium).order_by("pk")
    return {(text.structure_id, text.audience): text for text in found}


def was_informed(case: Case) -> bool:
    """Whether the notice due before a transmission outside of the Éducation nationale was sent.

    Asked by whoever transmits: nothing leaves before it.
    """
    told = Message.objects.filter(case=case, purpose=Purpose.TRANSMISSION)
    told = told.exclude(status__in=[MessageStatus.FAILED, MessageStatus.TAKEN_BACK])
    return bool(told.filter(event__undone_by=None).exists())


# --- Models of texts ------------------------------------------------------------------------------


def may_write_texts(actor: Actor) -> list[Structure]:
    """The structures in whose name somebody writes texts."""
    return [m.structure for m in actor.memberships if m.role in OF_STRUCTURE]


def may_approve(actor: Actor, structure_id: int | None) -> bool:
    """Whether a text may leave is for the head of the structure."""
    return structure_id is not None and actor.within(structure_id, {Role.HEAD, Role.LEAD})


def write_text(
    actor: Actor,
    *,
    structure: int,
    purpose: str,
    medium: str,
    audience: str,
    subject: str,
    body: str,
) -> LetterTemplate:
    """The text of a structure in place of the national one; written by its head it is approved."""
    if structure not in {s.pk for s in may_write_texts(actor)}:
        raise Refused("Vous écrivez les modèles de votre propre structure seulement.")
    subject, body = " ".join(subject.split()), body.replace("\r\n", "\n").strip()
    check_text(purpose, medium, subject, body)
    approved = may_approve(actor, structure)
    with transaction.atomic():
        text, _ = LetterTemplate.objects.update_or_create(
            structure_id=structure,
            purpose=Purpose(purpose),
            medium=Medium(medium),
            audience=Audience(audience),
            defaults={
                "subject": subject,
                "body": body,
                "written_by": actor.user,
                "approved_at": timezone.now() if approved else None,
                "approved_by": actor.user if approved else None,
            },
        )
    return text


def approve_text(actor: Actor, *, text: int) -> LetterTemplate:
    """The head has read it: it may leave."""
    with transaction.atomic():
        found = LetterTemplate.objects.visible_to(actor).select_for_update().filter(pk=text).first()
        if found is None:
            raise LetterTemplate.DoesNotExist
        if not may_approve(actor, found.structure_id):
            raise Refused("Un modèle est approuvé par la direction de l’établissement.")
        found.approved_at, found.approved_by = timezone.now(), actor.user
        found.save(update_fields=["approved_at", "approved_by"])
    return found


def known(purpose: str, medium: str) -> None:
    """Refuse what is not in the lists."""
    if purpose not in Purpose.values or medium not in Medium.values:
        raise ValidationError("Choisissez un objet et un moyen dans les listes.")
