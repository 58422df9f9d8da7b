"""Registers asked for by UAI: against an imitation of the service, on the loopback."""

import logging
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from tests import cast
from tests.detection.siecle_imitation import Imitation
from tests.registers.siecle_files import export, parameters, pupil, zipped

from raccord.accounts.roles import Role
from raccord.detection import pulling, schedule, tasks
from raccord.detection.calendars import campaign_year
from raccord.detection.models import Deposit, DepositStatus, Feed
from raccord.detection.register_service import BACK_OFF, NotConfigured, RegisterService
from raccord.territory.models import Structure

pytestmark = pytest.mark.django_db
UAI = "0440029T"
_OFF = dict.fromkeys(
    ("url", "header", "certificate", "key", "authorities", "silence", "duration", "megabytes"), ""
)


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[Imitation]:
    monkeypatch.setenv("RACCORD_HOME", str(tmp_path / "home"))
    imitation = Imitation()
    settings.SIECLE = _OFF | {"url": imitation.url, "header": "X-Cle: secret-de-la-base"}
    yield imitation
    imitation.close()


@pytest.fixture
def school() -> Structure:
    return cast.structure(uai=UAI)


@pytest.fixture
def feed(school: Structure) -> Feed:
    return pulling.pull_from([school])[0]


def _register(uai: str = UAI, last: str = "LE GOFF") -> str:
    today = timezone.localdate()
    head = parameters(uai, str(campaign_year(today)), f"{today:%d/%m/%Y}")
    return export([pupil(1, NOM_DE_FAMILLE=last), pupil(2, ELENOET="18", PRENOM="Lou")], head=head)


def _pull(feed: Feed, waits: list[float] | None = None, **changes: Any) -> Deposit:
    asked = pulling.service()
    assert asked is not None
    given = {"silence": 5.0, "wait": (waits if waits is not None else []).append} | changes
    service = RegisterService(asked.address, asked.header, **given)
    (deposit,) = pulling.pull([feed], service)
    return deposit


def test_a_register_is_asked_for_and_deposited(service: Imitation, feed: Feed) -> None:
    service.says(_register())

    deposit = _pull(feed)

    assert (deposit.status, deposit.rows, deposit.how) == (DepositStatus.ACCEPTED, 2, "pull")
    assert (deposit.feed_id, deposit.author) == (feed.pk, "le service SIECLE")
    path, headers = service.asked[0]
    year = pulling.school_year(feed.academie, timezone.localdate())
    assert path == (
        f"/sconetechange/resources/flux-netsync/exports/xml/sco-eleves-adr/{UAI}/{year}"
    )
    assert (headers["X-Cle"], headers["Compression-Zip"]) == ("secret-de-la-base", "true")
    # the two companions the imitation does not have are said, and cost nothing else
    assert [reason.split()[0] for reason in deposit.reasons] == [
        "sco-responsables-adr",
        "sco-nomenclatures",
    ]


def test_a_zip_is_read_too(service: Imitation, feed: Feed) -> None:
    service.says(zipped({"ElevesAvecAdresses.xml": _register()}))
    assert _pull(feed).status == DepositStatus.ACCEPTED


def test_a_service_that_recovers_is_waited_for(service: Imitation, feed: Feed) -> None:
    service.says(status=500)
    service.says(status=503, Retry_After="30")
    service.says(_register())
    waits: list[float] = []

    assert _pull(feed, waits).status == DepositStatus.ACCEPTED
    assert waits == [BACK_OFF[0], 30.0]


def _error(code: str) -> str:
    return f"<erreur><code>{code}</code><message>LE GOFF Maëlys</message></erreur>"


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ({"status": 404}, "ne connaît pas l’établissement 0440029T"),
        ({"status": 401}, "RACCORD_SIECLE_HEADER"),
        ({"status": 500}, "en panne ou occupé (réponse 500). Raccord a essayé 3 fois"),
        ({"body": _register("0750001A")}, "bon établissement"),
        ({"body": _error("ERREUR_TRAITEMENT")}, "ERREUR_TRAITEMENT"),
        ({"body": "<html><title>Connexion</title></html>"}, "0440029T-sco-eleves-adr"),
        ({"body": b""}, "fichier vide"),
        ({"body": _register()[:900], "Content_Length": "9000"}, "une partie du fichier"),
        ({"body": _register()[:900]}, "0440029T-sco-eleves-adr"),
        ({"status": 302, "Location": "http://127.0.0.1:1/ailleurs"}, "autre adresse"),
    ],
    ids=["404", "401", "500", "other", "error", "html", "empty", "cut", "cut-said", "redirect"],
)
def test_what_is_not_its_register_is_refused_and_changes_nothing(
    answer: dict[str, Any],
    sentence: str,
    service: Imitation,
    feed: Feed,
    caplog: pytest.LogCaptureFixture,
) -> None:
    service.says(_register())
    good = _pull(feed)
    service.answers.clear()
    service.says(**answer)
    caplog.set_level(logging.DEBUG)

    refused = _pull(feed)

    assert refused.status == DepositStatus.REFUSED
    told = " ".join([refused.document, *refused.reasons])
    assert sentence in told
    assert "GOFF" not in told + caplog.text
    assert "secret-de-la-base" not in told + caplog.text
    assert list(Deposit.objects.accepted()) == [good]
    feed.refresh_from_db()
    assert feed.last_exported_on == timezone.localdate()


@pytest.mark.parametrize("announced", [True, False])
def test_a_file_too_big_is_not_kept(announced: bool, service: Imitation, feed: Feed) -> None:
    size = {} if announced else {"Content_Length": ""}
    service.says(_register() + " " * 200_000, **size)

    deposit = _pull(feed, size=100_000)

    assert deposit.status == DepositStatus.REFUSED
    assert "dépasse" in deposit.reasons[0]


def test_a_service_too_slow_is_left(service: Imitation, feed: Feed) -> None:
    service.says(_register(), X_Slow="yes")

    deposit = _pull(feed, silence=0.05)

    assert "n’a pas répondu à temps" in deposit.reasons[0]
    assert len(service.asked) == len(BACK_OFF) + 1


def test_a_service_that_never_ends_is_left(service: Imitation, feed: Feed) -> None:
    service.says(_register())
    assert "trop lent" in _pull(feed, duration=0.0).reasons[0]


def test_when_the_service_is_down_not_every_school_is_asked(service: Imitation) -> None:
    feeds = pulling.pull_from([cast.structure(uai=f"044000{n}A") for n in range(5)])
    service.says(status=503)
    asked = RegisterService(service.url, wait=lambda seconds: None)

    made = list(pulling.pull(feeds, asked))

    assert [d.status for d in made] == [DepositStatus.REFUSED] * 5
    assert len(service.asked) == pulling.DOWN_AFTER * (len(BACK_OFF) + 1)
    assert "n’a pas été demandé" in made[-1].reasons[0]


def test_a_fault_of_ours_costs_one_school_only(
    service: Imitation, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    feeds = pulling.pull_from([cast.structure(uai=uai) for uai in ("0440001A", UAI)])
    service.says(_register())
    receive = pulling.services.receive

    def broken(*args: Any, **named: Any) -> Any:
        if named["feed"] == feeds[0]:
            raise RuntimeError("LE GOFF Maëlys")
        return receive(*args, **named)

    monkeypatch.setattr(pulling.services, "receive", broken)
    made = list(pulling.pull(feeds, RegisterService(service.url, wait=lambda seconds: None)))

    assert [d.status for d in made] == [DepositStatus.REFUSED, DepositStatus.ACCEPTED]
    assert "GOFF" not in caplog.text + str(made[0].reasons)


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"url": "http://siecle.exemple.fr"}, "https"),
        ({"url": "ftp://127.0.0.1"}, "https"),
        ({"url": "https://moi:mdp@siecle.exemple.fr"}, "identifiants"),
        ({"url": "https://siecle.exemple.fr/?a=1"}, "simple"),
        ({"url": "https://"}, "simple"),
        ({"url": "https://siecle.exemple.fr:port"}, "simple"),
        ({"url": "https://siecle.exemple.fr", "header": "jeton"}, "RACCORD_SIECLE_HEADER"),
        ({"url": "https://siecle.exemple.fr", "silence": "0"}, "RACCORD_SIECLE_SILENCE"),
        ({"url": "https://siecle.exemple.fr", "megabytes": "x"}, "RACCORD_SIECLE_MEGABYTES"),
        ({"url": "https://siecle.exemple.fr", "key": "/absente.pem"}, "RACCORD_SIECLE_KEY"),
    ],
)
def test_an_unsafe_setting_is_refused(given: dict[str, str], named: str) -> None:
    with pytest.raises(NotConfigured, match=named):
        RegisterService.configured(_OFF | given)


def test_nothing_is_asked_unless_an_address_is_given() -> None:
    assert RegisterService.configured(_OFF) is None
    found = RegisterService.configured(
        _OFF | {"url": "https://siecle.exemple.fr/", "header": "A: b"}
    )
    assert found is not None
    assert found.address == "https://siecle.exemple.fr"
    assert "b'" not in repr(found)


# --- when, and by whom ---------------------------------------------------------------------------


def _at(hour: int, minute: int = 0) -> datetime:
    """Of a winter's day in Nantes."""
    return datetime(2026, 11, 16, hour - 1, minute, tzinfo=UTC)


def _asked(feed: Feed, at: datetime, status: str) -> None:
    Deposit.objects.create(
        feed=feed, academie=feed.academie, author="x", how="pull", document="x", status=status,
        received_at=at, state_on=at.date(),
    )  # fmt: skip


def test_a_register_is_due_from_two_in_the_morning_until_it_came(
    service: Imitation, feed: Feed
) -> None:
    place = feed.academie
    assert pulling.due(place, _at(1, 59)) == []
    assert pulling.due(place, _at(2)) == [feed]
    _asked(feed, _at(2), DepositStatus.REFUSED)
    assert pulling.due(place, _at(2, 30)) == []
    assert pulling.due(place, _at(3, 30)) == [feed]
    _asked(feed, _at(3, 30), DepositStatus.REFUSED)
    assert pulling.due(place, _at(9)) == []
    assert pulling.due(place, _at(9) + timedelta(days=1)) == [feed]


def test_a_register_that_came_is_not_asked_for_again(service: Imitation, feed: Feed) -> None:
    _asked(feed, _at(2), DepositStatus.QUARANTINED)
    assert pulling.due(feed.academie, _at(9)) == []


def test_the_night_waits_for_the_registers_it_asks_for(
    service: Imitation, feed: Feed, settings: Any
) -> None:
    night = [(feed.academie, date(2026, 11, 16))]
    assert schedule.all_due(_at(4)) == []
    assert schedule.pulls_due(_at(4)) == [feed.academie]
    _asked(feed, _at(4), DepositStatus.REFUSED)
    assert schedule.all_due(_at(4, 10)) == night
    Deposit.objects.all().delete()
    settings.SIECLE = _OFF
    assert schedule.all_due(_at(4)) == night


def test_the_schedule_queues_one_pull(
    service: Imitation, feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timezone, "now", lambda: _at(2, 10))
    tasks.start_nights(timestamp=0)
    tasks.start_nights(timestamp=600)

    assert list(ProcrastinateJob.objects.values_list("task_name", flat=True)) == [
        "detection.pull_registers"
    ]


def test_a_service_badly_set_does_not_hold_the_night(
    service: Imitation, feed: Feed, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SIECLE = _OFF | {"url": "http://siecle.exemple.fr"}
    monkeypatch.setattr(timezone, "now", lambda: _at(4))

    tasks.pull_registers(academie=feed.academie.pk)

    assert "https" in Deposit.objects.get().reasons[0]
    assert schedule.all_due(_at(4, 10)) != []


def test_the_job_deposits_what_is_due(service: Imitation, feed: Feed, settings: Any) -> None:
    service.says(_register())
    feed.academie.time_zone = "Pacific/Noumea"
    due = pulling.due(feed.academie, timezone.now().replace(hour=12))
    assert due == [feed]
    assert _pull(due[0]).status == DepositStatus.ACCEPTED


def test_the_command_adds_schools_and_pulls(
    service: Imitation, school: Structure, capsys: pytest.CaptureFixture[str]
) -> None:
    school.sector = "public"
    school.save()
    service.says(_register())

    call_command("pull_registers", "--add", "--academie", school.academie_id)
    call_command("pull_registers", "--add", "--uai", UAI)
    call_command("pull_registers")

    feed = Feed.objects.get()
    assert (feed.structure, feed.pulled, feed.format) == (school, True, "siecle")
    assert "1 bases" in capsys.readouterr().out
    assert Deposit.objects.get().status == DepositStatus.ACCEPTED


def test_the_command_says_what_fails(service: Imitation, feed: Feed, settings: Any) -> None:
    with pytest.raises(CommandError, match="refusée"):
        call_command("pull_registers")
    with pytest.raises(CommandError, match="9999999Z"):
        call_command("pull_registers", "--add", "--uai", "9999999Z")
    settings.SIECLE = _OFF
    with pytest.raises(CommandError, match="RACCORD_SIECLE_URL"):
        call_command("pull_registers")


def test_the_database_refuses_to_pull_without_a_school() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Feed.objects.create(academie=cast.academie(), label="Toute l’académie", pulled=True)


def test_a_deposit_by_hand_is_of_the_same_register(
    service: Imitation, feed: Feed, tmp_path: Path
) -> None:
    path = tmp_path / "ElevesAvecAdresses.xml"
    path.write_bytes(_register().encode("iso-8859-15"))
    call_command("deposit", str(path), "--academie", feed.academie.pk)
    assert Deposit.objects.get().feed == feed


def test_the_head_reads_why_it_did_not_come(
    service: Imitation, school: Structure, feed: Feed
) -> None:
    refused = _pull(feed)
    client = cast.signed_in(cast.member(school, Role.HEAD))

    assert (
        "ne connaît pas"
        in client.get(reverse("detection:deposit", args=[refused.pk])).content.decode()
    )
    assert (
        "service SIECLE" in client.get(reverse("detection:feed", args=[feed.pk])).content.decode()
    )
