"""The folders of the embedded servers: made, found again and checked. Paths only; nothing is started here.

`<home>/services` holds the locks and the identity (ours alone), `<home>/servers` what the servers' account owns.
"""

import hashlib
import logging
import os
import re
import secrets
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from nexus_data.durable import sync
from nexus_data.errors import ServiceError
from nexus_data.services.account import Account, servers_account
from nexus_data.services.binaries import shared_folder

_log = logging.getLogger(__name__)
# The kernel takes 107 bytes on Linux and 103 on macOS; the margin is for the names beside the socket.
_LONGEST_SOCKET = 100
# What needs no quoting in a URL, a configuration file or a shell.
_PLAIN_PATH = re.compile(r"[A-Za-z0-9_./-]+")


@dataclass(frozen=True, slots=True)
class Layout:
    """Absolute folders, and two words on the command lines of the servers' processes by which they are found.

    `marker` goes with the data folder, wherever it is moved, and is never another's; `place` is that of the path.
    """

    locks: Path
    servers: Path
    run: Path
    marker: str
    place: str
    account: Account

    @property
    def data(self) -> Path:
        """Postgres's data folder."""
        return self.servers / "postgres"

    @property
    def postgres_marker(self) -> str:
        """What tells Postgres's processes from Valkey's."""
        return f"{self.marker}-postgres"

    @property
    def valkey_marker(self) -> str:
        """What tells Valkey's processes from Postgres's."""
        return f"{self.marker}-valkey"


def prepare(home: Path) -> Layout:
    """Make what is missing of the folders under home; ServiceError when they cannot be made or are not ours."""
    account = servers_account()
    home = home.resolve()
    try:
        identity = _identity(_locks_folder(home))
        servers = _servers_folder(home, identity, account)
    except OSError as error:
        raise ServiceError(
            f"cannot write to NEXUS_HOME={home} ({error.strerror}: {error.filename}): set NEXUS_HOME to a folder that "
            "you may write"
        ) from error
    # The inode, so that a copied home has servers of its own.
    found = servers.stat()
    marker = f"nexus-{_short_hash(f'{identity}:{found.st_dev}:{found.st_ino}')}"
    place = _short_hash(str(servers))
    return Layout(home / "services", servers, _run_folder(servers, place, account), marker, place, account)


def _short_hash(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()[:16]


def _locks_folder(home: Path) -> Path:
    home.mkdir(parents=True, exist_ok=True)
    locks = home / "services"
    locks.mkdir(mode=0o700, exist_ok=True)
    _check_owner(locks, os.geteuid())
    return locks


def _identity(locks: Path) -> str:
    """A random name, made once: a home that was removed and made again must not meet the processes of the old one."""
    path = locks / "id"
    if not path.exists():
        fresh = locks / f"id-{secrets.token_hex(8)}"
        with fresh.open("w") as file:
            file.write(secrets.token_hex(8))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            # Unlike a rename, a link never replaces what another process made first.
            os.link(fresh, path)
        fresh.unlink()
        sync(locks)
    return path.read_text()


def _servers_folder(home: Path, identity: str, account: Account) -> Path:
    inside = home / "servers"
    if not account.drops or account.may_enter(home):
        return _made(inside, account)
    if inside.exists():
        raise ServiceError(
            f"{inside} holds the servers' data, and the user {account.name} cannot enter {home} any more: let every "
            "user enter the folders above it (mode o+x), or move NEXUS_HOME"
        )
    # As root under closed folders: we do not open them, the servers' data go where nobody may enter.
    outside = shared_folder() / identity
    if not outside.exists():
        _log.info("the user %s cannot enter %s: the servers' data are kept in %s", account.name, home, outside)
    return _made(outside, account)


def _made(folder: Path, account: Account) -> Path:
    if not os.path.lexists(folder):
        fresh = folder.with_name(f"{folder.name}-{secrets.token_hex(8)}")
        fresh.mkdir(mode=0o700)
        if account.drops:
            os.chown(fresh, account.uid, account.gid)
        try:
            fresh.rename(folder)
        except OSError:
            # Another process was first, and has put something into it already.
            fresh.rmdir()
    _check_owner(folder, account.uid)
    return folder


def _run_folder(servers: Path, place: str, account: Account) -> Path:
    """The folder of the sockets, short enough for one."""
    folder = servers / "run"
    if len(os.fsencode(folder / ".s.PGSQL.5432")) > _LONGEST_SOCKET or not _PLAIN_PATH.fullmatch(str(folder)):
        folder = Path("/tmp") / f"nexus-{os.geteuid()}-{place}"  # noqa: S108 - checked below
    account.make_folder(folder)
    _check_owner(folder, account.uid)
    if stat.S_IMODE(folder.lstat().st_mode) != 0o700:
        raise ServiceError(f"{folder} is open to other users: remove it (the servers' sockets go there) and try again")
    return folder


def _check_owner(folder: Path, uid: int) -> None:
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != uid:
        raise ServiceError(
            f"{folder} is not a folder of user id {uid} (it belongs to user id {found.st_uid}): run nexus as the user "
            "who made it, or choose another NEXUS_HOME"
        )
