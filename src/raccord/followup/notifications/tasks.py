"""What the worker does with notifications; `raccord manage send_notifications` does the same."""

from procrastinate.contrib.django import app

from raccord.followup.notifications import sending
from raccord.followup.notifications.models import Rhythm


@app.periodic(cron="* * * * *")
@app.task(name="followup.send_notifications", queueing_lock="followup.send_notifications")
def send_notifications(timestamp: int) -> None:
    """Every minute, to those who want to know at once."""
    sending.send(Rhythm.EACH)


@app.periodic(cron="10 * * * *")
@app.task(name="followup.send_digests", queueing_lock="followup.send_digests")
def send_digests(timestamp: int) -> None:
    """Every hour, the digest of those for whom it is seven in the morning."""
    sending.send(Rhythm.DAILY)
