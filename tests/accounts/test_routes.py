"""Every route x role x territory: what is not yours answers like what does not exist.

The table is `routes_table.py`: one line a route, and a route without a line is red.
"""

import re
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone
from tests import cast
from tests.accounts.routes_table import EVERYBODY, ROUTES, SIGNED_IN, Route

from raccord.accounts.models import Feedback, Membership
from raccord.accounts.roles import Role
from raccord.accounts.services.invitations import prepare
from raccord.detection.models import Deposit, Feed, Run
from raccord.followup.glass.models import BeyondSearch, Opening
from raccord.followup.letters.models import Answer, AnswerLink, LetterTemplate, Message
from raccord.followup.meetings.models import AgendaItem, Meeting
from raccord.followup.models import (
    Candidate,
    Case,
    Mandate,
    Notification,
    PossibleDuplicate,
    Proposal,
    Question,
    Review,
    TimelineEvent,
    Vacancy,
)
from raccord.territory.kinds import Kind
from raccord.territory.models import Structure

PLACES = ("own", "neighbour", "far")
#: Objects whose key is a UUID.
_KEYS = set(
    "answer case event item mandate meeting notification opening pair person proposal question "
    "review search vacancy".split()
)
_SCHOOL = {Role.HEAD, Role.CORRESPONDENT, Role.SECRETARIAT}
_SERVICE = {Role.LEAD, Role.AGENT, Role.BASIN_REFERENT}
_OFFICE = {Role.DASEN, Role.IEN_IO}


def pair(case: Case) -> PossibleDuplicate:
    """Somebody else's file that looks like this one."""
    other = cast.case(cast.structure(departement=cast.departement("085")))
    low, high = sorted([case.person_id, other.person_id])
    made: PossibleDuplicate = PossibleDuplicate.objects.create(
        one_id=low, other_id=high, probability=0.9
    )
    return made


class Cast:
    """Three places, everybody in each, and one young person of Lycée A with what surrounds them."""

    def __init__(self) -> None:
        far = cast.academie("22", "Limoges")
        departements = {
            "own": cast.departement("044"),
            "neighbour": cast.departement("049"),
            "far": cast.departement("087", of=far),
        }
        basins = {"own": cast.basin("Bassin A"), "neighbour": cast.basin("Bassin B")}
        basins["far"] = cast.basin("Bassin C", of=far)
        self.places: dict[tuple[str, Kind], Structure] = {
            (place, kind): cast.structure(
                kind, departement=departements[place], basin=basins[place], email=f"{kind}@x.test"
            )
            for place in PLACES
            for kind in (Kind.LYCEE, Kind.CIO, Kind.DSDEN, Kind.RECTORAT)
        }
        school = self.places["own", Kind.LYCEE]
        case = cast.case(school)
        colleague = cast.member(school, Role.CORRESPONDENT)
        head = cast.user()
        sent, self.token = prepare(
            None, structure=school, role=Role.CORRESPONDENT, email="invite@exemple.test"
        )
        sent.invited_by = head
        sent.save()
        opinion = Feedback.objects.create(
            user=colleague, academie=school.academie, screen="/", text="Un avis."
        )
        device = UserSession.objects.create(
            user=colleague, ip="127.0.0.1", session_key="x", user_agent=""
        )
        key = Authenticator.objects.create(
            user=colleague, type=Authenticator.Type.WEBAUTHN, data={"name": "clé"}
        )
        event = TimelineEvent.objects.filter(case=case).get()
        candidate = Candidate.objects.create(
            case=case,
            departure=case.departures.get(),
            rank=1,
            source="plain",
            local_id="1",
            last_name="Martin",
            first_name="Lou",
        )
        text, answer = letters(case, event)
        partner = cast.structure(Kind.MISSION_LOCALE, departement=departements["own"])
        self.objects: dict[str, Any] = {
            "school": school.pk,
            "case": case.pk,
            "person": case.person_id,
            "event": event.pk,
            "candidate": candidate.pk,
            "membership": Membership.objects.get(user=colleague).pk,
            "invitation": sent.pk,
            "colleague": colleague.pk,
            "opinion": opinion.pk,
            "device": device.pk,
            "passkey": key.pk,
            "token": self.token,
            "partner": partner.pk,
            **registers(school),
            "text": text.pk,
            "answer": answer.pk,
            "notification": Notification.objects.create(user=colleague, kind="answer").pk,
            **care(case),
            "question": Question.objects.create(case=case, asker=school, text="Où ?").pk,
            **group_room(case, self.places["own", Kind.CIO]),
            "paper": "odt",
            "pair": pair(case).pk,
            "search": BeyondSearch.objects.create(user=colleague, case=case, holder=school).pk,
            "opening": opened_beyond(case, colleague).pk,
            "word": "abc",
            "format": "csv",
        }

    def client(self, role: Role, place: str) -> Client:
        """Somebody with this role there."""
        kind = Kind.RECTORAT
        if role in _SCHOOL:
            kind = Kind.LYCEE
        elif role in _SERVICE:
            kind = Kind.CIO
        elif role in _OFFICE:
            kind = Kind.DSDEN
        client = cast.signed_in(cast.member(self.places[place, kind], role))
        # The door writes in the session once: `ask` would undo it, and each page write it again.
        client.get(reverse("account_inactive"))
        return client

    def address(self, name: str, line: Route) -> str:
        return reverse(name, kwargs={k: self.objects[what] for k, what in line.about.items()})


def opened_beyond(case: Case, who: Any) -> Opening:
    """This file, opened by somebody who had no charge of it."""
    over = timezone.now() - timedelta(hours=1)
    made: Opening = Opening.objects.create(
        case=case,
        user=who,
        author=str(who),
        academie=case.academie,
        reason="Ce jeune est à notre accueil et cherche qui le suit.",
        at=over - timedelta(hours=3),
        until=over,
    )
    return made


def group_room(case: Case, group: Structure) -> dict[str, Any]:
    """A meeting of the group of the place, and the young person on its agenda."""
    meeting = Meeting.objects.create(group=group, on=timezone.localdate())
    item = AgendaItem.objects.create(meeting=meeting, case=case, rank=1, why="new")
    return {"meeting": meeting.pk, "item": item.pk}


def registers(school: Structure) -> dict[str, int]:
    """The register of the school, a deposit in it, and a night of the académie."""
    today = timezone.localdate()
    feed = Feed.objects.create(academie=school.academie, structure=school, label="SIECLE")
    deposit = Deposit.objects.create(
        feed=feed, academie=school.academie, author="x", how="upload", document="x.csv",
        status="refused", state_on=today,
    )  # fmt: skip
    run = Run.objects.create(
        academie=school.academie, school_year=today.year, as_of=today, state="done", phase="done"
    )
    return {"feed": feed.pk, "deposit": deposit.pk, "run": run.pk}


def care(case: Case) -> dict[str, Any]:
    """What is done for them: a mandate, a solution, what became of them, a vacant place."""
    today, school = timezone.localdate(), case.holder
    given = {"structure": school, "given_by_structure": school, "report_by": today}
    place = Vacancy.objects.create(
        academie=school.academie, structure=school, kind="return", course="CAP Cuisine"
    )
    made: dict[str, Any] = {
        "mandate": Mandate.objects.create(case=case, **given),
        "proposal": Proposal.objects.create(case=case, kind="cfa", made_by_structure=school),
        "review": Review.objects.create(case=case, months=1, due_on=today),
        "vacancy": place,
    }
    return {name: one.pk for name, one in made.items()}


def letters(case: Case, event: TimelineEvent) -> tuple[LetterTemplate, Answer]:
    """A text of the school, and what a family answered."""
    kind = {"purpose": "reminder", "medium": "letter", "audience": "family"}
    text = LetterTemplate.objects.create(structure=case.holder, body="Bonjour", **kind)
    message = Message.objects.create(
        case=case, event=event, template=text, structure=case.holder, status="printed", **kind
    )
    link = AnswerLink.objects.create(
        case=case, message=message, digest=b"x" * 32, expires_on=timezone.localdate()
    )
    told = TimelineEvent.objects.create(case=case, kind=event.kind, author="La famille")
    return text, Answer.objects.create(link=link, case=case, event=told, kind="looking")


def nowhere(name: str, line: Route) -> str:
    """The same address, about what has never existed."""
    made: dict[str, Any] = {}
    for argument, what in line.about.items():
        made[argument] = "zzz" if what in {"token", "word", "format"} else 999_999_999
        if what in _KEYS:
            made[argument] = uuid.UUID(int=7)
    return reverse(name, kwargs=made)


def names(resolver: URLResolver, spaces: tuple[str, ...] = ()) -> Iterator[str]:
    """Every name that an address has; one without a name is said as its pattern."""
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            inside = (*spaces, pattern.namespace) if pattern.namespace else spaces
            yield from names(pattern, inside)
        elif isinstance(pattern, URLPattern):
            yield ":".join((*spaces, pattern.name or f"?{pattern.pattern}"))


def ask(client: Client, address: str, line: Route) -> Any:
    """The answer; what it wrote is undone."""
    with transaction.atomic():
        answer = client.post(address) if line.post else client.get(address)
        transaction.set_rollback(True)
    return answer


def bare(answer: Any) -> str:
    """A page without what changes at each request, nor the entry of the menu it was asked under."""
    changing = r'name="csrfmiddlewaretoken" value="\w+"| aria-current="\w+"'
    return re.sub(changing, "", answer.content.decode())


def asks_to_sign_in(answer: Any) -> bool:
    return answer.status_code == 302 and answer["Location"].startswith("/compte/connexion/")


def test_every_route_has_its_line_and_every_line_its_route() -> None:
    """When this fails: add a line to routes_table.py."""
    known = set(names(get_resolver()))
    assert known - ROUTES.keys() == set(), "routes sans attente"
    assert ROUTES.keys() - known == set(), "attentes sans route"


@pytest.mark.django_db
def test_without_an_account_every_page_leads_to_the_sign_in() -> None:
    cache.clear()
    world = Cast()
    wrong = []
    for name, line in ROUTES.items():
        try:
            answer = ask(Client(), world.address(name, line), line)
        except AssertionError as found:
            wrong.append(f"{name}: {found}")
            continue
        is_open = line.to == EVERYBODY or name.startswith("accounts:proconnect")
        if asks_to_sign_in(answer) == is_open and not name.startswith(("mfa_", "account_logout")):
            wrong.append(f"{name}: {answer.status_code} {answer.get('Location', '')}")
    assert wrong == []


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize("role", list(Role))
def test_nobody_gets_through_where_the_table_does_not_say(role: Role) -> None:
    cache.clear()
    world = Cast()
    wrong = []
    asked: set[str] = set()
    for place in PLACES:
        client, who = world.client(role, place), f"{role.value}@{place}"
        nothing = bare(client.get("/nulle-part/"))
        for name, line in ROUTES.items():
            if line.to == EVERYBODY or (line.to == SIGNED_IN and place != "own"):
                continue
            try:
                answer = ask(client, world.address(name, line), line)
            except AssertionError as found:  # what every page is held to (tests/harness)
                wrong.append(f"{who} {name}: {found}")
                continue
            let = line.to == SIGNED_IN or who in line.to
            through = answer.status_code not in {404, 500} and not asks_to_sign_in(answer)
            if let != through:
                wrong.append(
                    f"{who} {name}: {answer.status_code}, attendu {'oui' if let else '404'}"
                )
            elif not let and line.about:
                # What never existed answers like an address that is none: asked once a role, the
                # place has no part in it. What is refused answers like both, in every place.
                if name not in asked:
                    asked.add(name)
                    unknown = ask(client, nowhere(name, line), line)
                    wrong += [f"{who} {name}: inconnu, autre 404"] * (bare(unknown) != nothing)
                if bare(answer) != nothing:
                    wrong.append(f"{who} {name}: 404 différent de ce qui n’existe pas")
    assert wrong == []
