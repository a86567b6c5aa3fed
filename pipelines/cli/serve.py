"""`nexus serve`: the API alone."""

import click

from pipelines.cli.output import Command


@click.command(cls=Command, short_help="Serve the API.")
@click.option("--workers", type=click.IntRange(min=1), default=1, show_default=True, help="Processes that answer.")
def command(workers: int) -> None:
    """Serve the API on NEXUS_API_HOST and NEXUS_API_PORT until Ctrl-C; services run for as long."""
    from granian.constants import Interfaces
    from granian.server import Server

    from nexus_data.postgres.migrate import migrate
    from nexus_data.services import running
    from nexus_data.settings import Settings
    from pipelines.cli.ports import demand_free

    settings = Settings.from_env()
    demand_free(settings.api_host, settings.api_port, setting="NEXUS_API_PORT")
    with running(settings) as services:
        migrate(services.postgres_url)
        # By name: workers import the API, this process does not.
        server = Server(
            "nexus_data.api.app:create_app",
            factory=True,
            address=settings.api_host,
            port=settings.api_port,
            interface=Interfaces.ASGI,
            workers=workers,
        )
        server.serve()
