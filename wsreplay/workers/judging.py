"""What the settings ask of the checks, and the transcript that only the parent can write: of a process that died."""

from __future__ import annotations

from collections.abc import Collection

from wsreplay import checks
from wsreplay.config import Settings
from wsreplay.errors import WsreplayError
from wsreplay.model import NOBODY, Died, Frame, Scenario, Transcript
from wsreplay.redaction import Pairs, hidden


def options_of(settings: Settings, recorded: Collection[str] = ()) -> checks.Options:
    """The checks' options that the settings ask for. `recorded` are checks that an entry is on record for: unless the
    settings choose among checks, those run too, though they be off by default.
    """
    more = tuple(check.name for check in checks.BUILT_IN if not check.default and check.name in recorded)
    return checks.Options(
        enabled=tuple(settings.checks) or ((checks.DEFAULT, *more) if more else ()),
        disabled=tuple(settings.exclude_checks),
        error_codes=tuple(settings.error_codes),
        subprotocols=settings.validate_subprotocols,
        credentials=settings.credentials or (checks.ANY_CREDENTIAL if more else ()),
        first_message=bool(settings.identity.messages),
    )


def death(scenario: Scenario, how: str, frames: tuple[Frame, ...]) -> Transcript:
    """The transcript of a scenario during which its process ended; nothing else of it is known."""
    return Transcript((Died(0.0, len(scenario.steps), NOBODY, how, frames),))


def discreet(error: WsreplayError, secrets: Pairs) -> WsreplayError:
    """The error without the credentials that the target may have put into what it raised."""
    told = (hidden(error.message, secrets), hidden(error.hint, secrets))
    if told != (error.message, error.hint):
        error.message, error.hint = told
        error.args = (error.message,)
        error.__cause__ = error.__context__ = None
    return error
