"""Postgres and Valkey for one installation: by URL where given, else servers that live as long as their users.

What the servers hold (schema, keys) does not belong here.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from nexus_data.errors import ServiceError
from nexus_data.settings import Settings


@dataclass(frozen=True, slots=True)
class Services:
    """Where to connect. postgres_url is libpq's form `postgresql://`, redis_url is `redis://` or `unix://`."""

    postgres_url: str
    redis_url: str


@contextmanager
def running(settings: Settings) -> Iterator[Services]:
    """Give the URLs of both services; what no URL is set for runs embedded until the last process that uses it is gone.

    Raises ServiceError when Postgres cannot be had. A Valkey that cannot be started is logged as a warning: it is a
    cache, and whoever uses redis_url copes with its absence.
    """
    if settings.postgres_url and settings.redis_url:
        yield Services(settings.postgres_url, settings.redis_url)
        return
    refuse_platform(sys.platform)
    # Imported here because it needs fcntl, which Windows has not; with both URLs set this package works there.
    from nexus_data.services.embedded import embedded

    with embedded(settings) as (postgres_url, redis_url):
        yield Services(postgres_url, redis_url)


def stop(settings: Settings) -> bool:
    """Stop the embedded servers of this home now, without the usual linger; False while somebody still uses them."""
    refuse_platform(sys.platform)
    from nexus_data.services.embedded import stop_unused

    return stop_unused(settings)


def refuse_platform(platform: str) -> None:
    """Raise ServiceError where servers cannot be embedded; `platform` is spelled as in sys.platform."""
    if platform not in ("linux", "darwin"):
        raise ServiceError(
            f"embedded Postgres and Valkey run on Linux and macOS only, not on {platform}: set NEXUS_POSTGRES_URL and "
            "NEXUS_REDIS_URL to servers of your own (on Windows, WSL 2 works too)"
        )
