"""Chance for the app, the same in every run: what the module `random` draws, and what the system would give.

Identifiers (`uuid.uuid4`), tokens (`secrets`) and `random.SystemRandom` come from `os.urandom`. An app that hands them
out would never answer the same twice, and no entry of its would be the same in two runs.
"""

from __future__ import annotations

import os
import random
from typing import Any


class Randomness:
    """The chance that `number` gives, between `start` and `stop`; another number shows whether an app depends on it."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._before: tuple[Any, Any] | None = None

    def start(self) -> None:
        """Begin: the same draws follow each time."""
        random.seed(self._number)
        source = random.Random(self._number)  # noqa: S311 - nobody's secrets
        self._before = (os.urandom, random._urandom)  # type: ignore[attr-defined]
        os.urandom = random._urandom = source.randbytes  # type: ignore[attr-defined]

    def stop(self) -> None:
        """Give the system its say again."""
        if self._before is not None:
            os.urandom, random._urandom = self._before  # type: ignore[attr-defined]
            self._before = None
