"""The operating-system account that the servers run as, and commands run as it.

All inside the servers' folder is made by such commands: a root that wrote there itself could be led away by links.
"""

import os
import pwd
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nexus_data.errors import ServiceError

_ENVIRONMENT = {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL": "C"}


@dataclass(frozen=True, slots=True)
class Account:
    """uid and gid of the servers; `drops` says that we are root and step down to it. No name: no passwd entry."""

    uid: int
    gid: int
    name: str | None
    drops: bool

    def run(
        self, arguments: Sequence[str | Path], *, cwd: Path, text: str = "", timeout: float = 120.0
    ) -> subprocess.CompletedProcess[str]:
        """Run a command as this account in a session of its own; its exit status is for the caller to judge."""
        try:
            return subprocess.run(  # noqa: S603 - the arguments are ours
                [str(argument) for argument in arguments],
                cwd=cwd,
                input=text,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=timeout,
                check=False,
                env=_ENVIRONMENT,
                start_new_session=True,
                umask=0o077,
                user=self.uid if self.drops else None,
                group=self.gid if self.drops else None,
                extra_groups=[] if self.drops else None,
            )
        except subprocess.TimeoutExpired as error:
            raise ServiceError(f"{arguments[0]} did not end within {timeout:.0f} seconds") from error
        except (OSError, subprocess.SubprocessError) as error:
            raise ServiceError(
                f"cannot run {arguments[0]} as user id {self.uid}: {error}; "
                "set NEXUS_POSTGRES_URL and NEXUS_REDIS_URL to servers of your own"
            ) from error

    def make_folder(self, folder: Path) -> None:
        """Make a 0700 folder; one that is there already stays as it is."""
        if not os.path.lexists(folder):
            made = self.run(["mkdir", "-m", "700", folder], cwd=Path("/"))
            if made.returncode != 0 and not os.path.lexists(folder):
                raise ServiceError(f"cannot make {folder}: {made.stderr.strip()}; choose another NEXUS_HOME")

    def write(self, path: Path, text: str) -> None:
        """Write a small text file, readable by this account alone."""
        written = self.run(["tee", path], cwd=Path("/"), text=text)
        if written.returncode != 0:
            raise ServiceError(f"cannot write {path}: {written.stderr.strip()}; make room or choose another NEXUS_HOME")

    def remove(self, paths: Sequence[Path]) -> None:
        """Remove files and folders; those that are gone already do not matter."""
        if paths:
            self.run(["rm", "-rf", *paths], cwd=Path("/"))

    def may_enter(self, folder: Path) -> bool:
        """Whether the mode bits let this account into the folder and all above it."""
        return all(self._may(place, 0o1) for place in (folder, *folder.parents))

    def may_execute(self, program: Path) -> bool:
        """Whether the mode bits let this account read and execute the file."""
        return self.may_enter(program.parent) and self._may(program, 0o5)

    def _may(self, path: Path, bits: int) -> bool:
        found = path.stat()
        shift = 6 if found.st_uid == self.uid else 3 if found.st_gid == self.gid else 0
        return (found.st_mode >> shift) & bits == bits


def servers_account() -> Account:
    """The account of the servers: our own, or as root nobody's, since Postgres refuses to run as root."""
    uid = os.geteuid()
    if uid != 0:
        return Account(uid=uid, gid=os.getegid(), name=_name(uid), drops=False)
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        raise ServiceError(
            "as root, the embedded servers run as the user nobody, and this system has none: run nexus as an ordinary "
            "user, or set NEXUS_POSTGRES_URL and NEXUS_REDIS_URL"
        ) from None
    return Account(uid=nobody.pw_uid, gid=nobody.pw_gid, name=nobody.pw_name, drops=True)


def _name(uid: int) -> str | None:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return None
