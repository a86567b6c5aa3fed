"""Small files of a lake month put together into one. What is in the lake, and in which order, does not change."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl
from psycopg.types.json import Jsonb

from nexus_data import lake
from nexus_data.postgres.connect import connection
from nexus_data.runs import Run
from nexus_data.sql import query
from nexus_data.tables import CANONICAL, LAKE

_TABLE = CANONICAL["trading_operations"]
_MANY = 8
_MOST_ROWS = 1_000_000
_FIRST_NUMBER = 900_000


def compact(run: Run, *, many: int = _MANY) -> dict[str, int]:
    """Put months of `many` small files and more together, a Delta commit each; how many files each month had.

    The generation that is current tells the new versions then: a run that is killed between leaves the files as they
    were, for the next one takes the lake back to what the generation tells.
    """
    done = {}
    for month, files in _scattered(run.settings.home, many):
        _put_together(run, month, files)
        done[month] = len(files)
    done |= _put_together_plain(run, many)
    if done:
        with connection(run.services.postgres_url) as database:
            about = {"generation": run.base.generation, "lake": Jsonb(lake.versions(run.settings.home))}
            database.execute(query("maintenance/lake_versions"), about)
    return done


def _scattered(home: Path, many: int) -> Iterator[tuple[str, list[str]]]:
    by_month: dict[str, list[str]] = {}
    for path in lake.files(home, _TABLE.name):
        by_month.setdefault(Path(path).parent.name.removeprefix("month="), []).append(path)
    for month, files in sorted(by_month.items()):
        if len(files) >= many and _rows(files) <= _MOST_ROWS:
            yield month, files


def _rows(files: list[str]) -> int:
    return int(pl.scan_parquet(files, glob=False).select(pl.len()).collect().item())


def _put_together(run: Run, month: str, files: list[str]) -> None:
    rows = pl.read_parquet(files, glob=False).sort("date", "operation_id")
    home = run.settings.home
    path = lake.new_file(home, _TABLE.name, run_id=run.run_id, month=month, number=_FIRST_NUMBER)
    rows.write_parquet(path, compression="lz4")
    gone = [lake.LakeFile(path=one, month=month, rows=0) for one in files]
    lake.append(home, _TABLE, written=[lake.LakeFile(path=str(path), month=month, rows=rows.height)], gone=gone)


def _put_together_plain(run: Run, many: int) -> dict[str, int]:
    """Tables without partitions that runs append to, which grow by a file a run."""
    done = {}
    home = run.settings.home
    for name in ("superseded_operations", "operation_revisions", "snapshot_versions"):
        files = lake.files(home, name)
        if len(files) < many or _rows(files) > _MOST_ROWS:
            continue
        rows = pl.read_parquet(files, glob=False)
        path = lake.new_file(home, name, run_id=run.run_id, month="", number=_FIRST_NUMBER)
        rows.write_parquet(path, compression="lz4")
        gone = [lake.LakeFile(path=one, month="", rows=0) for one in files]
        lake.append(home, LAKE[name], written=[lake.LakeFile(str(path), "", rows.height)], gone=gone)
        done[name] = len(files)
    return done
