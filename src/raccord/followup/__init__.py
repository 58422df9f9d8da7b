"""Persons, cases, departures, their timeline and what people do with them."""
