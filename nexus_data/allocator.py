"""How Polars' allocator treats freed memory: to be said before Polars is first imported. No memory is counted here."""

import os


def keep_freed_pages() -> None:
    """Let freed pages stay for five seconds, as batch follows batch: each one given back has to be faulted in again.

    Of no effect once Polars is loaded; what the environment says already stands. Child processes inherit it.
    """
    os.environ.setdefault("_RJEM_MALLOC_CONF", "dirty_decay_ms:5000,muzzy_decay_ms:5000")
