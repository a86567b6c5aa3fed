"""What keeps an installation small and honest: holds, what was verified and when, what cleanup removed, sizes, duties.

No row here is evidence of a record; what each of these tables is used for is in the modules that write them.
"""

from nexus_data.tables.model import Field, Index, Kind, Table

CLEANED = (
    "operations",
    "raw_files",
    "quarantine",
    "superseded",
    "tasks",
    "lake_history",
    "cache",
    "orchestrator",
    "staging",
    "landing",
    "measurements",
    "changes",
    "reports",
    "generations",
)
"""The kinds of things that cleanup removes."""

HOLDS = Table(
    name="holds",
    doc="One row per hold: evidence that cleanup must leave for a case. Conditions add up (all must be met); a hold "
    "that is lifted stays here with who lifted it, when and why.",
    key=("hold_id",),
    fields=(
        Field("hold_id", Kind.INTEGER, "Its number, from 1", required=True),
        Field("user_id", Kind.TEXT, "Whose records; null: everybody's"),
        Field("source", Kind.TEXT, "Of which source; null: of all"),
        Field("file_id", Kind.UUID, "Of which kept file; null: of all"),
        Field("first_date", Kind.DATE, "From this day on; null: from the beginning"),
        Field("last_date", Kind.DATE, "Up to and with this day; null: without end"),
        Field("reason", Kind.TEXT, "The case, for people", required=True),
        Field("made_by", Kind.TEXT, "Who asked for it", required=True),
        Field("made_at", Kind.TIMESTAMP, "Since when", required=True),
        Field("removed_by", Kind.TEXT, "Who lifted it; null: it is in force"),
        Field("removed_reason", Kind.TEXT, "Why"),
        Field("removed_at", Kind.TIMESTAMP, "When"),
    ),
    checks=(
        "first_date <= last_date",
        "removed_by IS NULL AND removed_reason IS NULL AND removed_at IS NULL OR "
        "removed_by IS NOT NULL AND removed_reason IS NOT NULL AND removed_at IS NOT NULL",
    ),
)

VERIFICATIONS = Table(
    name="verifications",
    doc="One row per `nexus verify`: of which generation, of what, and how many differences it found.",
    key=("verified_at", "generation"),
    fields=(
        Field("verified_at", Kind.TIMESTAMP, "When it was done", required=True),
        Field("generation", Kind.INTEGER, "The generation that was current", required=True),
        Field("scope", Kind.TEXT, "Everything, or some files alone", required=True, values=("everything", "files")),
        Field("since", Kind.INTEGER, "Of files: the first generation looked at; null: files by name"),
        Field("differences", Kind.INTEGER, "How many; 0: nothing differs", required=True, non_negative=True),
        Field("unchecked", Kind.TEXT, "What could not be checked because cleanup removed it; null: nothing"),
    ),
    indexes=(Index(("generation",)),),
)

CLEANUPS = Table(
    name="cleanups",
    doc="One row per thing that cleanup removed, or means to: written before it is touched, completed after. One that "
    "stays `intended` was interrupted; the next cleanup finishes it.",
    key=("cleanup_id", "kind", "item"),
    fields=(
        Field("cleanup_id", Kind.TEXT, "The cleanup", required=True),
        Field("kind", Kind.TEXT, "What kind of thing", required=True, values=CLEANED),
        Field("item", Kind.TEXT, "Which: a month, a table, a file's SHA-256, a folder", required=True),
        Field("records", Kind.INTEGER, "How many rows, files or keys", required=True, non_negative=True),
        Field("bytes", Kind.INTEGER, "How much room they took", required=True, non_negative=True),
        Field("fp", Kind.SUM, "Of rows: the sum of their fingerprints"),
        Field("reason", Kind.TEXT, "By which rule", required=True),
        Field("state", Kind.TEXT, "How far it came", required=True, values=("intended", "done")),
        Field("intended_at", Kind.TIMESTAMP, "When it was decided", required=True),
        Field("done_at", Kind.TIMESTAMP, "When it was gone; null: not yet"),
        Field("generation", Kind.INTEGER, "Of published rows: the first generation without them"),
        Field("restored_generation", Kind.INTEGER, "Of published rows: the generation that brought them back"),
    ),
    indexes=(Index(("kind", "item")),),
    checks=("done_at IS NULL OR state = 'done'",),
)

SIZES = Table(
    name="sizes",
    doc="One row per measurement of a table, a lake table or a folder: how sizes go over time.",
    key=("measured_at", "kind", "name"),
    fields=(
        Field("measured_at", Kind.TIMESTAMP, "When", required=True),
        Field("kind", Kind.TEXT, "What it is", required=True, values=("database", "table", "index", "lake", "folder")),
        Field("name", Kind.TEXT, "Its name", required=True),
        Field("bytes", Kind.INTEGER, "How much room it takes", required=True, non_negative=True),
    ),
)

DUTIES = Table(
    name="duties",
    doc="One row per period in which a regular duty was done: what makes a second tick of the same period do nothing.",
    key=("duty", "period"),
    fields=(
        Field("duty", Kind.TEXT, "The duty", required=True),
        Field("period", Kind.TEXT, "Of when: 2025-03-01T14, 2025-03-01, 2025-W09 or 2025-03", required=True),
        Field("done_at", Kind.TIMESTAMP, "When it was done", required=True),
        Field("run_id", Kind.TEXT, "The run that did it", required=True),
        Field("outcome", Kind.TEXT, "What came of it, for people", required=True),
    ),
)
