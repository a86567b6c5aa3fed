"""A worker that answers on and on keeps no more objects than after its first answers."""

import gc

from tests.api.platform_rows import platform

PATHS = ["/api/v3/projects/dashboard", "/api/v3/trading-operations?limit=2", "/api/v3/frenly-ai/status", "/health/live"]
REFUSED = ["/api/v3/projects/none", "/api/v3/trading-operations?limit=0", "/none"]


def test_hundreds_of_answers_leave_nothing_behind(client, publish, token):
    publish(1, **platform())
    headers, asked = [token(f"user{number}") for number in range(5)], (*PATHS, *REFUSED)

    def grown_by_more(answers: int) -> int:
        before = kept(answers=0)
        return kept(answers=answers) - before

    def kept(*, answers: int) -> int:
        for _ in range(answers // len(headers) // len(asked)):
            for one in headers:
                for path in asked:
                    client.get(path, headers=one)
        gc.collect()
        return len(gc.get_objects())

    grown_by_more(70)
    # What each answer leaves would show every time; what a clock, a pool or an old thing's end does shows once.
    assert min(grown_by_more(420) for _ in range(3)) < 150
