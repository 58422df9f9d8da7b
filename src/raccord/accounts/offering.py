"""What a head may entrust to a correspondent: classes and pupils belong to the rooms above, which
say here how they are asked."""

from collections.abc import Callable, Iterable, Sequence
from uuid import UUID

from django.http import HttpRequest

from raccord.territory.models import Structure

#: Level and stream, as registers and cases have them.
Classes = Callable[[HttpRequest, Structure], Iterable[str]]
#: Cases of a school, by what is searched or by their ids: (id, who it is). It notes the reading.
Pupils = Callable[[HttpRequest, Structure, str, Sequence[UUID]], list[tuple[UUID, str]]]

_classes: list[Classes] = []
_pupils: list[Pupils] = []


def offer_classes(of: Classes) -> None:
    """Another room knows classes of a school."""
    _classes.append(of)


def offer_pupils(of: Pupils) -> None:
    """The room that knows the pupils of a school."""
    _pupils[:] = [of]


def classes(request: HttpRequest, school: Structure, longest: int) -> list[str]:
    """Every class known of a school that can be kept, in order."""
    found = {label for of in _classes for label in of(request, school)}
    return sorted(label for label in found if label and len(label) <= longest)


def pupils(
    request: HttpRequest, school: Structure, search: str, ids: Sequence[UUID]
) -> list[tuple[UUID, str]]:
    """Those whose name has what is searched, and those already chosen."""
    return [one for of in _pupils for one in of(request, school, search, ids)]
