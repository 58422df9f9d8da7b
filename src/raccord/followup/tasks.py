"""What the worker does for the follow-up: found here by its name."""

from raccord.followup.letters.tasks import deliver_messages

__all__ = ["deliver_messages"]
