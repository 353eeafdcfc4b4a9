"""How large an entry may be. A corpus may come from strangers: nothing in it may cost a replay memory or time at will.

Writers keep to the same limits, so that whatever was saved can be loaded.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from wsreplay.model import Client, Scenario, Send, Step, Wait

MAX_FILE = 64 * 1024 * 1024
"""Bytes of one file."""

MAX_CLIENTS = 1_000
"""Clients of one scenario."""

MAX_STEPS = 10_000
"""Steps of one scenario."""

MAX_WAIT = 86_400.0
"""Seconds that the waits of one scenario may add up to. Few of them are spent for real: see `scenario_limit`."""

MAX_MESSAGE = 16 * 1024 * 1024
"""Bytes of one message of a client (text as UTF-8). uvicorn refuses larger ones by default."""

MAX_HANDSHAKE = 1 << 20
"""Characters of a client's path, query, headers and subprotocols together; and of a route."""

MAX_FINDINGS = 1_000
"""Findings of one entry."""

MAX_LIST = 100_000
"""Elements of any other list, among them the events of a transcript."""

MAX_ELEMENTS = 1_000_000
"""Elements of all lists of a scenario together, or of a record."""

MAX_DIGITS = 1_000
"""Decimal digits of an integer."""


def breach(scenario: Scenario) -> str:
    """Say in which way `scenario` goes beyond the limits or contradicts itself; empty when it does neither."""
    if len(scenario.clients) > MAX_CLIENTS:
        return f"it has {len(scenario.clients)} clients, at most {MAX_CLIENTS} are allowed"
    if len(scenario.steps) > MAX_STEPS:
        return f"it has {len(scenario.steps)} steps, at most {MAX_STEPS} are allowed"
    if len(scenario.route) > MAX_HANDSHAKE:
        return f"its route has {len(scenario.route)} characters, at most {MAX_HANDSHAKE} are allowed"
    for number, client in enumerate(scenario.clients):
        if (size := _handshake_size(client)) > MAX_HANDSHAKE:
            return f"the handshake of client {number} has {size} characters, at most {MAX_HANDSHAKE} are allowed"
    return _step_breach(scenario.steps, len(scenario.clients))


def _step_breach(steps: Sequence[Step], clients: int) -> str:
    waited = 0.0
    for number, step in enumerate(steps):
        if type(step) is Wait:
            waited += step.seconds
            # Written so that NaN fails too. Minus zero is refused because it would be a second encoding of zero.
            if not 0.0 <= step.seconds < math.inf or math.copysign(1.0, step.seconds) < 0.0:
                return f"step {number} waits {step.seconds} seconds"
            if waited > MAX_WAIT:
                return f"its waits add up to {waited:g} seconds, at most {MAX_WAIT:g} are allowed"
        elif not 0 <= step.client < clients:  # type: ignore[union-attr]
            return f"step {number} is about client {step.client}, but there are {clients}"  # type: ignore[union-attr]
        elif type(step) is Send and len(step.data) > MAX_MESSAGE // 4 and _wire_size(step.data) > MAX_MESSAGE:
            return f"the message of step {number} has {_wire_size(step.data)} bytes, at most {MAX_MESSAGE} are allowed"
    return ""


def _handshake_size(client: Client) -> int:
    size = len(client.path) + len(client.query)
    if client.headers:
        size += sum(len(name) + len(value) for name, value in client.headers)
    if client.subprotocols:
        size += sum(map(len, client.subprotocols))
    return size


def _wire_size(data: str | bytes) -> int:
    return len(data) if isinstance(data, bytes) else len(data.encode("utf-8", "surrogatepass"))
