"""pg_dump and pg_restore, run for a database. The password travels by the environment: arguments are seen by all."""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from psycopg import pq
from psycopg.conninfo import conninfo_to_dict

from nexus_data.errors import BackupError
from nexus_data.postgres.connect import libpq_conninfo
from nexus_data.services.binaries import client_program
from nexus_data.settings import Settings


def run(settings: Settings, program: str, arguments: Sequence[str | Path], *, url: str) -> None:
    """Run the program against the database of `url`; BackupError with its own words when it fails."""
    command = [str(client_program(settings.postgres_bin, program)), *map(str, arguments)]
    done = subprocess.run(command, env=_environment(url), capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode != 0:
        raise BackupError(f"{program} ended with status {done.returncode}: {' '.join(done.stderr.split())}")


def database(url: str) -> str:
    """The name of the database of `url`."""
    return str(conninfo_to_dict(libpq_conninfo(url)).get("dbname") or "")


def _environment(url: str) -> dict[str, str]:
    names = {option.keyword.decode(): (option.envvar or b"").decode() for option in pq.Conninfo.get_defaults()}
    given = conninfo_to_dict(libpq_conninfo(url))
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return {**inherited, **{names[word]: str(value) for word, value in given.items() if names.get(word)}}
