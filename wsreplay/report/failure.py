"""The failure report: one finding as a block of named fields, the same for the terminal, the page and pytest.

Its layout is that of pytest-routes, our predecessor, whose users look for these names. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from wsreplay.config import Settings
from wsreplay.events import EntryReplayed, FindingFound
from wsreplay.model import (
    NOBODY,
    Accepted,
    Closed,
    Denied,
    Dropped,
    Ended,
    Finding,
    Kind,
    Message,
    Opened,
    Scenario,
    Send,
    Transcript,
)
from wsreplay.report.command import replay_command
from wsreplay.report.finding import detail, what
from wsreplay.report.replayed import chief
from wsreplay.report.text import Line, payload, reply, visible

RULE: Final = "=" * 60

_EXPECTED: Final = {
    "handler_crash": "Connection to remain open",
    "server_error_close": "Connection to remain open",
    "hang": "Handler to send, read or end",
    "shutdown_hang": "Handler to end once its client has gone",
    "background_task_crash": "Background tasks to end without an exception",
    "protocol_violation": "Events that ASGI allows",
    "invalid_payload": "Payloads that can be sent, and JSON that can be read",
    "blocked_loop": "Event loop to stay free",
    "process_crash": "Process to stay alive",
    "traceback_leak": "No traceback in what a client is sent",
    "leaked_task": "Tasks to end with the session that started them",
    "missing_close": "Handler to close the connection",
    "slow_reply": "Messages to be dealt with in time",
    "ignored_auth": "Client without credentials to be refused",
    "missing_origin_check": "Client from a page of another site to be refused",
}


@dataclass(frozen=True, slots=True)
class Failure:
    """Everything that the report says. `index` is the place of the message at which it failed among those sent, the
    first being 1; `elapsed_ms` is on the simulation's clock. What there is not is None.
    """

    route: str
    error_type: str
    message: str
    index: int | None
    sent: tuple[Kind, str | bytes] | None
    expected: str
    actual: str
    state: str
    close_code: int | None
    messages_sent: int
    last_response: str | bytes | None
    elapsed_ms: float


def failure_of(finding: Finding, scenario: Scenario, transcript: Transcript) -> Failure:
    """Gather what the report says of a finding."""
    last = len(scenario.steps) if finding.step is None else finding.step
    sent = [step for step in scenario.steps[: last + 1] if type(step) is Send]
    own = [place for place, step in enumerate(sent, 1) if finding.client in (NOBODY, step.client)]
    index = own[-1] if own else None
    events = [event for event in transcript.events if event.step <= last]
    answers = [
        event.data
        for event in events
        if type(event) is Message and event.origin == "app" and finding.client in (NOBODY, event.client)
    ]
    return Failure(
        route=finding.route,
        error_type=finding.check + (f" ({finding.exception})" if finding.exception else ""),
        message=what(finding, transcript),
        index=index,
        sent=(sent[index - 1].kind, sent[index - 1].data) if index is not None else None,
        expected=_EXPECTED.get(finding.check, f"Check {visible(finding.check)} to find nothing"),
        actual=_actual(finding, transcript),
        state=_state(finding, transcript, last),
        close_code=finding.close_code,
        messages_sent=len(sent),
        last_response=answers[-1] if answers else None,
        elapsed_ms=max((event.at for event in events), default=0.0) * 1000,
    )


def _actual(finding: Finding, transcript: Transcript) -> str:
    if finding.close_code is not None and finding.check in ("handler_crash", "server_error_close"):
        return f"Connection closed with code {finding.close_code}"
    return detail(finding, transcript)


def _state(finding: Finding, transcript: Transcript, last: int) -> str:
    """The state of the client's connection once the step is over: as the app left it, before the client leaves."""
    state = "not connected"
    for event in transcript.events:
        if event.client != finding.client or event.step > last:
            continue
        match event:
            case Opened():
                state = "connecting"
            case Accepted():
                state = "open"
            case Closed() | Denied() | Dropped() | Ended():
                state = "refused" if state == "connecting" else "closed"
                break
            case _:
                pass
    return state


def report_of(failure: Failure, seed: int | None = None, command: str = "") -> Iterator[Line]:
    """The lines of the report."""
    yield from fields_of(failure)
    if seed is not None:
        yield Line(f"  seed: {seed}")
    if command:
        yield from _field("Reproduce:", command)
    yield Line(RULE, "dim")


def fields_of(failure: Failure) -> Iterator[Line]:
    """The heading and the fields."""
    yield Line(RULE, "dim")
    yield Line(f"WEBSOCKET TEST FAILURE: {visible(failure.route)}", "failure")
    yield Line(RULE, "dim")
    yield Line(f"Error Type: {visible(failure.error_type)}")
    yield Line(f"Message: {failure.message}")
    yield Line(f"Failed at message index: {failure.index}")
    if failure.sent is not None:
        kind, data = failure.sent
        yield from _field(f"Sent ({kind}):", payload(kind, data))
    else:
        yield from _field("Sent:", "None")
    yield from _field("Expected:", failure.expected)
    yield from _field("Actual:", failure.actual)
    yield Line(f"Connection State: {failure.state}")
    yield Line(f"Close Code: {failure.close_code}")
    yield Line("Additional Context:")
    yield Line(f"  total_messages_sent: {failure.messages_sent}")
    last = failure.last_response
    yield Line(f"  last_response: {reply(last) if last is not None else None}")
    yield Line(f"  elapsed_time_ms: {failure.elapsed_ms:.1f}")


def _field(name: str, value: str) -> Iterator[Line]:
    yield Line(name)
    yield Line(f"  {value}")


def failure_report(event: FindingFound | EntryReplayed, settings: Settings) -> Iterator[Line]:
    """The report of what a search found, or of a replayed entry; nothing for an entry without a finding."""
    finding = event.finding if isinstance(event, FindingFound) else chief(event)
    entry = event.entry
    if finding is None or entry is None:
        return
    transcript = event.transcript if isinstance(event, EntryReplayed) else entry.transcript
    failure = failure_of(finding, entry.scenario, transcript or Transcript(()))
    command = replay_command(event.path, settings) if event.path is not None else ""
    yield from report_of(failure, entry.provenance.seed, command)
