"""Files and homes with names that tools read as patterns, markup or no text at all; and what is no file."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from nexus_data.errors import SettingError
from nexus_data.landing import Landing
from nexus_data.pipeline import run_all
from nexus_data.settings import Settings
from tests.spine.conftest import Ask, Land, RunFiles, operation


@pytest.mark.parametrize("name", ["with space.csv", "two\nlines.csv", "br[a]ck*ets?.csv", "[red]x.csv", "é%20{}.csv"])
def test_a_file_may_have_any_name(name: str, run: RunFiles, land: Land, ask: Ask) -> None:
    assert run(land(name, [operation(1)]), user="u1").published == 1
    assert ask("SELECT name FROM files") == [(name,)]


def test_a_name_that_is_no_text_is_written_with_escapes(run: RunFiles, land: Land, ask: Ask) -> None:
    file = Path(os.fsdecode(os.fsencode(land("a.csv", [operation(1)]).parent) + b"/b\xff.csv"))
    file.write_bytes((file.parent / "a.csv").read_bytes())
    assert run(file, user="u1").published == 1
    assert ask("SELECT name FROM files") == [("b\\xff.csv",)]


@pytest.mark.parametrize("name", ["two words", "star*", "what?", "é ü", "a{b,c}", "ha#sh;:@&=+$!"])
def test_a_home_may_have_any_name(name: str, settings: Settings, land: Land, ask: Ask) -> None:
    there = replace(settings, home=settings.home / name)
    for number in (1, 2):
        file = land(f"{number}.csv", [operation(number), operation(number + 2)])
        assert run_all(there, [Landing(path=file, user="u1")]).published == 2
    assert ask("SELECT sum(operations)::int FROM marts.daily_totals") == [(4,)]


@pytest.mark.parametrize("name", ["a[b]c", "per%20cent"])
def test_a_home_that_delta_cannot_open_is_refused(name: str, settings: Settings) -> None:
    with pytest.raises(SettingError, match=r"NEXUS_HOME=.* cannot be used"):
        run_all(replace(settings, home=settings.home / name), [])


def test_what_is_no_file_fails_alone(settings: Settings, land: Land, home: Path) -> None:
    good = land("a.csv", [operation(1)])
    os.mkfifo(home / "fifo")
    (home / "loop").symlink_to("loop")
    (home / "dangling").symlink_to("nowhere")
    odd = [Landing(path=home / name) for name in ("fifo", "loop", "dangling", "x" * 300)]
    summary = run_all(settings, [*odd, Landing(path=good, user="u1")])
    assert [outcome.status for outcome in summary.outcomes] == ["failed"] * 4 + ["published"]
    assert all(outcome.name in outcome.reason for outcome in summary.outcomes[:4])


def test_a_link_to_a_file_is_taken_for_the_file(run: RunFiles, land: Land, home: Path) -> None:
    (home / "link.csv").symlink_to(land("a.csv", [operation(1)]))
    assert run(home / "link.csv", user="u1").published == 1
