"""What the worker does for the follow-up: found here by its name."""

from procrastinate.contrib.django import app

from raccord.followup import training
from raccord.followup.letters.tasks import deliver_messages
from raccord.followup.notifications.tasks import send_digests, send_notifications
from raccord.followup.relay.tasks import run_clocks

__all__ = [
    "clear_practices",
    "deliver_messages",
    "run_clocks",
    "send_digests",
    "send_notifications",
]


@app.periodic(cron="35 5 * * *")
@app.task(name="followup.clear_practices", queueing_lock="followup.clear_practices")
def clear_practices(timestamp: int) -> None:
    """Each day, remove the practice schools that nobody uses any more."""
    training.clear_abandoned()
