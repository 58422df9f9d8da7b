"""Rights: what a person sees, by whatever path, is what a membership gives them today."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from tests import cast

from raccord.accounts.actors import Actor
from raccord.accounts.middleware import acting_in_database
from raccord.accounts.models import Membership, User
from raccord.accounts.roles import Role
from raccord.followup.models import Case, Party, Person, TimelineEvent
from raccord.followup.querysets import open_cases
from raccord.territory.kinds import Kind

pytestmark = pytest.mark.django_db


def test_a_head_sees_the_cases_of_their_school_and_no_other() -> None:
    mine, other = cast.structure(), cast.structure()
    seen, unseen = cast.case(mine), cast.case(other)
    head = cast.actor(mine)
    assert list(Case.objects.visible_to(head)) == [seen]
    assert unseen not in Case.objects.visible_to(head)


def test_what_a_view_forgets_to_filter_postgresql_does_not_show() -> None:
    mine, other = cast.structure(), cast.structure()
    seen, _ = cast.case(mine), cast.case(other)
    head = cast.member(mine)
    with acting_in_database(head.pk):
        assert [c.pk for c in Case.objects.all()] == [seen.pk]
        assert [p.pk for p in Person.objects.all()] == [seen.person_id]
        assert {e.case_id for e in TimelineEvent.objects.all()} == {seen.pk}
    with acting_in_database(None):
        assert not Case.objects.exists()
        assert not Person.objects.exists()


def test_an_ended_membership_shows_nothing_from_the_next_request_on() -> None:
    school = cast.structure()
    cast.case(school)
    head = cast.member(school)
    assert Case.objects.visible_to(Actor.of(head)).count() == 1
    Membership.objects.update(ends_on=timezone.localdate() - timedelta(days=1))
    assert not Case.objects.visible_to(Actor.of(head)).exists()
    with acting_in_database(head.pk):
        assert not Case.objects.exists()


@pytest.mark.parametrize("role", [Role.STEERING, Role.TECHNICAL, Role.DPO, Role.TERRITORY_ADMIN])
def test_those_who_steer_or_administer_see_no_young_person(role: Role) -> None:
    school = cast.structure()
    cast.case(school)
    someone = cast.member(cast.structure(Kind.DSDEN), role)
    assert not Case.objects.visible_to(Actor.of(someone)).exists()
    with acting_in_database(someone.pk):
        assert not Person.objects.exists()


def test_the_web_role_owns_nothing_and_its_name_is_put_back() -> None:
    with acting_in_database(None), connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("raccord_web",)
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user = session_user")
        assert cursor.fetchone() == (True,)


@pytest.mark.django_db(transaction=True)
def test_what_a_page_opens_is_never_more_than_what_is_seen() -> None:
    """The few cases of a page are found without the whole rule: the answer is the same."""
    school, other = cast.structure(), cast.structure()
    shown, seen, unseen = cast.case(school), cast.case(school), cast.case(other)
    head, theirs = cast.actor(school), cast.member(other)
    with acting_in_database(head.user.pk, read_only=True), connection.cursor() as cursor:
        assert open_cases(head, [unseen.pk, shown.pk]) == [shown.pk]
        assert {party.case_id for party in Party.objects.all()} == {shown.pk, seen.pk}
        assert {person.pk for person in Person.objects.all()} == {shown.person_id, seen.person_id}
        cursor.execute("SELECT set_config('raccord.user', %s, true)", [str(theirs.pk)])
        assert {party.case_id for party in Party.objects.all()} == {unseen.pk}


@pytest.mark.django_db(transaction=True)
def test_what_a_page_keeps_of_its_rights_ends_with_it() -> None:
    """A transaction that only reads works the rule out once; the next one, anew."""
    school = cast.structure()
    mine, theirs = cast.member(school), cast.member(cast.structure())
    case = cast.case(school)

    def seen(who: User) -> tuple[int, int, int]:
        with acting_in_database(who.pk, read_only=True):
            found = Case.objects.visible_to(Actor.of(who))
            return found.count(), Case.objects.count(), Person.objects.count()

    assert seen(mine) == (1, 1, 1)
    assert seen(theirs) == (0, 0, 0)
    Case.objects.filter(pk=case.pk).update(holder=cast.structure())
    Party.objects.filter(case=case, structure=school).update(until=timezone.localdate())
    assert seen(mine) == (0, 0, 0)
    with acting_in_database(mine.pk, read_only=True), connection.cursor() as cursor:
        assert not Case.objects.exists()
        cursor.execute("SELECT set_config('raccord.user', %s, true)", [str(theirs.pk)])
        assert not Case.objects.exists()
