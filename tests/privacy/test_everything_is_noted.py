"""Every page that names a young person notes it: walked route by route, a new one counts too."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.exceptions import NoReverseMatch
from tests import cast

from raccord.accounts.roles import Role
from raccord.followup.models import Candidate, LegalRepresentative, TimelineEvent
from raccord.privacy.models import Reading
from raccord.territory.kinds import Kind

pytestmark = pytest.mark.django_db

NAME = "Zéphyrine-Témoin"


def routes(resolver: Any, space: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every named route of the service: its full name and its pattern."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            inner = f"{space}{entry.namespace}:" if entry.namespace else space
            yield from routes(entry, inner)
        elif entry.name:
            yield f"{space}{entry.name}", entry


ROOMS = ("followup:", "detection:", "privacy:")
ROUTES = sorted({name for name, _ in routes(get_resolver()) if name.startswith(ROOMS)})


@pytest.fixture
def known() -> dict[str, Any]:
    """A case with everything a page could show, and the values of the routes' parameters."""
    school = cast.structure(Kind.LYCEE)
    young = cast.person(last_name=NAME, academie=school.academie)
    case = cast.case(school, of=young)
    found = Candidate.objects.create(
        case=case, departure=case.departures.get(), rank=1, source="siecle", local_id="7",
        last_name="Autre", first_name="Lou",
    )  # fmt: skip
    LegalRepresentative.objects.create(person=young, name="Un parent", phone="06 99 00 00 02")
    event = TimelineEvent.objects.filter(case=case).first()
    assert event is not None
    return {
        "school": school,
        "person": young.pk,
        "case": case.pk,
        "candidate": found.pk,
        "event": event.pk,
        "structure": school.pk,
    }


def address(name: str, known: dict[str, Any]) -> str | None:
    """The address of a route for what is known; None when it wants something else."""
    pattern = dict(routes(get_resolver()))[name]
    converters = pattern.pattern.converters
    try:
        return reverse(name, kwargs={part: known[part] for part in converters})
    except (KeyError, NoReverseMatch):
        return None


@pytest.mark.parametrize("role", [Role.HEAD, Role.SECRETARIAT])
def test_a_page_that_names_somebody_is_in_the_log(role: Role, known: dict[str, Any]) -> None:
    client = cast.signed_in(cast.member(known["school"], role))
    met, forgotten = set(), set()
    for name in ROUTES:
        where = address(name, known)
        before = Reading.objects.count()
        if where is None or NAME not in _text(client.get(where)):
            continue
        met.add(name)
        lines = Reading.objects.order_by("id")[before:]
        if not {known["case"], known["person"]} & {s for line in lines for s in line.subjects}:
            forgotten.add(name)
    assert forgotten == set()
    assert {"followup:home", "followup:sheet"} <= met  # else nobody was shown, nothing was proven


def test_somebody_elses_file_is_noted_as_refused_like_one_that_does_not_exist(
    known: dict[str, Any],
) -> None:
    client = cast.signed_in(cast.member(cast.structure()))
    unknown = uuid4()
    answers = [
        client.get(reverse("followup:sheet", args=[asked])) for asked in (known["case"], unknown)
    ]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert _without_token(answers[0]) == _without_token(answers[1])
    lines = Reading.objects.order_by("id")
    refused: list[tuple[str, list[UUID]]] = [(line.act, line.subjects) for line in lines]
    assert refused == [("refusal", [known["case"]]), ("refusal", [unknown])]


def _without_token(answer: Any) -> str:
    """The page but for the token of its forms, drawn at each answer."""
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", _text(answer))


def _text(answer: Any) -> str:
    if answer.streaming:
        return b"".join(answer.streaming_content).decode("utf-8", "replace")
    return str(answer.content.decode("utf-8", "replace"))
