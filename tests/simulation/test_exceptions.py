"""What an exception is taken for: its nature, its leaf, its frames; and what `send()` raises for a breach."""

from __future__ import annotations

import asyncio
import importlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.websockets import WebSocketDisconnect

from wsreplay.model import NOBODY
from wsreplay.protocol import ACCEPT, CLOSE, DENIAL_START, SEND, State, judge
from wsreplay.simulation.exceptions import MAX_MESSAGE, ClientDisconnected, ProtocolError, describe, refusal
from wsreplay.simulation.watchdog import Interrupted
from wsreplay.sources import Sources

SOURCES = Sources(Path(__file__).parent)


def raised_by(function: Callable[[], object]) -> BaseException:
    with pytest.raises(BaseException) as info:
        function()
    return info.value


def nature(exception: BaseException) -> str:
    return describe(exception, SOURCES).nature


def library(tmp_path: Path, source: str) -> dict[str, Any]:
    """Code of an installed package."""
    space: dict[str, Any] = {"ClientDisconnected": ClientDisconnected, "__name__": "somebody"}
    exec(compile(source, str(tmp_path / "site-packages" / "somebody.py"), "exec"), space)
    return space


# --- nature ----------------------------------------------------------------------------------------------------------


class OwnError(Exception):
    """An application's own class."""

    def __init__(self, text: str = "") -> None:
        super().__init__(text)


@pytest.mark.parametrize(
    ("exception", "expected"),
    [
        (KeyError("x"), "error"),
        (OSError("disk"), "error"),
        (ConnectionResetError("elsewhere"), "error"),
        (SystemExit(1), "error"),
        (ClientDisconnected(0), "peer_gone"),
        (WebSocketDisconnect(1000), "disconnect"),
        (asyncio.CancelledError(), "cancelled"),
        (Interrupted("held"), "interrupted"),
    ],
)
def test_each_exception_has_its_nature(exception: BaseException, expected: str) -> None:
    def handler() -> None:
        raise exception

    assert nature(raised_by(handler)) == expected


@pytest.mark.parametrize(
    ("module", "name", "arguments"),
    [
        ("starlette.websockets", "WebSocketDisconnect", {"code": 1000}),
        ("fastapi", "WebSocketDisconnect", {"code": 1000}),
        ("litestar.exceptions", "WebSocketDisconnect", {"detail": "gone"}),
        ("falcon", "WebSocketDisconnected", {"code": 1000}),
        ("blacksheep.server.websocket", "WebSocketDisconnectError", {"code": 1000}),
        ("channels.exceptions", "StopConsumer", {}),
    ],
)
def test_the_disconnect_exception_of_each_framework_is_known(
    module: str, name: str, arguments: dict[str, object]
) -> None:
    disconnect: Callable[..., Exception] = getattr(pytest.importorskip(module), name)
    assert nature(disconnect(**arguments)) == "disconnect"


def test_a_subclass_of_a_disconnect_is_one() -> None:
    class Farewell(WebSocketDisconnect):
        pass

    assert nature(Farewell(1000)) == "disconnect"


def test_starlettes_name_for_misuse_after_the_disconnect_is_an_error() -> None:
    module = importlib.import_module("starlette.websockets")
    misuse: type[Exception] = getattr(module, "WebSocketDisconnected", type("WebSocketDisconnected", (Exception,), {}))

    def handler() -> None:
        raise misuse("too late")

    assert nature(raised_by(handler)) == "error"


def test_another_class_of_the_same_name_is_an_error() -> None:
    own = type("WebSocketDisconnect", (Exception,), {"__module__": "shop"})

    def handler() -> None:
        raise own

    assert nature(raised_by(handler)) == "error"


def test_a_disconnect_that_was_made_of_our_error_tells_whose_it_was() -> None:
    def handler() -> None:
        try:
            raise ClientDisconnected(3)
        except OSError as error:
            raise WebSocketDisconnect(1006) from error

    raised = describe(raised_by(handler), SOURCES)
    assert (raised.nature, raised.peer) == ("disconnect", 3)


def test_a_disconnect_of_its_own_is_nobodys() -> None:
    assert describe(WebSocketDisconnect(1000), SOURCES).peer == NOBODY


# --- chains ----------------------------------------------------------------------------------------------------------


def test_an_explicit_cause_passes_the_departure_on() -> None:
    def handler() -> None:
        try:
            raise ClientDisconnected(2)
        except OSError as error:
            raise ValueError("cannot send") from error

    raised = describe(raised_by(handler), SOURCES)
    assert (raised.nature, raised.peer) == ("peer_gone", 2)


def test_an_applications_own_class_raised_in_its_place_passes_it_on() -> None:
    def handler() -> None:
        try:
            raise ClientDisconnected(2)
        except OSError:
            raise OwnError("gone")  # noqa: B904 - the mere context is what this is about

    assert nature(raised_by(handler)) == "peer_gone"


def test_an_error_made_while_handling_the_departure_is_an_error() -> None:
    def handler() -> None:
        try:
            raise ClientDisconnected(2)
        except OSError:
            {}["missing"]  # type: ignore[index]

    assert nature(raised_by(handler)) == "error"


def test_a_builtin_error_raised_on_purpose_meanwhile_is_an_error() -> None:
    def handler() -> None:
        try:
            raise ClientDisconnected(2)
        except OSError:
            raise KeyError("x")  # noqa: B904

    assert nature(raised_by(handler)) == "error"


def test_a_librarys_class_raised_by_the_application_meanwhile_is_an_error() -> None:
    def handler() -> None:
        try:
            raise ClientDisconnected(2)
        except OSError:
            raise json.JSONDecodeError("x", "y", 0)  # noqa: B904

    assert nature(raised_by(handler)) == "error"


def test_an_applications_class_without_code_of_its_own_passes_it_on_too() -> None:
    class BareError(Exception):
        pass

    def handler() -> None:
        try:
            raise ClientDisconnected(2)
        except OSError:
            raise BareError  # noqa: B904

    assert nature(raised_by(handler)) == "peer_gone"


def test_a_library_that_translates_the_departure_passes_it_on(tmp_path: Path) -> None:
    source = (
        "def send():\n    try:\n        raise ClientDisconnected(4)\n    except OSError:\n        raise RuntimeError\n"
    )
    raised = describe(raised_by(library(tmp_path, source)["send"]), SOURCES)
    assert (raised.nature, raised.peer) == ("peer_gone", 4)


def test_a_library_that_stumbles_meanwhile_makes_an_error(tmp_path: Path) -> None:
    source = "def send():\n    try:\n        raise ClientDisconnected(4)\n    except OSError:\n        {}['x']\n"
    assert nature(raised_by(library(tmp_path, source)["send"])) == "error"


def test_a_suppressed_context_without_a_traceback_is_an_error() -> None:
    exception = KeyError("x")
    exception.__context__ = ClientDisconnected(1)
    assert nature(exception) != "peer_gone"


def test_a_chain_without_an_end_is_no_obstacle() -> None:
    first, second = KeyError("a"), KeyError("b")
    first.__cause__, second.__cause__ = second, first

    def handler() -> None:
        raise first

    assert nature(raised_by(handler)) == "error"


def test_an_interruption_that_was_translated_is_still_one() -> None:
    def handler() -> None:
        try:
            raise Interrupted("held")
        except BaseException as error:
            raise KeyError("x") from error

    assert nature(raised_by(handler)) == "interrupted"


# --- groups ----------------------------------------------------------------------------------------------------------


def test_of_a_group_the_gravest_leaf_is_told() -> None:
    def fail() -> None:
        raise KeyError("price")

    group = BaseExceptionGroup(
        "tasks",
        [asyncio.CancelledError(), ExceptionGroup("inner", [ClientDisconnected(0), raised_by(fail)])],  # type: ignore[list-item]
    )
    raised = describe(group, SOURCES)
    assert (raised.type, raised.nature, raised.group) == ("KeyError", "error", True)


def test_a_group_of_departures_is_a_departure() -> None:
    raised = describe(ExceptionGroup("tasks", [ClientDisconnected(5), ClientDisconnected(5)]), SOURCES)
    assert (raised.nature, raised.peer, raised.group) == ("peer_gone", 5, True)


def test_an_exception_caused_by_a_group_of_departures_is_a_departure() -> None:
    exception = RuntimeError("tasks failed")
    exception.__cause__ = ExceptionGroup("tasks", [ClientDisconnected(5)])
    raised = describe(exception, SOURCES)
    assert (raised.nature, raised.peer, raised.group) == ("peer_gone", 5, False)


def test_an_exception_caused_by_a_mixed_group_is_an_error() -> None:
    exception = RuntimeError("tasks failed")
    exception.__cause__ = ExceptionGroup("tasks", [ClientDisconnected(5), KeyError("x")])
    assert nature(exception) == "error"


def test_a_group_of_thousands_is_looked_at_in_part() -> None:
    group = ExceptionGroup("many", [ClientDisconnected(0) for _ in range(5000)])
    assert describe(group, SOURCES).nature == "peer_gone"


# --- what is told ----------------------------------------------------------------------------------------------------


def test_type_module_message_and_frames_are_told() -> None:
    def place_order() -> None:
        raise OwnError("sold out")

    raised = describe(raised_by(place_order), SOURCES)
    assert (raised.type, raised.module, raised.message) == ("OwnError", __name__, "sold out")
    assert raised.frames[-1].function.endswith("place_order")
    assert raised.frames[-1].source == 'raise OwnError("sold out")'


def test_a_leaf_that_was_never_raised_has_the_frames_of_its_group() -> None:
    def gather() -> None:
        raise ExceptionGroup("tasks", [KeyError("x")])

    assert describe(raised_by(gather), SOURCES).frames[-1].function.endswith("gather")


def test_a_long_message_is_cut() -> None:
    message = describe(KeyError("x" * 10_000), SOURCES).message
    assert len(message) == MAX_MESSAGE + 3
    assert message.endswith("...")


def test_a_message_that_cannot_be_made_is_said_so() -> None:
    class MuteError(Exception):
        def __str__(self) -> str:
            raise ValueError

    assert describe(MuteError(), SOURCES).message == "<str() raised ValueError>"


@pytest.mark.parametrize("gone", [None, 0, 1])
def test_how_the_news_of_the_own_clients_departure_travelled_is_no_news(gone: int | None) -> None:
    def handler() -> None:
        raise ClientDisconnected(0)

    assert (describe(raised_by(handler), SOURCES, gone).frames == ()) is (gone == 0)


# --- client input that a framework refuses ---------------------------------------------------------------------------


def test_a_framework_that_refuses_input_by_itself_is_told_apart(tmp_path: Path) -> None:
    space = library(tmp_path, "import json\ndef receive_json():\n    json.loads('{')\n")
    alone = raised_by(space["receive_json"])
    alone.__traceback__ = _from(alone, "receive_json")
    assert nature(alone) == "unsupported"


def test_by_its_name_too(tmp_path: Path) -> None:
    source = "class SerializationError(Exception):\n    pass\ndef parse():\n    raise SerializationError\n"
    alone = raised_by(library(tmp_path, source)["parse"])
    alone.__traceback__ = _from(alone, "parse")
    assert nature(alone) == "unsupported"


def test_any_other_error_of_a_framework_is_an_error(tmp_path: Path) -> None:
    alone = raised_by(library(tmp_path, "def parse():\n    raise LookupError\n")["parse"])
    alone.__traceback__ = _from(alone, "parse")
    assert nature(alone) == "error"


def test_called_by_the_application_it_is_the_applications_error() -> None:
    def handler() -> None:
        json.loads("{")

    assert nature(raised_by(handler)) == "error"


def test_middleware_of_the_applications_is_not_involved_in_what_it_calls(tmp_path: Path) -> None:
    source = "class Framework:\n    def __call__(self, scope, receive, send):\n        raise ValueError('input')\n"
    framework = library(tmp_path, source)["Framework"]()

    def middleware() -> None:
        framework({}, None, None)

    assert nature(raised_by(middleware)) == "unsupported"


def _from(exception: BaseException, function: str) -> Any:
    traceback = exception.__traceback__
    while traceback is not None and traceback.tb_frame.f_code.co_name != function:
        traceback = traceback.tb_next
    return traceback


# --- what send() raises ----------------------------------------------------------------------------------------------


def test_the_error_for_a_gone_peer_is_an_oserror_without_words() -> None:
    error = ClientDisconnected(7)
    assert isinstance(error, OSError)
    assert str(error) == ""
    assert error.client == 7


@pytest.mark.parametrize(
    ("state", "event", "expected"),
    [
        (State.OPEN, {"type": SEND, "text": "\ud800"}, UnicodeEncodeError),
        (State.OPEN, {"type": CLOSE, "reason": "\ud800"}, UnicodeEncodeError),
        (State.OPEN, {"type": CLOSE, "code": 1006}, ProtocolError),
        (State.OPEN, {"type": CLOSE, "reason": "x" * 124}, ProtocolError),
        (State.OPEN, {"type": SEND, "text": 1}, TypeError),
        (State.CONNECTING, {"type": ACCEPT, "headers": [1]}, TypeError),
        (State.CONNECTING, {"type": DENIAL_START, "status": "x"}, TypeError),
        (State.CONNECTING, {"type": DENIAL_START, "status": 99}, RuntimeError),
        (State.CONNECTING, {"type": SEND, "text": "x"}, RuntimeError),
        (State.CONNECTING, {"type": ACCEPT, "subprotocol": "x"}, RuntimeError),
        (State.CLOSED, {"type": SEND, "text": "x"}, RuntimeError),
        (State.OPEN, {"type": "websocket.ping"}, RuntimeError),
        (State.OPEN, {"text": "x"}, KeyError),
        (State.OPEN, None, TypeError),
    ],
)
def test_each_breach_is_refused_as_the_server_refuses_it(state: State, event: Any, expected: type[Exception]) -> None:
    _, breach = judge(state, event)
    assert breach is not None
    refused = refusal(breach, event)
    assert type(refused) is expected
    assert refused.__traceback__ is None
