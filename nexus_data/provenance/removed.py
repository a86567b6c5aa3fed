"""Operations whose month left Postgres by retention: what says where else to look. How one looks is in `in_lake`."""

from collections.abc import Sequence
from uuid import UUID

from nexus_data.errors import TraceError
from nexus_data.provenance.asking import Row


class RemovedError(TraceError):
    """Postgres has no such operation, and nobody has looked into the lake, which alone has these months.

    months: as `trace/removed_months` tells them. user_id: whose it must be; None: anybody's.
    """

    def __init__(self, operation_id: UUID, *, user_id: str | None, generation: int, months: Sequence[Row]) -> None:
        names = ", ".join(sorted(str(one["month"]) for one in months))
        super().__init__(f"no operation {operation_id} in generation {generation}; the lake may have it ({names})")
        self.operation_id, self.user_id, self.months = operation_id, user_id, months


def month_of(row: Row, months: Sequence[Row]) -> Row | None:
    """The one of these months that the row is of."""
    return next((one for one in months if one["month"] == row["date"].isoformat()[:7]), None)
