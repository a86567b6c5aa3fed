"""The evidence tables: what came in, what became of it, and which publish made it visible."""

from nexus_data.tables.model import Field, Index, Kind, Table

OUTCOMES = ("passed", "rejected", "duplicate", "superseded", "skipped", "held")
"""What can become of a record on a hop. `passed` goes on to the next hop; on the last one it is published."""

HOPS = ("read", "standardize", "deduplicate", "publish", "supersede", "replay")
"""The steps of the way. `supersede` takes rows back that an earlier run published and a newer version replaced, so that
what is published is the sum of what passed `publish` less the sum of what came into `supersede`. `replay` stands in the
place of `read` where records are taken out of quarantine to go the way again, so that what is in quarantine is the sum
of what was rejected, on whatever hop, less the sum of what came into `replay`."""

_BALANCE = "records_in = " + " + ".join(OUTCOMES)
_BALANCE_FP = "fp_in = " + " + ".join(f"fp_{outcome}" for outcome in OUTCOMES)

FILES = Table(
    name="files",
    doc="One row per landed file and owner: what it is, and what was made of it.",
    key=("file_id", "source", "user_id"),
    fields=(
        Field("file_id", Kind.UUID, "First 128 bits of the SHA-256", required=True),
        Field("source", Kind.TEXT, "The contract's source; `unknown` while held", required=True),
        Field("user_id", Kind.TEXT, "Whom it was landed for", required=True),
        Field("sha256", Kind.TEXT, "Of the file's bytes, hex", required=True),
        Field("name", Kind.TEXT, "The name it first landed under", required=True),
        Field("size", Kind.INTEGER, "Bytes", required=True),
        Field("status", Kind.TEXT, "Whether it went in or waits", required=True, values=("published", "held")),
        Field("dataset", Kind.TEXT, "The contract's dataset"),
        Field("contract_version", Kind.TEXT, "First 16 hex digits of the contract's SHA-256"),
        Field("table_name", Kind.TEXT, "The canonical table its records belong to"),
        Field("reason", Kind.TEXT, "Why it is held"),
        Field("records", Kind.INTEGER, "Records in it", required=True, non_negative=True),
        Field("generation", Kind.INTEGER, "The generation it became part of", required=True),
        Field("landed_at", Kind.TIMESTAMP, "When it was first seen", required=True),
        Field("landed_as", Kind.TEXT, "The path it first landed under, from which some contracts read"),
        Field(
            "landed_for", Kind.TEXT, "The user named at landing; null: nobody was, so that its records may say whose"
        ),
    ),
)

LEDGER = Table(
    name="ledger",
    doc="One row per run, file, hop and partition: it balances in count and in fingerprint, or it cannot be written.",
    key=("run_id", "file_no", "hop", "partition"),
    fields=(
        Field("run_id", Kind.TEXT, "The run", required=True),
        Field("file_no", Kind.INTEGER, "The landing's number in the run: one file may land twice", required=True),
        Field("generation", Kind.INTEGER, "The generation that the run committed", required=True),
        Field("file_id", Kind.UUID, "The file", required=True),
        Field("source", Kind.TEXT, "The contract's source; `unknown` while held", required=True),
        Field("user_id", Kind.TEXT, "Whom the file was landed for", required=True),
        Field("table_name", Kind.TEXT, "The canonical table; `unknown` while held", required=True),
        Field("hop", Kind.TEXT, "The step of the way", required=True, values=HOPS),
        Field("partition", Kind.TEXT, "Month (YYYY-MM) on hops that work by month, else empty", required=True),
        Field("records_in", Kind.INTEGER, "Records that came into the hop", required=True, non_negative=True),
        *(Field(o, Kind.INTEGER, f"Records {o}", required=True, non_negative=True) for o in OUTCOMES),
        Field("fp_in", Kind.SUM, "Sum of their row fingerprints", required=True),
        *(Field(f"fp_{o}", Kind.SUM, f"Sum over the records {o}", required=True) for o in OUTCOMES),
    ),
    indexes=(Index(("generation",)), Index(("file_id",))),
    checks=(_BALANCE, _BALANCE_FP),
)

GENERATIONS = Table(
    name="generations",
    doc="One row per successful publish; the highest is what readers see.",
    key=("generation",),
    fields=(
        Field("generation", Kind.INTEGER, "Its number, from 1", required=True),
        Field("run_id", Kind.TEXT, "The run that made it", required=True),
        Field("committed_at", Kind.TIMESTAMP, "When", required=True),
        Field("lake", Kind.JSON, "Delta version of each lake table at this generation", required=True),
    ),
    indexes=(Index(("run_id",), unique=True),),
)
