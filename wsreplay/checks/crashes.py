"""Exceptions: those that leave a handler, that a framework hides, that kill a task, and those that follow from an event
which the protocol does not allow. They are told apart together, so that one bug is reported by one check.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from wsreplay.checks import grading
from wsreplay.checks.history import History, innermost, only_passed_through, place
from wsreplay.model import NOBODY, Closed, Crashed, Ended, Finding, Message, Raised, Severity, Violation

UNENCODABLE = "payload-encoding"
"""The rule whose breach is `invalid_payload`'s, not `protocol_violation`'s."""

_REFUSAL = re.compile(r'"type":\s*"connection_error"')


class Account:
    """What became of every exception of one transcript: `findings` of the four checks that look at them."""

    def __init__(self, history: History) -> None:
        self.findings: list[Finding] = []
        self._history = history
        self._seen: set[tuple[str, str, str]] = set()
        self._accounted: set[int] = set()
        self._breaches: list[Violation] = []
        for index, violation in history.of(Violation):
            self._violation(index, violation)
        for index, ended in history.of(Ended):
            if ended.cause == "raised" and ended.raised is not None:
                self._left(index, ended, ended.raised)
        for index, crashed in history.of(Crashed):
            if crashed.source in ("framework", "log"):
                self._hidden(index, crashed)
        for index, crashed in history.of(Crashed):
            if crashed.source in ("task", "loop"):
                self._died(index, crashed)
        for index, closed in history.of(Closed):
            self._closed(index, closed)

    def of(self, check: str) -> Iterator[Finding]:
        """Those of one check."""
        return (finding for finding in self.findings if finding.check == check)

    # --- one method for each kind of event ---------------------------------------------------------------------------

    def _violation(self, index: int, violation: Violation) -> None:
        self._breaches.append(violation)
        excused = violation.rule == "subprotocol" and not self._history.options.subprotocols
        if excused or self._frameworks_own(index, violation) or self._handed_on(index, violation):
            return
        check = "protocol_violation"
        if violation.rule == UNENCODABLE:
            if self._history.impossible_input(index):
                return
            check = "invalid_payload"
        self._accounted.add(violation.client)
        self.findings.append(
            self._history.finding(
                check,
                violation.rule,
                _sentence(violation.detail),
                violation,
                location=innermost(violation.frames),
                frames=violation.frames,
            )
        )

    def _frameworks_own(self, index: int, violation: Violation) -> bool:
        """Whether a framework tidied up after the app, and came too late: the app itself did nothing wrong by it."""
        if not only_passed_through(violation.frames):
            return False
        # Ariadne accepts with its subprotocol, whether or not the client offered that.
        return violation.rule in ("after-close", "subprotocol") or any(
            place < index and crashed.client == violation.client and crashed.source in ("framework", "log")
            for place, crashed in self._history.of(Crashed)
        )

    def _handed_on(self, index: int, violation: Violation) -> bool:
        return violation.rule == "after-close" and grading.handed_on(
            self._history, index, violation.client, violation.frames
        )

    def _left(self, index: int, ended: Ended, raised: Raised) -> None:
        if self._follows_from_a_breach(ended.client, raised):
            return
        severity = grading.left_handler(self._history, index, ended.client, raised)
        if severity is None:
            return
        check = "server_error_close" if grading.undecodable(raised) else "handler_crash"
        self._add(check, severity, ended, raised, self._how_it_left(index, ended.client, raised))

    def _how_it_left(self, index: int, client: int, raised: Raised) -> str:
        history = self._history
        if raised.nature == "peer_gone" or (raised.nature == "disconnect" and raised.peer not in (NOBODY, client)):
            peer = raised.peer
            return f"The handler of client {client}, which was still connected, died because client {peer} had gone"
        if raised.nature in ("disconnect", "cancelled"):
            return f"{raised.type} left the handler of client {client}, which was still connected"
        if grading.undecodable(raised):
            return f"The framework could not decode what client {client} sent, and {raised.type} left the app"
        if history.refused(client, index):
            return f"{raised.type} left the handler of client {client} after the app had closed the connection"
        if history.left(client, index):
            return f"{raised.type} left the handler of client {client} after the client had gone"
        if not history.accepted(client, index):
            return f"{raised.type} left the handler before it answered the handshake of client {client} (HTTP 500)"
        return f"{raised.type} left the handler of client {client}, and the server ends the connection"

    def _hidden(self, index: int, crashed: Crashed) -> None:
        self._accounted.add(crashed.client)
        raised = crashed.raised
        if self._follows_from_a_breach(crashed.client, raised):
            return
        severity = grading.hidden(self._history, index, crashed)
        if severity is None:
            return
        framework = crashed.name or "the framework"
        detail = f"{raised.type} left the handler of client {crashed.client}, and {framework} hid it from the server"
        if framework in grading.GRAPHQL_SERVERS:
            detail = f"{raised.type} left a resolver, and {framework} gave it to client {crashed.client} as an error"
        if grading.undecodable(raised):
            detail = f"{framework} could not decode what client {crashed.client} sent, and treats it as a server error"
        self._add("server_error_close", severity, crashed, raised, detail)

    def _died(self, index: int, crashed: Crashed) -> None:
        raised = crashed.raised
        if self._follows_from_a_breach(crashed.client, raised):
            return
        severity = grading.died(self._history, index, crashed)
        if severity is None:
            return
        what = f"The task {crashed.name}" if crashed.source == "task" and crashed.name else "A callback or task"
        detail = f"{what} died of {raised.type}, and nothing retrieved the exception"
        self._add("background_task_crash", severity, crashed, raised, detail)

    def _closed(self, index: int, closed: Closed) -> None:
        if closed.origin != "app" or closed.code not in self._history.options.error_codes:
            return
        history = self._history
        if closed.client in self._accounted or history.blocked(closed.client):
            return
        if not history.accepted(closed.client, index) or _refused_by_protocol(history, index, closed):
            return
        detail = f"The app closed the connection of client {closed.client} with the server error {closed.code}"
        raised = closed.raised
        if raised is None:
            finding = history.finding("server_error_close", "closed", _sentence(detail), closed, message=closed.reason)
            self.findings.append(finding)
            return
        severity: Severity = "warning" if grading.undecodable(raised) else "failure"
        self._add("server_error_close", severity, closed, raised, f"{detail} because of {raised.type}", "closed")

    # --- shared ------------------------------------------------------------------------------------------------------

    def _follows_from_a_breach(self, client: int, raised: Raised) -> bool:
        """Whether it is what our `send()` raised at an event that it did not allow (which is reported as such)."""
        follows = any(
            breach.detail in raised.message or (breach.rule == UNENCODABLE and raised.type == "UnicodeEncodeError")
            for breach in self._breaches
        )
        if follows:
            self._accounted.add(client)
        return follows

    def _add(
        self,
        check: str,
        severity: Severity,
        event: Ended | Crashed | Closed,
        raised: Raised,
        detail: str,
        cause: str = "raised",
    ) -> None:
        if raised.type == "SystemExit":
            # asyncio lets it through, out of the loop that serves everybody.
            check, detail = "process_crash", f"{detail.removesuffix('.')}: the server's process ends"
        where = place(raised)
        known = (raised.type, raised.message, f"{where.file}:{where.line}" if where else "")
        self._accounted.add(event.client)
        if known in self._seen:
            return
        self._seen.add(known)
        self.findings.append(
            self._history.finding(
                check,
                cause,
                _sentence(detail),
                event,
                severity=severity,
                exception=raised.type,
                message=raised.message,
                location=where,
                frames=raised.frames,
            )
        )


def _refused_by_protocol(history: History, index: int, closed: Closed) -> bool:
    # In graphql-ws a server refuses with `connection_error`, and Strawberry closes with 1011 after it.
    said = [event.data for at, event in history.of(Message) if at < index and event.client == closed.client]
    return bool(said) and isinstance(said[-1], str) and _REFUSAL.search(said[-1]) is not None


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + ("" if text.endswith(".") else ".")


# --- the checks ------------------------------------------------------------------------------------------------------


def handler_crash(_history: History, account: Account) -> Iterator[Finding]:
    """An exception left the app."""
    return account.of("handler_crash")


def server_error_close(_history: History, account: Account) -> Iterator[Finding]:
    """The app closed with a server error, or a framework hid an exception."""
    return account.of("server_error_close")


def background_task_crash(_history: History, account: Account) -> Iterator[Finding]:
    """A task died, and nobody took notice."""
    return account.of("background_task_crash")


def protocol_violation(_history: History, account: Account) -> Iterator[Finding]:
    """The app sent an event that the protocol does not allow."""
    return account.of("protocol_violation")
