"""Batches of records in, batches of the same records out, each group whole in one of them.

Memory holds a batch and the records whose group may still go on: at most eleven times the contract's reach.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from nexus_data.contract.columns import CODE, LEAD, PART
from nexus_data.grouping.continuations import HEAD, joined
from nexus_data.grouping.forms import decide, too_large
from nexus_data.grouping.plan import Plan
from nexus_data.grouping.runs import RUN, Runs, runs
from nexus_data.grouping.sections import sectioned
from nexus_data.kernel.text import none_if_empty
from nexus_data.readers.batch import BROKEN_SCHEMA, Batch

_PLACES = pl.Schema({"record_no": pl.Int64(), "line": pl.Int64(), "raw": pl.String()})


@dataclass(frozen=True, slots=True)
class GroupedBatch(Batch):
    """A batch with records of earlier batches, whose places it keeps. `own`: the batch of all others.

    `records` have the plan's further columns (String, never null) and what was decided: `group:lead` (Int64),
    `group:part`, `group:code` (String), each null where it says nothing. Record numbers are in order, with gaps.
    """

    own: Batch | None
    carried: pl.DataFrame

    @property
    def member(self) -> str:
        """See Batch: of the records that `own` has."""
        return self.own.member if self.own is not None else ""

    def locate(self, record_nos: pl.Series) -> pl.DataFrame:
        """See Batch."""
        wanted = record_nos.to_frame("record_no")
        ours = wanted.join(self.carried, on="record_no", how="semi")["record_no"]
        others = wanted.join(self.carried, on="record_no", how="anti")["record_no"]
        found = [self.carried.join(ours.to_frame(), on="record_no", how="semi")]
        if self.own is not None and others.len():
            found.append(self.own.locate(others))
        return wanted.join(pl.concat(found), on="record_no", how="left", maintain_order="left")


@dataclass(slots=True)
class _Waiting:
    """Records whose group may go on, as they were read, with their places; and what is known of too large groups."""

    records: pl.DataFrame
    places: pl.DataFrame
    large: dict[str, int]


def together(batches: Iterator[Batch], plan: Plan) -> Iterator[Batch]:
    """The batches with all that the plan says of their records."""
    if plan.sections is not None:
        batches = sectioned(batches, plan.sections, wanted=plan.further)
    return batches if plan.group is None and plan.continuation is None else arranged(batches, plan)


def arranged(batches: Iterator[Batch], plan: Plan) -> Iterator[Batch]:
    """The batches with every record's group decided."""
    waiting: _Waiting | None = None
    for batch in batches:
        seen = _last(batch)
        if waiting is None:
            waiting = _Waiting(batch.records.clear(), _PLACES.to_frame(), {})
        if seen is None:
            yield batch
            continue
        yield _step(batch, waiting, plan, seen)
    if waiting is not None and waiting.records.height:
        yield _step(None, waiting, plan, None)


def _last(batch: Batch) -> int | None:
    numbers = (batch.records["record_no"].max(), batch.broken["record_no"].max(), batch.repeated.max())
    return max((int(str(number)) for number in numbers if number is not None), default=None)


def _step(batch: Batch | None, waiting: _Waiting, plan: Plan, seen: int | None) -> GroupedBatch:
    """Decide what can be decided after one more batch (None: after the last), and leave the rest in `waiting`."""
    records = pl.concat([waiting.records, batch.records]) if batch else waiting.records
    decided, open_records = _decided(records, plan, waiting, seen)
    ready = records.filter(~open_records)
    carried = waiting.places
    if batch is not None:
        later = records.filter(open_records)
        news = later.join(carried, on="record_no", how="anti", maintain_order="left")["record_no"]
        waiting.places = pl.concat([carried, batch.locate(news)]).join(later, on="record_no", how="semi")
        waiting.records = later
    repeated = batch.repeated if batch else pl.Series("record_no", [], dtype=pl.Int64)
    broken = batch.broken if batch else BROKEN_SCHEMA.to_frame()
    return GroupedBatch(_told(ready, decided, plan), broken, repeated, batch, carried)


def _decided(records: pl.DataFrame, plan: Plan, waiting: _Waiting, seen: int | None) -> tuple[pl.DataFrame, pl.Series]:
    """What was decided of some records, and which records are open."""
    cleaned = records.select("record_no", none_if_empty(pl.exclude("record_no", LEAD, PART, CODE).str.strip_chars()))
    still_open = pl.repeat(value=False, n=records.height, dtype=pl.Boolean, eager=True)
    if plan.continuation is not None:
        cleaned = joined(cleaned, continuation=plan.continuation, numbers=plan.numbers)
        still_open = _last_head(cleaned, seen)
    if plan.group is None:
        return cleaned, still_open
    taking = cleaned.filter(pl.col(LEAD).is_null(), pl.col(CODE).is_null()) if LEAD in cleaned.columns else cleaned
    found = runs(taking, group=plan.group, numbers=plan.numbers, seen=seen, large=waiting.large)
    waiting.large = dict(found.going_on)
    waiting_heads = taking["record_no"].filter(found.open)
    head = cleaned[HEAD] if HEAD in cleaned.columns else cleaned["record_no"]
    still_open = still_open | head.is_in(waiting_heads.implode())
    return _merged(cleaned, _of_groups(found, plan)), still_open


def _last_head(cleaned: pl.DataFrame, seen: int | None) -> pl.Series:
    """The record that the next one may continue, with its continuations."""
    last = cleaned["record_no"].max() if seen is not None else None
    if last is None or last != seen:
        return pl.repeat(value=False, n=cleaned.height, dtype=pl.Boolean, eager=True)
    return cleaned.select(pl.col(HEAD) == pl.col(HEAD).last()).to_series()


def _of_groups(found: Runs, plan: Plan) -> pl.DataFrame:
    assert plan.group is not None  # noqa: S101 - the caller looked
    whole = found.frame.filter(~found.open & ~found.large).drop_nulls(RUN)
    decided = decide(whole, group=plan.group, numbers=plan.numbers, wanted=plan.further)
    return pl.concat([decided, too_large(found.frame["record_no"].filter(found.large))], how="diagonal")


def _merged(cleaned: pl.DataFrame, decided: pl.DataFrame) -> pl.DataFrame:
    """The groups' decisions beside those on continuations, whose lead is then the lead of the record they continue."""
    if LEAD not in cleaned.columns:
        return cleaned.join(decided, on="record_no", how="left", maintain_order="left")
    both = cleaned.join(decided, on="record_no", how="left", maintain_order="left", suffix="|group")
    both = both.with_columns(pl.coalesce(name, f"{name}|group").alias(name) for name in (LEAD, PART, CODE))
    leads = both.select(pl.col("record_no").alias(LEAD), pl.col(f"{LEAD}|group").alias("lead of lead"))
    onward = both.join(leads, on=LEAD, how="left", maintain_order="left")
    return onward.with_columns(pl.coalesce("lead of lead", LEAD).alias(LEAD))


def _told(ready: pl.DataFrame, decided: pl.DataFrame, plan: Plan) -> pl.DataFrame:
    """The records with the further columns."""
    news = [name for name in plan.further if name not in ready.columns]
    texts = [pl.col(name).fill_null("") if name in decided.columns else pl.lit("").alias(name) for name in news]
    early = ready.select("record_no", CODE).rename({CODE: "early"}) if CODE in ready.columns else None
    told = decided.select("record_no", *texts, LEAD, PART, CODE)
    if early is not None:
        told = told.join(early, on="record_no", how="left", maintain_order="left")
        told = told.with_columns(pl.coalesce("early", CODE).alias(CODE)).drop("early")
    return ready.drop(LEAD, PART, CODE, strict=False).join(told, on="record_no", how="left", maintain_order="left")
