"""The pages of the DPO and of the administrator of a territory."""

import csv
import io
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone
from tests import cast
from tests.privacy.readings_of import read

from raccord.accounts.roles import Role
from raccord.privacy import readings, volumes
from raccord.privacy.models import Act, Agreement, Designation, Reading
from raccord.privacy.partners import may_receive
from raccord.territory.kinds import Kind

pytestmark = pytest.mark.django_db

LOG, EXPORT, PARTNERS = (
    "/journal-des-lectures/",
    "/journal-des-lectures/export.csv",
    "/partenaires/",
)


@pytest.fixture
def dpo() -> Any:
    """The DPO of Nantes, signed in."""
    return cast.signed_in(cast.member(cast.structure(Kind.RECTORAT), Role.DPO))


@pytest.fixture
def admin() -> Any:
    """The administrator of Nantes, signed in."""
    return cast.signed_in(cast.member(cast.structure(Kind.RECTORAT), Role.TERRITORY_ADMIN))


def a_reader(name: str = "Alix", **fields: Any) -> Any:
    """Somebody of a school, with a name to be found by."""
    return cast.actor(cast.structure(), who=cast.user(first_name=name), **fields)


def test_the_log_says_who_read_what(dpo: Any) -> None:
    reader, subject = a_reader(), uuid4()
    read(reader, subject)
    page = dpo.get(LOG).content.decode()
    assert str(reader.user) in page and str(subject) in page
    assert "Chef d’établissement, " in page and "fiche ouverte" in page


def test_reading_the_log_is_a_reading(dpo: Any) -> None:
    subject = uuid4()
    dpo.get(LOG, {"dossier": str(subject)})
    dpo.get(EXPORT)
    assert [(line.act, line.subjects) for line in Reading.objects.order_by("id")] == [
        ("journal", [subject]),
        ("journal_export", []),
    ]


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.DPO}))
def test_for_anybody_else_it_does_not_exist(role: Role) -> None:
    client = cast.signed_in(cast.member(cast.structure(Kind.DSDEN), role))
    for address in (LOG, EXPORT):
        assert client.get(address).status_code == 404
    assert "Journal des lectures" not in client.get("/").content.decode()


def test_each_filter_narrows(dpo: Any) -> None:
    alix, noa, subject = a_reader("Alix"), a_reader("Noa"), uuid4()
    read(alix, subject)
    read(noa, uuid4(), act=Act.LETTER)
    Reading.objects.create(
        at=datetime(2026, 3, 1, 23, 30, tzinfo=ZoneInfo("Europe/Paris")),
        reader="Sacha Hier",
        academies=["17"],
        act=Act.SHEET,
    )
    for query, seen in [
        ({"lecteur": "alix"}, {"Alix"}),
        ({"acte": "letter"}, {"Noa"}),
        ({"dossier": f"https://exemple.test/dossiers/{subject}/"}, {"Alix"}),
        ({"jour": "2026-03-01"}, {"Sacha"}),
        ({"jour": "02/03/2026"}, set()),
        ({"lecteur": "alix", "acte": "letter"}, set()),
    ]:
        page = dpo.get(LOG, query).content.decode().partition("<tbody>")[2]
        assert {name for name in ("Alix", "Noa", "Sacha") if name in page} == seen, query


def test_a_wrong_filter_is_told_beside_its_field(dpo: Any) -> None:
    page = dpo.get(LOG, {"jour": "hier", "dossier": "Martin"}).content.decode()
    assert "« hier » n’est pas une date" in page
    assert "« Martin » ne contient pas de référence" in page
    assert 'value="Martin"' in page


def test_pages_go_back_in_time_without_a_gap(dpo: Any) -> None:
    for rank in range(70):
        Reading.objects.create(reader=f"Lecteur {rank}", academies=["17"], act=Act.LIST)
    first = dpo.get(LOG, {"acte": "list"})
    second = dpo.get(LOG, {"acte": "list", "avant": first.context["older"]})
    shown = [line.reader for page in (first, second) for line in page.context["lines"]]
    assert shown == [f"Lecteur {rank}" for rank in reversed(range(70))]
    assert second.context["older"] is None


def test_the_page_costs_the_same_whatever_the_number_of_lines(
    dpo: Any, django_assert_max_num_queries: Any
) -> None:
    counts = []
    dpo.get(LOG)  # the session notes its first page
    for size in (1, 60):
        for _ in range(size):
            Reading.objects.create(reader="Alix", academies=["17"], act=Act.SHEET)
        with django_assert_max_num_queries(12) as queries:
            dpo.get(LOG)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_export_is_the_search(dpo: Any) -> None:
    reader = a_reader("=1+1")
    read(reader, uuid4(), uuid4())
    read(a_reader("Noa"), uuid4())
    answer = dpo.get(EXPORT, {"lecteur": "=1+1"})
    assert answer["Content-Disposition"] == 'attachment; filename="journal-des-lectures.csv"'
    lines = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    assert [line["qui"] for line in lines] == [f"'{reader.user}"]
    assert len(lines[0]["dossiers"].split()) == 2


def test_unusual_volumes_are_sentences(dpo: Any) -> None:
    paris = ZoneInfo("Europe/Paris")
    noon = datetime.combine(timezone.localdate(), datetime.min.time(), paris) - timedelta(hours=12)
    night = noon - timedelta(hours=11)  # one o'clock in the morning

    def opened(name: str, user_id: int, at: datetime, times: int, act: str = Act.SHEET) -> None:
        for _ in range(times):
            Reading.objects.create(
                at=at, reader=name, user_id=user_id, academies=["17"], act=act, subjects=[uuid4()]
            )

    opened("Beaucoup", 1, noon, volumes.SHEETS + 1)
    opened("Assez", 2, noon, volumes.SHEETS)
    opened("Nuit", 3, night, volumes.NIGHT_SHEETS + 1)
    opened("Soir", 4, night, volumes.NIGHT_SHEETS)
    opened("Porte", 5, noon, volumes.REFUSALS + 1, Act.REFUSAL)
    Reading.objects.create(
        at=noon, reader="Export", user_id=6, academies=["17"], act=Act.EXPORT,
        subjects=[uuid4() for _ in range(volumes.EXPORTED + 1)],
    )  # fmt: skip
    told = [one.sentence for one in dpo.get(LOG).context["unusual"]]
    day = f"Le {noon:%d/%m/%Y}, "
    assert told == [
        f"{day}Beaucoup a ouvert {volumes.SHEETS + 1} fiches dans la journée.",
        f"{day}Export a exporté {volumes.EXPORTED + 1} dossiers.",
        f"{day}Nuit a ouvert {volumes.NIGHT_SHEETS + 1} fiches entre 22 h et 6 h.",
        f"{day}Porte a demandé {volumes.REFUSALS + 1} fois un dossier qui ne lui est pas ouvert.",
    ]


def test_a_young_person_is_told_functions_and_never_names() -> None:
    school, subject = cast.structure(name="Lycée des Tilleuls"), uuid4()
    agent = cast.actor(school)
    read(agent, subject)
    read(agent, subject, act=Act.LETTER)
    read(agent, uuid4())
    read(agent, subject, act=Act.REFUSAL)
    found = readings.who_read(subject, uuid4())
    assert [(one.functions, one.act) for one in found] == [
        (("Chef d’établissement, Lycée des Tilleuls",), "courrier"),
        (("Chef d’établissement, Lycée des Tilleuls",), "fiche ouverte"),
    ]
    assert str(agent.user) not in repr(found)


# --- partners ------------------------------------------------------------------------------------


def test_an_administrator_dates_both_and_transmission_opens(admin: Any) -> None:
    partner = cast.structure(Kind.MISSION_LOCALE, name="Mission locale du Lac")
    assert "Aucun accord n’est encore daté" in admin.get(PARTNERS).content.decode()
    assert "Mission locale du Lac" in admin.get(PARTNERS, {"q": "du lac"}).content.decode()
    address = reverse("privacy:partner", args=[partner.pk])
    for what, reference in [("accord", "Convention 3"), ("designation", "Arrêté 44")]:
        sent = {"quoi": what, f"{what}-reference": reference, f"{what}-signed_on": "01/10/2026"}
        assert admin.post(address, sent).status_code == 302
    assert may_receive(partner, timezone.localdate()) is None
    page = admin.get(address).content.decode()
    assert "Tout est daté" in page and "Convention 3" in page and "Arrêté 44" in page
    assert "Mission locale du Lac" in admin.get(PARTNERS).content.decode()
    record = Agreement.objects.get()
    sent = {"quoi": "accord", "numero": record.pk, "ends_on": "2026-10-02"}
    assert admin.post(reverse("privacy:end", args=[partner.pk]), sent).status_code == 302
    assert "aucun accord en cours" in str(may_receive(partner))


def test_nothing_typed_is_lost_and_each_error_names_its_remedy(admin: Any) -> None:
    partner = cast.structure(Kind.CFA)
    sent = {
        "quoi": "designation",
        "designation-reference": "Arrêté 44",
        "designation-signed_on": "hier",
        "designation-ends_on": "01/01/2026",
    }
    page = admin.post(reverse("privacy:partner", args=[partner.pk]), sent).content.decode()
    assert "« hier » n’est pas une date (signé le)" in page
    assert 'value="Arrêté 44"' in page and 'value="hier"' in page
    assert not Designation.objects.exists()
    sent["designation-signed_on"] = "01/02/2026"
    page = admin.post(reverse("privacy:partner", args=[partner.pk]), sent).content.decode()
    assert "La fin (01/01/2026) précède la prise d’effet (01/02/2026)" in page


def test_an_end_before_the_start_is_asked_again(admin: Any) -> None:
    partner = cast.structure(Kind.CFA)
    day = timezone.localdate()
    record = Agreement.objects.create(
        structure=partner, academie=partner.academie, reference="C3", signed_on=day, starts_on=day
    )
    sent = {"quoi": "accord", "numero": record.pk, "ends_on": "2020-01-01"}
    page = admin.post(reverse("privacy:end", args=[partner.pk]), sent).content.decode()
    assert "La fin (01/01/2020) précède" in page and 'value="2020-01-01"' in page


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.TERRITORY_ADMIN}))
def test_partners_do_not_exist_for_anybody_else(role: Role) -> None:
    partner = cast.structure(Kind.CFA)
    client = cast.signed_in(cast.member(cast.structure(Kind.DSDEN), role))
    for address in (PARTNERS, reverse("privacy:partner", args=[partner.pk])):
        assert client.get(address).status_code == 404
    assert client.post(reverse("privacy:end", args=[partner.pk])).status_code == 404


def test_partners_of_another_academie_and_schools_do_not_exist(admin: Any) -> None:
    rennes = cast.departement("035", cast.academie("14", "Rennes"))
    for structure in (
        cast.structure(Kind.CFA, departement=rennes, name="CFA voisin"),
        cast.structure(Kind.LYCEE, name="Lycée voisin"),
    ):
        assert admin.get(reverse("privacy:partner", args=[structure.pk])).status_code == 404
    assert "voisin</a>" not in admin.get(PARTNERS, {"q": "voisin"}).content.decode()
