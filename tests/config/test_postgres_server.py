"""The embedded PostgreSQL, really started, shared, killed and started again."""

import os
import shutil
import signal
import subprocess
import threading
from pathlib import Path

import psycopg
import pytest
from tests.config.servers import ask, eventually, gone, kill, processes, use

from raccord.config.postgres import Server, ServerError, identity, locks, place

pytestmark = [pytest.mark.database, pytest.mark.slow]


def mark(server: Server) -> None:
    ask(server.urls.owner, "CREATE TABLE mark AS SELECT 1 AS kept")


def is_marked(server: Server) -> bool:
    return ask(server.urls.owner, "SELECT kept FROM mark") == [(1,)]


def keep_busy(server: Server) -> threading.Thread:
    """A backend in a computation that looks at nothing around it."""
    question = "SELECT count(*) FROM generate_series(1, 1000000000) a"

    def compute() -> None:
        with psycopg.connect(server.urls.owner, autocommit=True) as connection:
            try:
                connection.execute(question)
            except psycopg.OperationalError:
                return

    thread = threading.Thread(target=compute)
    thread.start()
    assert eventually(lambda: asking(server, question))
    return thread


def asking(server: Server, question: str) -> list[int]:
    """The processes of the server that work on a question."""
    watch = "SELECT pid FROM pg_stat_activity WHERE state = 'active' AND query = %s"
    return [pid for (pid,) in ask(server.urls.owner, watch, question)]


# --- starting ------------------------------------------------------------------------------------


def test_a_first_start_makes_the_database(short):
    with Server(short / "home") as server:
        assert server.is_running()
        assert ask(server.urls.owner, "SELECT current_database(), current_user") == [
            ("raccord", "raccord_owner")
        ]
        assert ask(server.urls.owner, "SHOW server_encoding") == [("UTF8",)]
        assert ask(server.urls.owner, "SELECT lower('ÉLOÏSE')") == [("éloïse",)]
        ask(server.urls.owner, "CREATE DATABASE test_raccord")
    assert not server.is_running()
    assert gone(short)


def test_starting_what_runs_changes_nothing(server, home):
    since = ask(server.urls.owner, "SELECT pg_postmaster_start_time()")
    server.start()
    other = Server(home)
    other.start()
    assert ask(server.urls.owner, "SELECT pg_postmaster_start_time()") == since
    other.stop()
    assert server.is_running()


def test_stopping_and_starting_again_keeps_the_data(server):
    mark(server)
    server.stop()
    assert not server.is_running()
    server.stop()
    server.start()
    assert is_marked(server)


def test_the_web_owns_nothing_and_is_nobody(server):
    attributes = ask(
        server.urls.owner,
        "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication,"
        " rolcanlogin FROM pg_roles WHERE rolname IN ('raccord_owner', 'raccord_web') ORDER BY 1",
    )
    assert attributes == [
        ("raccord_owner", False, False, False, True, False, True),
        ("raccord_web", False, False, False, False, False, True),
    ]
    owned = """SELECT count(*) FROM pg_shdepend
               WHERE refobjid = 'raccord_web'::regrole AND deptype = 'o'"""
    assert ask(server.urls.owner, owned) == [(0,)]
    ask(server.urls.owner, "CREATE TABLE secret (name text)")
    for forbidden in (
        "SELECT * FROM secret",
        "CREATE TABLE mine (a int)",
        "CREATE TEMP TABLE mine (a int)",
        "CREATE SCHEMA mine",
        "SET ROLE raccord_owner",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            ask(server.urls.web, forbidden)


def test_the_owner_may_see_as_the_web_does(server):
    with psycopg.connect(server.urls.owner) as connection:
        connection.execute("SET ROLE raccord_web")
        assert connection.execute("SELECT current_user").fetchone() == ("raccord_web",)


def test_nobody_enters_without_a_password_nor_through_the_network(server):
    anonymous = server.urls.owner.replace(server.urls.owner.split(":")[2].split("@")[0], "x" * 40)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(anonymous)
    assert ask(server.urls.owner, "SHOW listen_addresses") == [("",)]


def test_loopback_is_open_only_when_asked(home, unused_port):
    with Server(home, loopback_port=unused_port) as server:
        through = server.urls.owner.split("@")
        url = f"{through[0]}@127.0.0.1:{unused_port}/raccord"
        assert ask(url, "SELECT inet_server_addr()::text") == [("127.0.0.1/32",)]
        assert ask(server.urls.owner, "SHOW listen_addresses") == [("127.0.0.1",)]


@pytest.fixture
def unused_port() -> int:
    import socket

    with socket.socket() as made:
        made.bind(("127.0.0.1", 0))
        return made.getsockname()[1]


def test_a_path_too_long_for_a_socket(home, short):
    deep = short / ("a" * 60) / ("b" * 60)
    deep.mkdir(parents=True)
    home.rename(deep / "home")
    with Server(deep / "home") as server:
        assert ask(server.urls.web, "SELECT 1") == [(1,)]
    folder = Path(place.recall(deep / "home").socket)
    assert folder.stat().st_mode & 0o777 == 0o700
    shutil.rmtree(folder)


def test_no_name_enters_the_log(server, home):
    """A refused value, a duplicate, and a session that crashes, all carrying a pupil's name."""
    ask(server.urls.owner, "CREATE TABLE pupil (name text PRIMARY KEY, born int)")
    ask(server.urls.owner, "INSERT INTO pupil VALUES ('Zéphyrine')")
    for refused in (
        "INSERT INTO pupil VALUES ('Zéphyrine')",
        "INSERT INTO pupil VALUES ('x', 'Zéphyrine')",
        "SELEC 'Zéphyrine'",
    ):
        with pytest.raises(psycopg.Error):
            ask(server.urls.owner, refused)
    question = "SELECT pg_sleep(60), 'Zéphyrine'"

    def crash() -> None:
        assert eventually(lambda: asking(server, question))
        os.kill(connection.info.backend_pid, signal.SIGKILL)

    with psycopg.connect(server.urls.owner) as connection:
        thread = threading.Thread(target=crash)
        thread.start()
        with pytest.raises(psycopg.OperationalError):
            connection.execute(question)
        thread.join()
    assert eventually(lambda: "terminated by signal 9" in logged(home))
    assert "phyrine" not in logged(home)
    assert eventually(server.is_running)


def logged(home: Path) -> str:
    return "".join(path.read_text("utf-8", "replace") for path in (home / "log").iterdir())


# --- killed --------------------------------------------------------------------------------------


def test_a_killed_postmaster_is_replaced(server, home):
    mark(server)
    kill(home, "postmaster")
    server.start()
    assert is_marked(server)


def test_a_killed_postmaster_comes_back_without_being_asked(server, home):
    mark(server)
    kill(home, "postmaster")
    assert eventually(server.is_running)
    assert is_marked(server)


def test_a_killed_postmaster_whose_backend_goes_on_computing(server, home):
    mark(server)
    busy = keep_busy(server)
    kill(home, "postmaster")
    server.start()
    assert is_marked(server)
    busy.join(30)
    assert not busy.is_alive()


def test_a_killed_guardian_takes_the_server_with_it(server, home):
    mark(server)
    kill(home, "guardian")
    assert gone(home)
    server.start()
    assert is_marked(server)


def test_everybody_killed_but_one_computing_backend(server, home):
    mark(server)
    busy = keep_busy(server)
    kill(home, "guardian", "postmaster")
    server.start()
    assert is_marked(server)
    busy.join(30)
    assert not busy.is_alive()


def test_a_killed_launcher_leaves_no_server(home, users):
    launcher = use(home, users)
    assert {"guardian", "postmaster", "backend"} == set(processes(home).values())
    launcher.kill()
    assert gone(home)


def test_a_launcher_killed_during_the_first_start(short, users):
    launcher = use(short / "home", users, wait=False)
    assert eventually((short / "home" / "data.new").exists)
    launcher.kill()
    with Server(short / "home") as server:
        assert ask(server.urls.web, "SELECT 1") == [(1,)]


def test_several_start_at_once_and_the_last_one_stops_it(home, users):
    started = [use(home, users, wait=False) for _ in range(4)]
    for user in started:
        assert user.stdout.readline() == "ready\n"
    assert sum(name == "postmaster" for name in processes(home).values()) == 1
    first, second, third, last = started
    first.kill()
    second.communicate("")
    third.kill()
    third.wait()
    server = Server(home)
    assert ask(server.urls.web, "SELECT 1") == [(1,)]
    last.kill()
    assert gone(home)


def test_starting_while_the_former_server_is_stopping(home, users):
    for _ in range(3):
        use(home, users).kill()
        with Server(home) as server:
            assert ask(server.urls.web, "SELECT 1") == [(1,)]


# --- what a former life left ---------------------------------------------------------------------


def test_a_pid_file_that_names_a_living_process_is_not_believed(server, home):
    mark(server)
    server.stop()
    folder = Path(place.recall(home).socket)
    stranger = subprocess.Popen(["sleep", "600"])
    try:
        said = f"{stranger.pid}\n{home}/data\n1\n5432\n{folder}\n\n  1 1\nready\n"
        (home / "data" / "postmaster.pid").write_text(said)
        (folder / ".s.PGSQL.5432").touch()
        (folder / ".s.PGSQL.5432.lock").write_text(said)
        assert not server.is_running()
        server.start()
        assert is_marked(server)
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_an_interrupted_first_start_is_begun_again(short):
    (short / "home" / "data.new").mkdir(parents=True)
    (short / "home" / "data.new" / "PG_VERSION").write_text("18\n")
    with Server(short / "home") as server:
        assert ask(server.urls.web, "SELECT 1") == [(1,)]


@pytest.mark.parametrize("spoil", [Path.unlink, lambda path: path.write_text("{")])
def test_passwords_lost_are_drawn_again_and_the_data_kept(server, home, spoil):
    mark(server)
    server.stop()
    spoil(home / "server.json")
    server.start()
    assert is_marked(server)
    assert ask(server.urls.web, "SELECT 1") == [(1,)]


def test_a_copy_lives_beside_what_it_was_copied_from(server, home, short):
    mark(server)
    server.stop()
    shutil.copytree(home, short / "copy")
    server.start()
    with Server(short / "copy") as copy:
        assert is_marked(copy)
        assert copy.urls.owner.split("@")[1] != server.urls.owner.split("@")[1]
    assert is_marked(server)


def test_data_of_another_version_are_left_alone(home):
    version = home / "data" / "PG_VERSION"
    version.write_text("13\n")
    before = sorted(path.name for path in (home / "data").iterdir())
    with pytest.raises(ServerError) as refused:
        Server(home).start()
    for word in ("PostgreSQL 13", "Rien n’a été modifié", "postgresql-13", "repartir à neuf"):
        assert word in str(refused.value)
    assert sorted(path.name for path in (home / "data").iterdir()) == before


def test_a_server_that_cannot_start_says_why_and_leaves_nothing(home):
    (home / "data" / "local.conf").write_text("shared_buffers = 'much'\n")
    with pytest.raises(ServerError, match="shared_buffers"):
        Server(home).start()
    assert gone(home)
    (home / "data" / "local.conf").unlink()
    with Server(home) as server:
        assert ask(server.urls.web, "SELECT 1") == [(1,)]


# --- as root -------------------------------------------------------------------------------------

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="seul root doit changer d’identité")


@as_root
def test_root_without_namespaces_keeps_the_data_with_another_account(
    home, short, monkeypatch, users
):
    with Server(home) as server:
        mark(server)
    reachable = short / "reachable"
    short.chmod(0o711)
    monkeypatch.setattr(identity, "in_namespace", lambda: None)
    monkeypatch.setattr(place, "_REACHABLE", (reachable,))
    server.start()
    try:
        assert is_marked(server)
        [folder] = reachable.iterdir()
        assert (folder / "data").stat().st_uid == identity.ordinary_account().pw_uid
        assert str(folder) in (home / "LISEZ-MOI.txt").read_text("utf-8")
        postmaster = next(p for p, name in processes(short).items() if name == "postmaster")
        assert Path(f"/proc/{postmaster}").stat().st_uid != 0
        kill(short, "postmaster")
        server.start()
        assert is_marked(server)
        kill(short, "guardian")
        assert gone(short)
        server.start()
    finally:
        server.stop()


@as_root
def test_root_in_the_folder_of_somebody_runs_it_as_them(short):
    account = identity.ordinary_account()
    theirs = short / "theirs"
    theirs.mkdir()
    os.chown(theirs, account.pw_uid, account.pw_gid)
    short.chmod(0o711)
    with Server(theirs / "var" / "postgres") as server:
        assert ask(server.urls.web, "SELECT 1") == [(1,)]
    owners = {path.lstat().st_uid for path in theirs.rglob("*")}
    assert owners == {account.pw_uid}


def test_locks_are_free_in_the_end(server, home):
    server.stop()
    for name in ("start.lock", "guardian.lock", "server.lock"):
        descriptor = locks.take(home / name, 10.0)
        assert descriptor is not None
        os.close(descriptor)
