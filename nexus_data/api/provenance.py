"""The questions behind a number: where a row comes from, and what a cell of a mart consists of. HTTP is elsewhere."""

import asyncio
import threading
from dataclasses import replace

import msgspec
import psycopg
from psycopg.rows import dict_row

from nexus_data.api.answer import Answer
from nexus_data.api.stores import Stores
from nexus_data.provenance import operation, row, trace
from nexus_data.provenance.asking import BEFORE_SNAPSHOT, Asking, Result, Row, nothing_yet
from nexus_data.provenance.cell_documents import Wanted
from nexus_data.provenance.cells import cell
from nexus_data.provenance.documents import Trace
from nexus_data.provenance.published import Published
from nexus_data.provenance.removed import RemovedError
from nexus_data.settings import Settings

# Kept files are read in small pieces and by two threads at most, so that a worker stays within its memory.
_READERS = threading.BoundedSemaphore(2)
_BATCH_BYTES = 1 << 20
_HOME = "$NEXUS_HOME"


async def operation_provenance(stores: Stores, settings: Settings, *, operation_id: str, user_id: str) -> Answer:
    """The trace of one of the user's own operations. TraceError when it is nobody's, or somebody else's."""
    try:
        found = await answered(stores, operation(operation_id, user_id=user_id))
    except RemovedError as removed:
        rows = await asyncio.to_thread(_out_of_lake, settings, removed)
        found = await answered(stores, operation(operation_id, user_id=user_id, lake_rows=rows))
    told = await asyncio.to_thread(_read, settings, found)
    return Answer(msgspec.json.encode(told), told.generation, "postgres")


async def row_provenance(stores: Stores, settings: Settings, *, table: str, key: str, user_id: str) -> Answer:
    """The trace of one of the user's own projects or milestones. TraceError when it is nobody's, or somebody else's."""
    found = await answered(stores, row(table, key, user_id=user_id))
    told = await asyncio.to_thread(_read, settings, found)
    return Answer(msgspec.json.encode(told), told.generation, "postgres")


async def cell_provenance(stores: Stores, wanted: Wanted) -> Answer:
    """A page of the rows behind a cell of a mart. Errors as `cells.cell`."""
    found = await answered(stores, cell(wanted))
    return Answer(msgspec.json.encode(found), found.generation, "postgres")


async def answered(stores: Stores, asking: Asking[Result]) -> Result:
    """The result of questions that are all asked of one generation. TraceError before the first publish."""
    try:
        return await _answered(stores, asking)
    except psycopg.errors.UndefinedTable:
        raise nothing_yet() from None


async def _answered(stores: Stores, asking: Asking[Result]) -> Result:
    async with stores.database.connection() as database, database.transaction():
        await database.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        await database.execute(BEFORE_SNAPSHOT)
        async with database.cursor(row_factory=dict_row) as cursor:
            try:
                one = next(asking)
                while True:
                    await cursor.execute(one.statement, one.values, prepare=False)
                    one = asking.send(await cursor.fetchall())
            except StopIteration as finished:
                result: Result = finished.value
                return result


def _out_of_lake(settings: Settings, removed: RemovedError) -> list[Row]:
    # The lake's engine takes memory that a worker without such a question need not have.
    from nexus_data.provenance.in_lake import in_lake

    with _READERS:
        return in_lake(settings.home, removed)


def _read(settings: Settings, found: Published) -> Trace:
    with _READERS:
        told = trace(replace(settings, batch_bytes=min(settings.batch_bytes, _BATCH_BYTES)), found)
    return _for_its_owner(told, settings)


def _for_its_owner(told: Trace, settings: Settings) -> Trace:
    """Without where this server keeps its files, and without who else landed the same one."""
    file, record = told.file, told.record
    if file is not None:
        again = tuple({key: value for key, value in one.items() if key != "user_id"} for one in file.landed_again)
        kept = _without_home(file.kept, settings)
        file = msgspec.structs.replace(file, kept=kept, also_landed_for=(), landed_again=again)
    if record is not None:
        record = msgspec.structs.replace(record, command=_without_home(record.command, settings))
    problems = tuple(_without_home(one, settings) for one in told.problems)
    return msgspec.structs.replace(told, file=file, record=record, problems=problems)


def _without_home(text: str, settings: Settings) -> str:
    return text.replace(str(settings.home), _HOME)
