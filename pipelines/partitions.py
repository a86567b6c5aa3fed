"""The months that partitioned assets have; their keys (YYYY-MM) are the library's names of months."""

from collections.abc import Iterable

import dagster as dg

MONTHS = dg.MonthlyPartitionsDefinition(start_date="1970-01", fmt="%Y-%m", end_offset=1)
"""Up to the present month. A record dated outside is published all the same, but Dagster shows no partition of it."""


def known_months(months: Iterable[str]) -> list[str]:
    """Those of the months that MONTHS has, in order."""
    # Asked of each month by itself, Dagster works out its calendar each time.
    first, last = MONTHS.get_first_partition_key(), MONTHS.get_last_partition_key()
    return sorted(month for month in months if first and last and first <= month <= last)
