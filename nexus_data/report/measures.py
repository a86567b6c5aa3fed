"""Data quality over time: how good the records of the sources behind a report are, by the day on which they arrived."""

from nexus_data.provenance.asking import Row
from nexus_data.report.document import Chart, Column, Section, Table, Value
from nexus_data.report.facts import Facts

_PANELS = 6
_DAYS = 60
_MEASURES = {
    "Complete": ("completeness", "filled / places"),
    "Valid": ("validity", "1 - rejected / (records - held - skipped)"),
    "Unique": ("uniqueness", "(published + superseded) / (published + superseded + duplicate)"),
    "Consistent": ("consistency", "1 - inconsistent / compared"),
}
_COLUMNS = (
    Column("Source"),
    Column("Day", "date"),
    Column("Files", "number"),
    Column("Records", "number"),
    *(Column(name, "share") for name in _MEASURES),
    Column("Age in days", "number"),
)
_OF = "sums over all owners in marts.data_quality_daily"


def section(facts: Facts) -> Section:
    """Shares by source and day, of all records of the source, whosever they are."""
    rows = facts.rows["quality"]
    table = Table(
        "",
        _COLUMNS,
        tuple(_line(row) for row in rows),
        rows[0]["found"] if rows else 0,
        "No file arrived.",
        "Complete: optional fields filled. Valid: broke no rule. Unique: was not there before. Consistent: did not "
        "contradict what is known. Age: of a row when it arrived, on average.",
    )
    intro = "Of the sources above, whosever records they hold, by the day on which their files arrived."
    return Section("quality", "Data quality over time", intro, _chart(rows), (table,))


def _line(row: Row) -> tuple[Value, ...]:
    counts = (Value(row[name], how=f"{name}: {_OF}") for name in ("files", "records"))
    shares = (Value(row[name], how=f"{formula}: {_OF}") for name, formula in _MEASURES.values())
    age = Value(row["timeliness"], how=f"age_days / dated: {_OF}")
    return (Value(row["source"], strong=True), Value(row["date"]), *counts, *shares, age)


def _chart(rows: list[Row]) -> tuple[Chart, ...]:
    """The last days on which something arrived."""
    days = sorted({row["date"].isoformat() for row in rows})[-_DAYS:]
    sources = sorted({row["source"] for row in rows})
    data = tuple(
        {"panel": row["source"], "day": row["date"].isoformat(), "measure": name, "share": row[column]}
        for row in rows
        if row["source"] in sources[:_PANELS] and row["date"].isoformat() in days
        for name, (column, _) in _MEASURES.items()
        if row[column] is not None
    )
    if not data or len(days) == 1:  # one day is no course of time: the table says it
        return ()
    note = f"The first {_PANELS} of {len(sources)} sources." if len(sources) > _PANELS else ""
    return (Chart("quality", "Shares by day of arrival", data, note, {"steps": days, "panels": sources[:_PANELS]}),)
