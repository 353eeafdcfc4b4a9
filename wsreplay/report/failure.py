"""A failure as a test framework prints it: field by field, then the exchange, the place in the source, and how to see
it again. The fields are those that users of pytest-routes know. Pure, save for the lines of the application's source.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from wsreplay.config import Settings
from wsreplay.events import EntryReplayed
from wsreplay.model import (
    NOBODY,
    Accepted,
    Closed,
    Denied,
    Dropped,
    Ended,
    Event,
    Finding,
    Hung,
    Message,
    Opened,
    Scenario,
    Send,
    Transcript,
)
from wsreplay.report.exchange import exchange
from wsreplay.report.finding import detail, what
from wsreplay.report.replayed import acceptance, chief, described
from wsreplay.report.source import source
from wsreplay.report.text import Line, payload, reply, visible

RULE: Final = "=" * 60

_EXPECTED: Final = {
    "handler_crash": "The handler to end without an exception",
    "server_error_close": "Connection not to be closed with a server error",
    "hang": "The handler to send, read on or end within the message timeout",
    "shutdown_hang": "The handler to end within the connection timeout, once its client has gone",
    "background_task_crash": "No task of the app to die of an exception",
    "protocol_violation": "Only events that the ASGI specification allows",
    "invalid_payload": "Replies that can be sent and parsed",
    "blocked_loop": "The event loop not to be held",
    "process_crash": "The process to stay alive",
    "traceback_leak": "No traceback in what is sent to clients",
    "ignored_auth": "Clients without credentials to be refused",
    "missing_origin_check": "Clients from a foreign origin to be refused",
}


@dataclass(frozen=True, slots=True)
class Again:
    """How to see a failure again: the seed that it was found with (None: not known) and the command."""

    command: str
    seed: int | None = None


def failure(
    finding: Finding, scenario: Scenario, transcript: Transcript, settings: Settings, again: Again
) -> Iterator[Line]:
    """The lines of one finding."""
    yield from _heading(scenario.route)
    yield from fields(finding, scenario, transcript)
    yield Line()
    for line in exchange(scenario, transcript):
        yield Line(f"    {line.text}", line.style)
    yield Line()
    yield from source(finding.location, settings)
    yield from _ending(again)


def replay_failure(event: EntryReplayed, settings: Settings, again: Again) -> Iterator[Line]:
    """The lines of a replayed entry that is to be reported as failed: for a finding all its fields, else what differs
    or is amiss and what to do about it.
    """
    said = acceptance(event)
    finding = chief(event)
    if event.verdict == "pass":
        yield Line(f"{said[:1].upper()}{said[1:]}.", "failure")
        yield Line("  Take the acceptance back, and the entry guards as a regression test:")
        yield Line(f"    wsreplay corpus accept {_id(event)} --reopen", "strong")
        return
    if finding is None or finding.severity != "failure" or event.entry is None or event.transcript is None:
        yield from described(event, settings)
        yield Line(f"Run:  {again.command}", "strong")
        return
    if event.standing == "expired":
        yield Line(f"{said[:1].upper()}{said[1:]}. Fix it, or accept it anew:", "failure")
        yield Line(f"    wsreplay corpus accept {_id(event)} --reason ... --until ...", "strong")
        yield Line()
    elif event.verdict == "changed":
        now = what(finding, event.transcript).removesuffix(".")
        yield Line(f"Changed: {now}. The record says otherwise.", "failure")
        yield Line()
    yield from failure(finding, event.entry.scenario, event.transcript, settings, again)


def _id(event: EntryReplayed) -> str:
    return event.path.replace("\\", "/").rpartition("/")[2].partition(".")[0]


def _heading(route: str) -> Iterator[Line]:
    yield Line(RULE, "dim")
    yield Line(f"WEBSOCKET TEST FAILURE: {visible(route)}", "failure")
    yield Line(RULE, "dim")


def _ending(again: Again) -> Iterator[Line]:
    if again.seed is not None:
        yield Line(f"Seed: {again.seed}")
    yield Line(f"Reproduce: {again.command}", "strong")
    yield Line(RULE, "dim")


# --- the fields ------------------------------------------------------------------------------------------------------


def fields(finding: Finding, scenario: Scenario, transcript: Transcript) -> Iterator[Line]:
    """What happened, field by field. Messages are counted from 1; times are of the simulation's clock."""
    step = len(scenario.steps) if finding.step is None else finding.step
    sent = [one for one in scenario.steps[: step + 1] if type(one) is Send]
    events = tuple(event for event in transcript.events if event.step <= step)
    end = _end(events, finding)
    yield Line(f"Error Type: {visible(finding.check)}")
    yield Line(f"Message: {what(finding, transcript)}", "failure")
    yield Line(f"Failed at message index: {len(sent) or 'before any message'}")
    if sent:
        yield from _named(f"Sent ({sent[-1].kind})", payload(sent[-1].kind, sent[-1].data))
    yield from _named("Expected", _EXPECTED.get(finding.check, f"The check {visible(finding.check)} to find nothing"))
    closed = f" Connection closed with code {end.code}." if end.code is not None and end.state == "closed" else ""
    yield from _named("Actual", detail(finding, transcript) + closed)
    yield Line(f"Connection State: {end.state}")
    yield Line(f"Close Code: {end.code}")
    yield from _named(
        "Additional Context",
        f"total_messages_sent: {len(sent)}",
        f"last_response: {_last_response(events)}",
        f"elapsed_time_ms: {(events[-1].at if events else 0.0) * 1000:.1f}",
    )


def _named(name: str, *values: str) -> Iterator[Line]:
    yield Line(f"{name}:")
    for value in values:
        yield Line(f"  {value}")


@dataclass(frozen=True, slots=True)
class _End:
    """What has become of a connection."""

    state: str = "not connected"
    code: int | None = None


def _end(events: Iterable[Event], finding: Finding) -> _End:
    """The state of the connection that the finding is about; of the last one that did anything, if it is about none."""
    end = _End()
    for event in events:
        if event.client != NOBODY and finding.client in (NOBODY, event.client):
            end = _after(event, end)
    return end if finding.close_code is None else _End(end.state, finding.close_code)


def _after(event: Event, end: _End) -> _End:
    match event:
        case Opened():
            return _End("connecting")
        case Accepted():
            return _End("open")
        case Denied():
            return _End("refused")
        case Closed():
            return _End("refused" if end.state == "connecting" else "closed", event.code)
        case Dropped():
            return _End("closed", end.code)
        case Hung():
            return _End("open, waiting" if end.state == "open" else end.state, end.code)
        case Ended():
            return _End("refused" if end.state in ("connecting", "refused") else "closed", end.code or event.code)
        case _:
            return end


def _last_response(events: Iterable[Event]) -> str:
    answers = [event for event in events if type(event) is Message and event.origin == "app"]
    return reply(answers[-1].data) if answers else "None"
