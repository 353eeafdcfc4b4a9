"""wsreplay finds the message sequences that break a WebSocket endpoint, shrinks them, keeps them and replays them.

The names in `__all__` are for tests, conftest.py and hook modules; each is imported when it is asked for. Nobody inside
imports them from here.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wsreplay.checks import check
    from wsreplay.generation import register_message_strategy, register_scenario_strategy
    from wsreplay.simulation import reset
    from wsreplay.testing import LiveTarget, Result, configured_target, replay, run, scenario, scenarios

__version__ = "0.1.0"

__all__ = [
    "LiveTarget",
    "Result",
    "check",
    "configured_target",
    "register_message_strategy",
    "register_scenario_strategy",
    "replay",
    "reset",
    "run",
    "scenario",
    "scenarios",
]

# A hook module that registers a check need not load what only tests use.
_HOMES = {
    "check": "wsreplay.checks",
    "register_message_strategy": "wsreplay.generation",
    "register_scenario_strategy": "wsreplay.generation",
    "reset": "wsreplay.simulation",
}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES.get(name, "wsreplay.testing")), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
