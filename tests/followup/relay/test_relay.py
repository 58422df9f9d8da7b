"""The baton passes: proposed, accepted, sent back, redirected; never in nobody's hands."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from tests import cast

from raccord.accounts.actors import Actor
from raccord.accounts.roles import Role
from raccord.followup import services as acts
from raccord.followup.models import Case, Handover, Notification, Party, TimelineEvent
from raccord.followup.relay import clocks, informing, reading, routing, services
from raccord.followup.services.acting import Refused
from raccord.followup.vocabulary import EventKind, PartyKind, Stage, Status
from raccord.territory.kinds import Kind
from raccord.territory.models import Structure

pytestmark = pytest.mark.django_db


@pytest.fixture
def school() -> Structure:
    return cast.structure(Kind.LYCEE, basin=cast.basin())


@pytest.fixture
def cio() -> Structure:
    return cast.structure(Kind.CIO, basin=cast.basin())


@pytest.fixture
def head(school: Structure) -> Actor:
    return cast.actor(school, Role.HEAD)


@pytest.fixture
def adviser(cio: Structure) -> Actor:
    return cast.actor(cio, Role.AGENT)


@pytest.fixture
def case(school: Structure) -> Case:
    return cast.case(school)


def propose(head: Actor, case: Case, to: Structure) -> Handover:
    services.hand_over(head, receivers={case.pk: to}, reason="interview")
    return Handover.objects.get(case=case, status="waiting")


def holders(case: Case) -> list[int]:
    """Who the database says holds the case, twice."""
    case.refresh_from_db()
    found = Party.objects.filter(case=case, kind=PartyKind.HOLDER, until=None)
    return [case.holder_id, *found.values_list("structure_id", flat=True)]


def sees(actor: Actor, case: Case) -> bool:
    return Case.objects.visible_to(actor).filter(pk=case.pk).exists()


def test_the_sender_holds_until_it_is_accepted(
    head: Actor, adviser: Actor, case: Case, school: Structure, cio: Structure
) -> None:
    assert not sees(adviser, case)
    handover = propose(head, case, cio)
    assert holders(case) == [school.pk, school.pk]
    assert case.status == Status.TRANSMITTED
    assert sees(adviser, case)
    assert Notification.objects.filter(user=adviser.user, kind="received", case=case).count() == 1

    services.accept(adviser, handover=handover.pk)
    assert holders(case) == [cio.pk, cio.pk]
    assert (case.status, case.stage) == (Status.TO_CHECK, Stage.DIAGNOSIS)
    assert case.assigned_to == adviser.user
    assert sees(head, case), "the school that was left goes on reading what becomes of its pupil"
    assert Notification.objects.filter(user=head.user, kind="accepted").exists()


def test_sent_back_it_finds_its_sender(
    head: Actor, adviser: Actor, case: Case, school: Structure, cio: Structure
) -> None:
    handover = propose(head, case, cio)
    services.send_back(adviser, handover=handover.pk, reason="not_our_area")
    assert holders(case) == [school.pk, school.pk]
    assert case.status == Status.TO_CHECK
    assert not sees(adviser, case)
    event = TimelineEvent.objects.filter(case=case, kind=EventKind.SENT_BACK).get()
    assert event.facts["why"] == "not_our_area"
    assert Notification.objects.filter(user=head.user, kind="sent_back").exists()


def test_redirected_it_waits_elsewhere(
    head: Actor, adviser: Actor, case: Case, cio: Structure
) -> None:
    other = cast.structure(Kind.CIO)
    colleague = cast.actor(other, Role.LEAD)
    handover = propose(head, case, cio)
    services.redirect(adviser, handover=handover.pk, to=other, reason="not_our_area")
    assert not sees(adviser, case)
    assert sees(colleague, case)
    handover.refresh_from_db()
    assert handover.status == "redirected"
    assert handover.redirected_to is not None
    services.accept(colleague, handover=handover.redirected_to.pk)
    assert holders(case) == [other.pk, other.pk]


def test_one_answer_only(head: Actor, adviser: Actor, case: Case, cio: Structure) -> None:
    handover = propose(head, case, cio)
    services.accept(adviser, handover=handover.pk)
    with pytest.raises(Refused, match="Aucun relais n’attend"):
        services.accept(adviser, handover=handover.pk)


def test_a_former_holder_reads_and_no_longer_writes(
    head: Actor, adviser: Actor, case: Case, cio: Structure
) -> None:
    services.accept(adviser, handover=propose(head, case, cio).pk)
    mlds = cast.structure(Kind.MLDS)
    services.accept(cast.actor(mlds, Role.LEAD), handover=propose(adviser, case, mlds).pk)
    able = Case.objects.visible_to(adviser).get(pk=case.pk).abilities(adviser)
    assert able["view"]
    assert not able["call"]
    assert able["ask"]


def test_undoing_a_proposal_withdraws_it(
    head: Actor, adviser: Actor, case: Case, cio: Structure
) -> None:
    [event] = services.hand_over(head, receivers={case.pk: cio}, reason="interview")
    acts.undo(head, event=event.pk)
    case.refresh_from_db()
    assert case.status == Status.TO_CHECK
    assert Handover.objects.get(case=case).status == "withdrawn"
    assert not sees(adviser, case)


def test_closing_ends_what_waits(head: Actor, adviser: Actor, case: Case, cio: Structure) -> None:
    propose(head, case, cio)
    acts.close_false_alarm(head, cases=[case.pk], which="still_here")
    assert Handover.objects.get(case=case).status == "overtaken"
    assert not sees(adviser, case)


def test_why_nothing_may_leave_is_set_like_french(head: Actor, case: Case) -> None:
    """Before one chooses, and when one chose all the same: the marks stay on the line."""
    partner = cast.structure(Kind.MISSION_LOCALE, name="ML du Gué")
    shown = cast.signed_in(head.user).get(f"/dossiers/{case.pk}/relais/").content.decode()
    assert "Rien ne peut partir vers «\u00a0ML du Gué\u00a0»\u00a0: aucun accord" in shown
    with pytest.raises(Refused, match="vers «\u00a0ML du Gué\u00a0»\u00a0: aucun accord"):
        services.hand_over(head, receivers={case.pk: partner}, reason="care")


def test_nothing_leaves_before_agreement_and_information(head: Actor, case: Case) -> None:
    partner = cast.structure(Kind.MISSION_LOCALE)
    with pytest.raises(Refused, match="aucun accord en cours"):
        services.hand_over(head, receivers={case.pk: partner}, reason="care")
    cast.agreed(partner)
    with pytest.raises(Refused, match="a été informé"):
        services.hand_over(head, receivers={case.pk: partner}, reason="care")
    informing.inform(head, case=case.pk, by="call", who="both", objects_to=True)
    with pytest.raises(Refused, match="opposé"):
        services.hand_over(head, receivers={case.pk: partner}, reason="care")
    informing.lift_objection(head, case=case.pk)
    services.hand_over(head, receivers={case.pk: partner}, reason="care")


def test_under_16_never_reach_a_partner(head: Actor, school: Structure, cio: Structure) -> None:
    young = cast.case(school, lane="under_16")
    with pytest.raises(Refused, match="instruction est obligatoire"):
        services.hand_over(head, receivers={young.pk: cio}, reason="interview")


def test_nobody_holds_cannot_be_stored(case: Case, cio: Structure) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(holder=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        Party.objects.create(case=case, structure=cio, kind=PartyKind.HOLDER)
    for broken in ("DELETE FROM followup_party", "UPDATE followup_party SET until = now()"):
        with (
            pytest.raises(IntegrityError, match="toujours suivi"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"{broken} WHERE case_id = %s AND kind = 'holder'", [case.pk])
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert len(set(holders(case))) == 1


def test_a_silent_receiver_is_reminded_then_loses_it(
    head: Actor, adviser: Actor, case: Case, cio: Structure, school: Structure
) -> None:
    group = cast.structure(Kind.PSAD, basin=cast.basin())
    lead = cast.actor(group, Role.LEAD)
    case.basin = cast.basin()
    case.save()
    handover = propose(head, case, cio)
    today = timezone.localdate()

    def asked(days: int) -> None:
        before = timezone.now() - timedelta(days=days)
        Handover.objects.filter(pk=handover.pk).update(asked_at=before)

    asked(9)
    assert clocks.run(today)["reminded"] == 0
    asked(12)
    assert clocks.run(today)["reminded"] == 1
    assert clocks.run(today)["reminded"] == 0
    assert Notification.objects.filter(user=adviser.user, kind="reminder").count() == 1
    asked(32)
    assert clocks.run(today)["returned"] == 1
    assert holders(case) == [school.pk, school.pk]
    assert case.status == Status.TO_CHECK
    assert not sees(adviser, case)
    assert sees(lead, case), "the support group decides"
    assert Notification.objects.filter(user=lead.user, kind="group").exists()
    assert Notification.objects.filter(user=head.user, kind="lapsed").exists()
    assert clocks.run(today) == {"reminded": 0, "returned": 0, "offered": 0}


def test_days_are_counted_from_the_day_here(
    head: Actor, case: Case, cio: Structure, adviser: Actor
) -> None:
    handover = propose(head, case, cio)
    today = timezone.localdate()
    for days, reminded in ((10, 0), (11, 1)):
        Handover.objects.filter(pk=handover.pk).update(asked_at=cast.after_midnight(-days))
        assert clocks.run(today)["reminded"] == reminded
        (card,) = reading.received(adviser, today)
        assert card.waiting_days == days
    for days, returned in ((30, 0), (31, 1)):
        Handover.objects.filter(pk=handover.pk).update(asked_at=cast.after_midnight(-days))
        assert clocks.run(today)["returned"] == returned


def test_a_silent_school_does_not_keep_anybody(
    case: Case, adviser: Actor, cio: Structure, school: Structure
) -> None:
    dsden = cast.structure(Kind.DSDEN)
    inspector = cast.actor(dsden, Role.IEN_IO)
    today = timezone.localdate()
    late = {"untouched_until": today - timedelta(days=1), "basin": cast.basin()}
    Case.objects.filter(pk=case.pk).update(**late)
    young = cast.case(school, lane="under_16", **late)
    assert clocks.run(today)["offered"] == 1
    handover = Handover.objects.get(case=case)
    assert (handover.receiver, handover.reason, handover.asked_by) == (cio, "silence", None)
    assert not Handover.objects.filter(case=young).exists()
    assert sees(adviser, case)
    assert sees(inspector, case)
    assert Notification.objects.filter(user=inspector.user, kind="silence").exists()
    assert clocks.run(today)["offered"] == 0
    services.accept(adviser, handover=handover.pk)
    assert holders(case) == [cio.pk, cio.pk]


def test_the_commune_of_residence_decides(case: Case, cio: Structure) -> None:
    """A boarder: the CIO of their home, not that of the school's basin."""
    from raccord.territory.models import AreaCommune, Commune

    home = Commune.objects.create(
        insee="44109", name="Nantes", name_normalised="NANTES", departement=cast.departement()
    )
    far = cast.structure(Kind.CIO, departement=cast.departement("085"))
    AreaCommune.objects.create(structure=far, commune=home)
    case.person.details.commune = home
    case.person.details.save()
    assert routing.cio_of(case) == far
    assert routing.suggested(case)[0].why == "CIO qui couvre Nantes"


def test_a_structure_joins_without_the_baton(head: Actor, case: Case, school: Structure) -> None:
    mlds = cast.structure(Kind.MLDS)
    worker = cast.actor(mlds, Role.AGENT)
    services.associate(head, case=case.pk, structure=mlds, reason="joint")
    assert holders(case) == [school.pk, school.pk]
    able = Case.objects.visible_to(worker).get(pk=case.pk).abilities(worker)
    assert able["interview"]
    assert not able["transmit"]
    services.leave(worker, case=case.pk, structure=mlds)
    assert not sees(worker, case)


def test_a_body_that_only_supports_joins_and_never_carries(head: Actor, case: Case) -> None:
    info_jeunes = cast.structure(Kind.INFO_JEUNES)
    cast.agreed(info_jeunes)
    informing.inform(head, case=case.pk, by="call", who="both")
    with pytest.raises(Refused, match="ne suit pas de jeune en son nom"):
        services.hand_over(head, receivers={case.pk: info_jeunes}, reason="care")
    services.associate(head, case=case.pk, structure=info_jeunes, reason="joint")


def test_what_waits_for_an_answer_is_not_paused(head: Actor, cio: Structure, case: Case) -> None:
    """A pause made it look as if nothing had been proposed, and a second relay broke."""
    services.hand_over(head, receivers={case.pk: cio}, reason="interview")
    with pytest.raises(Refused, match="reprenez-le avant"):
        acts.pause_until(head, case=case.pk, until=timezone.localdate() + timedelta(days=20))
    acts.record_contact(
        head,
        case=case.pk,
        channel="call",
        answerer="youth",
        result="not_now",
        next_on=timezone.localdate() + timedelta(days=20),
    )
    case.refresh_from_db()
    assert case.status == "transmitted"
    with pytest.raises(Refused, match="déjà transmis"):
        services.hand_over(head, receivers={case.pk: cio}, reason="interview")
