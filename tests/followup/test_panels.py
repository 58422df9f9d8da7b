"""The panels of the sheet: one query, and each row-level security holds."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from tests import cast

from raccord.accounts.middleware import acting_in_database
from raccord.accounts.roles import Role
from raccord.followup.models import Handover, Interview, Mandate, Party, Review
from raccord.followup.panels import panels_of
from raccord.territory.kinds import Kind

pytestmark = pytest.mark.django_db


def test_one_query_and_no_interview_for_the_school() -> None:
    school, cio = cast.structure(), cast.structure(Kind.CIO)
    head, adviser = cast.member(school), cast.member(cio, Role.AGENT)
    case = cast.case(school)
    today = timezone.localdate()
    Party.objects.create(case=case, structure=cio, kind="associated")
    Interview.objects.create(
        case=case, structure=cio, by=adviser, schooling="stopped", project="ideas", wishes=["work"]
    )
    Mandate.objects.create(
        case=case,
        structure=cio,
        given_by_structure=school,
        given_by=head,
        report_by=today + timedelta(days=30),
    )
    Review.objects.create(case=case, months=1, due_on=today)
    Handover.objects.create(case=case, sender=school, receiver=cio, reason="interview")
    with acting_in_database(adviser.pk), CaptureQueriesContext(connection) as queries:
        found = panels_of(case.pk, case.person_id)
    assert len(queries) <= 1 + 2  # the rest puts the role on and off
    [interview], [mandate], [handover] = (
        found["interviews"],
        found["mandates"],
        found["handovers"],
    )
    assert (interview.structure.name, interview.by, interview.wishes) == (
        cio.name,
        adviser,
        ["work"],
    )
    assert interview.get_schooling_display() == "a arrêté"
    assert (mandate.report_by, str(mandate.given_by)) == (today + timedelta(days=30), str(head))
    assert handover.asked_at.tzinfo is not None
    assert len(found["reviews"]) == 1
    with acting_in_database(head.pk):
        found = panels_of(case.pk, case.person_id)
    assert found["interviews"] == []
    assert len(found["mandates"]) == 1
