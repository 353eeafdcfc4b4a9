"""A hook of ours among the `after_exception` hooks of every Litestar app, for as long as it is wanted.

Litestar asks the app for its hooks when a handler has raised. That is where ours is added, on the class: apps come
wrapped in middleware and mounts, and a factory makes one for each scenario.
"""

from __future__ import annotations

import sys
from collections import UserList
from collections.abc import Iterator
from typing import Any

_NAME = "after_exception"


class LitestarHooks:
    """Adds `hook`, a coroutine function of an exception and a scope."""

    def __init__(self, hook: Any) -> None:
        self._hook = hook
        self._before: Any = None
        self._property: Any = None

    def add(self) -> None:
        """Add it, if Litestar is loaded and it is not added yet."""
        module = sys.modules.get("litestar.app")
        if module is None or self._before is not None:
            return
        before = self._before = vars(module.Litestar)[_NAME]

        def hooks(app: Any) -> Any:
            known = before.__get__(app)
            return _More(known, self._hook) if self._hook is not None else known

        self._property = property(hooks, before.__set__)
        setattr(module.Litestar, _NAME, self._property)

    def remove(self) -> None:
        """Take it out again."""
        litestar = sys.modules["litestar.app"].Litestar if self._before is not None else None
        if litestar is not None and vars(litestar)[_NAME] is self._property:
            setattr(litestar, _NAME, self._before)
        # Whoever has come after us goes on, and asks us.
        self._hook = None


class _More(UserList[Any]):
    """An app's own list, with one more at its end for who goes through it."""

    def __init__(self, hooks: Any, more: Any) -> None:
        self.data = hooks
        self._more = more

    def __iter__(self) -> Iterator[Any]:
        yield from self.data
        yield self._more
