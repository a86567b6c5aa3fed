"""What `nexus contract check [FILE]` tells: can contracts be used, and what would a file become? Publishes nothing.

Showing the results is the command line's.
"""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from nexus_data import kernel
from nexus_data.contract.load import Source, load, paths
from nexus_data.contract.match import Match, Unmatched, match
from nexus_data.errors import ContractError
from nexus_data.grouping.reasons import skip_reasons
from nexus_data.readers.batch import Batch
from nexus_data.readers.read import read
from nexus_data.settings import Settings

_EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class ContractCheck:
    """One contract file. problem: what is wrong with it, empty when it can be used."""

    path: Path
    problem: str = ""
    title: str = ""
    table: str = ""


@dataclass(frozen=True, slots=True)
class Example:
    """A rejected record: its number, first line (None without lines), rules (`CODE:field`, joined by `;`) and text."""

    record_no: int
    line: int | None
    rules: str
    raw: str


@dataclass(frozen=True, slots=True)
class FileCheck:
    """What a file would become. contract: `source/dataset`, or empty, and then `held` says why.

    Every record is accepted, rejected or skipped. rules and skips: how many records by rule and by reason, most first;
    a record that broke several rules counts at each. examples: the first rejected records.
    """

    path: Path
    contract: str = ""
    held: str = ""
    records: int = 0
    accepted: int = 0
    rejected: int = 0
    skipped: int = 0
    rules: dict[str, int] = field(default_factory=dict)
    skips: dict[str, int] = field(default_factory=dict)
    examples: tuple[Example, ...] = ()


def check_contracts(root: Path | None = None) -> tuple[ContractCheck, ...]:
    """Every contract file under `root` (the package's own by default), wrong ones with what is wrong."""
    return tuple(check_contract(path) for path in paths(root))


def check_contract(path: Path) -> ContractCheck:
    """One contract file: its shape, its sense, and whether the kernel takes it."""
    try:
        source = load(path)
        kernel.compile_contract(source.contract, name=str(path))
    except ContractError as error:
        return ContractCheck(path, problem=str(error))
    return ContractCheck(path, title=source.contract.title, table=source.contract.table)


def check_file(path: Path, sources: tuple[Source, ...], *, settings: Settings, source: str | None = None) -> FileCheck:
    """Read a whole file as a run would, and count; FileError when it cannot be read to its end."""
    limit = settings.max_expanded_bytes
    found = match(path, sources, landed_as=str(path), source=source, max_expanded_bytes=limit)
    if isinstance(found, Unmatched):
        return FileCheck(path, held=found.reason)
    return _counted(path, found, settings)


def _counted(path: Path, found: Match, settings: Settings) -> FileCheck:
    compiled = kernel.compile_contract(found.source.contract, name=found.source.name)
    facts = kernel.FileFacts(
        file_id=bytes(16),
        source=found.source.source,
        user_id=None,
        default_user=settings.default_user,
        path_groups=found.path_groups,
        accounts=pl.DataFrame(schema={"account_id": pl.String(), "user_id": pl.String()}),
    )
    outcomes, rules, skips = Counter[str](), Counter[str](), Counter[str]()
    examples: list[Example] = []
    limit = settings.max_expanded_bytes
    for batch in read(path, found.layout, batch_bytes=settings.batch_bytes, max_expanded_bytes=limit):
        decided = kernel.standardize(batch.records, kernel=compiled, facts=facts)
        outcomes.update(dict(decided["outcome"].value_counts().iter_rows()))
        outcomes.update({"rejected": batch.broken.height, "skipped": batch.repeated.len()})
        skips.update(skip_reasons(decided) + Counter({"repeats the header": batch.repeated.len()}))
        rules.update(_by_rule(_rejections(decided) + _by_code(batch)))
        examples += _examples(batch, decided)[: _EXAMPLES - len(examples)]
    return FileCheck(
        path,
        contract=found.source.name,
        records=outcomes.total(),
        accepted=outcomes["accepted"],
        rejected=outcomes["rejected"],
        skipped=outcomes["skipped"],
        rules=dict(rules.most_common()),
        skips=dict(skips.most_common()),
        examples=tuple(examples),
    )


def _rejections(decided: pl.DataFrame) -> Counter[str]:
    reasons = decided.filter(pl.col("outcome") == "rejected")["reasons"]
    return Counter(dict(reasons.value_counts().iter_rows()))


def _by_code(batch: Batch) -> Counter[str]:
    return Counter(dict(batch.broken["code"].value_counts().iter_rows()))


def _by_rule(reasons: Counter[str]) -> Counter[str]:
    found = Counter[str]()
    for text, count in reasons.items():
        found.update(dict.fromkeys(text.split(";"), count))
    return found


def _examples(batch: Batch, decided: pl.DataFrame) -> list[Example]:
    refused = decided.filter(pl.col("outcome") == "rejected").head(_EXAMPLES)
    places = batch.locate(refused["record_no"])
    judged = refused.select("record_no", rules="reasons").join(places, on="record_no", how="left")
    broken = batch.broken.select("record_no", "line", "raw", rules="code")
    columns = ("record_no", "line", "rules", "raw")
    both = pl.concat([judged.select(columns), broken.select(columns)]).sort("record_no").head(_EXAMPLES)
    return [Example(*row) for row in both.iter_rows()]
