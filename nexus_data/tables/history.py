"""What is no longer published: versions that others took the place of, kept whole, and files that were held once."""

from nexus_data.tables.ledger import FILES
from nexus_data.tables.model import PROVENANCE, Field, Index, Kind, Table
from nexus_data.tables.trading_operations import TRADING_OPERATIONS

REASONS = ("correction", "cancel", "vanished", "restated")
"""Why a version is superseded: its source marked another record as its correction or its cancel; the next version of
its file (a full snapshot) does not show it any more, or shows it with other content."""

ACTIONS = ("correct", "cancel")
"""How a source marks a record that takes an earlier one back, after FIX's ExecType [150] G and H."""

SUPERSEDED_OPERATIONS = Table(
    name="superseded_operations",
    doc="One row per version of an operation that is not published any more, or was outdated as it came in (then both "
    "generations are equal). Published as of a generation G: generation <= G < superseded_generation.",
    key=("operation_id", "superseded_generation", "file_id", "record_no"),
    fields=(
        *TRADING_OPERATIONS.fields,
        Field("action", Kind.TEXT, "How its source marked it; null: an ordinary record", values=ACTIONS),
        Field("superseded_generation", Kind.INTEGER, "The generation from which it is not published", required=True),
        Field("superseded_reason", Kind.TEXT, "Why", required=True, values=REASONS),
        Field("superseded_by_file_id", Kind.UUID, "The file that did it", required=True),
        Field("superseded_by_record_no", Kind.INTEGER, "The record that did it; null where one that is not there did"),
        Field("superseded_by", Kind.UUID, "The operation_id of the version in its place; null where there is none"),
    ),
    indexes=(
        Index(("user_id", "date")),
        Index(("superseded_generation",)),
        Index(("file_id", "record_no")),
    ),
    checks=("superseded_generation >= generation",),
)

SUPERSEDED_ROWS = Table(
    name="superseded_rows",
    doc="One row per version of a row of a keyed table that another version replaced, or that vanished with it.",
    key=("table_name", "row_key", "superseded_generation"),
    fields=(
        Field("table_name", Kind.TEXT, "The keyed table", required=True),
        Field("row_key", Kind.TEXT, "Its key there; of several columns, their texts joined by U+001F", required=True),
        Field("row", Kind.JSON, "The whole row, money as text", required=True),
        Field("superseded_generation", Kind.INTEGER, "The generation from which it is not published", required=True),
        Field("superseded_reason", Kind.TEXT, "Why", required=True, values=("restated", "vanished")),
        *PROVENANCE,
    ),
    indexes=(Index(("superseded_generation",)), Index(("file_id", "record_no"))),
)

RELEASED_FILES = Table(
    name="released_files",
    doc="One row per file that was held once and went in later: held as of a generation G when "
    "generation <= G < released_generation.",
    key=("file_id", "source", "user_id", "released_generation"),
    fields=(
        *FILES.fields,
        Field("released_generation", Kind.INTEGER, "The generation that it went in with", required=True),
    ),
)

REVISIONS = Table(
    name="operation_revisions",
    doc="One row per record that its source marks as a correction or a cancel: which operation it is, and which it "
    "refers to. Kept in the lake alone, to decide what later records are.",
    key=("operation_id", "action", "version", "content_fp"),
    fields=(
        Field("operation_id", Kind.UUID, "The record's own", required=True),
        Field("refers_to", Kind.UUID, "The operation_id of the version that it takes back", required=True),
        Field("action", Kind.TEXT, "What it is", required=True, values=ACTIONS),
        Field("version", Kind.TEXT, "What orders several corrections of one operation, where the source says"),
        Field("generation", Kind.INTEGER, "The generation that it came in with", required=True),
        Field("file_id", Kind.UUID, "Its file", required=True),
        Field("record_no", Kind.INTEGER, "Its record", required=True),
    ),
)

SIGHTINGS = Table(
    name="sightings",
    doc="What the newest version of each snapshot file shows, one row per row in it. Kept in the lake alone.",
    key=("scope", "row_id"),
    fields=(
        Field("scope", Kind.TEXT, "SHA-256 of table, source, owner and the file's logical name", required=True),
        Field("source", Kind.TEXT, "The contract's source", required=True),
        Field("table_name", Kind.TEXT, "The canonical table", required=True),
        Field("file_id", Kind.UUID, "The version's file", required=True),
        Field("row_id", Kind.UUID, "operation_id, or the first 128 bits of the SHA-256 of a keyed table's key", True),
    ),
)

SNAPSHOT_VERSIONS = Table(
    name="snapshot_versions",
    doc="One row per snapshot file that went in. Kept in the lake alone.",
    key=("scope", "file_id"),
    fields=(
        Field("scope", Kind.TEXT, "As in sightings", required=True),
        Field("file_id", Kind.UUID, "The file", required=True),
        Field("generation", Kind.INTEGER, "The generation that it came in with", required=True),
    ),
)
