"""Kinds of the fixtures."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from nexus_data.settings import Settings

Home = Callable[[], AbstractContextManager[Settings]]
"""`with installed() as settings`: a fresh installation."""

Ask = Callable[[str], list[tuple[Any, ...]]]
"""One statement, all of its rows."""
