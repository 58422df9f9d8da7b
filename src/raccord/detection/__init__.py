"""Feeds, deposits, the nightly run; turns verdicts into cases."""
