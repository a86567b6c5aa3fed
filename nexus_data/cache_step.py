"""The last step: the dashboards in Redis follow the generation. A Redis that is down is said, and loses nothing."""

import time

from nexus_data.cache import refresh
from nexus_data.publish.evidence import generation
from nexus_data.results import StepResult, Tally
from nexus_data.runs import Run


def refresh_cache(run: Run) -> StepResult:
    """Write every user's dashboard under the run's generation; `notes` holds `current`, or `behind: ` and why."""
    started = time.monotonic()
    state = refresh(
        database_url=run.services.postgres_url, redis_url=run.services.redis_url, generation=generation(run)
    )
    (run.staging / "cache.txt").write_text(state, encoding="utf-8")
    return StepResult(tally=Tally(), seconds=time.monotonic() - started, notes=(state,))
