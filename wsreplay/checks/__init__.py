"""Checks: pure functions from a transcript to findings.

One check is one function of `crashes`, `waiting`, `conduct` or `access`; `registry` lists them; `grading` holds what is
normal. Nothing here runs an app, and nothing keeps state but the registry of the users' own checks.
"""

from __future__ import annotations

from wsreplay.checks.crashes import Account
from wsreplay.checks.decorating import decorator
from wsreplay.checks.history import History
from wsreplay.checks.options import ANY_CREDENTIAL, DEFAULT, Options
from wsreplay.checks.registry import BUILT_IN, Check, Registry
from wsreplay.model import Finding, Scenario, Transcript

__all__ = [
    "ANY_CREDENTIAL",
    "BUILT_IN",
    "DEFAULT",
    "Check",
    "Options",
    "available",
    "check",
    "judge",
    "register",
    "select",
    "unregister",
]

_REGISTRY = Registry()

register = _REGISTRY.register
unregister = _REGISTRY.unregister
check = decorator(_REGISTRY)
select = _REGISTRY.select


def available() -> tuple[Check, ...]:
    """Every check there is: the built-in ones, then those that were registered."""
    return _REGISTRY.checks


def judge(scenario: Scenario, transcript: Transcript, options: Options = Options()) -> tuple[Finding, ...]:  # noqa: B008 - a frozen value
    """Return what the chosen checks found: failures first, each by step, one finding a fingerprint.

    A finding's `step` is `len(scenario.steps)` when it happened after the last step, as clients left. Raises
    ConfigError for a name in `options` that no check has, and when a user's check misbehaves.
    """
    history = History(scenario, transcript, options)
    account = Account(history)
    found: list[Finding] = []
    for check in select(options):
        if not check.on or not check.on.isdisjoint(history.types):
            found.extend(check.function(history, account))
    if not found:
        return ()
    unique: dict[str, Finding] = {}
    for finding in sorted(found, key=_urgency):
        if options.warnings or finding.severity == "failure":
            unique.setdefault(finding.fingerprint, finding)
    return tuple(unique.values())


def _urgency(finding: Finding) -> tuple[bool, bool, int]:
    return finding.severity != "failure", finding.step is None, finding.step or 0
