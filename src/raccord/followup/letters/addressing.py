"""Who is written to, and how: from 18 the young person alone, before 18 who answers for them; a
channel that somebody refused is not used again."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from raccord.followup.letters.models import Answer
from raccord.followup.letters.vocabulary import AnswerKind, Audience, Medium
from raccord.followup.models import Case, ContactAttempt, Person
from raccord.followup.vocabulary import ContactResult, ContactState

#: Majority (code civil, art. 414).
ADULT = 18


@dataclass(frozen=True)
class Recipient:
    """One person to write to about one case."""

    audience: Audience
    name: str
    address: tuple[str, ...] = ()
    phone: str = ""
    email: str = ""
    refused: frozenset[str] = frozenset()
    #: Where somebody answered « ce message ne me concerne pas », until the details are corrected.
    wrong: frozenset[str] = frozenset()

    def why_not(self, medium: str) -> str:
        """Why this medium cannot be used, in words for the screen; empty when it can."""
        if medium in self.refused:
            return "ne souhaite plus être contacté ainsi"
        if medium in self.wrong:
            return "a répondu « ce message ne me concerne pas » : coordonnées à corriger"
        if medium == Medium.LETTER and len(self.address) < 2:
            return "adresse incomplète"
        if medium == Medium.SMS and not is_mobile(self.phone):
            return "pas de numéro de mobile" if self.phone else "pas de numéro"
        if medium == Medium.EMAIL and not self.email:
            return "pas de courriel"
        return ""


def is_mobile(phone: str) -> bool:
    """Whether a French number receives an SMS (overseas mobiles begin with 06 or 07 too)."""
    figures = "".join(c for c in phone if c.isdigit())
    national = figures.removeprefix("0033").removeprefix("33") if len(figures) > 10 else figures
    return national.lstrip("0")[:1] in {"6", "7"} and len(national.lstrip("0")) == 9


def audience_of(person: Person) -> Audience:
    """Somebody whose age is unknown is written to in person: never a parent by mistake."""
    age = person.age()
    return Audience.FAMILY if age is not None and age < ADULT else Audience.YOUTH


def recipients(cases: Iterable[Case]) -> dict[UUID, Recipient]:
    """Of each case (loaded with its person, details and representatives), in two more queries."""
    found = list(cases)
    refused, wrong = _refused(found), _wrong(found)
    return {case.pk: _recipient(case, refused[case.pk], wrong[case.pk]) for case in found}


def _recipient(case: Case, refused: set[str], wrong: set[str]) -> Recipient:
    person = case.person
    details = getattr(person, "details", None)
    audience = audience_of(person)
    name = f"{person.first_name} {person.usage_name or person.last_name}"
    phone, email = (details.phone, details.email) if details else ("", "")
    if audience == Audience.FAMILY:
        answering = sorted(person.representatives.all(), key=lambda r: (r.rank, str(r.pk)))
        name = answering[0].name if answering else f"Aux responsables légaux de {name}"
        phone = next((r.phone for r in answering if is_mobile(r.phone)), "")
        email = next((r.email for r in answering if r.email), "")
    return Recipient(
        audience, name, _address(details), phone, email, frozenset(refused), frozenset(wrong)
    )


def _address(details: object) -> tuple[str, ...]:
    street = getattr(details, "address", "")
    commune = getattr(details, "commune", None)
    town = " ".join(
        part for part in (getattr(details, "postcode", ""), commune.name if commune else "") if part
    )
    if not town and "\n" in street:
        return tuple(line.strip() for line in street.splitlines() if line.strip())
    return tuple(line for line in (street, town) if line)


def _refused(cases: list[Case]) -> dict[UUID, set[str]]:
    """The channels that each refused; an act taken back counts for none."""
    found: dict[UUID, set[str]] = defaultdict(set)
    attempts = ContactAttempt.objects.filter(
        case__in=cases, result=ContactResult.REFUSES_CHANNEL, event__undone_by=None
    )
    for key, channel in attempts.order_by("pk").values_list("case_id", "channel"):
        found[key].add(channel)
    for case in cases:
        if case.contact_state == ContactState.OPTED_OUT and not found[case.pk]:
            # Nobody noted which: what is lightest to send is not sent.
            found[case.pk] |= {Medium.SMS.value, Medium.EMAIL.value}
    return found


def _wrong(cases: list[Case]) -> dict[UUID, set[str]]:
    """The media by which a stranger was reached, and that nobody has corrected since."""
    found: dict[UUID, set[str]] = defaultdict(set)
    corrected = {
        case.pk: details.completed_at
        for case in cases
        if (details := getattr(case.person, "details", None)) is not None
    }
    strangers = (
        Answer.objects.filter(case__in=cases, kind=AnswerKind.NOT_ME)
        .exclude(decision__facts__decided="set_aside")
        .order_by("pk")
        .values_list("case_id", "link__message__medium", "at")
    )
    for key, medium, at in strangers:
        since = corrected.get(key)
        if since is None or since < at:
            found[key].add(medium)
    return found
