"""What the bench of the API makes of wrk's answer, and what it says when wrk is not there."""

import pytest

from nexus_data.bench.api.served import Memory
from nexus_data.bench.api.wrk import Seen, demand_wrk
from nexus_data.errors import RunError


def test_without_wrk_it_says_how_to_get_it(monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(RunError, match="apt-get install wrk"):
        demand_wrk(connections=10)


def test_refusals_that_say_when_to_come_again_are_no_failures():
    seen = Seen(10, 1_000_000, 1, 2, 3, {"200": 5, "503": 4, "500": 1}, bad=1, connect=0, read=0, write=0, timeout=2)
    assert seen.failed == 3


def test_memory_that_grows_evenly_has_its_slope():
    memory = Memory([(float(at), 1000 + 7 * at) for at in range(20)])
    assert memory.slope() == pytest.approx(7)
    assert memory.peak == 1000 + 7 * 19
    assert Memory([(0.0, 5)]).slope() == 0
