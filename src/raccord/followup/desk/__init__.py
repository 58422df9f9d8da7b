"""What each person must do today: received, to call, to interview, overdue, about to lapse."""
