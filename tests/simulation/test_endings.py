"""The cause of a handler's end, by the state that its connection is in and what left the handler."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.websockets import WebSocketDisconnect

from wsreplay.protocol import State
from wsreplay.simulation.connection import Connection
from wsreplay.simulation.endings import conclude
from wsreplay.simulation.exceptions import ClientDisconnected
from wsreplay.simulation.loop import SimulationLoop
from wsreplay.simulation.recorder import Recorder
from wsreplay.sources import Sources

SOURCES = Sources(Path(__file__).parent)


@pytest.fixture
def connection() -> Iterator[Connection]:
    loop = SimulationLoop()
    yield Connection(1, loop, Recorder(loop), SOURCES, (), False, lambda _: None)
    loop.shut()


@pytest.mark.parametrize(
    ("state", "gone", "cause"),
    [
        (State.CONNECTING, False, "returned"),
        (State.OPEN, False, "returned"),
        (State.OPEN, True, "disconnected"),
        (State.DENYING, False, "returned"),
        (State.REJECTED, False, "rejected"),
        (State.REJECTED, True, "rejected"),
        (State.DENIED, False, "denied"),
        (State.CLOSED, False, "closed"),
        (State.CLOSED, True, "closed"),
    ],
)
def test_a_handler_that_returns_ends_by_the_state_it_left(
    connection: Connection, state: State, gone: bool, cause: str
) -> None:
    connection.state, connection.gone = state, gone
    assert conclude(connection, None, SOURCES) == (cause, None)


def test_a_handler_that_returns_while_its_close_waits_has_closed(connection: Connection) -> None:
    connection.state, connection.closing = State.OPEN, True
    assert conclude(connection, None, SOURCES) == ("closed", None)


@pytest.mark.parametrize("exception", [WebSocketDisconnect(1001), ClientDisconnected(1)])
def test_the_exception_for_a_client_that_left_is_the_usual_way_to_leave(
    connection: Connection, exception: Exception
) -> None:
    connection.state, connection.gone = State.OPEN, True
    cause, raised = conclude(connection, exception, SOURCES)
    assert cause == "disconnected"
    assert raised is not None
    assert raised.frames == ()


@pytest.mark.parametrize("exception", [WebSocketDisconnect(1001), ClientDisconnected(1), KeyError("x")])
def test_while_the_client_is_there_any_exception_is_raised(connection: Connection, exception: Exception) -> None:
    connection.state = State.OPEN
    cause, raised = conclude(connection, exception, SOURCES)
    assert cause == "raised"
    assert raised is not None
    assert raised.type == type(exception).__name__


def test_the_departure_of_another_client_is_no_way_to_leave(connection: Connection) -> None:
    connection.state, connection.gone = State.OPEN, True
    cause, raised = conclude(connection, ClientDisconnected(0), SOURCES)
    assert cause == "raised"
    assert raised is not None
    assert (raised.nature, raised.peer) == ("peer_gone", 0)


def test_an_error_after_the_client_left_is_an_error(connection: Connection) -> None:
    connection.state, connection.gone = State.OPEN, True
    cause, raised = conclude(connection, KeyError("x"), SOURCES)
    assert cause == "raised"
    assert raised is not None
    assert raised.nature == "error"


def test_a_handler_that_was_given_up_has_no_end_of_its_own(connection: Connection) -> None:
    connection.abandoned = True
    assert conclude(connection, KeyError("x"), SOURCES) == ("unfinished", None)
