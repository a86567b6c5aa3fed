"""The whole way over a generated landing folder must come to what the generator said, on every hop and in Postgres."""

from nexus_data.generate import generate
from nexus_data.generate.compare import compare
from nexus_data.generate.observe import observe
from nexus_data.landing import discover
from nexus_data.pipeline import run_all
from nexus_data.settings import Settings


def test_run_comes_to_what_was_expected(settings: Settings, database_url: str) -> None:
    expected = generate(settings.home, rows=1_200, seed=21)
    summary = run_all(settings, discover(settings))
    assert compare(expected, summary, observe(database_url)) == ()


def test_second_run_publishes_nothing(settings: Settings, database_url: str) -> None:
    expected = generate(settings.home, rows=1, seed=22)
    run_all(settings, discover(settings))
    before = observe(database_url)
    again = run_all(settings, discover(settings))
    assert (again.published, again.rejected, again.superseded, again.skipped) == (0, 0, 0, 0)
    assert (again.records, again.held) == (expected.totals.records, expected.totals.held)
    assert observe(database_url) == before
