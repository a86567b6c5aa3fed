"""What the steps of a run report: small frozen values, never frames."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Tally:
    """Records in and what became of them; `passed` went on (on the last hop: was published)."""

    records_in: int = 0
    passed: int = 0
    rejected: int = 0
    duplicate: int = 0
    superseded: int = 0
    skipped: int = 0
    held: int = 0

    @property
    def balanced(self) -> bool:
        """Whether every record that came in is accounted for."""
        out = self.passed + self.rejected + self.duplicate + self.superseded + self.skipped + self.held
        return self.records_in == out


@dataclass(frozen=True, slots=True)
class FileOutcome:
    """One landed file. status: published, duplicate (the very file is in already), held, failed or, of one that is in
    and of which records left quarantine for the run, replayed; reason says why it waits.

    vanished: rows of its earlier version that it (a snapshot) does not show, and that are published no more.
    """

    name: str
    sha256: str
    source: str
    dataset: str
    table: str
    status: str
    tally: Tally
    reason: str = ""
    vanished: int = 0


@dataclass(frozen=True, slots=True)
class StepResult:
    """One step of a run. rows: rows written, by canonical table or mart; partitions: rows by month (YYYY-MM); measures:
    shares and ages of records, for plots."""

    tally: Tally
    seconds: float
    rows: dict[str, int] = field(default_factory=dict)
    partitions: dict[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    measures: dict[str, float] = field(default_factory=dict)

    @property
    def records_per_minute(self) -> int:
        """How fast records came in; 0 where none did."""
        return rate(self.tally.records_in, self.seconds)


@dataclass(frozen=True, slots=True)
class RunSummary:
    """What `nexus run --json` prints. cache: `current`, or `behind: ` and why."""

    run_id: str
    files: int
    records: int
    published: int
    rejected: int
    duplicate: int
    superseded: int
    skipped: int
    held: int
    balanced: bool
    generation: int
    seconds: float
    cache: str
    outcomes: tuple[FileOutcome, ...]

    @property
    def records_per_minute(self) -> int:
        """How fast records went the whole way."""
        return rate(self.records, self.seconds)


def rate(records: int, seconds: float) -> int:
    """Records a minute, whole; 0 for no time at all."""
    return round(records / seconds * 60) if seconds > 0 else 0
