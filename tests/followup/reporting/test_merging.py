"""Two files of one young person: merged, then apart again to the byte, whatever came before."""

import json
import os
import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from tests import cast

from raccord.accounts.actors import Actor
from raccord.accounts.middleware import acting_in_database
from raccord.accounts.roles import Role
from raccord.followup import services as acts
from raccord.followup.letters import services as letters
from raccord.followup.models import (
    Candidate,
    Case,
    Handover,
    Merge,
    Notification,
    Person,
    PossibleDuplicate,
)
from raccord.followup.relay import asking, informing, services
from raccord.followup.reporting import merging
from raccord.followup.services.acting import Refused
from raccord.followup.vocabulary import Status
from raccord.territory.kinds import Kind

pytestmark = pytest.mark.django_db

#: Pairs of histories merged and taken apart; thousands are for a night.
HISTORIES = int(os.environ.get("RACCORD_HISTORIES", "12"))


class Two:
    """Two cases of two schools, perhaps of one young person."""

    def __init__(self) -> None:
        self.schools = [cast.structure(Kind.LYCEE, basin=cast.basin()) for _ in range(2)]
        self.heads = [cast.actor(school, Role.HEAD) for school in self.schools]
        self.cio = cast.structure(Kind.CIO, basin=cast.basin())
        self.adviser = cast.actor(self.cio, Role.LEAD)
        self.cases = [
            cast.case(
                school,
                of=cast.person(last_name="Le Goff", first_name="Anaïs", ine=[f"00000000{rank}AA"]),
            )
            for rank, school in enumerate(self.schools)
        ]
        one, other = sorted(case.person_id for case in self.cases)
        self.pair = PossibleDuplicate.objects.create(one_id=one, other_id=other, probability=0.97)

    def dump(self) -> dict[str, Any]:
        """Every row of both."""
        persons = [case.person_id for case in self.cases]
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM raccord_file_rows(%s::uuid[])", [persons])
            return {f"{tab} {key}": content for tab, key, content in cursor.fetchall()}

    def as_web(self, actor: Actor, act: Callable[[], Any]) -> Any:
        """Under the rights of a page."""
        with acting_in_database(actor.user.pk):
            return act()

    def merge(self, actor: Actor | None = None, keep: int = 0) -> Merge:
        """By the head of the first school, unless said otherwise."""
        who = actor or self.heads[0]
        person = self.cases[keep].person_id
        found: Merge = self.as_web(who, lambda: merging.merge(who, pair=self.pair.pk, keep=person))
        return found


@pytest.fixture
def two() -> Two:
    return Two()


def test_the_kept_file_has_both_departures_and_the_other_is_closed(two: Two) -> None:
    two.merge()
    kept, absorbed = (Case.objects.get(pk=case.pk) for case in two.cases)
    assert kept.departures.count() == 2
    assert absorbed.departures.count() == 0
    assert (absorbed.status, absorbed.outcome) == ("closed", "merged")
    assert (absorbed.closed_by, absorbed.closed_on) == (two.heads[0].user, timezone.localdate())
    assert kept.holder == two.schools[0]
    parties = set(kept.parties.filter(until=None).values_list("structure", "kind"))
    assert (two.schools[1].pk, "associated") in parties
    assert (two.schools[1].pk, "origin") in parties
    assert Case.objects.visible_to(two.heads[1]).filter(pk=kept.pk).exists()
    assert Case.objects.visible_to(two.heads[0]).filter(pk=absorbed.pk).exists()
    assert Notification.objects.get(kind="merged").user == two.heads[1].user
    two.pair.refresh_from_db()
    assert (two.pair.status, two.pair.decided_by) == ("same", two.heads[0].user)


def test_both_services_are_told_and_never_who_merged(two: Two) -> None:
    colleague = cast.member(two.schools[0])
    two.merge()
    told = Notification.objects.filter(kind="merged")
    assert {line.user for line in told} == {two.heads[1].user, colleague}
    assert {line.case_id for line in told} == {two.cases[0].pk}


def history(two: Two, draw: random.Random) -> None:
    """A few acts on each file, by who holds it then."""
    for rank, case in enumerate(two.cases):
        for _ in range(draw.randrange(6)):
            held = Case.objects.get(pk=case.pk).holder_id
            holder = two.adviser if held == two.cio.pk else two.heads[rank]
            try:
                with transaction.atomic():
                    draw.choice(ACTS)(two, holder, case, draw)
            except (Refused, Case.DoesNotExist):
                continue


def _call(two: Two, who: Actor, case: Case, draw: random.Random) -> None:
    acts.record_contact(who, case=case.pk, channel="call", answerer="nobody", result="no_answer")


def _reason(two: Two, who: Actor, case: Case, draw: random.Random) -> None:
    acts.record_reason(who, case=case.pk, reason="moved")


def _relay(two: Two, who: Actor, case: Case, draw: random.Random) -> None:
    services.hand_over(who, receivers={case.pk: two.cio}, reason="interview")
    if draw.random() < 0.5:
        waiting = Handover.objects.get(case=case, status="waiting")
        services.accept(two.adviser, handover=waiting.pk)


def _associate(two: Two, who: Actor, case: Case, draw: random.Random) -> None:
    services.associate(who, case=case.pk, structure=two.cio, reason="joint")


def _inform(two: Two, who: Actor, case: Case, draw: random.Random) -> None:
    informing.inform(who, case=case.pk, by="call", who="both")


def _letter(two: Two, who: Actor, case: Case, draw: random.Random) -> None:
    letters.send(who, cases=[case.pk], purpose="inform", medium="letter")


def _ask(two: Two, who: Actor, case: Case, draw: random.Random) -> None:
    asking.ask(two.adviser, case=case.pk, text="Avez-vous eu des nouvelles ?")


def _candidate(two: Two, who: Actor, case: Case, draw: random.Random) -> None:
    rank = Candidate.objects.filter(case=case).count()
    Candidate.objects.create(
        case=case,
        departure=case.departures.get(),
        rank=rank + 1,
        source="cfa",
        local_id=f"C{rank}",
        last_name="Le Goff",
        first_name="Anaïs",
    )


def _pause(two: Two, who: Actor, case: Case, draw: random.Random) -> None:
    acts.pause_until(who, case=case.pk, until=timezone.localdate() + timedelta(days=20))


ACTS = [_call, _reason, _relay, _associate, _inform, _letter, _ask, _candidate, _pause]


@pytest.mark.slow
@settings(max_examples=HISTORIES)
@given(draw=st.randoms(use_true_random=False))
def test_merged_then_apart_nothing_remains(draw: random.Random) -> None:
    with transaction.atomic():
        two = Two()
        history(two, draw)
        before = two.dump()
        holders = {Case.objects.get(pk=case.pk).holder_id for case in two.cases}
        by = two.heads[0] if two.schools[0].pk in holders else two.adviser

        made = two.merge(by, keep=draw.randrange(2))

        assert two.dump() != before
        merged = Case.objects.filter(pk__in=[c.pk for c in two.cases])
        assert merged.filter(status="closed").count() == 1
        two.as_web(by, lambda: merging.unmerge(by, merge=made.pk))
        connection.check_constraints()
        with connection.cursor() as cursor:  # the deferred constraints, now
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        after = two.dump()
        assert json.dumps(after, sort_keys=True) == json.dumps(before, sort_keys=True)
        with pytest.raises(Merge.DoesNotExist):
            two.as_web(by, lambda: merging.unmerge(by, merge=made.pk))
        transaction.set_rollback(True)


def test_what_was_done_since_stays(two: Two) -> None:
    made = two.merge()
    acts.record_contact(
        two.heads[0], case=two.cases[0].pk, channel="call", answerer="nobody", result="no_answer"
    )
    two.as_web(two.heads[0], lambda: merging.unmerge(two.heads[0], merge=made.pk))
    kept, absorbed = (Case.objects.get(pk=case.pk) for case in two.cases)
    assert kept.attempts == 1
    assert kept.contacts.count() == 1
    assert (absorbed.status, absorbed.outcome) == (Status.TO_CHECK, "")
    assert (kept.departures.count(), absorbed.departures.count()) == (1, 1)
    two.pair.refresh_from_db()
    assert two.pair.status == "different", "never asked again"


def test_only_a_holder_merges(two: Two) -> None:
    services.associate(two.heads[0], case=two.cases[0].pk, structure=two.cio, reason="joint")
    with pytest.raises(Refused, match="Seule une structure qui suit"):
        two.merge(two.adviser)
    stranger = cast.actor(cast.structure(), Role.HEAD)
    with pytest.raises(PossibleDuplicate.DoesNotExist):
        two.merge(stranger)


def test_a_protected_schooling_is_not_merged(two: Two) -> None:
    Person.objects.filter(pk=two.cases[1].person_id).update(
        protected_by=two.schools[1], protected_at=timezone.now()
    )
    with pytest.raises((Refused, PossibleDuplicate.DoesNotExist)):
        two.merge()


def test_of_the_other_file_name_birth_date_and_establishment(two: Two) -> None:
    mine, theirs = sorted(
        two.as_web(two.heads[0], lambda: merging.files_of(two.heads[0], two.pair.pk)),
        key=lambda one: not one.visible,
    )
    assert mine.phone
    assert (theirs.sex, theirs.commune, theirs.phone, theirs.ine) == ("", "", "", "")
    assert theirs.establishment == two.schools[1].name


def test_two_persons_are_not_asked_again(two: Two) -> None:
    two.as_web(two.heads[1], lambda: merging.keep_apart(two.heads[1], pair=two.pair.pk))
    two.pair.refresh_from_db()
    assert (two.pair.status, two.pair.decided_by) == ("different", two.heads[1].user)
