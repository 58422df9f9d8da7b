"""Several cases at once, and the filters that somebody keeps."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from tests import cast

from raccord.accounts.actors import Actor
from raccord.accounts.middleware import acting_in_database
from raccord.accounts.roles import Role
from raccord.followup.desk.models import SavedFilter
from raccord.followup.models import Case, Notification, Party
from raccord.followup.relay import services
from raccord.followup.services.acting import Refused
from raccord.territory.kinds import Kind
from raccord.territory.models import Structure

pytestmark = pytest.mark.django_db


@pytest.fixture
def cio() -> Structure:
    return cast.structure(Kind.CIO, name="CIO de la Loire")


@pytest.fixture
def adviser(cio: Structure) -> Actor:
    return cast.actor(cio, Role.AGENT)


@pytest.fixture
def client(adviser: Actor) -> Client:
    return cast.signed_in(adviser.user)


@pytest.fixture
def cases(cio: Structure) -> list[Case]:
    school = cast.structure()
    made = [cast.case(school) for _ in range(3)]
    for case in made:
        Case.objects.filter(pk=case.pk).update(holder=cio, stage="diagnosis")
    return made


def text(answer: Any) -> str:
    assert answer.status_code == 200
    return " ".join(answer.content.decode().replace("\u00a0", " ").replace("\u202f", " ").split())


def ticked(cases: list[Case], **more: str) -> dict[str, Any]:
    for case in cases:
        case.refresh_from_db()
    return {"case": [f"{c.pk}.{c.version}" for c in cases], "retour": "/liste/"} | more


def test_cases_are_entrusted_to_a_colleague_together(
    client: Client, adviser: Actor, cio: Structure, cases: list[Case]
) -> None:
    colleague = cast.member(cio, Role.AGENT)
    asked = text(client.post("/liste/ensemble/", ticked(cases, acte="confier")))
    assert "3 dossiers à confier" in asked
    assert str(colleague) in asked
    done = client.post(
        "/liste/ensemble/", ticked(cases, acte="confier", user=str(colleague.pk)), follow=True
    )
    assert "3 dossiers confiés." in text(done)
    assert set(Case.objects.values_list("assigned_to", flat=True)) == {colleague.pk}
    assert Notification.objects.filter(user=colleague, kind="assigned").count() == 3
    assert "À moi" in text(cast.signed_in(colleague).get("/liste/?liste=a-moi"))


def test_cases_are_paused_together(client: Client, cases: list[Case]) -> None:
    until = timezone.localdate() + timedelta(days=20)
    client.post("/liste/ensemble/", ticked(cases, acte="pause", until=until.isoformat()))
    assert set(Case.objects.values_list("status", "next_act_on")) == {("paused", until)}
    late = text(client.post("/liste/ensemble/", ticked(cases, acte="pause", until="2020-01-01")))
    assert "Choisissez un jour à venir." in late


def test_a_structure_joins_several_cases(client: Client, cases: list[Case]) -> None:
    group = cast.structure(Kind.PSAD, name="PSAD de Nantes")
    asked = text(client.post("/liste/ensemble/", ticked(cases, acte="associer")))
    assert "PSAD de Nantes" in asked
    client.post(
        "/liste/ensemble/", ticked(cases, acte="associer", to=str(group.pk), reason="group")
    )
    assert Party.objects.filter(structure=group, kind="associated").count() == 3


def test_all_or_none(client: Client, cases: list[Case]) -> None:
    given = ticked(cases, acte="pause", until=str(timezone.localdate() + timedelta(days=9)))
    Case.objects.filter(pk=cases[2].pk).update(version=99)
    answer = client.post("/liste/ensemble/", given, follow=True)
    assert "ce dossier a changé pendant que vous écriviez." in text(answer)
    assert not Case.objects.filter(status="paused").exists()


def test_several_refused_for_one_say_for_whom(
    client: Client, adviser: Actor, cio: Structure, cases: list[Case]
) -> None:
    colleague = cast.member(cio, Role.AGENT)
    given = ticked(cases, acte="confier", user=str(colleague.pk))
    Case.objects.filter(pk=cases[1].pk).update(version=9)
    page = text(client.post("/liste/ensemble/", given, follow=True))
    assert f"{cases[1].person} : ce dossier a changé pendant que vous écriviez." in page
    with pytest.raises(Refused) as told:
        services.associate_together(
            adviser, cases=[c.pk for c in cases], structure=cio, reason="joint"
        )
    assert any(c.person.last_name in str(told.value) for c in cases)
    assert not Case.objects.filter(assigned_to=colleague).exists()


def test_nobody_ticked_is_refused_in_words(adviser: Actor, cio: Structure) -> None:
    with pytest.raises(Refused, match="Aucun jeune n’est choisi"):
        services.assign(adviser, cases=[], user=adviser.user.pk)
    with pytest.raises(Refused, match="Aucun jeune n’est choisi"):
        services.hand_over(adviser, receivers={}, reason="interview")


def test_what_is_not_yours_cannot_be_ticked(cases: list[Case]) -> None:
    stranger = cast.actor(cast.structure(Kind.CIO), Role.AGENT)
    answer = cast.signed_in(stranger.user).post("/liste/ensemble/", ticked(cases, acte="confier"))
    assert answer.status_code == 404


# --- filters --------------------------------------------------------------------------------------


def test_a_filter_is_kept_without_what_was_searched(
    client: Client, adviser: Actor, cases: list[Case]
) -> None:
    asked = "liste=a-suivre&circuit=16-17"
    assert "Garder ce filtre" in text(client.get(f"/liste/?{asked}"))
    kept = {"nom": "Les 16-17", "filtre": f"{asked}&q=Martin&page=3"}
    assert "Filtre gardé" in text(client.post("/liste/filtres/", kept, follow=True))
    saved = SavedFilter.objects.get(user=adviser.user)
    assert saved.query == asked
    assert "Les 16-17" in text(client.get("/liste/"))
    client.post("/liste/filtres/", kept | {"filtre": "liste=a-moi&circuit=16-17"})
    assert SavedFilter.objects.get(user=adviser.user).query == "liste=a-moi&circuit=16-17"


def test_nobody_reads_or_forgets_the_filters_of_another(client: Client, adviser: Actor) -> None:
    saved = SavedFilter.objects.create(user=adviser.user, name="Le mien", query="liste=a-moi")
    stranger = cast.actor(cast.structure(Kind.CIO), Role.AGENT)
    other = cast.signed_in(stranger.user)
    assert "Le mien" not in text(other.get("/liste/"))
    other.post(f"/liste/filtres/{saved.pk}/oublier/")
    with acting_in_database(stranger.user.pk):
        assert not SavedFilter.objects.exists()
    client.post(f"/liste/filtres/{saved.pk}/oublier/")
    assert not SavedFilter.objects.exists()


@pytest.mark.parametrize("name", ["", "Les malades"])
def test_a_name_is_wanted_and_read(client: Client, adviser: Actor, name: str) -> None:
    client.post("/liste/filtres/", {"nom": name, "filtre": "liste=a-suivre&circuit=16-17"})
    assert not SavedFilter.objects.exists()
