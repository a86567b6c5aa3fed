"""What readers ask for in the bench, and what is demanded of the answers (two cores, the load among them)."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Scene:
    """rate: answers a second at least; p95: milliseconds at most; None: nothing is demanded."""

    name: str
    path: str
    method: str = "GET"
    asks: Literal["tokens", "records", "credentials"] = "tokens"
    connections: int = 64
    pause: int = 0
    rate: int | None = None
    p95: int | None = None


COLD = Scene("dashboard, cold", "/api/v3/projects/dashboard")

ENDPOINTS = (
    Scene("dashboard", "/api/v3/projects/dashboard", rate=4000, p95=100),
    Scene("me", "/api/v3/auth/me", rate=5000, p95=60),
    Scene("status", "/api/v3/frenly-ai/status", rate=5000, p95=60),
    Scene("tasks", "/api/v3/frenly-ai/tasks?limit=20", rate=2000, p95=100),
    Scene("operations page", "/api/v3/trading-operations?limit=50", rate=1500, p95=100),
    Scene(
        "standardize ten records",
        "/api/v3/data/standardize?contract=nexus/trading_operations_jsonl",
        method="POST",
        asks="records",
        rate=1000,
        p95=100,
    ),
)
LOGIN = Scene("login", "/api/v3/auth/login", method="POST", asks="credentials", connections=8)


def open_connections(connections: int) -> Scene:
    """So many readers with an open connection each, who ask for their dashboard every five seconds, in the mean."""
    name = f"{connections:,} open connections"
    return Scene(name, "/api/v3/projects/dashboard", connections=connections, pause=5000, p95=200)
