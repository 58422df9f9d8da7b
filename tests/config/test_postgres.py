"""The embedded PostgreSQL without starting it: programs, addresses, messages."""

import os
from pathlib import Path

import dj_database_url
import pytest

from raccord.config.postgres import Server, ServerError, binaries, database_urls, locate_binaries
from raccord.config.postgres.errors import explain

OWNER = "postgresql://a:b@db.example/raccord"
WEB = "postgresql://c:d@db.example/raccord"


@pytest.fixture(autouse=True)
def no_address(monkeypatch):
    for name in ("DATABASE_URL", "DATABASE_WEB_URL"):
        monkeypatch.delenv(name, raising=False)


# --- the programs --------------------------------------------------------------------------------


def install(folder: Path, version: str, *, broken: bool = False) -> Path:
    """Programs that print a version, or end as a program does whose library is missing."""
    folder.mkdir(parents=True)
    for name in ("postgres", "initdb"):
        said = (
            "exit 127" if broken and name == "initdb" else f"echo '{name} (PostgreSQL) {version}'"
        )
        (folder / name).write_text(f"#!/bin/sh\n{said}\n")
        (folder / name).chmod(0o755)
    return folder


def test_the_programs_of_this_machine_are_found():
    found = locate_binaries()
    assert found.major >= binaries.OLDEST
    assert found.postgres.is_file() and found.initdb.is_file()


def test_programs_that_cannot_run_give_way_to_the_next(tmp_path, monkeypatch):
    broken = install(tmp_path / "broken", "18.4", broken=True)
    absent = tmp_path / "absent"
    good = install(tmp_path / "good", "17.2 (Debian 17.2-1)")
    monkeypatch.setattr(binaries, "_folders", lambda: iter([broken, absent, good]))
    assert (locate_binaries().folder, locate_binaries().major) == (good, 17)


def test_another_version_is_taken_when_the_data_ask_for_it(tmp_path, monkeypatch):
    new, old = install(tmp_path / "18", "18.4"), install(tmp_path / "16", "16.9")
    monkeypatch.setattr(binaries, "_folders", lambda: iter([new, old]))
    assert locate_binaries(16).folder == old


def test_a_version_too_old_for_django_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(binaries, "_folders", lambda: iter([install(tmp_path / "13", "13.9")]))
    with pytest.raises(ServerError, match=r"13\.9"):
        locate_binaries()


def test_without_any_program_the_message_says_what_to_install(monkeypatch):
    monkeypatch.setattr(binaries, "_folders", lambda: iter(()))
    with pytest.raises(ServerError) as refused:
        locate_binaries()
    for remedy in ("make install", "apt-get install postgresql", "DATABASE_URL"):
        assert remedy in str(refused.value)


# --- the addresses -------------------------------------------------------------------------------


def test_addresses_of_the_environment_win_and_nothing_is_made(tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", OWNER)
    monkeypatch.setenv("DATABASE_WEB_URL", WEB)
    server = Server(tmp_path / "home")
    server.start()
    server.stop()
    assert (server.urls.owner, server.urls.web) == (OWNER, WEB)
    assert database_urls(tmp_path / "home") == server.urls
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("given", "missing"),
    [("DATABASE_URL", "DATABASE_WEB_URL"), ("DATABASE_WEB_URL", "DATABASE_URL")],
)
def test_half_of_the_addresses_is_refused(given, missing, tmp_path, monkeypatch):
    """The web must never sign in as the owner because a line was forgotten."""
    monkeypatch.setenv(given, OWNER)
    with pytest.raises(ServerError, match=f"^{missing} manque"):
        database_urls(tmp_path)


def test_an_empty_address_is_no_address(tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "")
    assert "raccord_owner" in database_urls(tmp_path / "home").owner


def test_addresses_are_known_before_the_first_start_and_stay(tmp_path):
    urls = database_urls(tmp_path / "home")
    assert database_urls(tmp_path / "home") == urls
    read = dj_database_url.parse(urls.web)
    assert (read["USER"], read["NAME"], read["PORT"]) == ("raccord_web", "raccord", 5432)
    assert Path(read["HOST"]).is_dir()
    assert len(read["PASSWORD"]) >= 40
    assert read["PASSWORD"] not in urls.owner


def test_passwords_are_for_the_owner_of_the_home_alone(tmp_path):
    home = tmp_path / "home"
    database_urls(home)
    assert home.stat().st_mode & 0o777 == 0o700
    assert (home / "server.json").stat().st_mode & 0o777 == 0o600


def test_a_server_never_started_does_not_run(tmp_path):
    assert not Server(tmp_path / "home").is_running()
    database_urls(tmp_path / "home")
    assert not Server(tmp_path / "home").is_running()


# --- the messages --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "meaning"),
    [
        ('FATAL:  could not write lock file "postmaster.pid": No space left on device', "plein"),
        ("initdb: error: could not create directory: Permission denied", "n’a pas le droit"),
        ('could not change permissions of directory "x"', "disque local"),
        ("could not bind IPv4 address: Address already in use", "port demandé est déjà pris"),
        ("could not map anonymous shared memory: Cannot allocate memory", "mémoire manque"),
        (OSError(30, os.strerror(30)), "lecture seule"),
    ],
)
def test_known_causes_are_said_in_french_with_a_remedy(said, meaning):
    message = str(explain(said, Path("var/postgres")))
    assert meaning in message
    assert "var/postgres" in message


def test_an_unknown_cause_is_quoted():
    message = str(explain("FATAL:  the moon is full", Path("var/postgres")))
    assert "the moon is full" in message and "DATABASE_URL" in message


def test_a_file_in_the_way_is_said(tmp_path):
    (tmp_path / "var").write_text("")
    with pytest.raises(ServerError, match="un fichier occupe la place"):
        Server(tmp_path / "var" / "postgres").start()
