"""`nexus bench daily`: what a day's rows cost where a month is full already, and what a file costs that is in already.

Three homes' worth of work on one home: the base goes in; the day's rows go into the full month; then the same file
again. Beside it the same day's rows into an empty home.
"""

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import msgspec

from nexus_data.bench.machine import Machine, machine
from nexus_data.bench.scratch import measured, scratch_folder
from nexus_data.bench.whole_way import Measured
from nexus_data.generate.bulk import bulk
from nexus_data.services import running
from nexus_data.settings import Settings

_STATEMENT_RECORDS, _STATEMENT_MONTHS = 300, 60
_USERS = "user_id,email,display_name,primary_pov_role,status,created_at\nu1,,One,auditor,active,2019-01-01T00:00:00Z\n"
_HEADER = (
    "exec_id,transact_time,user_id,account_id,type,category,amount,currency,side,symbol,security_id,last_qty,last_px,"
    "commission,commission_currency,venue,milestone_id,description"
)


class DailyBench(msgspec.Struct, frozen=True):
    """base, rows: records of the full month, and of the day. ratio: CPU seconds into the full month over those into an
    empty one. replay_seconds: the day's file again, wall; reading_seconds: reading its bytes once."""

    base: int
    rows: int
    empty: Measured
    full: Measured
    ratio: float
    replay: Measured
    replay_seconds: float
    reading_seconds: float
    machine: Machine


class SmallBench(msgspec.Struct, frozen=True):
    """seconds: wall, of each `nexus run` of a new statement over five years, process start included; services warm.

    started, worked: of the median one, the seconds before and after its work (interpreter, imports, Dagster's opening,
    end of the process), and those from the opening of the run to its summary.
    """

    records: int
    months: int
    seconds: list[float]
    median: float
    started: float
    worked: float
    machine: Machine


def daily(*, base: int, rows: int, users: int = 10_000, folder: Path | None = None) -> DailyBench:
    """Run it; every file holds records of one and the same month."""
    about = machine()
    with scratch_folder(folder) as scratch:
        before, day = scratch / "base.csv", scratch / "day.csv"
        bulk(before, rows=base, seed=1, months=1, users=users, book="BX")
        bulk(day, rows=rows, seed=1, months=1, users=users, book="DX")
        people, home = scratch / "users.csv", scratch / "home"
        empty = measured("whole_way", [scratch / "empty" / "home", day, people], kind=Measured)
        measured("whole_way", [home, before, people], kind=Measured)
        full = measured("whole_way", [home, day], kind=Measured)
        replay = measured("whole_way", [home, day], kind=Measured)
        return DailyBench(
            base=base,
            rows=rows,
            empty=empty,
            full=full,
            ratio=round(_cpu(full) / _cpu(empty), 2),
            replay=replay,
            replay_seconds=round(sum(stage.seconds for stage in replay.stages), 2),
            reading_seconds=round(_reading(day), 3),
            machine=about,
        )


def small(*, runs: int, folder: Path | None = None) -> SmallBench:
    """Run `nexus run` of one statement after another, each of 300 other records over 60 months, on warm services."""
    about = machine()
    with scratch_folder(folder) as scratch:
        settings = Settings(home=scratch / "home")
        users = scratch / "users.csv"
        users.write_text(_USERS, encoding="utf-8")
        statements = [users, *(_statement(scratch / f"statement-{number}.csv", number) for number in range(runs))]
        environment = {**os.environ, "NEXUS_HOME": str(settings.home)}
        with running(settings):
            timed = [_timed(statement, environment) for statement in statements]
        # The first run, which brings the user, also migrates the database and Dagster's own storage.
        warm = timed[1:]
        median, worked = sorted(warm)[len(warm) // 2]
        return SmallBench(
            records=_STATEMENT_RECORDS,
            months=_STATEMENT_MONTHS,
            seconds=[round(seconds, 2) for seconds, _ in warm],
            median=round(median, 2),
            started=round(median - worked, 2),
            worked=round(worked, 2),
            machine=about,
        )


def _cpu(run: Measured) -> float:
    return sum(stage.cpu for stage in run.stages)


def _reading(path: Path) -> float:
    started = time.monotonic()
    with path.open("rb") as source:
        while source.read(1 << 20):
            pass
    return time.monotonic() - started


def _statement(path: Path, number: int) -> Path:
    lines = [_HEADER]
    for record in range(_STATEMENT_RECORDS):
        month = record * _STATEMENT_MONTHS // _STATEMENT_RECORDS
        day = f"{2019 + month // 12}-{month % 12 + 1:02d}-{record % 28 + 1:02d}T10:00:00Z"
        lines.append(
            f"S{number}-{record},{day},u1,A1,expense,trade,{record}.25,EUR,buy,NXS,,2,10.1,0.5,EUR,XNAS,,{number}"
        )
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _timed(statement: Path, environment: Mapping[str, str]) -> tuple[float, float]:
    """Seconds of the whole command, and those of its run as its summary tells them."""
    command = [sys.executable, "-m", "pipelines.cli", "run", "--json", "--source", "nexus", str(statement)]
    started = time.monotonic()
    done = subprocess.run(command, check=True, env=environment, stdout=subprocess.PIPE)  # noqa: S603 - our own command
    return time.monotonic() - started, float(msgspec.json.decode(done.stdout)["seconds"])
