"""What people are told: they read it once, and the e-mails say nothing of anybody."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from tests import cast
from tests.queries import recorded

from raccord.accounts.actors import Actor
from raccord.accounts.middleware import acting_in_database
from raccord.accounts.models import Membership
from raccord.accounts.roles import Role
from raccord.followup import services as acts
from raccord.followup.models import Case, Notification, Preference
from raccord.followup.notifications import sending
from raccord.followup.notifications.models import NotificationKind, Rhythm
from raccord.followup.notifications.services import notify
from raccord.followup.relay import services
from raccord.followup.search import searchable
from raccord.territory.kinds import Kind
from raccord.territory.models import Structure

pytestmark = pytest.mark.django_db

#: Seven in the morning in Paris.
MORNING = datetime(2026, 11, 23, 6, 10, tzinfo=UTC)


@pytest.fixture
def school() -> Structure:
    return cast.structure(name="Lycée Marguerite-Yourcenar")


@pytest.fixture
def head(school: Structure) -> Actor:
    return cast.actor(school)


@pytest.fixture
def cio() -> Structure:
    return cast.structure(Kind.CIO, name="CIO de la Loire")


@pytest.fixture
def adviser(cio: Structure) -> Actor:
    return cast.actor(cio, Role.AGENT)


@pytest.fixture
def case(school: Structure) -> Case:
    return cast.case(school, of=cast.person(last_name="Quimperlé", first_name="Maëlys"))


@pytest.fixture
def client(adviser: Actor) -> Client:
    return cast.signed_in(adviser.user)


def text(answer: Any) -> str:
    assert answer.status_code == 200
    return " ".join(answer.content.decode().replace("\u00a0", " ").replace("\u202f", " ").split())


def wants(actor: Actor, rhythm: Rhythm) -> None:
    Preference.objects.create(user=actor.user, rhythm=rhythm)


# --- in the application ---------------------------------------------------------------------------


def test_the_bell_costs_no_query(
    head: Actor, adviser: Actor, client: Client, case: Case, cio: Structure
) -> None:
    client.get("/mes-acces/")
    with recorded() as before:
        client.get("/mes-acces/")
    services.hand_over(head, receivers={case.pk: cio}, reason="interview")
    with recorded() as after:
        page = client.get("/mes-acces/")
    assert after.text == before.text
    assert '1<span class="fr-sr-only"> non lue</span>' in page.content.decode()


def test_opening_the_case_marks_it_as_read(
    head: Actor, adviser: Actor, client: Client, case: Case, cio: Structure
) -> None:
    services.hand_over(head, receivers={case.pk: cio}, reason="interview")
    page = text(client.get("/notifications/"))
    assert "1 nouvelle." in page
    assert "Un dossier vous est proposé." in page
    assert case.person.last_name not in page
    line = Notification.objects.get(user=adviser.user)
    answer = client.get(f"/notifications/{line.pk}/", follow=True)
    assert answer.redirect_chain[-1][0] == f"/dossiers/{case.pk}/"
    assert "Vous avez tout lu." in text(client.get("/notifications/"))


def test_everything_is_marked_as_read_at_once(
    head: Actor, adviser: Actor, client: Client, case: Case, cio: Structure
) -> None:
    services.hand_over(head, receivers={case.pk: cio}, reason="interview")
    client.post("/notifications/lues/")
    assert Notification.objects.get(user=adviser.user).read_at is not None


def test_a_relay_taken_back_waits_no_more(
    head: Actor, adviser: Actor, client: Client, case: Case, cio: Structure
) -> None:
    services.hand_over(head, receivers={case.pk: cio}, reason="interview")
    services.withdraw(head, case=case.pk)
    assert Notification.objects.get(user=adviser.user).read_at is not None
    assert "Un dossier vous est proposé." not in text(client.get("/notifications/"))
    assert sending.send(Rhythm.DAILY, MORNING).sent == 0


def test_nobody_reads_the_lines_of_another(
    head: Actor, adviser: Actor, case: Case, cio: Structure
) -> None:
    services.hand_over(head, receivers={case.pk: cio}, reason="interview")
    line = Notification.objects.get(user=adviser.user)
    stranger = cast.actor(cio, Role.LEAD)
    other = cast.signed_in(stranger.user)
    assert other.get(f"/notifications/{line.pk}/").status_code == 404
    other.post("/notifications/lues/", {"ligne": str(line.pk)})
    assert Notification.objects.get(pk=line.pk).read_at is None
    with acting_in_database(stranger.user.pk):
        assert not Notification.objects.filter(user=adviser.user).exists()
        assert not Notification.objects.filter(user=adviser.user).update(read_at=timezone.now())


def test_the_school_learns_that_a_case_ended(
    head: Actor, adviser: Actor, case: Case, cio: Structure
) -> None:
    Case.objects.filter(pk=case.pk).update(holder=cio)
    acts.record_situation(adviser, case=case.pk, kind="schooled", proof="certificate", place="X")
    case.refresh_from_db()
    assert case.status == "closed"
    told = Notification.objects.filter(kind="outcome")
    assert [line.user for line in told] == [head.user]
    page = text(cast.signed_in(head.user).get("/notifications/"))
    assert "a trouvé une issue" in page


def test_practising_tells_nobody(head: Actor, case: Case, school: Structure) -> None:
    case.person.training = True
    assert notify(NotificationKind.RECEIVED, case=case, structure=school) == 0


# --- by e-mail ------------------------------------------------------------------------------------


def test_each_time_a_digest_or_never(
    head: Actor, adviser: Actor, case: Case, cio: Structure
) -> None:
    lead, silent = cast.actor(cio, Role.LEAD), cast.actor(cio, Role.AGENT)
    wants(lead, Rhythm.EACH)
    wants(silent, Rhythm.NEVER)
    services.hand_over(head, receivers={case.pk: cio}, reason="interview")
    call_command("send_notifications")
    assert [m.to for m in mail.outbox] == [[lead.user.email]]
    assert sending.send(Rhythm.DAILY, MORNING + timedelta(hours=3)).sent == 0
    assert sending.send(Rhythm.DAILY, MORNING).sent == 1
    assert mail.outbox[-1].to == [adviser.user.email]
    assert sending.send(Rhythm.DAILY, MORNING).sent == 0
    assert not Notification.objects.filter(emailed_at__isnull=True).exists()


def test_the_morning_is_that_of_the_territory(case: Case) -> None:
    far = cast.academie("04", "La Réunion")
    far.time_zone = "Indian/Reunion"
    far.save()
    there = cast.structure(Kind.CIO, departement=cast.departement("974", far))
    who = cast.actor(there, Role.AGENT)
    Notification.objects.create(user=who.user, kind="answer")
    assert sending.send(Rhythm.DAILY, MORNING).sent == 0
    assert sending.send(Rhythm.DAILY, MORNING - timedelta(hours=3)).sent == 1


def test_nothing_is_sent_to_who_no_longer_sees_the_case(
    head: Actor, adviser: Actor, case: Case, cio: Structure
) -> None:
    services.hand_over(head, receivers={case.pk: cio}, reason="interview")
    Membership.objects.filter(user=adviser.user).update(revoked_at=timezone.now())
    assert sending.send(Rhythm.DAILY, MORNING).sent == 0
    assert not mail.outbox


def test_what_did_not_leave_is_tried_again(
    head: Actor, adviser: Actor, case: Case, cio: Structure, monkeypatch: pytest.MonkeyPatch
) -> None:
    services.hand_over(head, receivers={case.pk: cio}, reason="interview")

    class Closed:
        def send_messages(self, messages: list[EmailMessage]) -> int:
            raise OSError("connexion refusée")

    with monkeypatch.context() as patched:
        patched.setattr(sending, "get_connection", Closed)
        assert sending.send(Rhythm.DAILY, MORNING) == sending.Sent(0, 1)
    assert Notification.objects.get(user=adviser.user).emailed_at is None
    assert sending.send(Rhythm.DAILY, MORNING) == sending.Sent(1, 0)


def test_an_email_says_nothing_of_anybody(
    head: Actor, adviser: Actor, case: Case, cio: Structure, school: Structure
) -> None:
    """Every kind of line, about somebody whose every name is rare."""
    for kind in NotificationKind:
        Notification.objects.create(
            user=adviser.user, kind=kind, case=case, structure=school, at=timezone.now()
        )
    services.hand_over(head, receivers={case.pk: cio}, reason="interview", note="Un mot rare")
    assert sending.send(Rhythm.DAILY, MORNING).sent == 1
    [sent] = mail.outbox
    said = f"{sent.subject}\n{sent.body}"
    folded = searchable(said).split()
    for hidden in _told_of(case, head, school):
        assert hidden not in said
        assert searchable(hidden) not in folded
    assert len(re.findall("[0-9a-f]{8}", said)) == 0, "no key of a case"
    assert "/notifications/" in said


def _told_of(case: Case, head: Actor, school: Structure) -> Iterator[str]:
    person = case.person
    yield from (person.last_name, person.first_name, str(case.pk), case.pk.hex[:8])
    yield f"{person.first_name[0]}. {person.last_name[0]}."
    yield from (school.name, school.uai, head.user.last_name, "Un mot rare", "1re ASSP")
    yield from (person.details.phone, str(person.birth_date.year))
