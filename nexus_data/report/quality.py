"""The sources behind a report: when they last arrived, what became of their records, what was rejected and why."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from nexus_data.provenance.asking import Row
from nexus_data.report.document import Chart, Column, Command, Part, Section, Table, Value
from nexus_data.report.facts import MOST_ROWS, Facts
from nexus_data.rules import broken

_DIGITS = 16
_CHARTED = 12
_SIX_PLACES = Decimal("0.000001")
_OUTCOMES = ("records", "published", "rejected", "duplicate", "superseded", "skipped", "held")
_ARRIVALS = (
    Column("Source"),
    Column("Files", "number"),
    Column("In the period", "number"),
    Column("Waiting", "number"),
    Column("Last file"),
    Column("Last arrival", "instant"),
    Column("Operations", "number"),
    Column("Newest", "date"),
)
_RECORDS = (
    Column("Source"),
    *(Column(name.capitalize(), "number") for name in _OUTCOMES),
    Column("Valid", "share"),
    Column("Unique", "share"),
)
_REJECTED = (
    Column("Source"),
    Column("Rule"),
    Column("Field"),
    Column("What it says"),
    Column("Files", "number"),
    Column("Records", "number"),
)


def share(part: int, whole: int) -> Decimal | None:
    """part / whole with six places, halves away from zero, as the marts have it; None where there is no whole."""
    return (Decimal(part) / whole).quantize(_SIX_PLACES, ROUND_HALF_UP) if whole > 0 else None


def sources(facts: Facts) -> Section:
    """Arrivals, and what became of the records."""
    by_source = _grouped(facts.rows["files"], lambda row: row["source"])
    empty = "No file was landed for them, and none holds operations of theirs in this period."
    arrivals = tuple(_arrival(source, by_source[source]) for source in sorted(by_source))
    records = tuple(_outcome(source, by_source[source]) for source in sorted(by_source))
    shared = sum(row["shared"] for row in facts.rows["files"])
    note = (
        f"{shared} of these files hold records of others, too: what became of their records is told of the whole file."
        if shared
        else ""
    )
    intro = "The files that were landed for them, or that hold operations of theirs in this period."
    if any(f"{facts.period.first:%Y-%m}" <= month for month in facts.removed):
        intro += " (Operations of months that cleanup removed from Postgres name no files any more.)"
    came = Table("Last arrivals", _ARRIVALS, arrivals, len(arrivals), empty)
    became = Table("What became of their records", _RECORDS, records, len(records), empty, note)
    return Section("sources", "Sources", intro, tables=(came, became) if records else (came,))


def _arrival(source: str, rows: list[Row]) -> tuple[Value, ...]:
    last = max(rows, key=lambda row: (row["landed_at"], row["name"]))
    newest = max((row["newest"] for row in rows if row["newest"]), default=None)
    held = sum(row["status"] == "held" for row in rows)
    return (
        Value(source, strong=True),
        Value(len(rows), how="the files in the table files"),
        Value(sum(row["arrived"] for row in rows), how="the files of the table files that landed in these days"),
        Value(held, (Part(Command("nexus status"), held),) if held else (), mark="bad" if held else ""),
        Value(last["name"]),
        Value(_seconds(last["landed_at"])),
        Value(sum(row["operations"] for row in rows), how="their operations of the period that come from these files"),
        Value(newest),
    )


def _seconds(instant: datetime) -> datetime:
    return instant.replace(microsecond=0)


def _outcome(source: str, rows: list[Row]) -> tuple[Value, ...]:
    total = {name: sum(row[name] for row in rows) for name in _OUTCOMES}
    judged = total["records"] - total["held"] - total["skipped"]
    kept = total["published"] + total["superseded"]
    values = [_records(rows, name) for name in _OUTCOMES]
    valid = share(judged - total["rejected"], judged)
    unique = share(kept, kept + total["duplicate"])
    return (
        Value(source, strong=True),
        *values,
        Value(valid, how="1 - rejected / (records - held - skipped)"),
        Value(unique, how="(published + superseded) / (published + superseded + duplicate)"),
    )


def _records(rows: list[Row], name: str) -> Value:
    """Counts of the ledger, file by file: the verifier counts them again in the kept file."""
    parts = tuple(Part(Command(_listing(row, name)), row[name]) for row in rows if row[name])
    count = sum(row[name] for row in rows)
    return Value(count, parts, mark="bad" if count and name in ("rejected", "held") else "")


def _listing(row: Row, name: str) -> str:
    file = row["sha256"][:_DIGITS]
    if name == "rejected":
        return f"nexus quarantine list --records --file {file} --source {row['source']} --user {row['owner']}"
    return f"nexus verify --file {file}"


def rejected(facts: Facts) -> Section:
    """Each rule that records in quarantine broke, in words."""
    groups = _grouped(facts.rows["rejected"], lambda row: f"{row['source']}\x1f{row['rule']}")
    ordered = sorted(groups, key=lambda key: (-sum(row["records"] for row in groups[key]), key))
    table = Table(
        "",
        _REJECTED,
        tuple(_rule(groups[key]) for key in ordered[:MOST_ROWS]),
        len(ordered),
        "Nothing of these files is in quarantine.",
        "A record that broke two rules counts under both. Which day a rejected record is of, and whose it is, may be "
        "just what could not be read: so all that is in quarantine of these files is told, whenever they landed.",
    )
    return Section("rejected", "What was rejected, and why", charts=_chart(groups, ordered), tables=(table,))


def _rule(rows: list[Row]) -> tuple[Value, ...]:
    source, rule = rows[0]["source"], rows[0]["rule"]
    (said,) = broken(rule)
    parts = tuple(Part(Command(f"{_listing(row, 'rejected')} --rule {rule}"), row["records"]) for row in rows)
    return (
        Value(source),
        Value(said.code, strong=True),
        Value(said.field or None),
        Value(said.help),
        Value(len(rows), how="the files that these records are in"),
        Value(sum(row["records"] for row in rows), parts),
    )


def _chart(groups: Mapping[str, list[Row]], ordered: list[str]) -> tuple[Chart, ...]:
    counts: dict[str, int] = defaultdict(int)
    for key in ordered:
        counts[key.split("\x1f")[1]] += sum(row["records"] for row in groups[key])
    top = sorted(counts, key=lambda rule: (-counts[rule], rule))[:_CHARTED]
    if not top:
        return ()
    note = f"The {_CHARTED} most frequent of {len(counts)} rules." if len(counts) > _CHARTED else ""
    data = tuple({"rule": rule, "records": counts[rule]} for rule in top)
    return (Chart("rejected", "Records in quarantine by rule", data, note),)


def _grouped(rows: Iterable[Row], key: Callable[[Row], str]) -> dict[str, list[Row]]:
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return groups
