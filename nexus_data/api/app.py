"""Puts the API together. Granian starts it by the factory `create_app`, one call a worker process."""

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from litestar import Litestar, Request, Router
from litestar.datastructures import State
from litestar.di import NamedDependency, Provide
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme
from litestar.types import ControllerRouterHandler

from nexus_data.api.access import Sight, Viewer, subject, viewer
from nexus_data.api.addresses import networks
from nexus_data.api.aggregate_routes import operations_by_category, operations_by_day, operations_by_symbol
from nexus_data.api.auth_routes import AUTH
from nexus_data.api.batch import batch
from nexus_data.api.bearer import Verifier
from nexus_data.api.bunches import Bunches
from nexus_data.api.docs import docs
from nexus_data.api.event_routes import server_sent_events, websocket_events
from nexus_data.api.events import listening
from nexus_data.api.gate import gate
from nexus_data.api.heads import headed
from nexus_data.api.health import live, ready
from nexus_data.api.measures import Measures
from nexus_data.api.metrics import metrics
from nexus_data.api.problems import HANDLERS
from nexus_data.api.projects import one_project, project_milestones, projects_dashboard
from nexus_data.api.provenance_routes import rows_behind_cell, trace_operation, trace_row
from nexus_data.api.public import public
from nexus_data.api.quality import quality_metrics
from nexus_data.api.quality_by_day import quality_by_day
from nexus_data.api.report_routes import written_report, written_reports
from nexus_data.api.secure_headers import https_only, secured
from nexus_data.api.short_trial import ShortTrial
from nexus_data.api.short_way import ShortWay
from nexus_data.api.signing_in import Door
from nexus_data.api.signing_in import opened as door_opened
from nexus_data.api.standardize import standardize_data
from nexus_data.api.stores import Stores, opened
from nexus_data.api.task_routes import TASKS
from nexus_data.api.throttle import Pace
from nexus_data.api.tracing import Tracing
from nexus_data.api.trading_operations import trading_operation, trading_operations
from nexus_data.api.watch import Limit, Watch
from nexus_data.services import running
from nexus_data.settings import Settings
from nexus_data.tokens import signing_keys
from nexus_data.watching import folder

_SAMPLE_SECONDS = 1.0
_KEPT_TIMES = 4

_READS: list[ControllerRouterHandler] = [
    projects_dashboard,
    one_project,
    project_milestones,
    trading_operations,
    trading_operation,
    operations_by_day,
    operations_by_category,
    operations_by_symbol,
    trace_operation,
    trace_row,
    rows_behind_cell,
    quality_metrics,
    quality_by_day,
    batch,
    written_reports,
    written_report,
]


def create_server() -> Litestar:
    """The application as a worker of `nexus serve`, measured together with the others of its server."""
    settings = Settings.from_env()
    app = create_app(settings, watched=folder(settings))
    # What is there by now stays: to look through its 170,000 objects now and then stops a worker for 130 ms each time.
    gc.collect()
    gc.freeze()
    return app


def create_app(settings: Settings | None = None, *, watched: Path | None = None) -> Litestar:
    """The ASGI application; its settings come from the environment when none are given.

    Starting it takes the lease on the services and opens the pool, stopping it gives both back. watched: the folder in
    which all workers of a server measure; None: this one is alone.
    """
    chosen = settings or Settings.from_env()
    handlers: list[ControllerRouterHandler] = [*_READS, TASKS, standardize_data, AUTH]
    handlers += [server_sent_events, websocket_events]
    api = Router("/api/v3", route_handlers=handlers, dependencies=_dependencies(chosen), middleware=[gate])
    app = Litestar(
        route_handlers=[api, live, ready, metrics, docs],
        dependencies={"stores": Provide(_stores, sync_to_thread=False)},
        exception_handlers=HANDLERS,
        request_max_body_size=chosen.request_bytes,
        lifespan=[partial(_lifespan, chosen)],
        openapi_config=_openapi(),
        logging_config=None,
    )
    tracing = Tracing(chosen.otlp_endpoint) if chosen.otlp_endpoint else None
    limit = Limit(ShortTrial(secured(public(app.asgi_handler)), app.state), most=chosen.api_in_flight)
    short_way = ShortWay(limit)
    watch = Watch(short_way, Measures(watched), most=_KEPT_TIMES * chosen.api_in_flight, tracing=tracing)
    proxies = networks(chosen.trusted_proxies)
    app.asgi_handler = headed(https_only(watch, proxies) if proxies else watch)
    app.state.update({"settings": chosen, "watched": watched, "watch": watch, "measures": watch.measures})
    app.state.short_way, app.state.limit = short_way, limit
    return app


def _dependencies(settings: Settings) -> dict[str, Provide]:
    # Each waits for the one before, needed or not: Litestar resolves those that wait for nothing in tasks of their own,
    # which costs a request more than its answer does.
    def chosen(stores: NamedDependency[Stores]) -> Settings:  # noqa: ARG001
        return settings

    def looking(request: Request[object, object, State], settings: NamedDependency[Settings]) -> Viewer:  # noqa: ARG001
        return viewer(request)

    return {
        "settings": Provide(chosen, sync_to_thread=False),
        "viewer": Provide(looking, sync_to_thread=False),
        "user_id": Provide(subject),
        "door": Provide(_door, sync_to_thread=False),
    }


def _stores(request: Request[object, object, State]) -> Stores:
    stores: Stores = request.app.state.stores
    return stores


def _door(request: Request[object, object, State], settings: NamedDependency[Settings]) -> Door:  # noqa: ARG001
    door: Door = request.app.state.door
    return door


@asynccontextmanager
async def _lifespan(settings: Settings, app: Litestar) -> AsyncIterator[None]:
    # Starting embedded servers takes seconds and blocks; the event loop is not the place for it.
    lease = running(settings)
    services = await asyncio.to_thread(lease.__enter__)
    try:
        keys = await asyncio.to_thread(signing_keys, settings)
        app.state.pace, app.state.request_seconds = Pace(settings.rate_limit), settings.request_seconds
        app.state.trusted_proxies = networks(settings.trusted_proxies)
        watch: Watch = app.state.watch
        size, replica = settings.api_pool, settings.postgres_read_url
        async with (
            opened(services, pool_size=size, asked=watch.asked, replica_url=replica) as stores,
            door_opened(settings, stores, keys) as door,
        ):
            app.state.stores, app.state.sight, app.state.bunches = stores, Sight(), Bunches()
            app.state.door, app.state.verifier = door, Verifier(keys, door.ended)
            app.state.short_way.open(stores, verifier=app.state.verifier, pace=app.state.pace)
            async with _sampling(app), listening(stores, services.redis_url) as app.state.hub:
                yield
            app.state.bunches.close()
    finally:
        await asyncio.to_thread(lease.__exit__, None, None, None)


@asynccontextmanager
async def _sampling(app: Litestar) -> AsyncIterator[None]:
    """Each second, so that the worker that is asked for figures has those of the others."""

    def sample() -> None:
        app.state.measures.sample(app.state.stores, in_flight=app.state.watch.in_flight)

    async def keep_sampling() -> None:
        while True:
            sample()
            await asyncio.sleep(_SAMPLE_SECONDS)

    app.state.sample = sample
    task = asyncio.create_task(keep_sampling())
    try:
        yield
    finally:
        task.cancel()
        if tracing := app.state.watch.tracing:
            await asyncio.to_thread(tracing.close)


def _openapi() -> OpenAPIConfig:
    bearer = SecurityScheme(type="http", scheme="bearer", bearer_format="JWT")
    return OpenAPIConfig(
        title="NEXUS Data",
        version="3",
        description="What the ledger says, one generation an answer.",
        use_handler_docstrings=True,
        components=Components(security_schemes={"bearer": bearer}),
        # The documentation pages that Litestar renders load scripts from elsewhere: blank where there is no way out.
        # Ours is `docs`.
        render_plugins=[JsonRenderPlugin()],
    )
