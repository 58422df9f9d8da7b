"""Registers, for whoever reports a young person: the nightly index, and what is told of it."""
