"""What a scenario gave, for a test to look at."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from wsreplay.errors import ConfigError
from wsreplay.model import Accepted, Cause, Closed, Denied, Ended, Finding, Message, Scenario, Transcript
from wsreplay.report.exchange import exchange
from wsreplay.report.finding import body
from wsreplay.report.text import counted


@dataclass(frozen=True)
class Result:
    """A scenario, its transcript, and what the checks found. `client` is a number, or a name that the script gave."""

    scenario: Scenario
    transcript: Transcript
    findings: tuple[Finding, ...]
    names: tuple[str, ...] = ()

    # --- what the checks found ---------------------------------------------------------------------------------------

    @property
    def failures(self) -> tuple[Finding, ...]:
        """The findings of severity failure."""
        return tuple(finding for finding in self.findings if finding.severity == "failure")

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """The findings of severity warning."""
        return tuple(finding for finding in self.findings if finding.severity == "warning")

    def assert_no_failures(self) -> None:
        """Raise AssertionError, with the exchange, when a check of severity failure fired."""
        __tracebackhide__ = True
        if self.failures:
            lines = [line.text for finding in self.failures for line in body(finding, self.transcript)]
            raise AssertionError(f"{counted(len(self.failures), 'failure')}\n" + "\n".join([*lines, "", self.exchange]))

    @cached_property
    def exchange(self) -> str:
        """Who sent what and what came back, in lines for a person."""
        return "\n".join(line.text for line in exchange(self.scenario, self.transcript))

    # --- what a client saw -------------------------------------------------------------------------------------------

    def replies(self, client: int | str = 0) -> list[str | bytes]:
        """What the app sent to a client, in order."""
        number = self._number(client)
        return [
            event.data
            for event in self.transcript.events
            if type(event) is Message and event.origin == "app" and event.client == number
        ]

    def json(self, client: int | str = 0) -> list[Any]:
        """The same, read as JSON. Raises ValueError for a reply that is none."""
        return [json.loads(data) for data in self.replies(client)]

    def accepted(self, client: int | str = 0) -> bool:
        """Whether the app accepted a client."""
        return any(type(event) is Accepted for event in self._events(client))

    def subprotocol(self, client: int | str = 0) -> str | None:
        """The subprotocol that the app chose for a client."""
        return next((event.subprotocol for event in self._events(client) if type(event) is Accepted), None)

    def close_code(self, client: int | str = 0) -> int | None:
        """The code with which the app closed a client's connection; None when it did not."""
        closes = (event for event in self._events(client) if type(event) is Closed and event.origin == "app")
        return next((event.code for event in closes), None)

    def status(self, client: int | str = 0) -> int | None:
        """The status of the HTTP response with which the app answered a client's handshake; None when it did not."""
        return next((event.status for event in self._events(client) if type(event) is Denied), None)

    def cause(self, client: int | str = 0) -> Cause | None:
        """How a client's handler ended; None when that client never connected."""
        return next((event.cause for event in self._events(client) if type(event) is Ended), None)

    def _events(self, client: int | str) -> list[Any]:
        number = self._number(client)
        return [event for event in self.transcript.events if event.client == number]

    def _number(self, client: int | str) -> int:
        if isinstance(client, str):
            if client not in self.names:
                raise ConfigError(f"there is no client {client!r}", f"There are: {', '.join(self.names) or 'none'}.")
            return self.names.index(client)
        if not 0 <= client < len(self.scenario.clients):
            raise ConfigError(f"there is no client {client}", f"There are {len(self.scenario.clients)}, from 0 on.")
        return client
