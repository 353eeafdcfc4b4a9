"""Scenarios written by hand: what clients do, one call a step."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from wsreplay.errors import ConfigError
from wsreplay.model import (
    Client,
    Close,
    Connect,
    Drop,
    Kind,
    Pause,
    Profile,
    Resume,
    Scenario,
    Send,
    Sends,
    Step,
    Wait,
)

_PLACE = re.compile(r"\{([^{}]*)\}")


def scenario(route: str, /, **parameters: object) -> Script:
    """Begin a scenario on the route `route`, a path as `wsreplay routes` prints it: `scenario("/chat/{room}", room=1)`.

    `parameters` fill the places of the path. Raises ConfigError for a parameter that the path does not have.
    """
    names = set(_PLACE.findall(route))
    unknown = sorted(set(parameters) - names)
    if unknown:
        known = ", ".join(sorted(names)) or "none"
        raise ConfigError(f"the path {route!r} has no parameter {unknown[0]!r}", f"It has: {known}.")
    return Script(route, {name: str(value) for name, value in parameters.items()})


@dataclass(frozen=True)
class Script:
    """A scenario that is being written. Every method returns a new one, so that a beginning can be shared.

    Clients have names; where there is only one, nobody need name it, and it connects by itself. Who is still connected
    after the last step leaves with 1000.
    """

    route: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    clients: tuple[Client, ...] = ()
    steps: tuple[Step, ...] = ()
    sends: Sends = "immediate"

    # --- coming and going --------------------------------------------------------------------------------------------

    def connect(
        self,
        client: str = "",
        *,
        path: str | None = None,
        query: str = "",
        headers: Mapping[str, str] | Sequence[tuple[str, str]] = (),
        subprotocols: Sequence[str] = (),
    ) -> Script:
        """A client opens its connection, by default on the route's path. Raises ConfigError for a name that is taken,
        and where a parameter of the path has no value.
        """
        name = client or f"client{len(self.names)}"
        if name in self.names:
            raise ConfigError(f"the client {name!r} connects a second time", "Each client of a scenario connects once.")
        pairs = tuple(headers.items() if isinstance(headers, Mapping) else headers)
        peer = Client(self._path() if path is None else path, query, pairs, tuple(subprotocols))
        return replace(
            self,
            names=(*self.names, name),
            clients=(*self.clients, peer),
            steps=(*self.steps, Connect(len(self.names))),
        )

    def close(self, code: int | None = 1000, reason: str = "", *, client: str = "") -> Script:
        """A client says goodbye with a close frame; with code None, without a code."""
        script, number = self._who(client)
        return script._then(Close(number, code, reason))

    def drop(self, client: str = "") -> Script:
        """A client is gone without a close frame."""
        script, number = self._who(client)
        return script._then(Drop(number))

    # --- messages ----------------------------------------------------------------------------------------------------

    def send_text(self, text: str, *, client: str = "") -> Script:
        """A client sends a text message."""
        return self._send("text", text, client)

    def send_json(self, value: Any, *, client: str = "") -> Script:
        """A client sends a value as JSON, in a text message. To send broken JSON, use `send_text`."""
        return self._send("json", json.dumps(value), client)

    def send_bytes(self, data: bytes, *, client: str = "") -> Script:
        """A client sends a binary message."""
        return self._send("bytes", bytes(data), client)

    # --- time and the network ----------------------------------------------------------------------------------------

    def wait(self, seconds: float) -> Script:
        """Nothing is sent for so many seconds. They pass on the simulation's clock, at once."""
        return self._then(Wait(float(seconds)))

    def pause(self, client: str = "") -> Script:
        """A client stops reading: what the app sends to it suspends."""
        script, number = self._who(client)
        return script._then(Pause(number))

    def resume(self, client: str = "") -> Script:
        """A client that stopped reading reads again."""
        script, number = self._who(client)
        return script._then(Resume(number))

    def under_backpressure(self) -> Script:
        """Every `send()` of the app suspends once, so that its other tasks run in between."""
        return replace(self, sends="suspend")

    # --- the end -----------------------------------------------------------------------------------------------------

    def build(self) -> Scenario:
        """The scenario. A script without a step is one client that connects."""
        script = self if self.clients else self.connect()
        return Scenario(script.route, script.clients, script.steps, Profile(script.sends))

    def _send(self, kind: Kind, data: str | bytes, client: str) -> Script:
        script, number = self._who(client)
        return script._then(Send(number, kind, data))

    def _then(self, step: Step) -> Script:
        return replace(self, steps=(*self.steps, step))

    def _who(self, client: str) -> tuple[Script, int]:
        if client in self.names:
            return self, self.names.index(client)
        if client:
            known = ", ".join(self.names) or "nobody"
            raise ConfigError(f"the client {client!r} has not connected", f"Connected so far: {known}.")
        if len(self.names) > 1:
            raise ConfigError(
                f"a step does not say which client's it is, and there are {', '.join(self.names)}",
                f"Name the client: client={self.names[0]!r}.",
            )
        return (self, 0) if self.names else (self.connect(), 0)

    def _path(self) -> str:
        missing = [name for name in _PLACE.findall(self.route) if name not in self.parameters]
        if missing:
            raise ConfigError(
                f"the path {self.route!r} needs a value for {missing[0]!r}",
                f"Give it: scenario({self.route!r}, {missing[0]}=...), or connect(path=...).",
            )
        return _PLACE.sub(lambda found: self.parameters[found[1]], self.route)
