"""Small real entries for the tests of the corpus."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from wsreplay.model import (
    Accepted,
    Client,
    Close,
    Closed,
    Connect,
    Consumed,
    Ended,
    Entry,
    Finding,
    Frame,
    Message,
    Opened,
    Provenance,
    Raised,
    Scenario,
    Send,
    Told,
    Transcript,
)

FRAME = Frame("app.py", 12, "chat", "price = order['price']")


def make_entry(
    text: str = "hello",
    route: str = "/ws/chat",
    bugs: tuple[str, ...] = (),
    features: tuple[str, ...] = ("close:1000",),
    seed: int | None = 1,
    severity: str = "failure",
) -> Entry:
    """An entry that says one text; each of `bugs` is the exception type of a finding."""
    scenario = Scenario(route, (Client(route),), (Connect(0), Send(0, "text", text), Close(0)))
    raised = Raised(bugs[0], "'price'", frames=(FRAME,)) if bugs else None
    events = (
        Opened(0.0, 0, 0),
        Accepted(0.0, 0, 0),
        Message(0.0, 1, 0, "client", "text", text),
        Consumed(0.0, 1, 0, 1),
        Message(0.0, 1, 0, "app", "text", text),
        Closed(0.0, 2, 0, "client", 1000),
        Told(0.0, 2, 0),
        Ended(0.0, 2, 0, "raised" if bugs else "returned", None, raised),
    )
    findings = tuple(
        Finding("handler_crash", severity, route, "raised", f"raised {bug}", bug, location=FRAME)  # type: ignore[arg-type]
        for bug in bugs
    )
    return Entry(scenario, Transcript(events, features), findings, Provenance(seed=seed))


@pytest.fixture
def entry() -> Callable[..., Entry]:
    """Makes entries: `entry(text, route=, bugs=, features=, seed=, severity=)`."""
    return make_entry
