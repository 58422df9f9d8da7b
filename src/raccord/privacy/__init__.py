"""The access log, retention, the person's own rights."""
