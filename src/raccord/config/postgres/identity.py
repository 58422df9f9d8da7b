"""Under whose name PostgreSQL runs: it refuses root, so root lends it another identity."""

import ctypes
import json
import os
import pwd
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

_CLONE_NEWUSER = 0x10000000
_PR_SET_PDEATHSIG = 1
_ENTER = "from raccord.config.postgres.identity import enter_and_run; enter_and_run()"


@dataclass(frozen=True)
class Identity:
    """`self`: whoever we are · `namespace`: root seen as `uid` from inside · `user`: that account.

    In a namespace nothing changes on the disk (the files stay root's, wherever they lie); only the
    number that PostgreSQL reads of itself does.
    """

    kind: Literal["self", "namespace", "user"]
    uid: int
    gid: int

    def enter(self) -> None:
        """Become this identity, for good. Only in a process of one thread, about to `exec`."""
        if self.kind == "namespace":
            # Both numbers read as « unknown » as soon as the namespace exists: taken before.
            uid, gid = os.geteuid(), os.getegid()
            if _libc().unshare(_CLONE_NEWUSER):
                raise OSError(ctypes.get_errno(), "unshare")
            Path("/proc/self/setgroups").write_text("deny")
            Path("/proc/self/gid_map").write_text(f"{self.gid} {gid} 1")
            Path("/proc/self/uid_map").write_text(f"{self.uid} {uid} 1")
        elif self.kind == "user":
            os.setgroups([])
            os.setresgid(self.gid, self.gid, self.gid)
            os.setresuid(self.uid, self.uid, self.uid)

    def run(
        self, command: list[str], *, folder: Path | None = None, given: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """Run a command to its end under this identity, after a trial of writing in `folder`."""
        if self.kind != "self":
            first = [sys.executable, "-P", "-c", _ENTER, self.as_json(), str(folder or "")]
            command = [*first, *command]
        return subprocess.run(  # noqa: S603
            command,
            input=given,
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            env=environment(),
        )

    def as_json(self) -> str:
        return json.dumps(asdict(self))


def ourselves() -> Identity:
    """An ordinary account runs PostgreSQL as itself."""
    return Identity("self", os.geteuid(), os.getegid())


def in_namespace() -> Identity | None:
    """Root seen as an ordinary account from inside a namespace; None where no account exists."""
    account = ordinary_account()
    return account and Identity("namespace", account.pw_uid, account.pw_gid)


def ordinary_account() -> pwd.struct_passwd | None:
    """An account that is not root. initdb wants one that has a name."""
    accounts = {entry.pw_name: entry for entry in pwd.getpwall() if entry.pw_uid}
    for name in ("postgres", "nobody"):
        if name in accounts:
            return accounts[name]
    return next(iter(accounts.values()), None)


def enter_and_run() -> None:
    """What the process of `run` does: become somebody, try to write, become the command."""
    given, folder, *command = sys.argv[1:]
    try:
        read_identity(given).enter()
        if folder:
            trial = Path(folder) / f".trial-{os.getpid()}"
            trial.write_text("")
            trial.unlink()
    except OSError as error:
        sys.exit(f"{error.filename or ''} {error.strerror or error}")
    if command:
        os.execv(command[0], command)  # noqa: S606


def read_identity(text: str) -> Identity:
    return Identity(**json.loads(text))


def die_with_parent(number: int) -> None:
    """Receive the signal `number` when the parent ends. After `enter`, which would forget it."""
    if _libc().prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")


def environment() -> dict[str, str]:
    """What PostgreSQL's programs see of the environment: no PG* variable, messages in English."""
    kept = {
        name: os.environ[name] for name in ("PATH", "PYTHONPATH", "TMPDIR") if name in os.environ
    }
    # Where this package lies, for a Python that would not find it from another folder.
    found = [
        str(Path(__file__).resolve().parents[3]),
        *kept.get("PYTHONPATH", "").split(os.pathsep),
    ]
    return {**kept, "PYTHONPATH": os.pathsep.join(filter(None, found)), "LC_ALL": "C"}


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
