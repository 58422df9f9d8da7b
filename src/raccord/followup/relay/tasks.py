"""What the worker does each day; `raccord manage run_clocks` does the same."""

from django.utils import timezone
from procrastinate.contrib.django import app

from raccord.followup import clocks
from raccord.followup.relay import linking


@app.periodic(cron="20 6 * * *")
@app.task(name="followup.run_clocks", queueing_lock="followup.run_clocks")
def run_clocks(timestamp: int) -> None:
    """Each morning after the night: reminders, returns, what a silent school kept, what lapses."""
    clocks.run(timezone.localdate())
    linking.send_again()
