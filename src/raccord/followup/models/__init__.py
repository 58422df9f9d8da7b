"""Persons, cases, departures, and their history."""

from raccord.followup.letters.models import Answer, AnswerLink, LetterTemplate, Message
from raccord.followup.models.acts import ContactAttempt, TimelineEvent
from raccord.followup.models.cases import Case, Departure, Party
from raccord.followup.models.elsewhere import (
    Candidate,
    Comparison,
    Destination,
    RegisterState,
    Tally,
)
from raccord.followup.models.persons import ContactDetails, LegalRepresentative, Person

__all__ = [
    "Answer",
    "AnswerLink",
    "Candidate",
    "Case",
    "Comparison",
    "ContactAttempt",
    "ContactDetails",
    "Departure",
    "Destination",
    "LegalRepresentative",
    "LetterTemplate",
    "Message",
    "Party",
    "Person",
    "RegisterState",
    "Tally",
    "TimelineEvent",
]
