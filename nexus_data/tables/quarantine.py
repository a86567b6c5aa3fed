"""Rejected records, what became of each, and the corrections that people gave for them."""

from nexus_data.tables.ledger import HOPS
from nexus_data.tables.model import Field, Index, Kind, Table

RESOLUTIONS = ("published", "duplicate", "superseded", "skipped", "rejected")
"""How a row of quarantine stops being open: where its record went when it was replayed. `rejected`: back into
quarantine under other rules, which a row of the later generation names."""

QUARANTINE = Table(
    name="quarantine",
    doc="One row per rejected record and judgement, with every rule that it broke and its raw text. A row is open as "
    "of a generation G when generation <= G and resolved_generation is null or > G; a record has one open row at most.",
    key=("file_id", "source", "user_id", "record_no", "generation"),
    fields=(
        Field("file_id", Kind.UUID, "The file", required=True),
        Field("user_id", Kind.TEXT, "Whom the file was landed for", required=True),
        Field("record_no", Kind.INTEGER, "The record's number, from 1", required=True),
        Field("line", Kind.INTEGER, "Its first physical line, from 1; null where the format has no lines"),
        Field("source", Kind.TEXT, "The contract's source", required=True),
        Field("table_name", Kind.TEXT, "The canonical table it would have gone to", required=True),
        Field("hop", Kind.TEXT, "The hop that rejected it", required=True, values=HOPS),
        Field("rules", Kind.TEXT, "Every rule it broke, CODE:field, joined by ;", required=True),
        Field("raw", Kind.TEXT, "Its raw text (NUL written as \\x00)", required=True),
        Field("row_fp", Kind.INTEGER, "Its fingerprint, which it keeps when replayed or corrected", required=True),
        Field("contract_version", Kind.TEXT, "The contract that judged it", required=True),
        Field("generation", Kind.INTEGER, "The generation that put it here", required=True),
        Field("resolved_generation", Kind.INTEGER, "The generation that took it out again; null: open"),
        Field("resolved_run_id", Kind.TEXT, "The run that did"),
        Field("resolved_contract_version", Kind.TEXT, "The contract that judged it then"),
        Field("resolution", Kind.TEXT, "Where it went", values=RESOLUTIONS),
    ),
    indexes=(
        Index(("source",)),
        Index(("generation",)),
        Index(("resolved_generation",), where="resolved_generation IS NOT NULL"),
        Index(("file_id", "source", "user_id", "record_no"), unique=True, where="resolved_generation IS NULL"),
    ),
    checks=(
        "resolved_generation > generation",
        "resolution IS NULL AND resolved_generation IS NULL AND resolved_run_id IS NULL OR "
        "resolution IS NOT NULL AND resolved_generation IS NOT NULL AND resolved_run_id IS NOT NULL",
    ),
)

CORRECTIONS = Table(
    name="corrections",
    doc="One row per correction of a raw field of a quarantined record, as evidence: the kept file is never altered. "
    "Of several for one field the one of the highest generation is in force.",
    key=("file_id", "source", "user_id", "record_no", "field", "generation"),
    fields=(
        Field("file_id", Kind.UUID, "The file", required=True),
        Field("source", Kind.TEXT, "The contract's source", required=True),
        Field("user_id", Kind.TEXT, "Whom the file was landed for", required=True),
        Field("record_no", Kind.INTEGER, "The record's number, from 1", required=True),
        Field("field", Kind.TEXT, "The raw column, as the contract's variant names it", required=True),
        Field("old_text", Kind.TEXT, "What it said before; null where the reader could not tell the record's fields"),
        Field("new_text", Kind.TEXT, "What it is to say", required=True),
        Field("made_by", Kind.TEXT, "Who says so", required=True),
        Field("reason", Kind.TEXT, "Why", required=True),
        Field("made_at", Kind.TIMESTAMP, "When it was given", required=True),
        Field("run_id", Kind.TEXT, "The run that applied it first", required=True),
        Field("generation", Kind.INTEGER, "The generation that this run committed", required=True),
    ),
    indexes=(Index(("generation",)),),
)
