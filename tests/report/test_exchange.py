"""Exchanges of every kind of step and event."""

from __future__ import annotations

import textwrap

import pytest

from wsreplay.model import (
    Accepted,
    Blocked,
    Client,
    Close,
    Closed,
    Connect,
    Consumed,
    Crashed,
    Denied,
    Died,
    Drop,
    Dropped,
    Ended,
    Frame,
    Hung,
    Leaked,
    Limits,
    Message,
    Opened,
    Pause,
    Raised,
    Resume,
    Scenario,
    Send,
    Slow,
    Told,
    Transcript,
    Violation,
    Wait,
)
from wsreplay.report.exchange import exceptions, exchange, letter, raised_text


def golden(expected: str) -> str:
    return textwrap.dedent(expected).strip("\n")


def scenario(*steps, clients=2):
    return Scenario("/ws", tuple(Client("/ws") for _ in range(clients)), steps)


def told(*events, steps=(), clients=2, whole=False):
    return "\n".join(line.text for line in exchange(scenario(*steps, clients=clients), Transcript(events), whole))


HERE = (Frame("lib.py", 1, "run", app=False), Frame("shop.py", 4, "desk"), Frame("lib.py", 2, "wait", app=False))


def test_clients_have_letters():
    assert [letter(number) for number in (0, 25, 26, 53)] == ["A", "Z", "A1", "B2"]


def test_steps_without_an_event_and_time_that_goes_by_are_told(shop, text):
    shop.write("""
        async def greedy(websocket):
            await websocket.accept()
            await websocket.receive_text()
            await asyncio.sleep(90)
            await websocket.send_text("bye")
            await websocket.close(4000, "enough")

        app = Starlette(routes=[WebSocketRoute("/ws", greedy)])
    """)
    entry = shop.entry(Pause(0), Send(0, "text", "x"), Wait(100.0), Resume(0), Close(0), limits=Limits(message=200.0))
    assert text(exchange(entry.scenario, entry.transcript, whole=True)) == golden("""
        A connects to /ws, accepted
        A stops reading
        A -> app  "x"
        ... 3 min 10 s pass
        A reads again
        A <- app  "bye"
        A <- app  closes with 4000 "enough"
    """)


def test_a_message_that_the_app_never_read_says_so_if_it_was_sent_at_all(shop, text):
    shop.write("""
        async def deaf(websocket):
            await websocket.accept()
            await websocket.close()

        app = Starlette(routes=[WebSocketRoute("/ws", deaf)])
    """)
    entry = shop.entry(Send(0, "text", "hello?"))
    assert "hello?" not in text(exchange(entry.scenario, entry.transcript))
    assert told(Message(0.0, 1, 0, "client", "text", "hello?")) == 'A -> app  "hello?"  (never read)'
    read = (Message(0.0, 1, 0, "client", "text", "hello?"), Consumed(0.0, 1, 0, 1))
    assert told(*read) == 'A -> app  "hello?"'


def test_an_answer_that_comes_later_than_the_handshake_has_a_line_of_its_own():
    events = (Opened(0.0, 0, 0), Opened(0.0, 1, 1), Accepted(0.0, 1, 0, "v2"), Accepted(0.0, 1, 1), Opened(0.0, 1, 2))
    assert told(*events, steps=(Connect(0), Connect(1))) == golden("""
        A connects to /ws
        B connects to /ws
        A <- app  accepted as "v2"
        B <- app  accepted
        C connects to ?
    """)


def test_denials_closes_and_ends_are_told():
    events = (
        Opened(0.0, 0, 0),
        Denied(0.0, 0, 0, 403, b"no\n"),
        Opened(0.0, 1, 1),
        Accepted(0.0, 1, 1),
        Closed(0.0, 2, 1, "client", None),
        Told(0.0, 2, 1),
        Ended(0.0, 2, 1, "raised", None, Raised("WebSocketDisconnect", "1005", "starlette", nature="disconnect")),
        Ended(0.0, 2, 0, "denied"),
        Ended(0.0, 2, 1, "returned"),
    )
    assert told(*events) == golden(r"""
        A connects to /ws
        A <- app  refuses with HTTP 403 b'no\n'
        B connects to /ws, accepted
        B -> app  closes without a code
        B's handler ends with WebSocketDisconnect: 1005
        B's handler returns
    """)


def test_a_close_because_of_an_exception_names_it():
    raised = Raised("KeyError", "'x'", group=True)
    events = (Opened(0.0, 0, 0), Accepted(0.0, 0, 0), Closed(0.0, 1, 0, "app", 1011, "oops\x1b", raised))
    assert told(*events).splitlines()[1] == (
        "A <- app  closes with 1011 \"oops\\x1b\", while it handles KeyError: 'x' (in an exception group)"
    )
    assert raised_text(Raised("error", "", "struct")) == "struct.error"


def test_what_breaks_is_told_with_its_place():
    raised = Raised("RuntimeError", "")
    events = (
        Hung(0.0, 0, 0, "connect", frames=HERE),
        Blocked(0.0, 1, 0, 0.5, HERE),
        Violation(0.0, 1, 0, "rule", "a second\naccept", HERE[:1]),
        Slow(0.0, 1, 0, 2.0),
        Leaked(0.0, 1, 0, tuple(f"\x07{number}" for number in range(12))),
        *(Crashed(0.0, 1, 0, source, raised) for source in ("task", "log", "framework", "loop")),
        Dropped(0.0, 2, 1),
        Crashed(0.0, 2, -1, "loop", raised),
    )
    assert told(*events, whole=True) == golden(r"""
        !! A's handler neither accepts nor refuses the connection, at shop.py:4 in desk
        !! A's handler holds the event loop for more than 0.5 s, at shop.py:4 in desk
        !! A's handler: a second\naccept
        !! A's handler takes long over a message
        !! left running after A's session: \x070, \x071, \x072, \x073, \x074, \x075, \x076, \x077, \x078, \x079
        !! a task that the app started dies of RuntimeError
        !! the app logs RuntimeError
        !! the framework catches RuntimeError
        !! the event loop reports RuntimeError
        B is gone without a close frame
        !! the event loop reports RuntimeError
    """)


def test_what_follows_the_break_is_left_out_save_the_close_that_it_causes():
    events = (
        Opened(0.0, 0, 0),
        Accepted(0.0, 0, 0),
        Crashed(0.0, 1, 0, "framework", Raised("KeyError", "")),
        Closed(0.0, 1, 0, "app", 4000),
        Dropped(0.0, 2, 1),
    )
    assert told(*events).splitlines()[-1] == "A <- app  closes with 4000"
    assert told(*events, whole=True).splitlines()[-1] == "B is gone without a close frame"


@pytest.mark.parametrize(("messages", "lines"), [(52, 53), (53, 53), (100, 53)])
def test_the_middle_of_a_long_exchange_is_left_out(messages, lines):
    events = tuple(Message(0.0, 0, 0, "app", "text", str(number)) for number in range(messages + 1))
    shown = told(*events).splitlines()
    assert len(shown) == lines
    if messages == 100:
        assert shown[12] == "... 49 lines left out"


def test_an_event_of_a_client_that_the_scenario_lacks_is_told_all_the_same():
    assert told(Opened(0.0, 0, 5), clients=1) == "F connects to ?"


def test_exceptions_are_found_by_class_and_message():
    one, other = Raised("error", "a", "struct"), Raised("error", "b", "zlib")
    transcript = Transcript(
        (Ended(0.0, 0, 0, "raised", None, one), Slow(0.0, 0, 0, 1.0), Crashed(0.0, 0, 0, "log", other))
    )
    assert list(exceptions(transcript, "error", "b")) == [other]


def test_when_the_process_died_all_that_was_asked_of_it_is_told():
    steps = (
        Connect(0),
        Send(0, "bytes", b"x"),
        Wait(2.0),
        Pause(0),
        Resume(0),
        Connect(1),
        Close(1, None),
        Close(0, 1000, "bye"),
        Drop(0),
    )
    events = (Died(0.0, len(steps), -1, "was killed by signal 11", HERE),)
    assert told(*events, steps=steps) == golden("""
        A connects to /ws
        A -> app  b'x'
        ... 2 s pass
        A stops reading
        A reads again
        B connects to /ws
        B -> app  closes without a code
        A -> app  closes with 1000 "bye"
        A is gone without a close frame
        !! the process was killed by signal 11, at shop.py:4 in desk
    """)


def test_steps_that_an_event_cannot_belong_to_are_told_once():
    steps = (Connect(0), *[Pause(0)] * 2_000)
    events = tuple(Slow(0.0, -2, 0, 1.0) for _ in range(2_000))
    told = exchange(Scenario("/", (Client("/"),), steps), Transcript((*events, Dropped(0.0, 10**30, 0))), whole=True)
    assert len(told) == 2_000 + 2_000 + 1
