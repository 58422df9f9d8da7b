"""Before 16: obligation d'instruction. The DASEN and the mayor are told, no partner ever."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from tests import cast

from raccord.accounts.actors import Actor
from raccord.accounts.middleware import acting_in_database
from raccord.accounts.roles import Role
from raccord.followup import services
from raccord.followup.models import Case, Notification, TimelineEvent
from raccord.followup.rights import Act
from raccord.followup.services.instructing import tell_dsden
from raccord.followup.vocabulary import Lane, PartyKind, Status
from raccord.territory.kinds import Kind

pytestmark = pytest.mark.django_db


@pytest.fixture
def young() -> Case:
    return cast.case(cast.structure(Kind.COLLEGE), lane=Lane.UNDER_16)


def page(client: Client, address: str) -> str:
    return " ".join(client.get(address).content.decode().replace("\u00a0", " ").split())


def test_a_school_tells_the_dsden_and_the_timeline_says_so(young: Case) -> None:
    dsden = cast.structure(Kind.DSDEN, name="DSDEN de l’Exemple")
    client = cast.signed_in(cast.member(young.holder))
    assert "Signaler à la DSDEN" in page(client, f"/dossiers/{young.pk}/")

    answer = client.post(f"/dossiers/{young.pk}/dsden/", {"version": 1, "mayor_told": "on"})

    assert answer.status_code == 302
    young.refresh_from_db()
    assert young.status == Status.TRANSMITTED
    assert young.holder == young.departures.get().structure
    sheet = page(client, f"/dossiers/{young.pk}/")
    assert "Signalé à la DSDEN : obligation d’instruction" in sheet
    assert f"{dsden.name}. Le maire est prévenu aussi." in sheet
    dasen = cast.signed_in(cast.member(dsden, Role.DASEN))
    assert young.person.last_name in page(dasen, "/?liste=signales")
    others = cast.case(young.holder, lane=Lane.UNDER_16)
    assert others.person.last_name not in page(dasen, "/?liste=signales")
    assert others.person.last_name in page(dasen, "/")
    assert "Signalé à la DSDEN" in page(dasen, f"/dossiers/{young.pk}/")


def test_the_dasen_and_the_ien_io_of_the_departement_are_told(young: Case) -> None:
    """And nobody else: a line that its reader could not follow would light their bell for ever."""
    dsden = cast.structure(Kind.DSDEN)
    dasen, ien = cast.member(dsden, Role.DASEN), cast.member(dsden, Role.IEN_IO)
    for role in (Role.AGENT, Role.STEERING, Role.DPO):
        cast.member(dsden, role)
    cast.member(dsden, Role.DASEN, ends_on=timezone.localdate() - timedelta(days=1))
    far = cast.structure(Kind.DSDEN, departement=cast.departement("049"))
    cast.member(far, Role.DASEN)
    head = cast.member(young.holder)
    with acting_in_database(head.pk):
        tell_dsden(Actor.of(head), case=young.pk)

    told = Notification.objects.all()
    assert {line.user_id for line in told} == {dasen.pk, ien.pk}
    assert {(line.kind, line.case_id, line.structure_id) for line in told} == {
        ("instruction", young.pk, dsden.pk)
    }
    shown = page(cast.signed_in(dasen), "/notifications/")
    assert "Un jeune de moins de 16 ans de votre département vous est signalé." in shown
    assert young.person.last_name not in shown


def test_nobody_is_told_of_an_invented_pupil() -> None:
    young = cast.case(
        cast.structure(Kind.COLLEGE, source="practice"),
        of=cast.person(training=True),
        lane=Lane.UNDER_16,
    )
    cast.member(cast.structure(Kind.DSDEN), Role.DASEN)
    head = cast.member(young.holder)
    tell_dsden(replace(Actor.of(head), training=True), case=young.pk)
    assert not Notification.objects.exists()


def test_it_is_taken_back_like_any_act(young: Case) -> None:
    head = cast.member(young.holder)
    with acting_in_database(head.pk):
        event = tell_dsden(Actor.of(head), case=young.pk)
        services.undo(Actor.of(head), event=event.pk)
        assert Case.objects.get(pk=young.pk).status == Status.TO_CHECK


@pytest.mark.parametrize("lane", [lane for lane in Lane if lane != Lane.UNDER_16])
def test_from_16_on_nobody_is_told_to_the_dsden(lane: Lane) -> None:
    case = cast.case(cast.structure(), lane=lane)
    head = cast.actor(case.holder)
    assert not case.abilities(head)[Act.TELL_DSDEN]
    with pytest.raises(services.Refused, match="16 ans"):
        tell_dsden(head, case=case.pk)


@pytest.mark.parametrize("kind", [Kind.CIO, Kind.MISSION_LOCALE, Kind.PSAD])
def test_no_partner_receives_somebody_under_16(young: Case, kind: Kind) -> None:
    head = cast.actor(young.holder)
    refusal = young.abilities(head)[Act.TRANSMIT]
    assert not refusal
    assert "aucun partenaire" in refusal.refusal
    tell_dsden(head, case=young.pk)
    partner = cast.actor(cast.structure(kind, basin=young.basin), Role.LEAD)
    assert not Case.objects.visible_to(partner).exists()
    assert not young.parties.exclude(kind__in=[PartyKind.ORIGIN, PartyKind.HOLDER]).exists()


@pytest.mark.parametrize(
    ("kind", "role"), [(Kind.DSDEN, Role.DASEN), (Kind.COLLEGE, Role.SECRETARIAT)]
)
def test_the_school_tells_and_nobody_else(young: Case, kind: Kind, role: Role) -> None:
    where = young.holder if kind is Kind.COLLEGE else cast.structure(kind)
    somebody = cast.actor(where, role)
    with pytest.raises(services.Refused):
        tell_dsden(somebody, case=young.pk)
    assert not TimelineEvent.objects.filter(kind="transmitted").exists()


def test_told_once(young: Case) -> None:
    head = cast.actor(young.holder)
    tell_dsden(head, case=young.pk)
    with pytest.raises(services.Refused, match="déjà signalé"):
        tell_dsden(head, case=young.pk)
