"""Nothing leaves for a partner while its agreement and its designation are not dated."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction
from django.utils import timezone
from tests import cast

from raccord.accounts.middleware import acting_in_database
from raccord.accounts.roles import Role
from raccord.privacy import services
from raccord.privacy.models import Agreement, Designation
from raccord.privacy.partners import OF_EDUCATION, barred, may_receive
from raccord.territory.kinds import Kind

pytestmark = pytest.mark.django_db

DAY = date(2026, 10, 1)
BEFORE = DAY - timedelta(days=1)


@pytest.fixture
def admin() -> Any:
    """Who administers the territory of Nantes."""
    return cast.actor(cast.structure(Kind.RECTORAT), Role.TERRITORY_ADMIN)


def agreed(admin: Any, structure: Any, **fields: Any) -> Agreement:
    fields = {"reference": "Convention 12", "signed_on": DAY} | fields
    return services.record_agreement(admin, structure=structure, **fields)


def designated(admin: Any, structure: Any, **fields: Any) -> Designation:
    fields = {"reference": "Arrêté 2026-44", "signed_on": DAY} | fields
    return services.record_designation(admin, structure=structure, **fields)


@pytest.mark.parametrize("kind", sorted(OF_EDUCATION))
def test_inside_the_education_nationale_nothing_is_asked(kind: Kind) -> None:
    assert may_receive(cast.structure(kind), DAY) is None


@pytest.mark.parametrize("kind", sorted(set(Kind) - OF_EDUCATION))
def test_any_other_partner_receives_nothing_until_both_are_dated(kind: Kind, admin: Any) -> None:
    partner = cast.structure(kind, name="Partenaire")
    assert "aucun accord en cours" in str(may_receive(partner, DAY))
    agreed(admin, partner)
    if kind is Kind.MAIRIE:  # L.313-7 names the mayor
        assert may_receive(partner, DAY) is None
        return
    reason = str(may_receive(partner, DAY))
    assert "« Partenaire »" in reason and "aucune désignation" in reason
    assert "accord" not in reason.partition("dans Raccord")[0]
    designated(admin, partner)
    assert may_receive(partner, DAY) is None


def test_a_designation_alone_is_not_enough(admin: Any) -> None:
    partner = cast.structure(Kind.MISSION_LOCALE)
    designated(admin, partner)
    assert "aucun accord" in str(may_receive(partner, DAY))


def test_dates_are_kept_to_the_day(admin: Any) -> None:
    partner = cast.structure(Kind.MISSION_LOCALE)
    last = DAY + timedelta(days=30)
    agreed(admin, partner)
    designated(admin, partner, ends_on=last)
    assert may_receive(partner, BEFORE) is not None
    assert may_receive(partner, last) is None
    assert may_receive(partner, last + timedelta(days=1)) is not None


def test_a_designation_may_hold_for_one_departement(admin: Any) -> None:
    partner = cast.structure(Kind.MISSION_LOCALE)
    agreed(admin, partner)
    designated(admin, partner, departement=cast.departement("044"))
    assert may_receive(partner, DAY, departement="044") is None
    assert "département 049" in str(may_receive(partner, DAY, departement="049"))


def test_apprenticeship_inside_a_school_is_the_schools_own() -> None:
    lycee = cast.structure(Kind.LYCEE_PRO)
    farm = cast.structure(Kind.LYCEE_AGRICOLE)
    assert may_receive(cast.structure(Kind.UFA, house=lycee), DAY) is None
    assert may_receive(cast.structure(Kind.UFA, house=farm), DAY) is not None
    assert may_receive(cast.structure(Kind.CFA), DAY) is not None


def test_many_partners_cost_two_queries(admin: Any, django_assert_num_queries: Any) -> None:
    partners = [cast.structure(Kind.MISSION_LOCALE) for _ in range(5)]
    agreed(admin, partners[0])
    designated(admin, partners[0])
    with django_assert_num_queries(2):
        assert set(barred(partners, DAY)) == {partner.pk for partner in partners[1:]}


def test_pages_of_everybody_may_ask(admin: Any) -> None:
    """Under the rights of a head, who records nothing."""
    partner = cast.structure(Kind.MISSION_LOCALE)
    agreed(admin, partner)
    designated(admin, partner)
    head = cast.actor(cast.structure())
    with acting_in_database(head.user.pk):
        assert may_receive(partner, DAY) is None


@pytest.mark.parametrize("role", [Role.DPO, Role.STEERING, Role.TECHNICAL])
def test_only_the_administrator_of_the_territory_records(role: Role) -> None:
    partner = cast.structure(Kind.MISSION_LOCALE)
    with pytest.raises(PermissionDenied):
        agreed(cast.actor(cast.structure(Kind.RECTORAT), role), partner)
    rennes = cast.departement("035", cast.academie("14", "Rennes"))
    neighbour = cast.structure(Kind.RECTORAT, departement=rennes)
    with pytest.raises(PermissionDenied):
        designated(cast.actor(neighbour, Role.TERRITORY_ADMIN), partner)


def test_the_database_refuses_too(admin: Any) -> None:
    """A forgotten check writes nothing for somebody else."""
    partner = cast.structure(Kind.MISSION_LOCALE)
    mine = agreed(admin, partner)
    head = cast.actor(cast.structure())
    line = {
        "structure": partner,
        "academie": partner.academie,
        "reference": "x",
        "signed_on": DAY,
        "starts_on": DAY,
    }
    with acting_in_database(head.user.pk):
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            Agreement.objects.create(**line)
        assert Agreement.objects.filter(pk=mine.pk).update(ends_on=None) == 0
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            mine.delete()
    with acting_in_database(admin.user.pk):
        Agreement.objects.create(**line)


def test_an_end_before_the_start_is_refused_in_words(admin: Any) -> None:
    record = agreed(admin, cast.structure(Kind.MISSION_LOCALE))
    with pytest.raises(ValidationError, match=r"30/09/2026.*01/10/2026"):
        services.end(admin, record=record, ends_on=BEFORE)
    services.end(admin, record=record, ends_on=DAY)
    assert not Agreement.objects.in_force(DAY + timedelta(days=1)).exists()


def test_a_service_of_the_ministry_has_nothing_to_record(admin: Any) -> None:
    with pytest.raises(ValidationError, match="rien à saisir"):
        agreed(admin, cast.structure(Kind.CIO))


def test_somebody_designated_is_of_the_partner(admin: Any) -> None:
    partner, other = cast.structure(Kind.MISSION_LOCALE), cast.structure(Kind.MISSION_LOCALE)
    stranger = cast.actor(other, Role.AGENT).memberships[0]
    with pytest.raises(ValidationError, match="n’est pas de ce partenaire"):
        designated(admin, partner, membership=stranger)


def test_today_is_the_default(admin: Any) -> None:
    partner = cast.structure(Kind.MISSION_LOCALE)
    tomorrow = timezone.localdate() + timedelta(days=1)
    agreed(admin, partner, signed_on=timezone.localdate())
    designated(admin, partner, signed_on=timezone.localdate(), starts_on=tomorrow)
    assert may_receive(partner) is not None
    assert may_receive(partner, tomorrow) is None
