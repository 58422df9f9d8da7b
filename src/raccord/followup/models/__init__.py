"""Persons, cases, departures, and their history."""

from raccord.followup.care.models import (
    Interview,
    Mandate,
    Proposal,
    Recommendation,
    Review,
    Vacancy,
)
from raccord.followup.desk.models import SavedFilter
from raccord.followup.glass.models import BeyondSearch, Opening
from raccord.followup.letters.models import Answer, AnswerLink, LetterTemplate, Message
from raccord.followup.meetings.models import AgendaItem, Attendance, Meeting
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
from raccord.followup.notifications.models import Notification, Preference
from raccord.followup.relay.models import Handover, Information, PartnerLink, Question
from raccord.followup.reporting.models import Merge, PossibleDuplicate, Report

__all__ = [
    "AgendaItem",
    "Answer",
    "AnswerLink",
    "Attendance",
    "BeyondSearch",
    "Candidate",
    "Case",
    "Comparison",
    "ContactAttempt",
    "ContactDetails",
    "Departure",
    "Destination",
    "Handover",
    "Information",
    "Interview",
    "LegalRepresentative",
    "LetterTemplate",
    "Mandate",
    "Meeting",
    "Merge",
    "Message",
    "Notification",
    "Opening",
    "PartnerLink",
    "Party",
    "Person",
    "PossibleDuplicate",
    "Preference",
    "Proposal",
    "Question",
    "Recommendation",
    "RegisterState",
    "Report",
    "Review",
    "SavedFilter",
    "Tally",
    "TimelineEvent",
    "Vacancy",
]
