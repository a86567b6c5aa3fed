"""The settings of one installation, read from the environment once, at the edge."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from nexus_data.duties.calendar import DUTIES
from nexus_data.errors import SettingError
from nexus_data.retention import Retention, parse
from nexus_data.tables.reports import FORMATS

_GIB = 1024**3

SCHEDULED = frozenset({*DUTIES, "landing", "landing_sweep"})
"""What can be switched off: duties, and the sensors of the landing folder."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Every field is one variable `NEXUS_<FIELD>`; README has the table. Sizes are bytes, times are seconds."""

    home: Path = Path(".nexus")
    postgres_url: str | None = None
    redis_url: str | None = None
    postgres_bin: Path | None = None
    valkey_bin: Path | None = None
    default_user: str = "unassigned"
    max_expanded_bytes: int = 64 * _GIB
    batch_bytes: int = 16 * 1024**2
    lock_timeout: float = 600.0
    snapshot_shrink: float = 0.2
    max_upload_bytes: int = 256 * 1024**2
    api_host: str = "127.0.0.1"
    api_port: int = 8000
    api_connections: int = 10_000
    api_in_flight: int = 256
    api_drain: float = 0.0
    api_pool: int = 10
    postgres_read_url: str | None = None
    otlp_endpoint: str | None = None
    metrics_token: str | None = None
    signing_key: Path | None = None
    previous_signing_key: Path | None = None
    access_seconds: float = 900.0
    session_seconds: float = 14 * 86400.0
    request_seconds: float = 30.0
    request_bytes: int = 1024**2
    rate_limit: int = 100
    trusted_proxies: str = ""
    ui_port: int = 3000
    notify: tuple[str, ...] = field(default=(), repr=False)
    alert_rejected_share: float = 0.05
    alert_volume_times: float = 10.0
    alert_disk_free: float = 0.05
    schedules_off: frozenset[str] = frozenset()
    retention: Retention = Retention()  # noqa: RUF009 - frozen
    api_url: str | None = None
    report_subjects: tuple[str, ...] = ("roles",)
    report_formats: tuple[str, ...] = ("html", "pdf", "xlsx")

    @property
    def reachable_api(self) -> str:
        """Where people reach the API, without a slash at the end: what links to it begin with."""
        return (self.api_url or f"http://{self.api_host}:{self.api_port}").rstrip("/")

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> "Settings":
        """Read `NEXUS_*`; an unknown or unusable variable raises SettingError naming it."""
        environ = os.environ if environ is None else environ
        known = {f"NEXUS_{f.name.upper()}": f.name for f in fields(cls)}
        given = {key: value for key, value in environ.items() if key.startswith("NEXUS_") and value != ""}
        if unknown := sorted(set(given) - set(known)):
            raise SettingError(f"unknown setting {unknown[0]}; the settings are {', '.join(sorted(known))}")
        values = {known[key]: _parse(key, value, _PARSERS[known[key]]) for key, value in given.items()}
        settings = cls(**values)
        return settings if settings.home.is_absolute() else _absolute(settings, values)


def _absolute(settings: Settings, values: dict[str, Any]) -> Settings:
    return Settings(**{**values, "home": settings.home.absolute()})


def _parse(key: str, text: str, parse: Callable[[str], Any]) -> Any:
    try:
        return parse(text)
    except ValueError as error:
        raise SettingError(f"{key}={text!r} cannot be used: {error}") from None


def _positive_int(text: str) -> int:
    number = int(text)
    if number <= 0:
        raise ValueError("it must be above zero")
    return number


def _seconds(text: str) -> float:
    number = float(text)
    if not 0 <= number < float("inf"):
        raise ValueError("it must be zero or more seconds")
    return number


def _lifetime(text: str) -> float:
    number = _seconds(text)
    if number < 1:
        raise ValueError("it must be a second or more")
    return number


def _subjects(text: str) -> tuple[str, ...]:
    names = _names(text)
    if wrong := [name for name in names if name not in ("roles", "users") and not name.startswith(("role:", "user:"))]:
        raise ValueError(f"{wrong[0]!r} is none of roles, users, role:NAME and user:NAME")
    return names


def _formats(text: str) -> tuple[str, ...]:
    names = _names(text)
    if wrong := [name for name in names if name not in FORMATS]:
        raise ValueError(f"{wrong[0]!r} is none of {', '.join(FORMATS)}")
    return names


def _names(text: str) -> tuple[str, ...]:
    return tuple(name for part in text.split(",") if (name := part.strip()))


def _share(text: str) -> float:
    number = float(text)
    if not 0 <= number <= 1:
        raise ValueError("it must be a share between 0 and 1")
    return number


def _times(text: str) -> float:
    number = float(text)
    if not 1 < number < float("inf"):
        raise ValueError("it must be above one")
    return number


def _urls(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _schedules(text: str) -> frozenset[str]:
    names = frozenset(filter(None, (name.strip() for name in text.split(","))))
    if unknown := sorted(names - SCHEDULED):
        raise ValueError(f"{unknown[0]!r} is none of {', '.join(sorted(SCHEDULED))}")
    return names


_PARSERS: dict[str, Callable[[str], Any]] = {
    "home": Path,
    "postgres_url": str,
    "redis_url": str,
    "postgres_bin": Path,
    "valkey_bin": Path,
    "default_user": str,
    "max_expanded_bytes": _positive_int,
    "batch_bytes": _positive_int,
    "lock_timeout": _seconds,
    "snapshot_shrink": _share,
    "max_upload_bytes": _positive_int,
    "api_host": str,
    "api_port": _positive_int,
    "api_connections": _positive_int,
    "api_in_flight": _positive_int,
    "api_drain": _seconds,
    "api_pool": _positive_int,
    "postgres_read_url": str,
    "otlp_endpoint": str,
    "metrics_token": str,
    "signing_key": Path,
    "previous_signing_key": Path,
    "access_seconds": _lifetime,
    "session_seconds": _lifetime,
    "request_seconds": _lifetime,
    "request_bytes": _positive_int,
    "rate_limit": _positive_int,
    "trusted_proxies": str,
    "ui_port": _positive_int,
    "notify": _urls,
    "alert_rejected_share": _share,
    "alert_volume_times": _times,
    "alert_disk_free": _share,
    "schedules_off": _schedules,
    "retention": parse,
    "api_url": str,
    "report_subjects": _subjects,
    "report_formats": _formats,
}
