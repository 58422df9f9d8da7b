"""A reading composed once gives what its queryset would give, for each value."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from tests import cast

from raccord.accounts import actors
from raccord.accounts.composed import Composed
from raccord.accounts.models import Membership
from raccord.accounts.roles import Role

pytestmark = pytest.mark.django_db


def test_it_reads_what_the_queryset_reads() -> None:
    school, today = cast.structure(), timezone.localdate()
    one, two = cast.member(school), cast.member(school, Role.SECRETARIAT)
    cast.member(cast.structure(), Role.CORRESPONDENT, one, ends_on=today)
    for on in (today, today + timedelta(days=1), date(2001, 1, 1)):
        for user in (one, two, cast.user()):
            with CaptureQueriesContext(
                connection,
            ) as asked:
                found = actors._held.read(user=user.pk, on=on)
            plain = list(actors._memberships(user.pk, on))
            assert [vars(m) | _read(m) for m in found] == [vars(m) | _read(m) for m in plain]
            assert len(asked) == 1
    assert len(actors._held.read(user=one.pk, on=today)) == 2


def _read(membership: Membership) -> dict[str, Any]:
    structure = membership.structure
    around = structure.academie, structure.departement
    return {"_state": (membership._state.db, membership._state.adding), "around": around}


def test_a_stand_in_that_leaves_no_trace_is_refused() -> None:
    def never_asked(of: int) -> Any:
        return Membership.objects.filter(pk__gte=0).order_by("pk")

    with pytest.raises(ValueError, match="of: "):
        Composed(never_asked, of=-1).read(of=1)
