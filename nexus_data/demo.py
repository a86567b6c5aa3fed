"""Where the demonstration lives: a home of its own, so that made-up records never meet a real ledger."""

import shutil
from dataclasses import replace

from nexus_data.errors import RunError
from nexus_data.ledger import current_generation
from nexus_data.postgres.connect import connection
from nexus_data.postgres.migrate import migrate
from nexus_data.services import running, stop
from nexus_data.settings import Settings
from nexus_data.sql import query


def fresh_home(settings: Settings) -> Settings:
    """Settings of an empty home `<home>/demo`; what an earlier demonstration left there is deleted.

    Raises RunError when it is still in use, or when the given Postgres holds something already.
    """
    demo = replace(settings, home=settings.home / "demo")
    if demo.home.exists():
        if settings.postgres_url is None and not stop(demo):
            raise RunError(f"{demo.home} is in use: stop what runs there (`nexus up`?), then run the demo again")
        shutil.rmtree(demo.home)
    if settings.postgres_url is not None:
        _demand_empty(settings.postgres_url)
    return demo


def _demand_empty(url: str) -> None:
    migrate(url)
    with connection(url) as database:
        found = current_generation(database)
    if found.generation:
        raise RunError(
            f"NEXUS_POSTGRES_URL names a database that is at generation {found.generation}: the demo needs an empty one"
        )


def reader(settings: Settings) -> str:
    """The user with the most projects: whose dashboard shows most."""
    with running(settings) as services, connection(services.postgres_url) as database:
        found = database.execute(query("demo/busiest_project_owner")).fetchone()
    if found is None:
        raise RunError("the demo published no project")
    return str(found[0])
