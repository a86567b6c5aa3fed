"""The allocator is told how to treat freed memory before the engine that it serves is loaded."""

import subprocess
import sys

_LOAD = """
import os, sys, click
from pipelines.cli import main
assert "polars" not in sys.modules
main.get_command(click.Context(main), "run")
print(os.environ["_RJEM_MALLOC_CONF"])
"""


def test_a_command_says_it_before_polars_is_loaded() -> None:
    done = subprocess.run([sys.executable, "-c", _LOAD], capture_output=True, text=True, check=True, env={})
    assert "dirty_decay_ms" in done.stdout
