"""A list as rows: what the screen shows, under the same rights, and nothing more."""

from collections.abc import Iterator, Sequence
from datetime import date
from uuid import UUID

from raccord.accounts.actors import Actor
from raccord.followup.models import Case
from raccord.followup.querysets import open_cases, read_rows
from raccord.followup.rights import Act, hides
from raccord.followup.telling import capital, departed, next_step, standing
from raccord.followup.vocabulary import ContactState, Lane, Status

Cell = str | int | date | None

HEADERS = (
    "Nom",
    "Prénom",
    "Âge",
    "Classe quittée",
    "Établissement quitté",
    "Sorti le",
    "Depuis (jours)",
    "Circuit",
    "État",
    "Contact",
    "Essais",
    "À reprendre le",
    "Ce qu’il faut faire",
    "Où en est-on",
    "Structure qui suit",
)


#: Rows fetched at once: memory does not grow with the list.
CHUNK = 500


def rows(actor: Actor, keys: Sequence[UUID], today: date) -> Iterator[list[Cell]]:
    """One row a case, in the order of the screen."""
    for first in range(0, len(keys), CHUNK):
        some = open_cases(actor, keys[first : first + CHUNK])
        for case in read_rows(some, schools=True, holders=True):
            yield row(actor, case, today)


def row(actor: Actor, case: Case, today: date) -> list[Cell]:
    """A protected schooling is « Retrouvé », without place, class or date; a secretariat has the
    state, never what was said."""
    person = case.person
    named: list[Cell] = [
        person.usage_name or person.last_name,
        person.first_name,
        person.age(today),
    ]
    if hides(actor, person):
        return [*named, *[""] * 5, "Retrouvé", *[""] * 6]
    left = departed(case)
    notes = bool(case.abilities(actor)[Act.NOTES])
    return [
        *named,
        left.level if left else "",
        left.structure.name if left else "",
        case.left_on,
        max((today - (case.left_on or case.opened_on)).days, 0),
        capital(Lane(case.lane).label),
        capital(Status(case.status).label),
        capital(ContactState(case.contact_state).label),
        case.attempts,
        case.next_act_on,
        next_step(case, today).sentence if notes else "",
        standing(case, today) if notes else "",
        case.holder.name,
    ]
