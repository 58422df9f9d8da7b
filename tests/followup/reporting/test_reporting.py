"""Any operator reports a young person: who follows them is told, and nothing of their file."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone
from tests import cast

from raccord.accounts.actors import Actor
from raccord.accounts.middleware import acting_in_database
from raccord.accounts.roles import Role
from raccord.followup.models import (
    Case,
    Departure,
    Notification,
    Party,
    Person,
    Question,
    Report,
    TimelineEvent,
)
from raccord.followup.reporting import seeking, services
from raccord.followup.reporting.services import Described
from raccord.followup.vocabulary import EventKind, Lane, PartyKind
from raccord.matching.lookup import Sought
from raccord.privacy.models import Reading
from raccord.territory.kinds import Kind
from raccord.territory.models import AreaCommune, Commune, Structure

pytestmark = pytest.mark.django_db

BORN = date(2009, 3, 12)


@pytest.fixture
def cfa() -> Structure:
    return cast.structure(Kind.INFO_JEUNES, basin=cast.basin())


@pytest.fixture
def worker(cfa: Structure) -> Actor:
    return cast.actor(cfa, Role.AGENT)


@pytest.fixture
def cio() -> Structure:
    return cast.structure(Kind.CIO, basin=cast.basin(), phone="02 40 00 00 00")


@pytest.fixture
def commune(cio: Structure) -> Commune:
    made = Commune.objects.create(
        insee="44109",
        name="Nantes",
        name_normalised="nantes",
        postcodes=["44000", "44100"],
        departement=cast.departement(),
    )
    AreaCommune.objects.create(structure=cio, commune=made)
    return made


def followed(**fields: Any) -> Case:
    """Somebody followed elsewhere."""
    named = {"last_name": "Le Goff", "first_name": "Anaïs", "birth_date": BORN, "sex": "F"}
    return cast.case(cast.structure(Kind.LYCEE), of=cast.person(**named | fields))


def found(worker: Actor, *said: Any, **more: Any) -> list[Case]:
    """Cases of whoever is found under this identity, as a page asks."""
    last, first, born = (*said, *("Le Goff", "Anaïs", BORN)[len(said) :])
    with acting_in_database(worker.user.pk):
        answer = seeking.find(worker, Sought(last, first, born, **more))
    return [Case.objects.get(person=one.person) for one in answer.followed]


@pytest.mark.parametrize(
    "said",
    [
        ("LE GOFF", "anais", BORN),
        ("LE GOF", "Anais", date(2009, 12, 3)),
        ("Anaïs", "Le Goff", BORN),
        ("Legoff", "Annais", BORN),
        ("Le Goff", "Anaïs", date(2009, 3, 13)),
        ("Kervadec", "Anaïs", BORN),
    ],
    ids=["accents", "typo and swapped date", "swapped names", "both names", "a day", "usage name"],
)
def test_found_in_spite_of_errors(worker: Actor, said: tuple[str, str, date]) -> None:
    case = followed(usage_name="Kervadec")
    assert found(worker, *said, sex="F") == [case]
    assert found(worker, "Durand", "Mathis", date(2007, 1, 30)) == []


def test_the_school_that_was_left_says_something_either_way(worker: Actor) -> None:
    case, other = followed(), cast.structure(Kind.LYCEE)
    weights = []
    for school in (other, None, case.holder):
        with acting_in_database(worker.user.pk):
            asked = Sought("Le Gof", "Anaïs", BORN, uai=str(school.uai) if school else "")
            answer = seeking.find(worker, asked, school=school and school.pk)
        weights += [one.weight for one in answer.followed]
    another, untold, same = weights
    assert another < untold < same


def test_a_case_of_no_school_says_nothing_of_schools(worker: Actor) -> None:
    """Somebody reported of whom nobody knew what they had left."""
    case, school = followed(), cast.structure(Kind.LYCEE)
    case.departures.all().delete()
    weights = []
    for typed in (school, None):
        with acting_in_database(worker.user.pk):
            asked = Sought("Le Gof", "Anaïs", BORN, uai=str(typed.uai) if typed else "")
            answer = seeking.find(worker, asked, school=typed and typed.pk)
        weights += [one.weight for one in answer.followed]
    assert weights[0] == weights[1]


def test_the_protected_and_the_dead_never_appear(worker: Actor) -> None:
    followed(protected_at=timezone.now(), protected_by=cast.structure())
    followed(hidden=True)
    followed(training=True)
    assert found(worker) == []


def test_a_reporter_is_told_who_follows_and_reads_nothing_else(
    worker: Actor, cfa: Structure
) -> None:
    case = followed()
    head = cast.member(case.holder, Role.HEAD)
    with acting_in_database(worker.user.pk):
        services.join(worker, structure=cfa, person=case.person_id, how="walk_in", birth_date=BORN)
        assert not Case.objects.visible_to(worker).exists()
        assert not Case.objects.exists()
        assert not TimelineEvent.objects.exists()
        assert not Person.objects.exists()
        [line] = services.reports(worker)
    assert (line["case_id"], line["holder_name"]) == (case.pk, case.holder.name)
    assert Report.objects.get().joined
    assert Party.objects.get(case=case, kind=PartyKind.REPORTER).structure == cfa
    assert TimelineEvent.objects.filter(case=case, kind=EventKind.REPORTED).count() == 1
    assert Notification.objects.get(kind="reported").user == head
    assert not Case.objects.get(pk=case.pk).abilities(worker)["view"]


def test_a_question_to_the_holder(worker: Actor, cfa: Structure) -> None:
    case = followed()
    head = cast.member(case.holder, Role.HEAD)
    client = cast.signed_in(worker.user)
    with acting_in_database(worker.user.pk):
        services.join(worker, structure=cfa, person=case.person_id, how="street", birth_date=BORN)
    page = client.post(
        reverse("followup:report_ask", args=[case.pk]), {"text": "A-t-il un rendez-vous ?"}
    )
    assert page.status_code == 302
    question = Question.objects.get()
    assert (question.case_id, question.asker_id) == (case.pk, cfa.pk)
    assert Notification.objects.filter(user=head, kind="question").exists()
    shown = client.get(reverse("followup:reports")).content.decode()
    assert "A-t-il un rendez-vous" in shown
    assert case.holder.name in shown


def test_nobody_asks_of_a_case_they_did_not_report(worker: Actor) -> None:
    case = followed()
    client = cast.signed_in(worker.user)
    assert client.get(reverse("followup:report_ask", args=[case.pk])).status_code == 404


def test_unknown_opens_a_case_held_by_the_cio_where_the_mandate_holds_nobody(
    worker: Actor, cfa: Structure, cio: Structure, commune: Commune
) -> None:
    school = cast.structure(Kind.LYCEE)
    head = cast.member(school, Role.HEAD)
    adviser = cast.member(cio, Role.LEAD)
    described = Described("Le Goff", "Anaïs", cast.aged(17), "F", commune, "06 39 98 00 00", school)
    with acting_in_database(worker.user.pk):
        case, holder = services.open_case(worker, structure=cfa, described=described, how="street")
        assert not Case.objects.visible_to(worker).exists()
    assert holder == cio
    kept = Case.objects.get(pk=case.pk)
    parties = set(Party.objects.filter(case=kept).values_list("structure_id", "kind"))
    assert parties == {(cio.pk, "holder"), (cfa.pk, "reporter"), (school.pk, "origin")}
    assert (kept.person.last_name, kept.lane) == ("LE GOFF", Lane.OBLIGATION_16_17)
    assert Departure.objects.get(case=kept).origin == "reported"
    told = set(Notification.objects.filter(kind="reported").values_list("user_id", flat=True))
    assert told == {adviser.pk, head.pk}


def test_who_may_follow_holds_what_they_report(commune: Commune) -> None:
    place = cast.structure(Kind.E2C)
    agent = cast.actor(place, Role.LEAD)
    described = Described("Le Goff", "Anaïs", BORN, commune=commune)
    with acting_in_database(agent.user.pk):
        case, holder = services.open_case(
            agent, structure=place, described=described, how="walk_in"
        )
        assert Case.objects.visible_to(agent).get().pk == case.pk
    assert holder == place


def test_before_16_no_partner(worker: Actor, cfa: Structure) -> None:
    today = timezone.localdate()
    described = Described("Le Goff", "Anaïs", today - timedelta(days=15 * 365))
    with pytest.raises(ValidationError, match=r"L\. 131-1"):
        services.open_case(worker, structure=cfa, described=described, how="street")
    assert not Person.objects.exists()


def test_the_page_joins_or_opens_without_javascript(
    worker: Actor, cfa: Structure, commune: Commune
) -> None:
    case = followed()
    client = cast.signed_in(worker.user)
    typed = {
        "structure": cfa.pk,
        "last_name": "LE GOFF",
        "first_name": "Anais",
        "birth_date": "2009-03-12",
        "sex": "F",
        "commune": "44000 Nantes",
        "how": "walk_in",
    }
    address = reverse("followup:report_youth")
    assert client.get(address).status_code == 200
    page = client.post(address, typed | {"acte": "chercher"})
    assert page.status_code == 200
    text = page.content.decode()
    assert f"Déjà suivi par le {case.holder.name}" in text
    assert "2009" not in text.partition('id="trouve"')[2], "of somebody else's file, no birth date"
    part = client.post(reverse("followup:report_seek"), typed)
    assert f"Déjà suivi par le {case.holder.name}" in part.content.decode()
    noted = Reading.objects.order_by("-id").first()
    assert noted is not None
    assert (noted.act, noted.subjects) == ("search", [case.person_id])

    joined = client.post(address, typed | {"acte": f"rejoindre-{case.person_id}"})
    assert joined.status_code == 302
    assert Report.objects.get().case == case
    other = followed(last_name="Petit", first_name="Hugo", birth_date=date(2008, 7, 7))
    refused = client.post(address, typed | {"acte": f"rejoindre-{other.person_id}"})
    assert refused.status_code == 422, "only somebody whom this very search shows"
    opened = client.post(address, typed | {"acte": "ouvrir"})
    assert opened.status_code == 302
    assert Report.objects.filter(joined=False).count() == 1


def test_too_many_searches(worker: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seeking, "HOURLY", 1)
    client = cast.signed_in(worker.user)
    typed = {"last_name": "Le Goff", "first_name": "Anais", "birth_date": "2009-03-12"}
    address = reverse("followup:report_seek")
    assert "recherche" not in client.post(address, typed).content.decode()
    assert "attendez un peu" in client.post(address, typed).content.decode()


def test_a_place_that_is_not_recognised_gives_the_close_names(
    worker: Actor, cfa: Structure, commune: Commune
) -> None:
    client = cast.signed_in(worker.user)
    address = reverse("followup:report_youth")
    typed = {
        "structure": cfa.pk,
        "last_name": "Petit",
        "first_name": "Hugo",
        "birth_date": "2009-03-12",
        "commune": "Nante",
        "how": "walk_in",
        "phone": "06 39 98 00 00",
    }
    page = client.post(address, typed | {"acte": "ouvrir"})
    text = page.content.decode()
    assert page.status_code == 422
    assert "« Nante » n’est pas une commune connue" in text
    assert 'value="commune:44000 Nantes"' in text
    assert 'value="06 39 98 00 00"' in text and 'value="Nante"' in text, "nothing typed is lost"
    chosen = client.post(address, typed | {"choisi": "commune:44000 Nantes"}).content.decode()
    assert 'value="44000 Nantes"' in chosen
    assert "n’est pas une commune connue" not in chosen
    opened = client.post(address, typed | {"commune": "44000 Nantes", "acte": "ouvrir"})
    assert opened.status_code == 302
