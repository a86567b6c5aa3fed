"""`nexus bench`: what the product costs on this machine, beside the machine's own floor and beside its peers."""

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipelines.cli.output import Command, console, json_option, print_json

if TYPE_CHECKING:
    from nexus_data.bench.api.bench import ApiBench
    from nexus_data.bench.database import DatabaseBench
    from nexus_data.bench.meter import Cost
    from nexus_data.bench.pipeline import PipelineBench

_MIB = 1024**2


@click.group(short_help="Measure what the product costs on this machine.")
def command() -> None:
    """Benchmarks. Machines are noisy: compare figures of one run, and CPU seconds before wall time."""


@command.command("pipeline", cls=Command, short_help="The whole way, beside the floor and the peers.")
@click.option("--rows", type=click.IntRange(min=1), default=1_000_000, show_default=True, help="Records of the CSV.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed makes the same rows.")
@click.option("--peers", is_flag=True, help="Also pandas, dlt and SQL in Postgres, each in an environment of its own.")
@click.option("--folder", type=click.Path(path_type=Path, file_okay=False, exists=True), help="Where to work.")
@json_option
def pipeline(rows: int, seed: int, peers: bool, folder: Path | None, as_json: bool) -> None:
    """Generate a messy CSV and take it all the way on an empty home: raw, kernel, lake, Postgres, marts, cache.

    0.5% of the records are bad and 0.5% duplicates, over 12 months, 10,000 users and 200 symbols. The servers are up
    and the database is migrated before the clock starts; NEXUS_* settings are not used.
    """
    import msgspec

    from nexus_data.bench.pipeline import bench

    done = bench(rows=rows, seed=seed, peers=peers, folder=folder)
    _print_json(msgspec.to_builtins(done)) if as_json else _print(done)


@command.command("daily", cls=Command, short_help="A day's rows into a full month, and the same file again.")
@click.option("--base", type=click.IntRange(min=1), default=1_000_000, show_default=True, help="Records there before.")
@click.option("--rows", type=click.IntRange(min=1), default=100_000, show_default=True, help="Records of the day.")
@click.option("--folder", type=click.Path(path_type=Path, file_okay=False, exists=True), help="Where to work.")
@json_option
def daily(base: int, rows: int, folder: Path | None, as_json: bool) -> None:
    """Compare what new rows cost in a month that is full with what they cost in an empty one; then land them again."""
    import msgspec

    from nexus_data.bench.daily import daily as bench

    done = bench(base=base, rows=rows, folder=folder)
    if as_json:
        _print_json(msgspec.to_builtins(done))
        return
    screen = console()
    screen.print(_stages(f"{rows:,} records into an empty month", done.empty.stages, rows))
    screen.print(_stages(f"{rows:,} records into a month of {base:,}", done.full.stages, rows))
    screen.print(
        f"ratio {done.ratio:.2f}; the same file again: {done.replay_seconds:.2f} s, "
        f"reading it {done.reading_seconds:.2f} s"
    )


@command.command("small", cls=Command, short_help="A statement of 300 records over five years, by `nexus run`.")
@click.option("--runs", type=click.IntRange(min=1), default=3, show_default=True, help="How many statements.")
@click.option("--folder", type=click.Path(path_type=Path, file_okay=False, exists=True), help="Where to work.")
@json_option
def small(runs: int, folder: Path | None, as_json: bool) -> None:
    """Time `nexus run` as a person feels it: process start, Dagster and all, on services that are up."""
    import msgspec

    from nexus_data.bench.daily import small as bench

    done = bench(runs=runs, folder=folder)
    if as_json:
        _print_json(msgspec.to_builtins(done))
    else:
        console().print(
            f"median {done.median:.2f} s ({', '.join(f'{one:.2f}' for one in done.seconds)}):\n"
            f"{done.worked:.2f} s from the opening of the run to its summary,\n"
            f"{done.started:.2f} s to start and to end: interpreter, imports, Dagster"
        )


@command.command("db", cls=Command, short_help="The statements behind each endpoint, on a large database.")
@click.option("--rows", type=click.IntRange(min=1), default=20_000_000, show_default=True, help="Operations.")
@click.option(
    "--users", type=click.IntRange(min=1), default=10_000, show_default=True, help="Whose they are, unevenly."
)
@click.option("--samples", type=click.IntRange(min=1), default=200, show_default=True, help="Users asked about.")
@click.option("--folder", type=click.Path(path_type=Path, file_okay=False, exists=True), help="Where to work.")
@click.option("--plans", is_flag=True, help="Also print what Postgres did; it is in --json anyway.")
@json_option
def db(rows: int, users: int, samples: int, folder: Path | None, plans: bool, as_json: bool) -> None:
    """Fill a database with operations over five years and ask what each endpoint asks, with nothing cached by us.

    20 million operations need 20 GB of disk and some minutes; NEXUS_* settings are not used.
    """
    import msgspec

    from nexus_data.bench.database import bench

    done = bench(rows=rows, users=users, samples=samples, folder=folder)
    _print_json(msgspec.to_builtins(done)) if as_json else _print_database(done, plans=plans)


def _print_database(done: "DatabaseBench", *, plans: bool) -> None:
    from rich.table import Table

    title = f"{done.rows:,} operations of {done.users:,} users in {done.months} months, ms a question"
    table = Table("", "p50", "p95", "slowest", "CPU", "scanned in sequence", title=title, title_justify="left")
    for one in done.asked:
        cpu = "elsewhere" if one.postgres_cpu is None else f"{one.postgres_cpu:.1f}"
        times = (f"{took:.1f}" for took in (one.p50, one.p95, one.slowest))
        table.add_row(one.endpoint, *times, cpu, ", ".join(one.sequential))
    screen = console()
    screen.print(table)
    if plans:
        for one in done.asked:
            for statement, lines in one.plans.items():
                screen.print("\n".join((f"{one.endpoint}: {statement}", *lines)), markup=False, highlight=False)
    screen.print(
        f"{done.bytes / _MIB / 1024:.1f} GiB made in {done.filling_seconds:.0f} s; "
        f"{done.machine.processor}, {done.machine.cores} cores, load {done.machine.load}, {done.machine.measured_at}"
    )


@command.command("api", cls=Command, short_help="The read API under load, endpoint by endpoint.")
@click.option("--rows", type=click.IntRange(min=1), default=5_000_000, show_default=True, help="Operations published.")
@click.option("--users", type=click.IntRange(min=50), default=10_000, show_default=True, help="Readers.")
@click.option("--workers", type=click.IntRange(min=1), default=2, show_default=True, help="Workers of the API.")
@click.option("--seconds", type=click.IntRange(min=1), default=15, show_default=True, help="Of each load.")
@click.option("--connections", type=click.IntRange(min=1), default=10_000, show_default=True, help="Open at once.")
@click.option("--soak", type=click.IntRange(min=1), default=60, show_default=True, help="Seconds of the last load.")
@click.option("--folder", type=click.Path(path_type=Path, file_okay=False, exists=True), help="Where to work.")
@json_option
def api(**given: Any) -> None:
    """Publish operations, serve them, and let wrk ask as many users with tokens of their own, over kept connections.

    wrk runs on this machine and takes its share of the cores. Each endpoint is asked as fast as it answers, warm; the
    dashboard cold too; then readers with an open connection each ask every five seconds. NEXUS_* settings are not used.
    """
    import msgspec

    from nexus_data.bench.api.bench import bench
    from pipelines.cli.output import say

    as_json = given.pop("as_json")
    done = bench(**given, tell=say)
    _print_json(msgspec.to_builtins(done)) if as_json else _print_api(done)


def _print_api(done: "ApiBench") -> None:
    from rich.table import Table

    columns = ("", "answers/s", "p50 ms", "p95 ms", "p99 ms", "statuses", "failed", "API", "Postgres", "Valkey", "wrk")
    table = Table(
        *columns, "us/answer", "MiB", "MiB/min", "demanded", "met", title="CPU in seconds", title_justify="left"
    )
    for one in done.measures:
        demanded = f"{one.demanded_rate or '-'}/s, {one.demanded_p95 or '-'} ms"
        statuses = ", ".join(f"{status}: {count:,}" for status, count in sorted(one.statuses.items()))
        cells = [
            one.name,
            f"{one.rate:,}",
            f"{one.p50:.1f}",
            f"{one.p95:.1f}",
            f"{one.p99:.1f}",
            statuses,
            str(one.failed),
        ]
        cells += [f"{one.api_cpu:.1f}", _seen(one.postgres_cpu), _seen(one.valkey_cpu), f"{one.wrk_cpu:.1f}"]
        cells += [str(one.api_cpu_microseconds), str(one.memory), f"{one.memory_slope:.1f}"]
        table.add_row(*cells, demanded, "yes" if one.met else "no")
    console().print(table)
    console().print(
        f"{done.rows:,} operations, {done.users:,} users, {done.workers} workers; wrk on the same machine\n"
        f"{done.machine.processor}, {done.machine.cores} cores, load {done.machine.load}, {done.load_after} after"
    )


def _print_json(document: dict[str, Any]) -> None:
    """With the command that measured it, so that a file of it can be made again."""
    print_json({"command": shlex.join(["nexus", *sys.argv[1:]]), **document})


def _print(done: "PipelineBench") -> None:
    screen = console()
    screen.print(_stages("the whole way", done.run.stages, done.rows))
    screen.print(_stages("the floor", done.floor.stages, done.rows))
    if done.peers:
        screen.print(_stages("peers", [peer.cost for peer in done.peers], done.rows, against=done))
    screen.print(
        f"{done.rows:,} records in {done.seconds:.1f} s: {done.records_per_minute:,} records a minute, "
        f"{done.cpu_seconds_per_million:.1f} CPU s per million\n"
        f"ratio to the floor {done.ratio:.2f} (CPU seconds {done.floor_cpu_seconds:.1f} / {done.cpu_seconds:.1f})\n"
        f"peak memory: pipeline {done.run.peak_client / _MIB:,.0f} MiB, "
        f"Postgres {done.run.peak_postgres / _MIB:,.0f} MiB\n"
        f"{done.machine.processor}, {done.machine.cores} cores, load {done.machine.load}, {done.machine.measured_at}"
    )


def _stages(title: str, stages: "list[Cost]", rows: int, *, against: "PipelineBench | None" = None) -> object:
    from rich.table import Table

    columns = ("", "wall s", "CPU s", "client", "Postgres", "Valkey", "CPU s / million")
    table = Table(*columns, *(["our CPU is less by"] if against else []), title=title, title_justify="left")
    for stage in stages:
        cells = [stage.stage, f"{stage.seconds:.1f}", f"{stage.cpu:.1f}", f"{stage.client_cpu:.1f}"]
        cells += [_seen(stage.postgres_cpu), _seen(stage.valkey_cpu), f"{stage.cpu / rows * 1e6:.2f}"]
        table.add_row(*cells, *([f"{stage.cpu / against.cpu_seconds:.1f}x"] if against else []))
    return table


def _seen(seconds: float | None) -> str:
    return "elsewhere" if seconds is None else f"{seconds:.1f}"
