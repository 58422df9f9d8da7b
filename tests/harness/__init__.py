"""What every Django test is held to, without asking: see `findings.py` for the list."""
