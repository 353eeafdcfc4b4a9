"""Which checks there are, which of them run, and those that users add. The registry is this package's only state."""

from __future__ import annotations

import difflib
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TypeAlias

from wsreplay.checks import access, conduct, crashes, waiting
from wsreplay.checks.crashes import Account
from wsreplay.checks.history import History
from wsreplay.checks.options import DEFAULT, Options
from wsreplay.errors import ConfigError
from wsreplay.model import (
    Accepted,
    Blocked,
    Closed,
    Crashed,
    Denied,
    Died,
    Ended,
    Finding,
    Frame,
    Hung,
    Leaked,
    Message,
    Scenario,
    Severity,
    Slow,
    Transcript,
    Violation,
)

Result: TypeAlias = str | Finding | None
UserCheck: TypeAlias = Callable[[Scenario, Transcript], Result | Iterable[Result]]


@dataclass(frozen=True, slots=True)
class Check:
    """A check by name. `on` are the event types without which it has nothing to look at (empty: it always looks);
    `default` says whether it runs unless it is asked for.
    """

    name: str
    severity: Severity
    function: Callable[[History, Account], Iterable[Finding]]
    on: frozenset[type[object]] = frozenset()
    default: bool = True


def _check(
    severity: Severity,
    function: Callable[[History, Account], Iterable[Finding]],
    *on: type[object],
    default: bool = True,
) -> Check:
    return Check(function.__name__, severity, function, frozenset(on), default)


BUILT_IN: tuple[Check, ...] = (
    _check("failure", crashes.handler_crash, Ended),
    _check("failure", crashes.server_error_close, Closed, Crashed, Ended),
    _check("failure", waiting.hang, Hung),
    _check("failure", waiting.shutdown_hang, Hung),
    _check("failure", crashes.background_task_crash, Crashed),
    _check("failure", crashes.protocol_violation, Violation),
    _check("failure", conduct.invalid_payload, Message, Violation),
    _check("failure", waiting.blocked_loop, Blocked, Died),
    _check("failure", waiting.process_crash, Died, Ended, Crashed),
    _check("failure", conduct.traceback_leak, Message, Closed, Denied),
    _check("warning", waiting.leaked_task, Leaked),
    _check("warning", conduct.missing_close, Ended),
    _check("warning", waiting.slow_reply, Slow),
    _check("failure", access.ignored_auth, Accepted, default=False),
    _check("failure", access.missing_origin_check, Accepted, default=False),
)


class Registry:
    """The built-in checks and those that were registered, by name."""

    def __init__(self) -> None:
        self._users: dict[str, tuple[Check, UserCheck]] = {}
        self._chosen: dict[Options, tuple[Check, ...]] = {}

    @property
    def checks(self) -> tuple[Check, ...]:
        """All of them, in the order in which they look."""
        return (*BUILT_IN, *(check for check, _ in self._users.values()))

    def register(self, name: str, function: UserCheck, severity: Severity = "failure") -> None:
        """Add a check of the user's own.

        `function(scenario, transcript)` returns what it found: a string (one sentence), a `Finding`, None, or an
        iterable of these; or it raises AssertionError. A module that is imported a second time replaces its checks.
        Raises ConfigError for a name that is taken or is no identifier, and for an unknown severity.
        """
        if not name.isidentifier() or name == DEFAULT:
            raise ConfigError(
                f"a check's name is an identifier such as 'reply_within_schema', other than {DEFAULT!r}; got {name!r}",
                "Choose another name in checks.register(...).",
            )
        if severity not in ("failure", "warning"):
            raise ConfigError(f"the severity of the check {name!r} is 'failure' or 'warning', got {severity!r}")
        known = self._users.get(name)
        if any(check.name == name for check in BUILT_IN) or (known is not None and not _same(known[1], function)):
            raise ConfigError(
                f"there is a check named {name!r} already",
                "Choose another name in checks.register(...).",
            )
        self._users[name] = (Check(name, severity, _wrapped(name, function, severity)), function)
        self._chosen.clear()

    def unregister(self, name: str) -> None:
        """Take a registered check out again; raises ConfigError when there is none of this name."""
        if self._users.pop(name, None) is None:
            raise ConfigError(f"no check named {name!r} was registered")
        self._chosen.clear()

    def select(self, options: Options) -> tuple[Check, ...]:
        """Return the checks that run under `options`; raises ConfigError for a name that no check has."""
        chosen = self._chosen.get(options)
        if chosen is None:
            on = self._named(options.enabled or (DEFAULT,))
            off = self._named(options.disabled)
            chosen = self._chosen[options] = tuple(
                check for check in self.checks if check.name in on and check.name not in off
            )
        return chosen

    def _named(self, patterns: Iterable[str]) -> set[str]:
        names: set[str] = set()
        for pattern in patterns:
            if pattern == DEFAULT:
                names.update(check.name for check in self.checks if check.default)
                continue
            found = {check.name for check in self.checks if fnmatchcase(check.name, pattern)}
            if not found:
                raise self._unknown(pattern)
            names |= found
        return names

    def _unknown(self, pattern: str) -> ConfigError:
        names = [check.name for check in self.checks]
        close = difflib.get_close_matches(pattern, names, n=1)
        hint = f"Did you mean {close[0]!r}? " if close else ""
        return ConfigError(f"there is no check named {pattern!r}", f"{hint}There are: {', '.join(names)}.")


def _same(one: UserCheck, other: UserCheck) -> bool:
    def name(function: UserCheck) -> tuple[str, str]:
        return getattr(function, "__module__", ""), getattr(function, "__qualname__", repr(function))

    return name(one) == name(other)


def _wrapped(name: str, function: UserCheck, severity: Severity) -> Callable[[History, Account], Iterator[Finding]]:
    def check(history: History, _account: Account) -> Iterator[Finding]:
        blank = Finding(name, severity, history.scenario.route, "reported", "")
        try:
            returned = function(history.scenario, history.transcript)
            results = (returned,) if isinstance(returned, str | Finding) or returned is None else returned
            for result in results:
                if isinstance(result, Finding):
                    yield replace(result, check=name, route=blank.route)
                elif isinstance(result, str):
                    yield replace(blank, detail=result)
                elif result is not None:
                    raise _misbehaved(name, f"gave a {type(result).__name__}")
        except AssertionError as error:
            yield _asserted(blank, error)
        except ConfigError:
            raise
        except Exception as error:
            raise _misbehaved(name, f"raised {type(error).__name__}: {error}") from error

    return check


def _asserted(blank: Finding, error: AssertionError) -> Finding:
    last = traceback.extract_tb(error.__traceback__)[-1]
    frame = Frame(Path(last.filename).name, last.lineno or 0, last.name, last.line or "")
    detail = str(error) or f"The check's assertion failed: {frame.source}"
    return replace(blank, cause="asserted", detail=detail, exception="AssertionError", location=frame, frames=(frame,))


def _misbehaved(name: str, what: str) -> ConfigError:
    return ConfigError(
        f"the check {name!r} {what}",
        "A check returns strings, Findings or None (one or an iterable of them), or raises AssertionError.",
    )
