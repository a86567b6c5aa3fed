"""Peer: dlt loads Arrow tables that pyarrow reads from the CSV, as text; no key, no index, no cleaning.

CSV as the format of its load files, as its documentation of Postgres recommends for Arrow tables.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import dlt
import pyarrow as pa
import pyarrow.csv as pc
from dlt.destinations import postgres


def main(where: str, source: str) -> None:
    """Load and print the rows."""
    server = json.loads(where)
    # A folder of sockets is no host of a URL; libpq takes it from the query, and the name before it is not asked.
    query = urlencode({"host": server["host"], "port": server.get("port", 5432)})
    user = f"{server['user']}:{server.get('password', 'unused')}"
    database = postgres(credentials=f"postgresql://{user}@localhost/{server['dbname']}?{query}")
    pipeline = dlt.pipeline("peer", destination=database, dataset_name="peer", pipelines_dir=str(Path.cwd() / "dlt"))
    pipeline.run(_tables(source), table_name="operations", write_disposition="append", loader_file_format="csv")
    sys.stdout.write(f"{pipeline.last_trace.last_normalize_info.row_counts['operations']}\n")


def _tables(source: str) -> Iterator[pa.Table]:
    with Path(source).open(encoding="utf-8") as given:
        header = given.readline().strip().split(",")
    convert = pc.ConvertOptions(column_types=dict.fromkeys(header, pa.string()))
    parse = pc.ParseOptions(newlines_in_values=True)
    for batch in pc.open_csv(source, convert_options=convert, parse_options=parse):
        yield pa.Table.from_batches([batch])


if __name__ == "__main__":
    main(*sys.argv[1:])
