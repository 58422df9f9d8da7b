"""Registers: one reader per real format, towards the Enrolment table."""
