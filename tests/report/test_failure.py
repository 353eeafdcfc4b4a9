"""A failure field by field, for connections that ended in different ways."""

from __future__ import annotations

import pytest

from wsreplay.config import Settings
from wsreplay.model import (
    Accepted,
    Client,
    Close,
    Closed,
    Connect,
    Consumed,
    Denied,
    Died,
    Drop,
    Dropped,
    Ended,
    Finding,
    Hung,
    Message,
    Opened,
    Scenario,
    Send,
    Transcript,
    Wait,
)
from wsreplay.report.failure import Again, failure, fields

STEPS = (Connect(0), Send(0, "json", '{"a": 1}'), Wait(1), Send(0, "bytes", b"\x00"), Drop(0))
BEGIN = (Opened(0.0, 0, 0), Accepted(0.0, 0, 0))
FIRST = (
    Message(0.0, 1, 0, "client", "json", '{"a": 1}'),
    Consumed(0.0, 1, 0, 1),
    Message(0.25, 1, 0, "app", "text", "thanks"),
)


def told(events, check="hang", steps=STEPS, **finding):
    scenario = Scenario("/ws", (Client("/ws"),), steps)
    one = Finding(check, "failure", "/ws", "message", "It happened.", **finding)
    return "\n".join(line.text for line in fields(one, scenario, Transcript(tuple(events))))


def test_messages_are_counted_up_to_the_step_of_the_finding():
    text = told((*BEGIN, *FIRST, Hung(10.25, 1, 0, "message"), Dropped(12.0, 4, 0)), step=1, client=0)
    assert 'Failed at message index: 1\nSent (json):\n  {"a":1}\n' in text
    assert "Connection State: open, waiting\nClose Code: None\n" in text
    assert 'total_messages_sent: 1\n  last_response: "thanks"\n  elapsed_time_ms: 10250.0' in text
    late = told((*BEGIN, *FIRST, Dropped(12.0, 4, 0)))
    assert "Failed at message index: 2\nSent (bytes):\n  b'\\x00'\n" in late
    assert "Connection State: closed\nClose Code: None\n" in late


@pytest.mark.parametrize(
    ("events", "state", "code"),
    [
        ((), "not connected", None),
        ((Opened(0.0, 0, 0),), "connecting", None),
        ((Opened(0.0, 0, 0), Hung(9.0, 0, 0, "connect")), "connecting", None),
        ((Opened(0.0, 0, 0), Denied(0.0, 0, 0, 404)), "refused", None),
        ((Opened(0.0, 0, 0), Closed(0.0, 0, 0, "app", 4001), Ended(0.0, 0, 0, "rejected", 4001)), "refused", 4001),
        ((Opened(0.0, 0, 0), Ended(0.0, 0, 0, "raised")), "refused", None),
        ((*BEGIN, Closed(0.0, 0, 0, "app", 1011)), "closed", 1011),
        ((*BEGIN, Ended(0.0, 0, 0, "closed", 3000)), "closed", 3000),
        ((*BEGIN, Closed(0.0, 0, 1, "app", 1011), Died(0.0, 0, -1, "gone")), "closed", 1011),
    ],
)
def test_the_state_is_that_of_the_connection(events, state, code):
    text = told(events, step=0)
    assert f"Connection State: {state}\nClose Code: {code}\n" in text
    assert "Failed at message index: before any message\nExpected:" in text
    assert (f"It happened. Connection closed with code {code}." in text) == (state == "closed")


def test_another_client_is_another_matter():
    events = (*BEGIN, Opened(0.0, 0, 1), Closed(0.0, 0, 1, "app", 1011))
    assert "Connection State: open\nClose Code: None\n" in told(events, step=0, client=0)
    assert "Connection State: open\nClose Code: 1006\n" in told(events, step=0, client=0, close_code=1006)


def test_a_check_of_the_users_own_is_expected_to_find_nothing():
    text = told(BEGIN, check="polite", steps=(Connect(0), Close(0)))
    assert "Expected:\n  The check polite to find nothing\n" in text


@pytest.mark.parametrize(("seed", "said"), [(None, ""), (7, "Seed: 7\n")])
def test_the_seed_is_told_where_it_is_known(seed, said):
    finding = Finding("hang", "failure", "/ws", "message", "It happened.")
    scenario = Scenario("/ws", (Client("/ws"),), (Connect(0),))
    lines = failure(finding, scenario, Transcript(BEGIN), Settings(), Again("pytest", seed))
    text = "\n".join(line.text for line in lines)
    assert text.endswith(f"accepted\n\n{said}Reproduce: pytest\n{'=' * 60}")
