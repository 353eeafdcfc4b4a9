"""What a test runs in, set aside while a simulation runs: another event loop, of another library perhaps."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def on_asyncio() -> Iterator[None]:
    """Say to whoever asks sniffio that this is asyncio, as the simulation is: trio says otherwise in its own tests.

    A running loop of asyncio needs no word: the simulation puts it aside for its own.
    """
    sniffio = sys.modules.get("sniffio")
    if sniffio is None:
        yield
        return
    before = sniffio.thread_local.name
    sniffio.thread_local.name = "asyncio"
    try:
        yield
    finally:
        sniffio.thread_local.name = before
