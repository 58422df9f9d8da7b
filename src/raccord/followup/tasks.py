"""What the worker does for the follow-up: found here by its name."""

from raccord.followup.letters.tasks import deliver_messages
from raccord.followup.relay.tasks import run_clocks

__all__ = ["deliver_messages", "run_clocks"]
