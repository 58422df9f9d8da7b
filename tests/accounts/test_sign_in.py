"""Signing in: a password that holds, a second factor, sessions that end."""

import re
import time
from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from allauth.usersessions.models import UserSession
from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from tests import cast

from raccord.accounts import admission, second_factor, services
from raccord.accounts.models import Membership, User
from raccord.accounts.roles import Role
from raccord.territory.kinds import Kind

pytestmark = pytest.mark.django_db

SIGN_IN = "/compte/connexion/"


@pytest.fixture(autouse=True)
def counters_start_at_zero() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def enter(client: Client, email: str, password: str = cast.PASSWORD):  # type: ignore[no-untyped-def]
    return client.post(SIGN_IN, {"login": email, "password": password})


def signed_in_with_a_factor(who: User) -> tuple[Client, str]:
    """Through the pages, from the first sign-in to the application."""
    client = Client()
    assert enter(client, who.email)["Location"] == "/"
    page = client.get("/", follow=True)
    assert page.redirect_chain[-1][0].startswith("/compte/facteur/")
    secret = re.search(
        r'id="cle">(\w+)<', client.get("/compte/facteur/application/").content.decode()
    )[1]  # type: ignore[index]
    answer = client.post("/compte/facteur/application/", {"code": cast.code(secret)})
    assert answer["Location"] == "/compte/facteur/secours/"
    return client, secret


def test_the_first_sign_in_leads_to_a_second_factor_then_to_the_list() -> None:
    head = cast.member(cast.structure())
    client, secret = signed_in_with_a_factor(head)
    codes = client.get("/compte/facteur/secours/").content.decode()
    assert len(re.findall(r"<li><code>", codes)) == 10
    assert client.get("/").status_code == 200
    kept = Authenticator.objects.get(user=head, type="totp")
    assert secret not in str(kept.data)


def test_the_second_sign_in_asks_for_the_code() -> None:
    head = cast.member(cast.structure())
    signed_in_with_a_factor(head)
    cache.clear()
    other = Client()
    assert enter(other, head.email)["Location"].startswith("/compte/facteur/verifier/")
    assert other.get("/")["Location"].startswith(SIGN_IN)
    wrong = other.post("/compte/facteur/verifier/", {"code": "000000"})
    assert "Ce code n’est pas le bon" in wrong.content.decode()
    recovery = Authenticator.objects.get(user=head, type="recovery_codes").wrap()
    entered = other.post("/compte/facteur/verifier/", {"code": recovery.get_unused_codes()[0]})
    assert entered["Location"] == "/"
    assert other.get("/").status_code == 200


@pytest.fixture
def stopped_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """No half-minute ends between the code and its reading."""
    now = time.time()
    monkeypatch.setattr(totp, "time", SimpleNamespace(time=lambda: now))


@pytest.mark.usefixtures("stopped_clock")
@pytest.mark.parametrize(("steps_ago", "enters"), [(2, False), (1, True), (-1, True), (-2, False)])
def test_a_slow_hand_or_a_telephone_half_a_minute_off_still_enters(
    steps_ago: int, enters: bool
) -> None:
    head = cast.member(cast.structure())
    _, secret = signed_in_with_a_factor(head)
    other = Client()
    enter(other, head.email)
    answer = other.post("/compte/facteur/verifier/", {"code": cast.code(secret, steps_ago)})
    assert (answer.status_code == 302) == enters


@pytest.mark.usefixtures("stopped_clock")
def test_a_code_opens_once_whichever_process_answers() -> None:
    """Several processes serve one address: what one of them remembers, the other does not."""
    head = cast.member(cast.structure())
    _, secret = signed_in_with_a_factor(head)
    used = cast.code(secret)
    spaced = f"{used[:3]} {used[3:]}"
    answers = []
    for code in (used, spaced, cast.code(secret, steps_ago=1), cast.code(secret, steps_ago=-1)):
        cache.clear()
        other = Client()
        enter(other, head.email)
        answers.append(other.post("/compte/facteur/verifier/", {"code": code}))
    assert [answer.status_code for answer in answers] == [302, 200, 200, 302]
    assert "a déjà servi" in answers[1].content.decode()


def test_who_knows_the_password_may_not_try_every_code(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    head = cast.member(cast.structure())
    _, secret = signed_in_with_a_factor(head)

    def typed(code: str) -> HttpResponse:
        cache.clear()  # another process, each time
        client = Client()
        enter(client, head.email)
        return client.post("/compte/facteur/verifier/", {"code": code})

    mail.outbox.clear()
    wrong = [typed("000000") for _ in range(second_factor.WRONG)]
    assert all("Ce code n’est pas le bon" in answer.content.decode() for answer in wrong)
    assert [message.to for message in mail.outbox] == [[head.email]]
    assert "Changez-le sans attendre" in mail.outbox[0].body
    assert "Trop de codes faux" in typed(cast.code(secret)).content.decode()
    monkeypatch.setattr(second_factor, "WAIT", 0)
    assert typed(cast.code(secret)).status_code == 302
    monkeypatch.undo()
    assert "Ce code n’est pas le bon" in typed("000000").content.decode()


def test_a_code_that_was_not_read_is_no_wrong_code(settings: Any) -> None:
    """A whole school behind one address may have to wait: nobody's codes close for that."""
    head = cast.member(cast.structure())
    _, secret = signed_in_with_a_factor(head)
    client = Client()
    enter(client, head.email)
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "1/m/ip"}
    cache.clear()
    answers = [
        client.post("/compte/facteur/verifier/", {"code": code}).content.decode()
        for code in ("000000", cast.code(secret))
    ]
    assert "Ce code n’est pas le bon" in answers[0]
    assert "Trop d’essais" in answers[1]
    assert Authenticator.objects.get(user=head, type="totp").data["wrong"] == 1


def test_without_a_second_factor_one_goes_nowhere_else() -> None:
    head = cast.member(cast.structure())
    client = Client()
    enter(client, head.email)
    for address in ("/", "/mon-compte/", "/compte/mot-de-passe/", "/nulle-part/"):
        assert client.get(address)["Location"].startswith("/compte/facteur/")
        assert client.post(address)["Location"] == "/compte/facteur/"
    part = client.get("/mon-compte/", headers={"HX-Request": "true"})
    assert part.status_code == 204
    assert part["HX-Redirect"].startswith("/compte/facteur/")


@pytest.mark.parametrize("role", [Role.STEERING, Role.TERRITORY_ADMIN, Role.TECHNICAL, Role.DPO])
def test_those_who_see_no_names_may_enter_with_a_password(role: Role) -> None:
    someone = cast.member(cast.structure(Kind.RECTORAT), role)
    client = Client()
    enter(client, someone.email)
    assert client.get("/mon-compte/").status_code == 200


def test_a_demonstration_account_needs_the_demonstration_and_this_machine(settings) -> None:  # type: ignore[no-untyped-def]
    shown = cast.member(cast.structure(), who=cast.user(demo=True))
    assert enter(Client(), shown.email)["Location"] == "/compte/ferme/"
    settings.DEMO = True
    client = Client()
    assert enter(client, shown.email)["Location"] == "/"
    assert client.get("/mon-compte/").status_code == 200
    assert client.get("/mon-compte/", REMOTE_ADDR="192.0.2.7")["Location"].startswith(SIGN_IN)
    behind = Client(headers={"X-Forwarded-For": "127.0.0.1"})
    assert enter(behind, shown.email)["Location"] == "/compte/ferme/"
    ordinary = cast.member(cast.structure())
    other = Client()
    enter(other, ordinary.email)
    assert other.get("/mon-compte/")["Location"].startswith("/compte/facteur/")


def test_an_unknown_address_answers_like_a_wrong_password() -> None:
    head = cast.member(cast.structure())
    answers = []
    for address in (head.email, "inconnu@exemple.test"):
        text = enter(Client(), address, "pas le bon mot de passe").content.decode()
        text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", text)
        answers.append(text.replace(address, ""))
    assert answers[0] == answers[1]
    assert "Le courriel ou le mot de passe ne correspond pas" in answers[0]


def test_a_forgotten_password_says_the_same_whether_the_account_exists_or_not() -> None:
    head = cast.member(cast.structure())
    enter(Client(), head.email)
    for address in (head.email, "inconnu@exemple.test"):
        answer = Client().post("/compte/mot-de-passe/oublie/", {"email": address})
        assert answer["Location"] == "/compte/mot-de-passe/oublie/envoye/"
    assert [message.to for message in mail.outbox] == [[head.email]]
    link = re.search(r"/compte/mot-de-passe/lien/\S+", mail.outbox[0].body)
    assert link is not None
    client = Client()
    page = client.get(link[0], follow=True)
    assert page.status_code == 200
    new = {"password1": "la barque verte du canal", "password2": "la barque verte du canal"}
    done = client.post(page.redirect_chain[-1][0], new)
    assert done["Location"] == "/compte/mot-de-passe/enregistre/"
    head.refresh_from_db()
    assert head.check_password(new["password1"])


def test_eight_wrong_passwords_close_the_door_for_this_place_only() -> None:
    head = cast.member(cast.structure())
    client = Client()
    codes = [enter(client, head.email.upper(), f"essai numero {n}").status_code for n in range(9)]
    assert codes[:7] == [200] * 7
    assert codes[-1] == 429
    assert enter(client, head.email).status_code == 429
    elsewhere = Client(REMOTE_ADDR="192.0.2.9")
    assert enter(elsewhere, head.email).status_code == 302


@pytest.mark.parametrize(
    "guessable",
    ["motdepasse2026!", "azertyuiop1234567", "aaaaaaaaaaaaaaaaa", "lyceelyceelycee", "court",
     "administrateur1", "12345678901234567"],
)  # fmt: skip
def test_a_guessable_password_is_refused_in_french(guessable: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        validate_password(guessable, cast.user())
    assert all("password" not in message for message in refusal.value.messages)


@pytest.mark.parametrize(
    "phrase", [cast.PASSWORD, "la barque verte du canal", "Tr0is-Ecluses&Pont"]
)
def test_a_phrase_is_a_good_password(phrase: str) -> None:
    validate_password(phrase, cast.user())


def test_a_membership_that_ended_closes_the_session_at_the_next_request() -> None:
    head = cast.member(cast.structure())
    client = cast.signed_in(head)
    assert client.get("/").status_code == 200
    Membership.objects.update(ends_on=timezone.localdate() - timedelta(days=1))
    answer = client.get("/", follow=True)
    assert answer.redirect_chain[0][0].startswith(SIGN_IN)
    assert "Votre habilitation a pris fin" in answer.content.decode()
    assert enter(Client(), head.email)["Location"] == "/compte/ferme/"


def test_a_disabled_account_loses_every_session_at_once() -> None:
    head = cast.member(cast.structure())
    client = cast.signed_in(head)
    services.disable_user(None, user=head)
    assert client.get("/")["Location"].startswith(SIGN_IN)
    User.objects.update(is_active=True)
    assert client.get("/")["Location"].startswith(SIGN_IN)


def at(client: Client, **moved: float) -> None:
    """Move the clock of a session."""
    session = client.session
    for key, seconds in moved.items():
        session[f"raccord.{key}"] = int(time.time() - seconds)
    session.save()


def test_half_an_hour_without_a_request_closes_the_session_of_those_who_see_names() -> None:
    head = cast.signed_in(cast.member(cast.structure()))
    steering = cast.signed_in(cast.member(cast.structure(Kind.RECTORAT), Role.STEERING))
    for client in (head, steering):
        client.get("/mon-compte/")
        at(client, seen=29 * 60)
        assert client.get("/mon-compte/").status_code == 200
        at(client, seen=31 * 60)
    assert head.get("/mon-compte/")["Location"].startswith(SIGN_IN)
    assert steering.get("/mon-compte/").status_code == 200


def test_no_session_lasts_more_than_eight_hours_even_busy() -> None:
    client = cast.signed_in(cast.member(cast.structure(Kind.RECTORAT), Role.STEERING))
    client.get("/mon-compte/")
    assert admission.SINCE in client.session
    at(client, since=8 * 3600 + 60, seen=10)
    assert client.get("/mon-compte/")["Location"].startswith(SIGN_IN)


def test_a_fourth_device_closes_the_first() -> None:
    someone = cast.member(cast.structure(Kind.RECTORAT), Role.STEERING)
    devices = [Client() for _ in range(4)]
    for client in devices:
        enter(client, someone.email)
    codes = [client.get("/mon-compte/").status_code for client in devices]
    assert codes == [302, 200, 200, 200]


def test_a_device_can_be_closed_from_another_and_only_by_its_owner() -> None:
    someone = cast.member(cast.structure(Kind.RECTORAT), Role.STEERING)
    first, second = Client(headers={"User-Agent": "Mozilla/5.0 (Windows) Firefox/150.0"}), Client()
    enter(first, someone.email)
    enter(second, someone.email)
    page = second.get("/mon-compte/").content.decode()
    assert "Firefox sur Windows" in page
    theirs = UserSession.objects.exclude(session_key=second.session.session_key).get()
    stranger = cast.signed_in(cast.member(cast.structure()))
    address = f"/mon-compte/appareils/{theirs.pk}/"
    assert stranger.post(address).status_code == 404
    assert second.post(address).status_code == 302
    assert first.get("/mon-compte/").status_code == 302
    assert second.get("/mon-compte/").status_code == 200


def test_signing_out_empties_the_browser() -> None:
    client = cast.signed_in(cast.member(cast.structure()))
    assert client.get("/compte/deconnexion/").status_code == 200
    answer = client.post("/compte/deconnexion/")
    assert answer["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    assert not Session.objects.exists()


def test_changing_the_password_asks_again_and_closes_the_other_devices() -> None:
    someone = cast.member(cast.structure(Kind.RECTORAT), Role.STEERING)
    here, there = Client(), Client()
    enter(here, someone.email)
    enter(there, someone.email)
    new = "la barque verte du canal"
    fields = {"oldpassword": cast.PASSWORD, "password1": new, "password2": new}
    assert here.post("/compte/mot-de-passe/", fields).status_code == 302
    assert there.get("/mon-compte/").status_code == 302


def test_an_account_shows_memberships_and_who_gave_them() -> None:
    giver = cast.user(first_name="Dominique", last_name="Fictif")
    head = cast.member(cast.structure(name="Lycée des Essais"), granted_by=giver)
    page = cast.signed_in(head).get("/mon-compte/").content.decode()
    assert "Lycée des Essais" in page
    assert "Dominique Fictif" in page


def test_what_was_typed_stays_when_refused() -> None:
    client = cast.signed_in(cast.member(cast.structure()))
    given = {"first_name": "Camille", "last_name": "Exemple", "phone": "douze"}
    page = client.post("/mon-compte/", given).content.decode()
    assert "« douze » n’est pas un numéro" in page
    assert 'value="douze"' in page
    assert client.post("/mon-compte/", given | {"phone": "02 40 00 00 00"}).status_code == 302
