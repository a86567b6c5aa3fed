"""What can be asked of a replay. How it is done is elsewhere."""

from dataclasses import dataclass, field
from pathlib import Path

from nexus_data.errors import QuarantineError
from nexus_data.quarantine.corrections import Corrections, read_corrections
from nexus_data.quarantine.selection import Selection


@dataclass(frozen=True, slots=True)
class ReplayRequest:
    """What to run again: the records that the selection chooses; those that a correction file names, where there is
    one, with who made it and why; or, with `held`, the held files that a contract reads by now, whole."""

    selection: Selection = field(default_factory=Selection)
    corrections: Path | None = None
    made_by: str | None = None
    reason: str | None = None
    held: bool = False

    def read_corrections(self) -> Corrections | None:
        """The correction file, read. QuarantineError when it, or what is said with it, cannot be used."""
        if self.corrections is None:
            if self.made_by or self.reason:
                raise QuarantineError("who and why are said of a correction file, and there is none")
            return None
        if self.held:
            raise QuarantineError(f"{self.corrections}: held files have no records yet that could be corrected")
        return read_corrections(self.corrections, made_by=self.made_by or "", reason=self.reason or "")
