"""Times written as a count since 1970-01-01 UTC: seconds, milliseconds, microseconds or nanoseconds."""

import polars as pl

from nexus_data.contract.model import Numbers
from nexus_data.kernel.arithmetic import read_scaled
from nexus_data.kernel.model import Times
from nexus_data.kernel.rows import fill, flags, nulls, unsettled

EPOCHS = {"epoch_s": 6, "epoch_ms": 3, "epoch_us": 0, "epoch_ns": -3}
"""The power of ten that makes microseconds of the unit."""

_PLAIN = Numbers()


def read_epoch(text: pl.Series, *, unit: str) -> Times:
    """Instants of counts, which may have a fraction as long as nothing finer than a microsecond is in it."""
    whole = _whole(text, power=EPOCHS[unit])
    rows = unsettled(text, whole)
    too_precise = rows & False
    rows &= text.str.contains("^[^A-Za-z:]+$").fill_null(value=False)
    if rows.any():
        factor = f"{10 ** EPOCHS[unit]}" if EPOCHS[unit] >= 0 else "0.001"
        rest = read_scaled(text.filter(rows), style=_PLAIN, scale=0, factor=factor)
        whole = fill(whole, rest.value.cast(pl.Int64, strict=False), rows=rows)
        too_precise = flags(rest.broken["TOO_PRECISE"], rows=rows)
    none = nulls(pl.Datetime("us"), text.len())
    return Times(instant=_instants(whole), local=none, too_precise=too_precise)


def _whole(text: pl.Series, *, power: int) -> pl.Series:
    """Microseconds of whole counts whose digits cannot overflow; null elsewhere."""
    count = pl.when(pl.col("t").str.contains(rf"^-?[0-9]{{1,{18 - power}}}$")).then("t").cast(pl.Int64, strict=False)
    if power < 0:
        count = pl.when(count % 1000 == 0).then(count // 1000)
    return text.to_frame("t").select(count * 10 ** max(power, 0)).to_series()


def _instants(micros: pl.Series) -> pl.Series:
    return micros.cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
