"""Matching: who left, who is enrolled elsewhere, and why we believe it."""
