"""Where the files of the embedded PostgreSQL lie, and what it remembers between two starts."""

import hashlib
import json
import os
import pwd
import secrets
import shutil
import socket
import stat
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from raccord.config.postgres import identity, locks
from raccord.config.postgres.errors import ServerError, explain
from raccord.config.postgres.identity import Identity

#: Where root keeps the data of another account, when it must.
_REACHABLE = (Path("/var/lib/raccord"), Path("/var/tmp"))  # noqa: S108 - checked when used
ADMIN, OWNER, WEB = "raccord_admin", "raccord_owner", "raccord_web"
PORT = 5432
#: A socket's address holds 107 bytes; PostgreSQL adds a name of 15 with a port of five digits.
_LONGEST_FOLDER = 107 - len("/.s.PGSQL.65535.lock")


@dataclass(frozen=True)
class Memory:
    """What `server.json` keeps: passwords, the socket's folder, the port, data kept elsewhere."""

    passwords: dict[str, str]
    socket: str = ""
    port: int = PORT
    elsewhere: str = ""
    account: str = ""
    #: Whether the data know the administrator's password of this file.
    applied: bool = False
    #: The number of the home on its disk: another one means that this is a copy.
    inode: int = 0


@dataclass(frozen=True)
class Place:
    """The folder of a server, under the identity that may write in it."""

    home: Path
    identity: Identity
    base: Path
    memory: Memory

    @property
    def data(self) -> Path:
        return self.base / "data"

    @property
    def logs(self) -> Path:
        return self.base / "log"

    @property
    def socket(self) -> Path:
        return Path(self.memory.socket)

    @property
    def leftovers(self) -> list[Path]:
        """What a killed server leaves, by which the next one would believe it alive."""
        name = f".s.PGSQL.{self.memory.port}"
        return [self.data / "postmaster.pid", self.socket / name, self.socket / f"{name}.lock"]

    def remember(self, **changes: object) -> "Place":
        """The same place with something new in its memory, written to the disk."""
        memory = replace(self.memory, **changes)  # type: ignore[arg-type]
        write_private(self.home / "server.json", json.dumps(vars(memory), indent=1), self.home)
        return replace(self, memory=memory)

    def make_folder(self, path: Path) -> None:
        """A folder that this identity alone may enter."""
        path.mkdir(mode=0o700, exist_ok=True)
        self.give(path)

    def give(self, path: Path) -> None:
        """Hand a file over to the account that runs PostgreSQL."""
        if self.identity.kind == "user":
            os.chown(path, self.identity.uid, self.identity.gid)


def recall(home: Path) -> Memory | None:
    """What a former start remembered; None where there was none, or the file is spoilt."""
    try:
        return Memory(**json.loads((home / "server.json").read_text("utf-8")))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError):
        return None
    except OSError as error:
        raise explain(error, home) from error


def find_place(home: Path) -> Place:
    """Decide where and as whom PostgreSQL runs; make the folders. Under `start.lock`."""
    memory = recall(home) or Memory({role: secrets.token_hex(24) for role in (ADMIN, OWNER, WEB)})
    inode = home.stat().st_ino
    if memory.inode not in (0, inode):
        # The socket, and data kept elsewhere, are those of the server that was copied.
        memory = replace(_own_part(memory, home), socket="")
    memory = replace(memory, inode=inode)
    place = _elsewhere(home, memory) if memory.elsewhere else _in_place(home, memory)
    place.make_folder(place.logs)
    folder = _socket_folder(place)
    return place.remember(socket=str(folder))


def prepare_home(home: Path) -> None:
    """Make the home, closed to others, in the name of who possesses the folder around it."""
    try:
        missing = [path for path in (home, *home.parents) if not path.exists()]
        owner = missing[-1].parent.stat() if missing else home.stat()
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        if missing and os.geteuid() == 0 and owner.st_uid:
            # « sudo » in somebody's folder: without it, that account could not start it later.
            for path in missing:
                os.chown(path, owner.st_uid, owner.st_gid)
        if home.stat().st_uid not in (os.geteuid(), owner.st_uid):
            raise PermissionError(13, "Permission denied", str(home))
        home.chmod(0o700)
        for name in ("start.lock", "users.lock", "guardian.lock", "server.lock"):
            os.close(locks.open_lock(home / name))
            _like_home(home / name, home)
    except OSError as error:
        raise explain(error, home) from error


def write_private(path: Path, text: str, home: Path) -> None:
    """Write a file as a whole or not at all, for its owner's eyes only."""
    fresh = path.with_name(path.name + ".new")
    with suppress(FileNotFoundError):
        fresh.unlink()
    try:
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        _like_home(fresh, home)
        fresh.replace(path)
    except OSError as error:
        raise explain(error, home) from error


def _like_home(path: Path, home: Path) -> None:
    if os.geteuid() == 0:
        owner = home.stat()
        os.chown(path, owner.st_uid, owner.st_gid)


def _own_part(memory: Memory, home: Path) -> Memory:
    if memory.elsewhere:
        raise ServerError(
            f"{home} a été copié ou restauré, et ses données sont restées dans {memory.elsewhere}. "
            "Si l’ancien dossier ne sert plus, remplacez le nombre « inode » par 0 dans "
            f"{home / 'server.json'} ; sinon, supprimez ce fichier pour repartir à neuf."
        )
    return memory


# --- as whom -------------------------------------------------------------------------------------


def _in_place(home: Path, memory: Memory) -> Place:
    if os.geteuid():
        return Place(home, identity.ourselves(), home, memory)
    owner = home.stat()
    if owner.st_uid:
        candidate: Identity | None = Identity("user", owner.st_uid, owner.st_gid)
    else:
        candidate = identity.in_namespace()
    if candidate and candidate.run([], folder=home).returncode == 0:
        return Place(home, candidate, home, memory)
    return _move_elsewhere(home, memory)


def _move_elsewhere(home: Path, memory: Memory) -> Place:
    """Root without namespaces: another account, in a folder that this account may reach."""
    account = identity.ordinary_account()
    if account is None:
        raise ServerError(
            "PostgreSQL refuse de tourner sous le compte root, et cette machine n’a aucun autre "
            "compte. Créez-en un (« useradd raccord »), ou indiquez un serveur avec DATABASE_URL."
        )
    name = f"raccord-{hashlib.sha256(bytes(home)).hexdigest()[:16]}"
    refusals = []
    for parent in _REACHABLE:
        folder = parent / name
        try:
            parent.mkdir(mode=0o755, parents=True, exist_ok=True)
            folder.mkdir(mode=0o700, exist_ok=True)
            # Somebody else's folder of that name in /var/tmp: never ours.
            if folder.is_symlink() or folder.stat().st_uid not in (0, account.pw_uid):
                raise PermissionError(13, "Permission denied")
            os.chown(folder, account.pw_uid, account.pw_gid)
        except OSError as error:
            refusals.append(f"{folder} ({error.strerror})")
            continue
        memory = replace(memory, elsewhere=str(folder), account=account.pw_name, socket="")
        place = _elsewhere(home, memory)
        if (trial := place.identity.run([], folder=folder)).returncode:
            refusals.append(f"{folder} ({trial.stderr.strip()})")
            continue
        if (home / "data").exists() and not place.data.exists():
            _move_data(home / "data", place)
        (home / "LISEZ-MOI.txt").write_text(
            "PostgreSQL refuse de tourner sous le compte root, et cette machine n’accorde pas\n"
            f"d’espace de noms. Les données sont donc dans {folder}, sous le compte\n"
            f"{account.pw_name}. Pour tout supprimer, supprimez aussi ce dossier.\n",
            "utf-8",
        )
        return place
    raise ServerError(
        "PostgreSQL refuse de tourner sous le compte root, et aucun autre compte ne peut écrire : "
        f"{', '.join(refusals)}. Relancez avec un compte ordinaire, ou indiquez un serveur avec "
        "DATABASE_URL."
    )


def _elsewhere(home: Path, memory: Memory) -> Place:
    folder = Path(memory.elsewhere)
    try:
        account = pwd.getpwnam(memory.account)
        folder.stat()
    except (KeyError, OSError) as error:
        raise ServerError(
            f"Les données de PostgreSQL étaient dans {folder}, sous le compte {memory.account} : "
            "l’un des deux manque. Rétablissez-le, ou supprimez "
            f"{home / 'server.json'} pour repartir à neuf."
        ) from error
    if os.geteuid():
        raise ServerError(
            f"Les données de PostgreSQL sont dans {folder}, sous le compte {memory.account}. "
            "Relancez en root, ou choisissez un autre dossier avec RACCORD_HOME."
        )
    return Place(home, Identity("user", account.pw_uid, account.pw_gid), folder, memory)


def _move_data(data: Path, place: Place) -> None:
    partial = place.data.with_name("data.moved")
    shutil.rmtree(partial, ignore_errors=True)
    shutil.copytree(data, partial, symlinks=True)
    for path in (partial, *partial.rglob("*")):
        os.chown(path, place.identity.uid, place.identity.gid, follow_symlinks=False)
    partial.rename(place.data)
    data.rename(data.with_name("data.moved"))


# --- the socket ----------------------------------------------------------------------------------


def _socket_folder(place: Place) -> Path:
    """A short folder of ours alone: in the base where its path is short, else in /tmp."""
    candidates = [place.memory.socket, str(place.base / "socket")]
    for path in [Path(name) for name in candidates if name]:
        with suppress(OSError):
            place.make_folder(path)
            if _is_ours(path, place) and _can_bind(path):
                return path
    try:
        # A fixed folder, not TMPDIR: two processes with other environments must find it.
        made = Path(tempfile.mkdtemp(prefix="raccord-", dir="/tmp"))
        place.give(made)
    except OSError as error:
        raise explain(error, Path("/tmp")) from error  # noqa: S108
    return made


def _is_ours(path: Path, place: Place) -> bool:
    found = path.lstat()
    owners = {os.geteuid(), place.identity.uid if place.identity.kind == "user" else os.geteuid()}
    private = stat.S_ISDIR(found.st_mode) and not found.st_mode & 0o077
    return private and found.st_uid in owners


def _can_bind(folder: Path) -> bool:
    """Some disks hold no socket; some paths are too long."""
    if len(os.fsencode(folder)) > _LONGEST_FOLDER:
        return False
    trial = folder / f".t{os.getpid()}"
    with socket.socket(socket.AF_UNIX) as made:
        try:
            made.bind(str(trial))
        except OSError:
            return False
        finally:
            trial.unlink(missing_ok=True)
    return True


def tail(paths: Iterable[Path], since: float) -> str:
    """The last lines of the files written since then, for an error message."""
    lines: list[str] = []
    for path in paths:
        with suppress(OSError):
            if path.stat().st_mtime >= since:
                lines += path.read_text("utf-8", "replace").splitlines()[-12:]
    return "\n".join(line for line in lines if "skipping missing configuration" not in line)
