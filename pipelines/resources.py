"""The one resource of a run: the library's open run, held from the first step to the last. No step lives here."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg
from pydantic import PrivateAttr

from nexus_data.settings import Settings
from pipelines.liveness import alive

if TYPE_CHECKING:
    from nexus_data.runs import Run


class OpenRun(dg.ConfigurableResource):  # type: ignore[type-arg]
    """Services, writer lock and staging folder of this Dagster run.

    Settings come from the environment (`NEXUS_*`); `home` says another home than `NEXUS_HOME`.
    """

    home: str | None = None
    _run: "Run" = PrivateAttr()

    @property
    def run(self) -> "Run":
        """The open run that every step of the library works on."""
        return self._run

    def _settings(self) -> Settings:
        settings = Settings.from_env()
        return replace(settings, home=Path(self.home)) if self.home else settings

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["OpenRun"]:
        """Open the library's run under the id of the Dagster run, for as long as that lasts."""
        # Engines load with the first run, not with the code location, which every Dagster process loads.
        from nexus_data.runs import open_run

        if context.run is None:
            raise dg.DagsterInvariantViolationError("an open run belongs to a Dagster run")
        settings = self._settings()
        run_id = context.run.run_id
        with alive(settings, run_id), open_run(settings, run_id=run_id) as self._run:
            yield self
