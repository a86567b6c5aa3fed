"""What each record of a group is: the legs of the first form that fits, and what the lead gets of the others."""

from collections.abc import Sequence

import polars as pl

from nexus_data.contract.columns import CODE, FORM, LEAD, PART
from nexus_data.contract.model import GroupForm, Grouping, GroupLeg, Numbers
from nexus_data.grouping.runs import RUN
from nexus_data.kernel.kinds import holds
from nexus_data.kernel.sums import leg_sums

TOO_LARGE, INCOMPLETE, AMBIGUOUS = "GROUP_TOO_LARGE", "GROUP_INCOMPLETE", "GROUP_AMBIGUOUS"
_LEG = "leg|"
_LEAST = {"one": 1, "some": 1}
_MOST = {"one": 1, "optional": 1, "none": 0}
_DECIDED = pl.Schema({"record_no": pl.Int64(), LEAD: pl.Int64(), PART: pl.String(), CODE: pl.String()})


def decide(grouped: pl.DataFrame, *, group: Grouping, numbers: Numbers, wanted: Sequence[str]) -> pl.DataFrame:
    """One row for each record that a group decides upon: `record_no`, lead, part, code, and the wanted columns.

    grouped: whole groups, cleaned, with `run|`. Wanted columns are null but for leads.
    """
    decided: list[pl.DataFrame] = []
    enough = grouped.select(RUN).clear()
    rest = grouped
    for form in group.forms:
        played = _played(rest, form, numbers)
        fits = _fits(played, form)
        enough = pl.concat([enough, fits.filter("enough").select(RUN)])
        taken = fits.filter("fits").select(RUN)
        decided.append(_taken(played.join(taken, on=RUN, how="semi"), form, numbers, wanted))
        rest = rest.join(taken, on=RUN, how="anti", maintain_order="left")
    if group.otherwise == "reject":
        decided.append(_refused(rest, enough))
    return pl.concat(decided, how="diagonal")


def too_large(record_nos: pl.Series) -> pl.DataFrame:
    """The records of groups that are too large, decided."""
    rows = pl.DataFrame({"record_no": record_nos})
    return rows.select("record_no", *_nothing(LEAD, PART), pl.lit(TOO_LARGE).alias(CODE))


def _nothing(*names: str) -> list[pl.Expr]:
    return [pl.lit(None, dtype=_DECIDED[name]).alias(name) for name in names]


def _refused(rest: pl.DataFrame, enough: pl.DataFrame) -> pl.DataFrame:
    several = pl.col(RUN).is_in(enough[RUN].unique().implode())
    code = pl.when(several).then(pl.lit(AMBIGUOUS)).otherwise(pl.lit(INCOMPLETE))
    return rest.select("record_no", *_nothing(LEAD, PART), code.alias(CODE))


def _played(records: pl.DataFrame, form: GroupForm, numbers: Numbers) -> pl.DataFrame:
    """The records with the leg that each plays, null for none."""
    played = records.with_columns(pl.lit(None, dtype=pl.String).alias(_LEG))
    for leg in form.legs:
        takes = pl.col(_LEG).is_null() & holds(leg.when, numbers=numbers)
        if leg.like is None:
            played = played.with_columns(pl.when(takes).then(pl.lit(leg.name)).otherwise(_LEG).alias(_LEG))
        else:
            played = _like(played, leg, takes)
    return played


def _like(played: pl.DataFrame, leg: GroupLeg, takes: pl.Expr) -> pl.DataFrame:
    assert leg.like is not None  # noqa: S101 - the caller looked
    columns = leg.like.columns
    others = [pl.col(name).first().alias(f"like|{name}") for name in columns]
    first = played.filter(pl.col(_LEG) == leg.like.leg).group_by(RUN, maintain_order=True).agg(*others, there=pl.len())
    joined = played.join(first, on=RUN, how="left", maintain_order="left")
    same = [pl.col(name).eq_missing(pl.col(f"like|{name}")) for name in columns]
    alike = takes & pl.col("there").is_not_null() & pl.all_horizontal(same)
    return joined.with_columns(pl.when(alike).then(pl.lit(leg.name)).otherwise(_LEG).alias(_LEG)).select(played.columns)


def _fits(played: pl.DataFrame, form: GroupForm) -> pl.DataFrame:
    """For each group: does it fit the form, and has it enough for each leg?"""
    enough, fitting = [], []
    for leg in form.legs:
        count = (pl.col(_LEG) == leg.name).sum()
        enough.append(count >= _LEAST.get(leg.records, 0))
        fitting.append(count <= _MOST.get(leg.records, pl.len()))
        fitting += [_of_leg(name, leg).n_unique() <= 1 for name in leg.same]
    return played.group_by(RUN).agg(enough=pl.all_horizontal(enough), fits=pl.all_horizontal([*enough, *fitting]))


def _of_leg(name: str, leg: GroupLeg) -> pl.Expr:
    return pl.col(name).filter(pl.col(_LEG) == leg.name)


def _taken(played: pl.DataFrame, form: GroupForm, numbers: Numbers, wanted: Sequence[str]) -> pl.DataFrame:
    """The records of groups that fit the form and play a leg."""
    legs = played.drop_nulls(_LEG).sort("record_no")
    leads = (
        legs.filter(pl.col(_LEG) == form.lead).group_by(RUN, maintain_order=True).agg(lead=pl.col("record_no").first())
    )
    told = legs.select("record_no", RUN, _LEG).join(leads, on=RUN, how="left", maintain_order="left")
    for leg in form.legs:
        told = told.join(_texts(legs, leg, numbers, wanted), on=RUN, how="left", maintain_order="left")
    standing = [leg.name for leg in form.legs if leg.stands]
    told = told.filter(~pl.col(_LEG).is_in(standing)) if standing else told
    leads_it = pl.col("record_no") == pl.col("lead")
    other = pl.when(~leads_it)
    columns = [name for name in wanted if name in told.columns]
    return told.select(
        "record_no",
        other.then("lead").alias(LEAD),
        other.then(pl.concat_str(pl.lit("part of record "), "lead")).alias(PART),
        *_nothing(CODE),
        *(pl.when(leads_it).then(name).alias(name) for name in columns),
        *([pl.when(leads_it).then(pl.lit(form.name)).alias(FORM)] if FORM in wanted else []),
    )


def _texts(legs: pl.DataFrame, leg: GroupLeg, numbers: Numbers, wanted: Sequence[str]) -> pl.DataFrame:
    """What the lead gets of one leg: for each group its first record's texts, and its sums."""
    prefix = f"{leg.name}:"
    names = [name.removeprefix(prefix) for name in wanted if name.startswith(prefix)]
    playing = legs.filter(pl.col(_LEG) == leg.name)
    firsts = [pl.col(name).first() for name in names if name not in leg.sum]
    texts = playing.group_by(RUN, maintain_order=True).agg(firsts)
    summed = [name for name in names if name in leg.sum]
    if summed:
        sums = leg_sums(playing.select(RUN, *summed), by=RUN, columns=summed, style=numbers)
        texts = texts.join(sums, on=RUN, how="left", maintain_order="left")
    return texts.rename({name: prefix + name for name in names})
