"""Equal records without an id of their own: the n-th that a file shows, also where the others of it came in before.

De-duplication counts occurrences within a file of a run. A replayed file shows it only the records that left
quarantine, so one that equals a record which the file had published would pass for that very record.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from uuid import UUID

import polars as pl

from nexus_data import kernel, lake
from nexus_data.landing import LandedFile
from nexus_data.postgres.connect import connection
from nexus_data.quarantine.correcting import corrector
from nexus_data.quarantine.requeue import corrected
from nexus_data.readers.read import read
from nexus_data.runs import Run
from nexus_data.sql import query
from nexus_data.tables.trading_operations import TRADING_OPERATIONS

_BYTES = 16


def renumbered(
    run: Run, file: LandedFile, accepted: Sequence[Path], *, compiled: kernel.Kernel, facts: kernel.FileFacts
) -> Iterator[pl.DataFrame]:
    """The accepted rows in the order of the file; an occurrence after others of the file has the identity of its place.

    The rest of the file is read only when one of the rows looks like one that is published.
    """
    published: set[bytes] = set()
    if file.table == TRADING_OPERATIONS.name:
        published.update(*(_published(run, path) for path in accepted))
    earlier = _earlier(run, file, published, compiled, facts) if published else Counter()
    for path in accepted:
        rows = pl.read_parquet(path, glob=False)
        yield _placed(rows, earlier) if earlier else rows


def _published(run: Run, path: Path) -> set[bytes]:
    """The identities by content among the rows under which an operation is published."""
    rows = pl.scan_parquet(path, glob=False).filter("by_content").select("identity", "month").collect()
    found = lake.files(run.settings.home, TRADING_OPERATIONS.name, months=rows["month"].unique().to_list())
    if not rows.height or not found:
        return set()
    names = pl.scan_parquet(found, glob=False).select(identity="operation_id")
    return set(names.join(rows.lazy(), on="identity", how="semi").collect()["identity"])


def _earlier(
    run: Run, file: LandedFile, identities: set[bytes], compiled: kernel.Kernel, facts: kernel.FileFacts
) -> Counter[bytes]:
    """How often the file's other records, those outside of quarantine, show each identity."""
    assert file.layout is not None  # noqa: S101 - a file without a layout is never read
    waiting = _open_numbers(run, file)
    editor = corrector(corrected(run.staging, file.file_no), columns=file.layout.columns)
    counts: Counter[bytes] = Counter()
    for batch in read(
        Path(file.kept),
        file.layout,
        batch_bytes=run.settings.batch_bytes,
        max_expanded_bytes=run.settings.max_expanded_bytes,
        edit=editor,
    ):
        rows = kernel.standardize(batch.records, kernel=compiled, facts=facts)
        others = rows.filter("by_content", pl.col("outcome") == "accepted").join(waiting, on="record_no", how="anti")
        counts.update(identity for identity in others["identity"] if identity in identities)
    return counts


def _open_numbers(run: Run, file: LandedFile) -> pl.DataFrame:
    about = {"file_id": UUID(bytes=file.file_id), "source": file.source, "user_id": file.owner}
    with connection(run.services.postgres_url) as database:
        rows = database.execute(query("quarantine/open_numbers"), about).fetchall()
    return pl.DataFrame(rows, schema={"record_no": pl.Int64()}, orient="row")


def _placed(rows: pl.DataFrame, earlier: Counter[bytes]) -> pl.DataFrame:
    """The rows with other identities where earlier ones count; `earlier` counts these rows too from then on."""
    identities = []
    for identity, by_content in rows.select("identity", "by_content").iter_rows():
        before = earlier[identity] if by_content else 0
        if before:
            earlier[identity] += 1
        identities.append(_nth(identity, before + 1) if before else identity)
    return rows.with_columns(pl.Series("identity", identities, dtype=pl.Binary()))


def _nth(identity: bytes, nth: int) -> bytes:
    """As sql/queries/deduplicate/decide_operations.sql names the n-th occurrence."""
    return hashlib.sha256(f"{identity.hex()}:{nth}".encode()).digest()[:_BYTES]
