"""Pages of registers: who sees them, what a bad file is answered, how much they ask."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests import cast
from tests.matching.territory import csv_file, pupil

from raccord.accounts.roles import Role
from raccord.detection.models import Deposit, Feed, Run
from raccord.territory.kinds import Kind

pytestmark = pytest.mark.django_db


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RACCORD_HOME", str(tmp_path / "home"))
    return tmp_path


def _administrator() -> Any:
    rectorat = cast.structure(Kind.RECTORAT)
    return cast.signed_in(cast.member(rectorat, Role.TERRITORY_ADMIN))


def _file(home: Path, name: str = "base.csv", **changes: str) -> SimpleUploadedFile:
    path = csv_file(home / name, [pupil(rank, **changes) for rank in range(8)])
    return SimpleUploadedFile(name, path.read_bytes())


def test_a_file_deposited_is_read_and_kept_within_the_budget(home: Path) -> None:
    client = _administrator()

    with CaptureQueriesContext(
        connection,
    ) as asked:
        answer = client.post(reverse("detection:upload"), {"files": [_file(home)]})

    deposit = Deposit.objects.get()
    assert (deposit.status, deposit.rows) == ("accepted", 8)
    assert answer.headers["Location"] == reverse("detection:deposit", args=[deposit.pk])
    ours = [q for q in asked if "django_session" not in q["sql"] and "SAVEPOINT" not in q["sql"]]
    assert len(ours) <= 25, "\n".join(q["sql"][:120] for q in ours)
    assert not list((home / "home" / "tmp").iterdir())  # the file itself is not kept


def test_a_bad_file_is_told_beside_the_field_and_the_good_one_is_kept(home: Path) -> None:
    client = _administrator()
    bad = SimpleUploadedFile("photo.csv", b"\x89PNG\r\n\x1a\n not a register")

    answer = client.post(reverse("detection:upload"), {"files": [_file(home), bad]})

    assert answer.status_code == 422
    page = answer.content.decode()
    assert "photo.csv" in page
    assert 'id="id_files-erreur"' in page
    assert set(Deposit.objects.values_list("document", "status")) == {
        ("base.csv", "accepted"),
        ("photo.csv", "refused"),
    }


def test_a_head_sees_the_register_of_their_own_school_only(home: Path) -> None:
    school, other = cast.structure(), cast.structure()
    mine = Feed.objects.create(academie=school.academie, structure=school, label="La mienne")
    theirs = Feed.objects.create(academie=school.academie, structure=other, label="La leur")
    client = cast.signed_in(cast.member(school, Role.HEAD))

    page = client.get(reverse("detection:feeds")).content.decode()

    assert "La mienne" in page
    assert "La leur" not in page
    assert client.get(reverse("detection:feed", args=[mine.pk])).status_code == 200
    assert client.get(reverse("detection:feed", args=[theirs.pk])).status_code == 404
    assert client.get(reverse("detection:runs")).status_code == 404


def test_the_file_of_another_school_is_refused_with_its_remedy(home: Path) -> None:
    school = cast.structure(uai="0990005X")
    feed = Feed.objects.create(academie=school.academie, structure=school, label="La mienne")
    client = cast.signed_in(cast.member(school, Role.HEAD))

    answer = client.post(reverse("detection:upload"), {"feed": feed.pk, "files": [_file(home)]})

    assert answer.status_code == 422
    assert "bon établissement" in answer.content.decode()
    assert Deposit.objects.get().status == "refused"


@pytest.mark.parametrize("role", [Role.CORRESPONDENT, Role.SECRETARIAT])
def test_pages_answer_every_role_of_a_school(role: Role, home: Path) -> None:
    school = cast.structure()
    client = cast.signed_in(cast.member(school, role))
    expected = 200 if role is Role.SECRETARIAT else 404
    assert client.get(reverse("detection:feeds")).status_code == expected


def test_an_administrator_asks_for_a_comparison_once(home: Path) -> None:
    client = _administrator()

    first = client.post(reverse("detection:start"), follow=True).content.decode()
    second = client.post(reverse("detection:start"), follow=True).content.decode()

    assert "Comparaison demandée" in first
    assert "attend déjà son tour" in second


def test_a_head_whose_school_was_never_set_up_deposits_its_first_register(home: Path) -> None:
    school = cast.structure(uai="0990005X")
    client = cast.signed_in(cast.member(school, Role.HEAD))
    assert 'name="feed"' not in client.get(reverse("detection:upload")).content.decode()

    refused = client.post(reverse("detection:upload"), {"files": [_file(home)]})
    answer = client.post(reverse("detection:upload"), {"files": [_file(home, uai="0990005X")]})

    assert refused.status_code == 422
    assert "bon établissement" in refused.content.decode()
    assert answer.status_code == 302
    accepted = Deposit.objects.accepted().get()
    assert (accepted.feed.structure, accepted.rows) == (school, 8)
    assert Feed.objects.count() == 1


def test_the_head_of_a_cite_scolaire_is_offered_every_uai_of_theirs(home: Path) -> None:
    college, lycee = cast.structure(uai="0990004W"), cast.structure(uai="0990005X")
    head = cast.member(college, Role.HEAD)
    client = cast.signed_in(cast.member(lycee, Role.HEAD, head))
    fed = Feed.objects.create(academie=college.academie, structure=college, label="Du collège")
    page = client.get(reverse("detection:upload")).content.decode()
    assert f'value="{fed.pk}"' in page
    assert f'value="ecole-{lycee.pk}"' in page

    file = {"files": [_file(home, uai="0990005X")]}
    unsaid = client.post(reverse("detection:upload"), file)
    assert "Choisissez la base que vous déposez." in unsaid.content.decode()
    file = {"files": [_file(home, uai="0990005X")], "feed": f"ecole-{lycee.pk}"}
    assert client.post(reverse("detection:upload"), file).status_code == 302
    assert Deposit.objects.accepted().get().feed.structure == lycee

    stranger = cast.structure()
    file = {"files": [_file(home)], "feed": f"ecole-{stranger.pk}"}
    assert "pas parmi les vôtres" in client.post(reverse("detection:upload"), file).content.decode()


def test_the_list_of_comparisons_says_what_each_did(home: Path) -> None:
    client = _administrator()
    Run.objects.create(
        academie=cast.academie(), school_year=2026, as_of=date(2026, 11, 16), state="done",
        phase="done", stats={"acts": {"opened": 12, "found": 0}},
        finished_at=datetime(2026, 11, 16, 3, 12, tzinfo=UTC),
    )  # fmt: skip

    page = client.get(reverse("detection:runs")).content.decode()

    assert "terminée à 4 h 12" in page
    assert "12 dossiers ouverts" in page
    assert "retrouvés" not in page
