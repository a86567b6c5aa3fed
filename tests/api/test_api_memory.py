"""A worker that answers on and on keeps no more objects than after its first answers."""

import gc

from tests.api.platform_rows import platform

PATHS = ["/api/v3/projects/dashboard", "/api/v3/trading-operations?limit=2", "/api/v3/frenly-ai/status", "/health/live"]
REFUSED = ["/api/v3/projects/none", "/api/v3/trading-operations?limit=0", "/none"]


def test_hundreds_of_answers_leave_nothing_behind(client, publish, token):
    publish(1, **platform())
    headers = [token(f"user{number}") for number in range(5)]

    def ask(rounds: int) -> int:
        for _ in range(rounds):
            for one in headers:
                for path in (*PATHS, *REFUSED):
                    client.get(path, headers=one)
        gc.collect()
        return len(gc.get_objects())

    before = ask(2)
    after = ask(12)
    # An object that each answer leaves would be four hundred of them; clocks and pools have a few of their own.
    assert after - before < 150
