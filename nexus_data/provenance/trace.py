"""From one published row down to the raw text of its record: what is known, read again and explained."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from nexus_data import kernel
from nexus_data.errors import ContractError, FileError
from nexus_data.kernel.identity import content_columns, fingerprint
from nexus_data.provenance.contracts import Judging, judging
from nexus_data.provenance.documents import (
    ContractTrace,
    FieldTrace,
    FileTrace,
    IdentityTrace,
    RecordTrace,
    Trace,
    Version,
)
from nexus_data.provenance.explain import Judged, field_traces, judge
from nexus_data.provenance.original import is_intact, recognise, record_trace
from nexus_data.provenance.published import OPERATIONS, Published
from nexus_data.provenance.texts import value_text
from nexus_data.quarantine.correcting import corrector
from nexus_data.raw_files import kept_path
from nexus_data.readers.locate import Located, find_record
from nexus_data.settings import Settings
from nexus_data.tables import CANONICAL

_IMPLIED = "implied"


@dataclass(frozen=True, slots=True, eq=False)
class _Read:
    """The record, found again and judged again."""

    located: Located
    judged: Judged


def trace(settings: Settings, published: Published) -> Trace:
    """The whole trace; what cannot be shown (a kept file that is gone, a contract not kept) is a problem in it."""
    problems: list[str] = []
    file = _file(settings, published, problems)
    contract = _contract(settings, published, problems)
    shown = file is not None and file.removed is None and contract is not None and contract.source is not None
    read = _read(settings, published, contract, problems) if contract and shown else None
    return Trace(
        table=published.table,
        id=published.id,
        status=published.status,
        generation=published.generation,
        fields=_fields(published, read),
        identity=_identity(published, read),
        contract=_contract_trace(published, contract, read),
        file=file,
        record=_record(settings, published, read, problems),
        corrections=tuple(_told(one) for one in published.corrections),
        quarantine=tuple(_told(one) for one in published.quarantine),
        versions=tuple(_version(one) for one in published.versions),
        problems=tuple(problems),
        removed=_left(published),
    )


def _left(published: Published) -> str | None:
    """Since when the row's month is out of Postgres, and what brings it back."""
    if published.removed is None:
        return None
    month, day, cleanup = (published.removed[name] for name in ("month", "day", "cleanup_id"))
    return (
        f"month {month} left Postgres by retention on {day}, cleanup {cleanup}; this row is the lake's. A backfill of "
        f"the asset trading_operations, partition {month}, brings the month back, and so does a record that comes in"
    )


def _file(settings: Settings, published: Published, problems: list[str]) -> FileTrace | None:
    if not published.files:
        problems.append("the table files does not know the file that the row names")
        return None
    one = published.files[0]
    kept = kept_path(settings.home, one["sha256"])
    removed = _removed(published) if not kept.exists() else None
    try:
        intact = removed is None and is_intact(kept, sha256=one["sha256"])
    except FileError as error:
        problems.append(f"the kept file cannot be read: {error}")
        return None
    if not intact and removed is None:
        problems.append(f"the kept file {kept} was altered: its SHA-256 is not {one['sha256']} any more")
    return FileTrace(
        name=one["name"],
        landed_as=one["landed_as"] or one["name"],
        landed_for=one["landed_for"],
        sha256=one["sha256"],
        size=one["size"],
        kept="" if removed else str(kept),
        intact=intact,
        removed=removed,
        generation=one["generation"],
        run_id=one["run_id"],
        landed_at=str(value_text(one["landed_at"])),
        also_landed_for=tuple(other["user_id"] for other in published.files[1:]),
        landed_again=tuple(_told(again) for again in published.landed_again),
    )


def _removed(published: Published) -> str | None:
    """Since when retention has let the file's bytes go, and which cleanup did it."""
    told = (f"bytes removed by retention on {one['day']}, cleanup {one['cleanup_id']}" for one in published.let_go)
    return next(told, None)


def _contract(settings: Settings, published: Published, problems: list[str]) -> Judging | None:
    if not published.files:
        return None
    one = published.files[0]
    found = judging(settings.home, source=one["source"], dataset=one["dataset"], version=_version_of(published))
    if found.source is None:
        problems.append(found.note)
    return found


def _version_of(published: Published) -> str:
    """The contract that judged the record: of a replay where the record came out of quarantine, else the file's."""
    replayed = [one["resolved_contract_version"] for one in published.quarantine if one["resolution"] == "published"]
    return str(next(filter(None, reversed(replayed)), published.files[0]["contract_version"]))


def _read(settings: Settings, published: Published, contract: Judging, problems: list[str]) -> _Read | None:
    if contract.source is None:
        return None
    one = published.files[0]
    path, limit = kept_path(settings.home, one["sha256"]), settings.max_expanded_bytes
    try:
        found = recognise(path, contract.source, landed_as=one["landed_as"] or one["name"], max_expanded_bytes=limit)
        number = published.row["record_no"]
        edit = corrector(_in_force(published), columns=found.layout.columns) if published.in_force else None
        located = find_record(
            path, found.layout, number, batch_bytes=settings.batch_bytes, max_expanded_bytes=limit, edit=edit
        )
        facts = _facts(settings, published, found.path_groups)
        return _Read(located, judge(contract.source, found.layout, located.record, facts))
    except (FileError, ContractError) as error:
        problems.append(str(error))
        return None


def _in_force(published: Published) -> pl.DataFrame:
    """The corrections in force of the file, as its replay read them."""
    texts = {"record_no": pl.Int64(), "field": pl.String(), "new_text": pl.String()}
    return pl.DataFrame(published.in_force, schema=texts, orient="row")


def _facts(settings: Settings, published: Published, path_groups: Mapping[str, str]) -> kernel.FileFacts:
    one, row = published.files[0], published.row
    # The accounts as they are now may say something else than when the record was judged: the row says whose it was.
    account = {"account_id": [row.get("account_id") or ""], "user_id": [row.get("user_id") or settings.default_user]}
    return kernel.FileFacts(
        file_id=row["file_id"].bytes,
        source=one["source"],
        user_id=one["landed_for"],
        default_user=settings.default_user,
        path_groups=path_groups,
        accounts=pl.DataFrame(account, schema={"account_id": pl.String(), "user_id": pl.String()}),
    )


def _fields(published: Published, read: _Read | None) -> tuple[FieldTrace, ...]:
    if read is not None and read.judged.compiled.table.name == published.table and not _implied(published):
        return field_traces(read.judged, published=published.row)
    origin = _IMPLIED if _implied(published) else "unknown"
    names = [field.name for field in CANONICAL[published.table].fields if field.name != "password_hash"]
    return tuple(FieldTrace(name, value_text(published.row[name]), origin) for name in names)


def _implied(published: Published) -> bool:
    """Whether the row comes from no record of its own: only another record names it."""
    return published.row.get("status") == _IMPLIED


def _identity(published: Published, read: _Read | None) -> IdentityTrace | None:
    if published.table != OPERATIONS or read is None:
        return None
    decided, compiled = read.judged.decided, read.judged.compiled
    identity, by_content = decided["identity"].item(), bool(decided["by_content"].item())
    nth = _occurrence(identity, published.row["operation_id"].bytes, published.row["record_no"] if by_content else 1)
    lost = any(decided[name].item() is None for name in compiled.anchors)
    content = content_columns(compiled.table) if lost else compiled.content
    columns = content if by_content else compiled.identity
    rule = "content" if by_content else "id"
    return IdentityTrace(rule, ("source", "account_id", "user_id", *columns), nth, proved=nth is not None)


def _occurrence(identity: bytes, operation_id: bytes, most: int) -> int | None:
    """Which of equal records of its file this is; None when the id is none of theirs. See decide_operations.sql."""
    if identity == operation_id:
        return 1
    text = identity.hex()
    numbers = range(2, most + 1)
    return next((n for n in numbers if hashlib.sha256(f"{text}:{n}".encode()).digest()[:16] == operation_id), None)


def _contract_trace(published: Published, contract: Judging | None, read: _Read | None) -> ContractTrace | None:
    if contract is None:
        return None
    one = published.files[0]
    return ContractTrace(
        source=one["source"],
        dataset=one["dataset"],
        version=_version_of(published),
        installed_version=contract.installed_version,
        title=contract.source.contract.title if contract.source else "",
        variant=read.judged.variant.name if read and read.judged.variant else "",
        kind=read.judged.kind.name if read else "",
        note=contract.note,
    )


def _record(settings: Settings, published: Published, read: _Read | None, problems: list[str]) -> RecordTrace | None:
    if read is None:
        return None
    found = record_trace(
        kept_path(settings.home, published.files[0]["sha256"]),
        read.judged.layout,
        read.located,
        published_fp=published.row["row_fp"],
        kept_fp=_fingerprint(settings, published, read),
    )
    if not found.intact:
        problems.append("the kept record does not have the fingerprint of the published row")
    return found


def _fingerprint(settings: Settings, published: Published, read: _Read) -> int:
    """Of the record as it stands in the file, whatever has been corrected since."""
    if not published.corrections:
        return int(read.judged.decided["row_fp"].item())
    path, layout = kept_path(settings.home, published.files[0]["sha256"]), read.judged.layout
    number, limit = published.row["record_no"], settings.max_expanded_bytes
    try:
        plain = find_record(path, layout, number, batch_bytes=settings.batch_bytes, max_expanded_bytes=limit)
    except FileError:
        # No record before it was corrected: then its text is what has a fingerprint.
        return int(pl.select(fingerprint(pl.lit(read.located.place.raw))).item())
    again = kernel.standardize(plain.record, kernel=read.judged.compiled, facts=read.judged.facts)
    return int(again["row_fp"].item())


def _version(row: Mapping[str, object]) -> Version:
    names = [field.name for field in CANONICAL[OPERATIONS].fields]
    number = row["superseded_by_record_no"]
    return Version(
        generation=int(str(row["generation"])),
        superseded_generation=int(str(row["superseded_generation"])),
        reason=str(row["superseded_reason"]),
        by_file_id=str(row["superseded_by_file_id"]),
        by_record_no=None if number is None else int(str(number)),
        by_operation_id=value_text(row["superseded_by"]),
        fields={name: value_text(row[name]) for name in names if name in row},
    )


def _told(row: Mapping[str, object]) -> dict[str, object]:
    """A row as plain values."""
    return {key: value if isinstance(value, int) else value_text(value) for key, value in row.items()}
