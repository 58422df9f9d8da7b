"""Pages of the follow-up: lists, sheets, acts. They compose, and decide nothing."""
