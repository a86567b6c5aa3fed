"""The peers: how else people take such rows to Postgres, each in the way its own documentation recommends, each in a
virtual environment made for the bench.

They get only the records that a plain CSV parser survives (the right number of fields, UTF-8, no NUL). None of them
proves anything: what they check is said beside each. The scripts are run by path and never imported.
"""

import csv
import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import msgspec
import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from nexus_data.bench.meter import Cost, Servers
from nexus_data.errors import RunError
from nexus_data.postgres.connect import connection
from nexus_data.services import running
from nexus_data.settings import Settings


@dataclass(frozen=True, slots=True)
class Peer:
    """script: beside this file. validates: what it checks of a record before it is visible."""

    name: str
    script: str
    packages: tuple[str, ...]
    validates: str


class PeerResult(msgspec.Struct, frozen=True):
    """rows: rows visible in the end. cost: of the load alone, the making of the virtual environment left out."""

    name: str
    packages: tuple[str, ...]
    validates: str
    rows: int
    cost: Cost


PEERS = (
    Peer(
        "COPY into a staging table, cleaning in SQL",
        "staging_sql.py",
        ("psycopg[binary]==3.3.9",),
        "types, closed lists, repeated ids; a record that breaks a rule vanishes",
    ),
    Peer(
        "dlt, Arrow tables to Postgres",
        "dlt_postgres.py",
        ("dlt[postgres]==1.31.0", "pyarrow==26.0.1"),
        "nothing: text columns",
    ),
    Peer(
        "pandas and to_sql",
        "pandas_to_sql.py",
        ("pandas==3.1.1", "sqlalchemy==2.1.9", "psycopg2-binary==2.9.13"),
        "types, repeated ids; a record that breaks a rule vanishes",
    ),
)


def run_peers(settings: Settings, source: Path, *, scratch: Path) -> list[PeerResult]:
    """Run every peer on the same server, each into a database of its own that is dropped afterwards."""
    plain = scratch / "plain.csv"
    _write_plain(source, plain)
    with running(settings) as services, connection(services.postgres_url) as database:
        database.autocommit = True
        servers = Servers.of(services)
        found = [_run(peer, database, services.postgres_url, servers, plain, scratch) for peer in PEERS]
    plain.unlink()
    return found


def _write_plain(source: Path, target: Path) -> None:
    with (
        source.open(encoding="utf-8", errors="surrogateescape", newline="") as given,
        target.open("w", encoding="utf-8", newline="") as kept,
    ):
        rows = csv.reader(given)
        header = next(rows)
        writer = csv.writer(kept, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(row for row in rows if len(row) == len(header) and _is_plain("".join(row)))


def _is_plain(text: str) -> bool:
    return (text.isascii() and "\x00" not in text) or text.isprintable()


def _run(
    peer: Peer, database: psycopg.Connection, url: str, servers: Servers, plain: Path, scratch: Path
) -> PeerResult:
    python = _environment(peer, scratch)
    name = f"peer_{Path(peer.script).stem}"
    database.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    where = {**conninfo_to_dict(url), "dbname": name}
    since = servers.now()
    script = Path(__file__).with_name(peer.script)
    command = [str(python), str(script), json.dumps(where, default=str), str(plain)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False, cwd=scratch)  # noqa: S603 - our own script
    cost = servers.cost(peer.name, since)
    database.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
    if done.returncode != 0:
        raise RunError(f"the peer {peer.name} ended with status {done.returncode}; what it said is above")
    rows = int(done.stdout.split()[-1])
    return PeerResult(name=peer.name, packages=peer.packages, validates=peer.validates, rows=rows, cost=cost)


def _environment(peer: Peer, scratch: Path) -> Path:
    """A virtual environment with the peer's packages; its interpreter."""
    uv = shutil.which("uv")
    command = [uv] if uv else [sys.executable, "-m", "uv"]
    folder = scratch / f"venv-{Path(peer.script).stem}"
    steps = (
        ["venv", "--quiet", "--python", sys.executable, str(folder)],
        ["pip", "install", "--quiet", "--python", str(folder / "bin" / "python"), *peer.packages],
    )
    for step in steps:
        done = subprocess.run([*command, *step], stdout=sys.stderr, check=False)  # noqa: S603 - uv, as found
        if done.returncode != 0:
            raise RunError(f"uv could not make the environment of the peer {peer.name}: {' '.join(step)}")
    return folder / "bin" / "python"
