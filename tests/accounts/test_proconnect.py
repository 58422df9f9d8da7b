"""ProConnect, from the button to the session, against a provider of our own."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from tests import cast
from tests.accounts import provider as providers
from tests.accounts.provider import CLIENT, OTHER_KEY, Provider

from raccord.accounts import services
from raccord.accounts.models import User
from raccord.accounts.roles import Role
from raccord.territory.kinds import Kind

pytestmark = pytest.mark.django_db

BACK = "/compte/proconnect/retour/"
AGENT = "agent@exemple.test"


@pytest.fixture
def provider(settings: Any) -> Iterator[Provider]:
    with providers.running() as found:
        settings.PROCONNECT = settings.OIDC_OP_ISSUER = found.address
        settings.OIDC_RP_CLIENT_ID, settings.OIDC_RP_CLIENT_SECRET = CLIENT, "secret d’essai"
        for name in ("AUTHORIZATION", "TOKEN", "USER", "JWKS"):
            path = {"AUTHORIZATION": "authorize", "USER": "userinfo"}.get(name, name.lower())
            setattr(settings, f"OIDC_OP_{name}_ENDPOINT", f"{found.address}/{path}")
        yield found


def enter(provider: Provider, client: Client | None = None) -> tuple[Client, Any]:
    client = client or Client()
    left = client.get("/compte/proconnect/")
    assert left["Location"].startswith(provider.address + "/authorize?")
    return client, client.get(BACK, provider.authorize(left["Location"]))


def agent(role: Role = Role.STEERING, **fields: Any) -> User:
    kind = Kind.LYCEE if role == Role.HEAD else Kind.RECTORAT
    return cast.member(cast.structure(kind), role, who=cast.user(email=AGENT), **fields)


def is_refused(client: Client, answer: Any) -> bool:
    assert answer["Location"] == "/compte/connexion/"
    page = client.get(answer["Location"]).content.decode()
    assert client.get("/mon-compte/").status_code == 302
    return "ProConnect ne vous a pas ouvert Raccord" in page


def test_it_is_off_unless_configured() -> None:
    assert Client().get("/compte/proconnect/").status_code == 404
    assert Client().get(BACK, {"code": "x", "state": "y"}).status_code == 404
    assert "ProConnect" not in Client().get("/compte/connexion/").content.decode()


def test_an_account_is_found_by_its_address(provider: Provider) -> None:
    agent()
    assert "/compte/proconnect/" in Client().get("/compte/connexion/").content.decode()
    client, answer = enter(provider)
    assert answer["Location"] == "/"
    assert AGENT in client.get("/mon-compte/").content.decode()


def test_no_account_is_made_from_nothing(provider: Provider) -> None:
    client, answer = enter(provider)
    assert is_refused(client, answer)
    assert not User.objects.exists()


def test_an_invitation_opens_the_account(provider: Provider) -> None:
    school = cast.structure()
    services.authorise_correspondent(cast.actor(school), school=school, email=AGENT)
    provider.identity["acr"] = "eidas2"
    client, answer = enter(provider)
    assert answer["Location"] == "/"
    assert "Maé" in client.get("/mon-compte/").content.decode()
    assert not User.objects.get(email=AGENT).has_usable_password()


def test_the_mailbox_of_a_school_is_nobody(provider: Provider) -> None:
    school = cast.structure(email=AGENT)
    admin = cast.actor(cast.structure(Kind.RECTORAT), Role.TERRITORY_ADMIN)
    services.equip_territory(admin, academie=school.academie)
    client, answer = enter(provider)
    assert is_refused(client, answer)


@pytest.mark.parametrize(
    ("identity", "enters"),
    [
        ({}, False),
        ({"acr": "eidas1"}, False),
        ({"acr": "eidas2"}, True),
        ({"amr": ["pwd", "mfa"]}, True),
    ],
)
def test_a_second_factor_there_spares_ours_and_only_then(
    provider: Provider, identity: dict[str, Any], enters: bool
) -> None:
    agent(Role.HEAD)
    provider.identity |= identity
    client, _ = enter(provider)
    answer = client.get("/mon-compte/")
    assert (answer.status_code == 200) == enters
    if not enters:
        assert answer["Location"].startswith("/compte/facteur/")


WRONG: dict[str, tuple[str, Any]] = {
    "another audience": ("identity", {"aud": "un-autre-service"}),
    "another issuer": ("identity", {"iss": "http://ailleurs.test"}),
    "an expired token": ("identity", {"exp": int(time.time()) - 120}),
    "another nonce": ("identity", {"nonce": "celui-d-hier"}),
    "no nonce": ("identity", {"nonce": None}),
    "another signature": ("key", OTHER_KEY),
    "information for another service": ("person", {"email": AGENT, "aud": "un-autre-service"}),
    "information about somebody else": ("person", {"email": AGENT, "sub": "s-2"}),
    "expired information": ("person", {"email": AGENT, "exp": int(time.time()) - 120}),
    "information signed by another": ("userinfo_key", OTHER_KEY),
    "information not signed": ("userinfo_type", "application/json"),
    "no address": ("person", {"email": None}),
    "an address not verified": ("person", {"email": AGENT, "email_verified": False}),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_not_right_opens_nothing(provider: Provider, wrong: str) -> None:
    agent()
    name, value = WRONG[wrong]
    setattr(provider, name, value)
    client, answer = enter(provider)
    assert is_refused(client, answer)


def test_an_answer_serves_once_and_in_the_browser_that_asked(provider: Provider) -> None:
    agent()
    client = Client()
    brought = provider.authorize(client.get("/compte/proconnect/")["Location"])
    assert Client().get(BACK, brought)["Location"] == "/compte/connexion/"
    assert client.get(BACK, brought)["Location"] == "/"
    provider.asked.clear()
    client.post("/compte/deconnexion/")
    assert client.get(BACK, brought)["Location"] == "/compte/connexion/"
    assert provider.asked == []


def test_a_disabled_account_does_not_enter(provider: Provider) -> None:
    services.disable_user(None, user=agent())
    client, answer = enter(provider)
    assert answer["Location"] == "/compte/ferme/"
    assert client.get("/mon-compte/").status_code == 302
