"""What was tried to reach somebody, in order, with its result; and the next best thing to do."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils import timezone

from raccord.followup.letters.vocabulary import MessageStatus
from raccord.followup.models import Case, ContactAttempt, Message
from raccord.followup.rights import Act
from raccord.followup.telling import short
from raccord.followup.vocabulary import Channel, ContactResult, ContactState
from raccord.matching.wording import typeset


@dataclass(frozen=True)
class Tried:
    """One line of the checklist: done, to do, or impossible here; with what came of it."""

    label: str
    state: str
    said: str
    act: Act
    channel: Channel

    @property
    def mark(self) -> str:
        """A word, never a colour alone."""
        return {"done": "Fait", "todo": "À faire", "moot": "Impossible"}[self.state]

    @property
    def is_done(self) -> bool:
        """Whether it was tried."""
        return self.state == "done"


@dataclass(frozen=True)
class Checklist:
    """The ordered steps, and the next one to take."""

    steps: list[Tried]
    reached: bool
    next: Tried | None
    address: str

    @property
    def done(self) -> int:
        """How many were tried."""
        return sum(step.is_done for step in self.steps)


#: In order: what costs a minute first, what reaches those whom nothing reached last.
_ORDER: tuple[tuple[str, Channel, Act], ...] = (
    ("Appel", Channel.CALL, Act.CALL),
    ("SMS", Channel.SMS, Act.LETTER),
    ("Courriel", Channel.EMAIL, Act.LETTER),
    ("Nouvel appel, un autre jour", Channel.CALL, Act.CALL),
    ("Courrier", Channel.LETTER, Act.LETTER),
    ("Rencontre", Channel.VISIT, Act.CALL),
)
_AGAIN = 3
_SENT = {MessageStatus.PRINTED, MessageStatus.WAITING, MessageStatus.SENT}


def checklist(
    case: Case,
    contacts: Iterable[ContactAttempt],
    messages: Iterable[Message],
    undone: set[UUID | None],
    *,
    notes: bool,
) -> Checklist:
    """The steps of one case, from its contacts and messages; what was taken back counts for none,
    and what was said is for those who read notes.

    Reads `case.person.details` and its representatives: how somebody can be reached at all.
    """
    attempts = [c for c in contacts if c.event_id not in undone]
    sent = [m for m in messages if m.status in _SENT and m.event_id not in undone]
    steps = [_step(case, rank, attempts, sent, notes) for rank in range(len(_ORDER))]
    reached = case.contact_state == ContactState.REACHED
    following = None if reached else next((s for s in steps if s.state == "todo"), None)
    address = ""
    if following:
        address = reverse(f"followup:{following.act}", args=[case.pk])
        if following.act is Act.CALL:
            address += f"?moyen={following.channel}"
    return Checklist(steps, reached, following, address)


def _step(
    case: Case, rank: int, attempts: list[ContactAttempt], sent: list[Message], notes: bool
) -> Tried:
    label, channel, act = _ORDER[rank]
    mine = sorted((a for a in attempts if a.channel == channel), key=lambda a: (a.on, a.pk))
    if channel is Channel.CALL:
        first = mine[0].on if mine else None
        later = [a for a in mine if first is None or a.on > first]
        mine = later if rank == _AGAIN else mine
    letters = [m for m in sent if m.medium == channel]
    if mine:
        last = mine[-1]
        state, said = "done", _said(last) if notes else f"le {short(last.on)}"
    elif letters:
        left = max(letters, key=lambda m: m.made_at)
        on = timezone.localtime(left.made_at).date()
        state, said = "done", f"{left.get_status_display().lower()} le {short(on)}"
    elif why := _impossible(case, channel, attempts):
        state, said = "moot", why
    else:
        state, said = "todo", ""
    return Tried(label, state, typeset(said), act, channel)


def _said(attempt: ContactAttempt) -> str:
    return f"{ContactResult(attempt.result).label}, le {short(attempt.on)}"


def _impossible(case: Case, channel: Channel, attempts: list[ContactAttempt]) -> str:
    refused = [a for a in attempts if a.result == ContactResult.REFUSES_CHANNEL]
    if any(a.channel == channel for a in refused):
        return "ne souhaite plus être contacté ainsi"
    details: Any = getattr(case.person, "details", None)
    others = list(case.person.representatives.all())
    if channel in (Channel.CALL, Channel.SMS):
        known = any([getattr(details, "phone", ""), *(one.phone for one in others)])
        return "" if known else "aucun numéro connu, complétez les coordonnées"
    if channel is Channel.EMAIL:
        known = any([getattr(details, "email", ""), *(one.email for one in others)])
        return "" if known else "aucun courriel connu"
    if channel is Channel.LETTER:
        return "" if getattr(details, "address", "") else "aucune adresse connue"
    return ""
