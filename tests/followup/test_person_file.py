"""The copy of somebody's file: complete, of what is theirs only, and made by whoever may."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.utils import timezone
from tests import cast

from raccord.accounts.middleware import acting_in_database
from raccord.accounts.models import User
from raccord.accounts.roles import Role
from raccord.followup import security
from raccord.followup.exports import person_file
from raccord.followup.exports.person_file_parts import PARTS, REASONS, TOLD_APART, label
from raccord.followup.models import (
    Candidate,
    Case,
    Destination,
    Handover,
    Interview,
    LegalRepresentative,
    Merge,
    Party,
    Question,
    TimelineEvent,
)
from raccord.privacy.models import Reading
from raccord.territory.kinds import Kind
from raccord.territory.models import Structure

pytestmark = pytest.mark.django_db


@pytest.fixture
def school() -> Structure:
    return cast.structure(name="Lycée Simone-Veil")


@pytest.fixture
def cio() -> Structure:
    return cast.structure(Kind.CIO, name="CIO du Pays de Retz")


@pytest.fixture
def head(school: Structure) -> User:
    return cast.member(school)


@pytest.fixture
def lead(cio: Structure) -> User:
    return cast.member(cio, Role.LEAD)


@pytest.fixture
def dpo() -> User:
    return cast.member(cast.structure(Kind.RECTORAT), Role.DPO)


@pytest.fixture
def case(school: Structure, cio: Structure, head: User, lead: User) -> Case:
    """Followed by a CIO since a school handed it over, with a little of everything."""
    found = cast.case(school)
    person = found.person
    Case.objects.filter(pk=found.pk).update(holder=cio)
    details = person.details
    details.address, details.email = "12 rue des Prés", "lou@exemple.test"
    details.save()
    LegalRepresentative.objects.create(person=person, name="Mme Martin", phone="0699000002")
    Interview.objects.create(
        case=found, structure=cio, by=lead, schooling="stopped", project="ideas",
        wishes=["work"], note="Aime le bois.",
    )  # fmt: skip
    Handover.objects.create(
        case=found, sender=school, receiver=cio, reason="care", status="accepted",
        answered_at=timezone.now(), asked_by=head,
    )  # fmt: skip
    Question.objects.create(case=found, asker=school, text="Viendra-t-il ?", asked_by=head)
    Destination.objects.create(
        case=found, place="Lycée agricole de Loire", seen_on=timezone.localdate()
    )
    Candidate.objects.create(
        case=found, departure=found.departures.get(), rank=1, source="SIFA", local_id="1",
        last_name="Autrenom", first_name="Léa",
    )  # fmt: skip
    return Case.objects.get(pk=found.pk)


def made(who: User, case: Case, given: str = "youth") -> dict[str, Any]:
    with acting_in_database(who.pk):
        return person_file.make(case.pk, given)


def rows(copy: dict[str, Any], key: str) -> list[dict[str, Any]]:
    return next(s["rows"] for s in copy["sections"] if s["key"] == key)


# --- complete -------------------------------------------------------------------------------------


def test_no_table_is_forgotten() -> None:
    """When this fails: add the new table to PARTS, or to REASONS with the reason why not."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT DISTINCT conrelid::regclass::text FROM pg_constraint WHERE contype = 'f'
            AND confrelid IN ('followup_person'::regclass, 'followup_case'::regclass)"""
        )
        pointing = {table for (table,) in cursor.fetchall()}
    guarded = {guard.table for guard in security.GUARDS}
    held = {part.table for part in PARTS}
    told = held | TOLD_APART.keys()
    assert (guarded | pointing) - told - REASONS.keys() == set()
    assert not told & REASONS.keys()


def test_every_field_has_words_and_no_secret_is_told() -> None:
    secrets = {"token_hash", "digest", "outgoing", "search_name", "user", "author"}
    for part in PARTS:
        for field in part.fields:
            assert label(field), (part.key, field.name)
            assert field.name not in secrets
            assert not (field.is_relation and field.related_model is User), field.name


def test_every_part_is_documented() -> None:
    text = (Path(__file__).parents[2] / "docs" / "copie-du-dossier.md").read_text("utf-8")
    absent = {p.key for p in PARTS if not p.key.endswith("_before") and f"`{p.key}`" not in text}
    assert absent == set()


def test_everything_held_is_there(lead: User, case: Case, cio: Structure) -> None:
    copy = made(lead, case)
    assert rows(copy, "identity")[0]["last_name"] == case.person.last_name
    assert rows(copy, "details")[0]["address"] == "12 rue des Prés"
    assert rows(copy, "interviews")[0]["project"] == "des pistes à vérifier"
    assert rows(copy, "interviews")[0]["wishes"] == ["travailler"]
    assert rows(copy, "questions")[0]["text"] == "Viendra-t-il ?"
    assert rows(copy, "handovers")[0]["receiver"] == cio.name
    assert rows(copy, "representatives")[0]["phone"] == "0699000002"
    assert rows(copy, "cases_before"), "what a correction replaced is held too"
    assert [line["title"] for line in copy["timeline"]][-1].startswith("Copie du dossier")
    assert copy["withheld"] == []


def test_nobody_else_is_told(lead: User, case: Case, head: User) -> None:
    """Neither agents by name, nor whoever only looked like this young person."""
    text = json.dumps(made(lead, case), ensure_ascii=False)
    for name in (str(lead), str(head), "Autrenom", head.email):
        assert name not in text


def test_who_read_it_and_when(lead: User, case: Case) -> None:
    client = cast.signed_in(lead)
    client.get(f"/dossiers/{case.pk}/")
    copy = made(lead, case)
    [line] = [one for one in copy["readings"] if one["act"] == "fiche ouverte"]
    assert line["functions"] == ["Responsable de la structure, CIO du Pays de Retz"]
    assert str(lead) not in json.dumps(copy["readings"])


def test_a_merged_file_is_there_too(lead: User, case: Case, school: Structure) -> None:
    other = cast.case(
        school, status="closed", outcome="merged", closed_on=timezone.localdate(), level="2de GT"
    )
    Merge.objects.create(kept=case.person, absorbed=other.person)
    copy = made(lead, case)
    assert {"1re ASSP", "2de GT"} == {row["level"] for row in rows(copy, "departures")}
    assert len(rows(copy, "merges")) == 1


# --- who makes it, for whom -----------------------------------------------------------------------


def test_its_dpo_makes_it_and_sees_no_case(dpo: User, case: Case) -> None:
    client = cast.signed_in(dpo)
    assert client.get(f"/dossiers/{case.pk}/").status_code == 404
    asked = {"case": str(case.pk), "given": "youth", "format": "json"}
    answer = client.post("/droit-d-acces/", asked)
    assert json.loads(answer.content)["case"] == str(case.pk)
    assert Reading.objects.filter(act="person_file", subjects__contains=[case.pk]).exists()
    event = TimelineEvent.objects.get(kind="file_given")
    assert (event.user, event.facts) == (dpo, {"to": "youth"})


@pytest.mark.parametrize("role", [Role.AGENT, Role.SECRETARIAT, Role.BASIN_REFERENT])
def test_who_may_not(case: Case, cio: Structure, role: Role) -> None:
    who = cast.member(cio, role)
    with pytest.raises(Case.DoesNotExist):
        made(who, case)
    assert cast.signed_in(who).get(f"/dossiers/{case.pk}/copie/").status_code == 404
    assert not TimelineEvent.objects.filter(kind="file_given").exists()


def test_nor_the_school_that_left_nor_the_dpo_of_elsewhere(case: Case, head: User) -> None:
    far = cast.structure(Kind.RECTORAT, departement=cast.departement("087", of=cast.academie("22")))
    for who in (head, cast.member(far, Role.DPO)):
        with pytest.raises(Case.DoesNotExist):
            made(who, case)
    page = cast.signed_in(cast.member(far, Role.DPO)).post(
        "/droit-d-acces/", {"case": str(case.pk), "given": "youth", "format": "pdf"}
    )
    assert "Aucun dossier de votre académie" in page.content.decode()


def test_a_school_reads_no_interview(case: Case, head: User, school: Structure) -> None:
    """Taken back by the school that was left: what was said to the CIO is for the DPO to give."""
    Case.objects.filter(pk=case.pk).update(holder=school)
    Party.objects.get_or_create(case=case, structure=school, kind="origin")
    copy = made(head, case)
    assert rows(copy, "interviews") == []
    assert "délégué" in copy["withheld"][0]


def protected(case: Case, by: Structure) -> Case:
    person = case.person
    person.protected_by, person.protected_at = by, timezone.now()
    person.save()
    return case


def test_a_protected_schooling_keeps_its_place_from_a_parent(
    dpo: User, case: Case, cio: Structure
) -> None:
    new = cast.structure(name="Lycée de l’Abri")
    protected(case, new)
    Party.objects.create(case=case, structure=new, kind="associated")
    cast.signed_in(cast.member(new)).get(f"/dossiers/{case.pk}/")
    text = json.dumps(made(dpo, case, "representative"), ensure_ascii=False)
    for place in ("Abri", "Lycée agricole", "12 rue", "lou@exemple", "06 99", cio.name, "bois"):
        assert place not in text
    assert "Lycée Simone-Veil" in text, "the school that was left is known to them"
    theirs = json.dumps(made(dpo, case, "youth"), ensure_ascii=False)
    assert "Lycée agricole" in theirs
    assert "Abri" in theirs


def test_whoever_may_not_read_the_place_makes_a_copy_without_it(lead: User, case: Case) -> None:
    protected(case, cast.structure())
    copy = made(lead, case)
    assert rows(copy, "details") == []
    assert "protégée" in copy["withheld"][0]


def test_one_parent_is_not_told_how_to_reach_the_other(lead: User, case: Case) -> None:
    [row] = rows(made(lead, case, "representative"), "representatives")
    assert (row["name"], row["phone"], row["email"]) == ("Mme Martin", None, None)


def test_from_18_to_the_young_person_alone(lead: User, case: Case) -> None:
    person = case.person
    person.birth_date = timezone.localdate() - timedelta(days=365 * 19)
    person.save()
    with pytest.raises(ValidationError, match="majeur"):
        made(lead, case, "representative")
    made(lead, case, "youth")


def test_hidden_people_have_no_copy(lead: User, case: Case) -> None:
    type(case.person).objects.update(hidden=True)
    with pytest.raises(Case.DoesNotExist):
        made(lead, case)


# --- papers ---------------------------------------------------------------------------------------


def test_the_page_gives_a_pdf(lead: User, case: Case) -> None:
    client: Client = cast.signed_in(lead)
    address = f"/dossiers/{case.pk}/copie/"
    assert str(case.pk) in client.get(address).content.decode()
    assert "Dites à qui" in client.post(address, {"format": "pdf"}).content.decode()
    answer = client.post(address, {"given": "youth", "format": "pdf"})
    assert answer.content.startswith(b"%PDF-")
    assert case.person.last_name not in answer["Content-Disposition"]


def test_the_paper_says_words_and_no_code(lead: User, case: Case) -> None:
    paper = person_file.for_paper(made(lead, case))
    text = json.dumps(paper, ensure_ascii=False)
    for code in ("to_check", "obligation_16_17", "origin", "missing", "T00:", "+00:00"):
        assert code not in text
