"""The acts of the care, from the interview to what became of somebody."""

from raccord.followup.care.interviewing import interview
from raccord.followup.care.mandating import mandate, recommend, report, withdraw_mandate
from raccord.followup.care.proposing import answer, end, propose, start
from raccord.followup.care.reviewing import record_review, still_true

__all__ = [
    "answer",
    "end",
    "interview",
    "mandate",
    "propose",
    "recommend",
    "record_review",
    "report",
    "start",
    "still_true",
    "withdraw_mandate",
]
