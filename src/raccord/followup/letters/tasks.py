"""What the worker does with messages; `raccord manage deliver_messages` does the same."""

from procrastinate.contrib.django import app

from raccord.followup.letters import delivery


@app.periodic(cron="* * * * *")
@app.task(name="followup.deliver_messages", queueing_lock="followup.deliver_messages")
def deliver_messages(timestamp: int) -> None:
    """Every minute, what waits leaves."""
    delivery.deliver()
