"""Records by which a source takes an earlier one back: what they are, and the identity that they refer to."""

from collections.abc import Collection

import polars as pl

from nexus_data.contract.columns import raw_columns
from nexus_data.contract.model import Condition, Contract, FieldSpec
from nexus_data.kernel.amounts import style_of
from nexus_data.kernel.identity import identity_of
from nexus_data.kernel.kinds import holds
from nexus_data.kernel.model import Kernel, Marks
from nexus_data.kernel.rows import nulls
from nexus_data.kernel.text import field_text

MARKED = pl.Schema({"action": pl.String(), "refers_to": pl.Binary(), "version": pl.String()})
"""The columns that `marked` adds; null where a record is no revision."""

_OF_REVISIONS = ("refers_to", "version")
_ID = "exec_id"
_NOTHING = FieldSpec(value="")
_DIGITS = 40


def compile_marks(contract: Contract) -> Marks | None:
    """How the contract's source marks corrections and cancels; None when it does not."""
    said = contract.revisions
    if said is None:
        return None
    refers_to = said.refers_to or _NOTHING
    text, _ = field_text(refers_to, numbers=style_of(refers_to, numbers=contract.numbers))
    return Marks(
        correct=_all(said.correct, contract),
        cancel=_all(said.cancel, contract),
        refers_to=text,
        version=_ordered(said.version),
    )


def marking_columns(contract: Contract) -> Collection[str]:
    """The raw columns that say so."""
    said = contract.revisions
    if said is None:
        return set()
    conditions = {condition.column for condition in (*said.correct, *said.cancel)}
    return conditions | set(raw_columns(said.refers_to or _NOTHING)) | ({said.version} if said.version else set())


def marked(raw: pl.DataFrame, body: pl.DataFrame, *, kernel: Kernel) -> pl.DataFrame:
    """The body with the columns of MARKED.

    A revision without an id of its own has that of the record it refers to; one without either is rejected.
    """
    marks = kernel.marks
    if marks is None:
        return body
    action = pl.when(marks.cancel).then(pl.lit("cancel")).when(marks.correct).then(pl.lit("correct"))
    actions = raw.select("record|", action=action)["action"]
    if actions.null_count() == body.height:
        return body.with_columns(actions, *(nulls(MARKED[name], body.height).alias(name) for name in _OF_REVISIONS))
    said = raw.select(actions, refers=marks.refers_to, version=marks.version)
    is_revision = actions.is_not_null()
    version = said["version"].zip_with(is_revision, said["version"].clear(body.height))
    own = body[_ID]
    given = pl.DataFrame({_ID: own, "refers": said["refers"], "action": said["action"]})
    names = given.select(
        own=pl.when(pl.col("action").is_null()).then(_ID).otherwise(pl.coalesce(_ID, "refers")),
        earlier=pl.when(pl.col("action").is_not_null()).then(pl.coalesce("refers", _ID)),
    )
    referred = identity_of(body.with_columns(names["earlier"].alias(_ID)), table=kernel.table, identity=kernel.identity)
    return body.with_columns(names["own"].alias(_ID), said["action"], refers_to=referred, version=version).with_columns(
        *_nameless()
    )


def _nameless() -> tuple[pl.Expr, pl.Expr]:
    """Revisions of nothing that has a name are rejected: they could neither be found again nor find what they mean."""
    lost = pl.col("action").is_not_null() & pl.col("refers_to").is_null() & pl.col("reasons").is_null()
    accepted = lost & (pl.col("outcome") == "accepted")
    return (
        pl.when(accepted).then(pl.lit("rejected")).otherwise("outcome").alias("outcome"),
        pl.when(accepted).then(pl.lit(f"MISSING:{_ID}")).otherwise("reasons").alias("reasons"),
    )


def _all(conditions: tuple[Condition, ...], contract: Contract) -> pl.Expr:
    return holds(conditions, numbers=contract.numbers) if conditions else pl.lit(value=False)


def _ordered(column: str | None) -> pl.Expr:
    """A text whose order is that of the versions: whole numbers get their leading zeros."""
    if column is None:
        return pl.lit(None, dtype=pl.String)
    text = pl.col(column)
    return pl.when(text.str.contains(r"^\d+$")).then(text.str.zfill(_DIGITS)).otherwise(text)
