"""The relay: a case passes from one structure to another, and has one holder at every instant."""
