"""For your own tests: run a scenario against your app, look at what happened, state what must always hold.

Everything that `__all__` names is public. Nothing in `wsreplay` itself uses this package, save its pytest fixtures.
"""

from __future__ import annotations

from wsreplay.checks import check
from wsreplay.generation import register_message_strategy
from wsreplay.simulation import reset
from wsreplay.testing.given import scenarios, scenarios_of
from wsreplay.testing.result import Result
from wsreplay.testing.script import Script, scenario
from wsreplay.testing.target import LiveTarget, configured_target, replay, run

__all__ = [
    "LiveTarget",
    "Result",
    "Script",
    "check",
    "configured_target",
    "register_message_strategy",
    "replay",
    "reset",
    "run",
    "scenario",
    "scenarios",
    "scenarios_of",
]
