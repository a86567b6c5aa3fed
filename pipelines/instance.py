"""Where Dagster keeps its history: `<home>/dagster`. What is recorded there is Dagster's business."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
from dagster._core.instance.ref import InstanceRef

from nexus_data.errors import SettingError
from nexus_data.settings import Settings
from pipelines.storage import with_kept_engines

_TEMPLATE = Path(__file__).with_name("dagster.yaml")


def dagster_home(settings: Settings) -> Path:
    """The absolute `DAGSTER_HOME` of this installation; its dagster.yaml is written when there is none."""
    home = settings.home.absolute() / "dagster"
    try:
        home.mkdir(parents=True, exist_ok=True)
        target = home / _TEMPLATE.name
        if not target.exists():
            target.write_text(_TEMPLATE.read_text(encoding="utf-8"), encoding="utf-8")
    except OSError as error:
        raise SettingError(f"NEXUS_HOME={settings.home} cannot be written: {error.strerror or error}") from error
    return home


@contextmanager
def opened(settings: Settings) -> Iterator[dg.DagsterInstance]:
    """The persistent instance, for as long as the context is open."""
    home = dagster_home(settings)
    with (home / "opening.lock").open("w") as lock:
        # Dagster makes its SQLite tables at first use, and two first uses at once fail.
        fcntl.flock(lock.fileno(), fcntl.LOCK_EX)
        opening = dg.DagsterInstance.from_ref(with_kept_engines(InstanceRef.from_dir(str(home))))
    with opening as instance:
        yield instance
