"""What the worker does for the relay; `raccord manage run_clocks` does the same."""

from django.utils import timezone
from procrastinate.contrib.django import app

from raccord.followup.relay import clocks, linking


@app.periodic(cron="20 6 * * *")
@app.task(name="followup.run_clocks", queueing_lock="followup.run_clocks")
def run_clocks(timestamp: int) -> None:
    """Each morning after the night: reminders, returns, and what a silent school kept."""
    clocks.run(timezone.localdate())
    linking.send_again()
