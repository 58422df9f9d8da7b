"""The acts of people on cases. Actor first, the rest by keyword, one transaction each, and the
timeline tells it in the same transaction."""

from raccord.followup.services.acting import ChangedMeanwhile, Refused
from raccord.followup.services.confirming import say_other_person, say_same_person
from raccord.followup.services.contacting import (
    complete_details,
    pause_together,
    pause_until,
    record_contact,
)
from raccord.followup.services.declaring import AlreadyFollowed, declare_departure
from raccord.followup.services.protecting import end_protection, protect_schooling
from raccord.followup.services.settling import (
    close_false_alarm,
    record_reason,
    record_situation,
    reopen,
)
from raccord.followup.services.undoing import undo

__all__ = [
    "AlreadyFollowed",
    "ChangedMeanwhile",
    "Refused",
    "close_false_alarm",
    "complete_details",
    "declare_departure",
    "end_protection",
    "pause_together",
    "pause_until",
    "protect_schooling",
    "record_contact",
    "record_reason",
    "record_situation",
    "reopen",
    "say_other_person",
    "say_same_person",
    "undo",
]
