"""DuckDB as the verifier uses it: on disk, in bounded memory, over nothing but the files that it is given."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from nexus_data.tables.trading_operations import TRADING_OPERATIONS
from nexus_data.verify.history import FileKey, Landing
from nexus_data.verify.spill import MENTIONS, accepted_schema

_MEMORY = "600MB"


@contextmanager
def opened(folder: Path, *, name: str = "verify") -> Iterator[duckdb.DuckDBPyConnection]:
    """An engine whose database, of that name, and spilled data are in the folder."""
    config: dict[str, str | bool | int | float | list[str]] = {
        "threads": 2,
        "memory_limit": _MEMORY,
        "temp_directory": str(folder / "spill"),
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "preserve_insertion_order": False,
        "python_enable_replacements": False,
    }
    with duckdb.connect(str(folder / f"{name}.duckdb"), config=config) as engine:
        engine.execute("SET TimeZone = 'UTC'")
        engine.execute("CREATE TABLE json_meanings (text VARCHAR PRIMARY KEY, meaning VARCHAR)")
        for name in ("refused_users", "refused_milestones"):
            engine.execute(f"CREATE TABLE {name} (seq BIGINT, name VARCHAR)")
        engine.execute(
            "CREATE TABLE decisions (seq BIGINT, record_no BIGINT, operation_id BLOB, outcome VARCHAR, "
            "reasons VARCHAR, "
            "ended_generation BIGINT, ended_reason VARCHAR, ended_by_seq BIGINT, ended_by_record_no BIGINT, "
            "ended_by BLOB)"
        )
        yield engine


def put_landings(engine: duckdb.DuckDBPyConnection, landings: Sequence[Landing]) -> None:
    """The table `landings`: what the files of each landing have in common."""
    first: dict[FileKey, int] = {}
    for one in landings:
        first.setdefault(one.key, one.seq)
    rows = [(one.seq, one.generation, one.file_no, *one.key, one.name, first[one.key]) for one in landings]
    engine.execute(
        "CREATE TABLE landings (seq BIGINT, generation BIGINT, file_no BIGINT, file_id BLOB, source VARCHAR, "
        "owner VARCHAR, name VARCHAR, first_seq BIGINT)"
    )
    columns = list(zip(*rows, strict=True)) or [()] * 8
    kinds = [pa.int64(), pa.int64(), pa.int64(), pa.binary(), *[pa.string()] * 3, pa.int64()]
    names = ["seq", "generation", "file_no", "file_id", "source", "owner", "name", "first_seq"]
    arrays = [pa.array(list(column), type=kind) for column, kind in zip(columns, kinds, strict=True)]
    engine.register("landings_now", pa.table(arrays, names=names))
    engine.execute("INSERT INTO landings SELECT * FROM landings_now")
    engine.unregister("landings_now")


def parquet_view(engine: duckdb.DuckDBPyConnection, name: str, paths: Sequence[Path], schema: pa.Schema) -> None:
    """A view over Parquet files of one schema; without files it is empty."""
    folder = Path(engine.execute("SELECT current_setting('temp_directory')").fetchall()[0][0]).parent
    empty = folder / f"empty-{name}.parquet"
    pq.write_table(schema.empty_table(), empty)
    # DuckDB guesses the rows of all files from the first one, and builds a join on the side with fewer: were the widest
    # relation there is taken for an empty one, the join would not fit in memory.
    largest_first = sorted(paths, key=lambda path: path.stat().st_size, reverse=True)
    listed = ", ".join(literal(path) for path in (*largest_first, empty))
    engine.execute(f"CREATE OR REPLACE VIEW {name} AS SELECT * FROM read_parquet([{listed}])")  # noqa: S608 - own files


def mentions_view(engine: duckdb.DuckDBPyConnection, paths: Sequence[Path]) -> None:
    """The view `mentions`: operations that rejected records of full exports would be."""
    parquet_view(engine, "mentions", paths, MENTIONS)


def accepted_view(engine: duckdb.DuckDBPyConnection, paths: Sequence[Path]) -> None:
    """The view `accepted`: every accepted operation."""
    parquet_view(engine, "accepted", paths, accepted_schema(TRADING_OPERATIONS))


def literal(path: Path) -> str:
    """A path as SQL, in which DuckDB sees no pattern."""
    text = str(path).replace("'", "''")
    for mark in "*?[":
        text = text.replace(mark, f"\0{mark}]")
    return "'" + text.replace("\0", "[") + "'"
