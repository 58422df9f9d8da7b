"""Raccord: no young person lost from sight when they leave school."""

__version__ = "0.1.0"
