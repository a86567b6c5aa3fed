"""What can be asked for: a type of request for each type of task. Who may ask, and who does it, is elsewhere."""

import hashlib
from typing import Annotated, Literal, get_args

import msgspec

Priority = Literal["low", "normal", "high"]
SourceName = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9_]*\Z", max_length=100)]
UploadId = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z", description="SHA-256 of an uploaded file")]

_UPLOADS_AT_ONCE = 100
_TITLE = Annotated[str, msgspec.Meta(max_length=200)]


class ProcessDatasetParameters(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Which files: uploads where any are named, else what has landed for the user.

    source: the contract's source, such as rabobank; none: the header decides, and of what has landed all is taken.
    confirm_shrink: full exports among them may lack rows of the version before.
    """

    source: SourceName | None = None
    uploads: Annotated[tuple[UploadId, ...], msgspec.Meta(max_length=_UPLOADS_AT_ONCE)] = ()
    confirm_shrink: bool = False


class ProcessDataset(msgspec.Struct, tag_field="type", tag="process_dataset", forbid_unknown_fields=True, frozen=True):
    """Take files in, all the way to published tables. priority: how soon its run leaves the queue."""

    parameters: ProcessDatasetParameters = ProcessDatasetParameters()
    title: _TITLE | None = None
    priority: Priority = "normal"


class CleanupParameters(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """dry_run: only say what would go, how much it is, and why; on unless it is switched off."""

    dry_run: bool = True


class CleanupOldData(msgspec.Struct, tag_field="type", tag="cleanup_old_data", forbid_unknown_fields=True, frozen=True):
    """Remove what is older than NEXUS_RETENTION says and nothing stands in the way of. priority: as above."""

    parameters: CleanupParameters = CleanupParameters()
    title: _TITLE | None = None
    priority: Priority = "normal"


class ReportParameters(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """period: a month (2025-03), an ISO week (2025-W09), a day, a quarter (2025-Q1) or a year. user_id: whose report;
    none: one's own. role: instead, of all users with this role."""

    period: Annotated[str, msgspec.Meta(max_length=20)]
    formats: Annotated[tuple[Literal["html", "pdf", "xlsx"], ...], msgspec.Meta(min_length=1, max_length=3)] = ("html",)
    user_id: Annotated[str, msgspec.Meta(max_length=500)] | None = None
    role: Annotated[str, msgspec.Meta(max_length=100)] | None = None


class GenerateReport(msgspec.Struct, tag_field="type", tag="generate_report", forbid_unknown_fields=True, frozen=True):
    """Write the report of a user, or of the users of a role, and tell by which id it is to be had."""

    parameters: ReportParameters
    title: _TITLE | None = None
    priority: Priority = "normal"


TaskRequest = ProcessDataset | GenerateReport | CleanupOldData
"""Every request that can be made, told apart by `type`."""


TYPES = tuple(str(one.__struct_config__.tag) for one in get_args(TaskRequest))
"""The types of task that can be asked for."""


def task_type(request: TaskRequest) -> str:
    """The type of the task that a request asks for."""
    return str(type(request).__struct_config__.tag)


def request_sha256(request: TaskRequest) -> str:
    """The same for two requests that ask for the same, however they are spelled; hex."""
    return hashlib.sha256(msgspec.json.encode(request, order="deterministic")).hexdigest()
