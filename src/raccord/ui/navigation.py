"""The menu: each room brings its own entries, since ui knows none of them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

#: Whether an actor (None: nobody signed in) sees an entry.
Shown = Callable[[Any], bool]


@dataclass(frozen=True)
class Entry:
    """A line of the menu; `rank` orders them."""

    rank: int
    label: str
    url_name: str
    shown: Shown
    #: Whether it stays open to somebody who practises on invented pupils.
    training: bool = False
    #: What is done there, in a few words: for the home of those who only have a menu.
    about: str = ""


_entries: list[Entry] = []


def add(
    rank: int,
    label: str,
    url_name: str,
    shown: Shown,
    *,
    training: bool = False,
    about: str = "",
) -> None:
    """Called by a room when it starts."""
    _entries.append(Entry(rank, label, url_name, shown, training, about))


#: A longer menu is not read: what is opened now and then goes under one entry.
_READ_AT_ONCE = 6
_NOW_AND_THEN = 40


def menu(request: HttpRequest, actor: Any) -> list[dict[str, Any]]:
    """Entries of this actor: label, address, and whether it is where they are. The last one of a
    long menu has no address but `pages`: those opened now and then."""
    if actor is None:
        return []
    daily: list[dict[str, Any]] = []
    others: list[dict[str, Any]] = []
    for entry in sorted(_entries, key=lambda e: (e.rank, e.label)):
        if entry.shown(actor) and (entry.training or not actor.training):
            kept = daily if entry.rank < _NOW_AND_THEN else others
            kept.append(_line(request, entry))
    if len(daily) + len(others) <= _READ_AT_ONCE or len(others) < 2:
        return daily + others
    here = any(line["here"] for line in others)
    return [
        *daily,
        {"label": "Autres pages", "address": "", "here": here, "pages": others, "about": ""},
    ]


def _line(request: HttpRequest, entry: Entry) -> dict[str, Any]:
    address = reverse(entry.url_name)
    here = request.path == address or (address != "/" and request.path.startswith(address))
    return {
        "label": entry.label,
        "address": address,
        "here": here,
        "pages": [],
        "about": entry.about,
    }
