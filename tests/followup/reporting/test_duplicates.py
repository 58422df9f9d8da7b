"""The queue of possible duplicates: filled once a night, decided once."""

from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone
from tests import cast

from raccord.accounts.middleware import acting_in_database
from raccord.accounts.roles import Role
from raccord.followup import services
from raccord.followup.models import Case, Merge, Notification, PossibleDuplicate
from raccord.followup.reporting import duplicates

pytestmark = pytest.mark.django_db

BORN = date(2009, 3, 12)


def followed(**fields: object) -> Case:
    named = {"last_name": "Le Goff", "first_name": "Anaïs", "birth_date": BORN, "sex": "F"}
    return cast.case(cast.structure(), of=cast.person(birth_commune="44109", **named | fields))


def test_two_files_of_one_young_person_wait_for_a_decision_once() -> None:
    one = followed()
    other = followed(last_name="LEGOFF")
    followed(first_name="Maël")  # a twin
    followed(last_name="Durand", first_name="Hugo", birth_date=date(2008, 1, 4))
    followed(protected_at=timezone.now(), protected_by=one.holder)
    head = cast.member(one.holder, Role.HEAD)

    assert duplicates.write(one.academie) == 1
    pair = PossibleDuplicate.objects.get()
    assert {pair.one_id, pair.other_id} == {one.person_id, other.person_id}
    assert pair.probability > 0.9
    assert Notification.objects.get(kind="duplicate").user == head
    PossibleDuplicate.objects.update(status="different", decided_at=timezone.now())
    assert duplicates.write(one.academie) == 0, "never asked again"
    assert PossibleDuplicate.objects.get().status == "different"


def test_a_pair_is_no_longer_shown_once_one_of_them_is_protected() -> None:
    """docs/adr/0016: that there is a pair already tells the other school too much."""
    one, other = followed(), followed(last_name="LEGOFF")
    duplicates.write(one.academie)
    pair = PossibleDuplicate.objects.get()
    head = cast.actor(other.holder, Role.HEAD)
    with acting_in_database(head.user.pk):
        services.protect_schooling(head, case=other.pk)
    assert not PossibleDuplicate.objects.exists()
    for school in (one.holder, other.holder):
        client = cast.signed_in(cast.member(school, Role.HEAD))
        assert client.get(reverse("followup:pair", args=[pair.pk])).status_code == 404
        shown = client.get(reverse("followup:pairs")).content.decode()
        assert "LEGOFF" not in shown
        assert "Le Goff" not in shown


def test_twins_are_not_asked_about_even_under_one_identifier() -> None:
    """An INE written on the wrong row, the same mother, the same telephone."""
    one = followed(ine=["120890177HH"], other_names="Rose")
    followed(ine=["120890177HH"], other_names="Rose", first_name="Octave", sex="M")
    assert duplicates.write(one.academie) == 0


def test_the_page_compares_merges_and_takes_apart() -> None:
    one, other = followed(), followed(last_name="LEGOFF")
    duplicates.write(one.academie)
    pair = PossibleDuplicate.objects.get()
    client = cast.signed_in(cast.member(one.holder, Role.HEAD))
    assert "Le Goff" in client.get(reverse("followup:pairs")).content.decode()
    address = reverse("followup:pair", args=[pair.pk])
    text = client.get(address).content.decode()
    assert "<ins>LEGOFF</ins>" in text
    assert "06 99 00 00 01" not in text

    refused = client.post(address, {"acte": "?"})
    assert refused.status_code == 422
    merged = client.post(address, {"acte": f"garder-{one.person_id}"})
    assert merged.status_code == 302
    assert Merge.objects.get().absorbed_id == other.person_id
    assert "Séparer" in client.get(address).content.decode()
    sheet = client.get(reverse("followup:sheet", args=[one.pk])).content.decode()
    assert other.holder.name in sheet
    client.post(reverse("followup:unmerge", args=[pair.pk]))
    other.refresh_from_db()
    assert other.is_open


def test_two_persons_leave_the_queue() -> None:
    one = followed()
    followed(last_name="LEGOFF")
    duplicates.write(one.academie)
    pair = PossibleDuplicate.objects.get()
    client = cast.signed_in(cast.member(one.holder, Role.HEAD))
    client.post(reverse("followup:pair", args=[pair.pk]), {"acte": "autre"})
    assert "Aucun de vos dossiers" in client.get(reverse("followup:pairs")).content.decode()


def test_a_stranger_sees_no_pair() -> None:
    one = followed()
    followed(last_name="LEGOFF")
    duplicates.write(one.academie)
    pair = PossibleDuplicate.objects.get()
    client = cast.signed_in(cast.member(cast.structure(), Role.HEAD))
    assert client.get(reverse("followup:pair", args=[pair.pk])).status_code == 404
    assert client.post(reverse("followup:unmerge", args=[pair.pk])).status_code == 404
