"""What can be chosen about checks: which run, which close codes count as server errors, what the server would send."""

from __future__ import annotations

from dataclasses import dataclass

DEFAULT = "default"
"""Stands for every check that is on by default, so that `default,ignored_auth` adds one."""

ANY_CREDENTIAL = ("{{header:", "{{query:", "{{cookie:", "{{subprotocol:", "{{message:")
"""How every placeholder of a credential begins, where nobody knows which there are. Other symbols in double braces
stand for values of replies.
"""


@dataclass(frozen=True, slots=True)
class Options:
    """How transcripts are judged.

    `enabled` and `disabled` are names of checks, globs allowed; without `enabled` the checks that are on by default
    run, and `default` among the names stands for those. `error_codes` are the close codes that count as server errors.
    `crash_code` is what the server sends when a handler raises (1006: it drops the connection),
    `return_code` what a client sees when a handler returns without closing. `warnings` False drops all warnings.
    `subprotocols` False lets an app accept a subprotocol that was not offered.
    `credentials` are the placeholders of what clients are given to show who they are, so that `ignored_auth` can tell
    who was not; `first_message` says that a first message is among it.
    """

    enabled: tuple[str, ...] = ()
    disabled: tuple[str, ...] = ()
    error_codes: tuple[int, ...] = (1011, 4500)
    crash_code: int = 1011
    return_code: int = 1006
    warnings: bool = True
    subprotocols: bool = True
    credentials: tuple[str, ...] = ()
    first_message: bool = False
