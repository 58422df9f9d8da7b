"""Which pupils are entrusted to whom is known by them and by the head, in the database too."""

from typing import Any
from uuid import UUID

import pytest
from django.core import mail
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from django.utils import timezone
from tests import cast

from raccord.accounts import services
from raccord.accounts.actors import Actor
from raccord.accounts.middleware import acting_in_database
from raccord.accounts.models import Entrusted, Invitation, Membership, Scope, User
from raccord.accounts.roles import Role
from raccord.followup.models import Case
from raccord.territory.kinds import Kind
from raccord.territory.models import Structure

pytestmark = pytest.mark.django_db


@pytest.fixture
def school() -> Structure:
    return cast.structure()


@pytest.fixture
def head(school: Structure) -> User:
    return cast.member(school)


def read_by(who: User | None) -> list[list[UUID]]:
    """What the database gives of the table, without any filter of ours."""
    with acting_in_database(who.pk if who else None):
        return [one.pupils for one in Entrusted.objects.order_by("pk")]


def invited(head: User, school: Structure, *cases: Case, **fields: Any) -> Invitation:
    with acting_in_database(head.pk):
        return services.authorise_correspondent(
            Actor.of(head), school=school, scope=Scope.PUPILS, pupils=[c.pk for c in cases],
            **{"email": "pp@exemple.test"} | fields,
        )  # fmt: skip


def test_a_teacher_invited_for_one_pupil_sees_that_one(head: User, school: Structure) -> None:
    """The whole way, by the pages: who accepts is nobody yet, and may read nothing."""
    chosen, other = cast.case(school), cast.case(school)
    client = cast.signed_in(head)
    fields = {"email": "pp@exemple.test", "role": "correspondent", "scope": "pupils"}
    page = reverse("accounts:people", args=[school.pk])
    assert client.post(page, fields | {"pupils": str(chosen.pk)}).status_code == 302
    assert read_by(head) == [[chosen.pk]]

    link = next(word for word in str(mail.outbox[0].body).split() if "/invitation/" in word)
    names = {"first_name": "Sacha", "last_name": "Exemple"}
    phrase = {"password1": cast.PASSWORD, "password2": cast.PASSWORD}
    client.logout()
    path = link.removeprefix("https://testserver").removeprefix("http://testserver")
    assert client.post(path, names | phrase).status_code == 302

    given = Membership.objects.get(user__email="pp@exemple.test")
    assert given.pupils == [chosen.pk]
    assert not Entrusted.objects.exclude(membership=given).exists()
    teacher = Actor.of(given.user)
    with acting_in_database(given.user.pk):
        assert list(Case.objects.visible_to(teacher)) == [chosen]
        assert other.pk not in teacher.memberships[0].pupils
    assert "certains élèves : 1" in cast.signed_in(head).get(page).content.decode()


def test_only_the_correspondent_and_the_head_read_the_ids(head: User, school: Structure) -> None:
    chosen, awaited = cast.case(school), cast.case(school)
    narrow = {"scope": Scope.PUPILS, "pupils": [chosen.pk]}
    teacher = cast.member(school, Role.CORRESPONDENT, **narrow)
    invited(head, school, awaited)
    assert read_by(teacher) == [[chosen.pk]]
    assert read_by(head) == [[chosen.pk], [awaited.pk]]
    rectorat = cast.structure(Kind.RECTORAT)
    for stranger in (
        cast.member(school, Role.SECRETARIAT),
        cast.member(cast.structure()),
        cast.member(rectorat, Role.TERRITORY_ADMIN),
        None,
    ):
        assert read_by(stranger) == []
    Membership.objects.filter(user=teacher).update(revoked_at=timezone.now())
    assert read_by(teacher) == []


@pytest.mark.parametrize(
    "act",
    [
        "UPDATE accounts_entrusted SET pupils = '{}'",
        "DELETE FROM accounts_entrusted",
        "INSERT INTO accounts_entrusted (membership_id, pupils) "
        "SELECT id, '{}' FROM accounts_membership LIMIT 1",
    ],
)
def test_no_page_changes_what_was_entrusted(head: User, school: Structure, act: str) -> None:
    invited(head, school, cast.case(school))
    with (
        pytest.raises(DatabaseError),
        acting_in_database(head.pk),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(act)


def test_an_invitation_gives_nothing_to_somebody_else(head: User, school: Structure) -> None:
    asked = invited(head, school, cast.case(school))
    narrow = {"scope": Scope.PUPILS, "pupils": [cast.case(school).pk]}
    other = cast.member(school, Role.CORRESPONDENT, **narrow).memberships.get()
    before = other.pupils
    with acting_in_database(other.user.pk), connection.cursor() as cursor:
        cursor.execute("SELECT raccord_entrust(%s, %s)", [asked.pk, other.pk])
    assert Entrusted.objects.get(membership=other).pupils == before
    assert Entrusted.objects.filter(invitation=asked).exists()
