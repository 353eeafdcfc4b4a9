"""How much an exception matters, given who was still there when it happened. The lists of what is normal live here.

A false positive costs more trust than a missed bug: where a transcript leaves a doubt, the exception is normal.
"""

from __future__ import annotations

import re

from wsreplay.checks.history import History, only_passed_through
from wsreplay.model import NOBODY, Closed, Consumed, Crashed, Frame, Raised, Severity

# Litestar's HTTP errors that tell the client that it is wrong. On a WebSocket Litestar closes with 4500 for these too.
_LITESTAR_REFUSALS = frozenset(
    {
        "ClientException",
        "MethodNotAllowedException",
        "NotAuthorizedException",
        "NotFoundException",
        "PermissionDeniedException",
        "TooManyRequestsException",
        "ValidationException",
    }
)

_DECODING = ("decode", "loads", "parse", "handle_messages")
"""Parts of the names of functions in which frameworks take client input apart."""

_ADDRESSES = ("InvalidURL",)
"""What frameworks raise at an address: BlackSheep does at every path that is not ASCII."""

_CALLBACKS = (".on_receive", ".receive", ".receive_json", ".websocket_receive")
"""Methods that Starlette's WebSocketEndpoint and Channels' consumers call with each message."""

GRAPHQL_SERVERS = ("ariadne", "strawberry")
"""Frameworks that turn what leaves a resolver into an error of the result."""

_GRAPHQL_FILES = ("ariadne/", "strawberry/", "graphql/")

_MISCALLED = re.compile(r"\(\) (missing|takes|got an unexpected)|^No handler for message type")
"""What a framework says that calls a handler of the app's as it cannot be called, or one that there is not."""

_ENCODING = ("encode", "dumps", "serial", "send")
"""Parts of the names of functions in which frameworks put together what the app has answered."""

_DEPARTURES = ("disconnect", "peer_gone", "cancelled")


def undecodable(raised: Raised) -> bool:
    """Whether a framework failed to decode client input by itself.

    Besides errors of value these are JSON that is nested too deeply for the parser, and Quart's KeyError at an empty
    message of bytes. A framework's error elsewhere may well be the app's fault: a handler with the wrong parameters.
    """
    if _MISCALLED.search(raised.message):
        return False
    if raised.nature == "unsupported" or graphql_servers_own(raised.frames):
        return True
    if not raised.frames or not only_passed_through(raised.frames):
        return False
    if raised.type in _ADDRESSES:
        return True
    function = raised.frames[-1].function.lower()
    return any(word in function for word in _DECODING)


def graphql_servers_own(frames: tuple[Frame, ...]) -> bool:
    """Whether it happened in a GraphQL server, outside of the app's own code: a list for a message, an id that cannot
    be hashed. These servers take much for granted, and no app can help it.
    """
    return any(frame.file.startswith(_GRAPHQL_FILES) for frame in frames) and only_passed_through(frames)


def left_handler(history: History, index: int, client: int, raised: Raised) -> Severity | None:
    """Grade an exception that left the handler of `client` at `index`; None is normal."""
    if raised.nature == "interrupted":
        return None
    if raised.nature in _DEPARTURES:
        innocent = raised.peer != client and history.present(client, index)
        return "failure" if innocent else None
    if _no_route(raised) or _unreal(history, index, raised):
        return None
    if history.refused(client, index):
        return _after_refusal(history, index, client, raised)
    if undecodable(raised) or _frameworks_affair(history, index, client, raised):
        return "warning"
    if _reads_after_a_failed_send(raised) and history.left(client, index):
        return None
    untidy = _too_late(raised) and history.left(client, index)
    # A send, or a close, after a send that failed because the client had gone, and whose error the app has put up with:
    # untidy, no more.
    return "warning" if untidy else "failure"


def _frameworks_affair(history: History, index: int, client: int, raised: Raised) -> bool:
    """Whether a framework broke at what a client had sent, before the app's own code was asked or after it had
    answered. What it breaks at without a message, or when it calls the handler or writes its answer down, is the app's.
    """
    if not raised.frames or not only_passed_through(raised.frames) or _MISCALLED.search(raised.message):
        return False
    if any(word in frame.function.lower() for frame in raised.frames for word in _ENCODING):
        return False
    return any(at < index and one.client == client for at, one in history.of(Consumed))


def _after_refusal(history: History, index: int, client: int, raised: Raised) -> Severity | None:
    if _too_late(raised) and handed_on(history, index, client, raised.frames):
        return None
    last = raised.frames[-1] if raised.frames else None
    if last is None or only_passed_through(raised.frames) or last.function == "WebSocketEndpoint.decode":
        # Starlette's WebSocketEndpoint closes with 1003 and raises; so do others. The close is the answer.
        return None
    if not history.accepted(client, index) and last.app and last.source.startswith("raise"):
        # Refused, then raised on purpose, to get out.
        return "warning"
    return "failure"


def _no_route(raised: Raised) -> bool:
    # How Channels' URLRouter says 404.
    return (
        raised.type == "ValueError"
        and raised.message.startswith("No route found for path")
        and any(frame.file.startswith("channels/") for frame in raised.frames)
    )


def _unreal(history: History, index: int, raised: Raised) -> bool:
    return raised.type == "UnicodeEncodeError" and history.impossible_input(index)


def _too_late(raised: Raised) -> bool:
    # Starlette's answer to a send after one that failed; it keeps no record of who went first.
    return raised.type in ("RuntimeError", "WebSocketDisconnected") and raised.message.startswith(
        'Cannot call "send" once a close message'
    )


def _reads_after_a_failed_send(raised: Raised) -> bool:
    # Starlette's `receive_...` when a send, whose error the app has put up with, had found the client gone: another way
    # to say that it has.
    return raised.type in ("RuntimeError", "WebSocketDisconnected") and raised.message.startswith(
        "WebSocket is not connected"
    )


def handed_on(history: History, index: int, client: int, frames: tuple[Frame, ...]) -> bool:
    """Whether the app has let `client` go, and its framework still hands on what had been sent before: the loop is
    not the app's, whose callback knows nothing of the close.
    """
    called = any(frame.app and frame.function.endswith(_CALLBACKS) for frame in frames[:1])
    return called and history.went_on(client, index)


def hidden(history: History, index: int, event: Crashed) -> Severity | None:
    """Grade an exception that a framework caught, and told or logged."""
    raised, client = event.raised, event.client
    if event.name in GRAPHQL_SERVERS:
        return _resolver(raised)
    accepted = history.accepted(client, index)
    if undecodable(raised) and not accepted:
        return None
    code = _answer(history, index, client)
    if code not in (None, 1000) and code not in history.options.error_codes:
        # Turned into a close that the app's author chose for it. 1000 nobody chooses for an exception.
        return None
    if _could_not_decode(raised):
        return "warning" if accepted else None
    if raised.module == "litestar.exceptions.http_exceptions" and raised.type in _LITESTAR_REFUSALS:
        return "warning" if accepted else None
    return left_handler(history, index, client, raised)


def _resolver(raised: Raised) -> Severity | None:
    """Grade what left a resolver of a GraphQL server, which sends it to the client as an error of the result.

    To raise is how a resolver says no. A bug is what its author did not write down: no statement of his raised it.
    """
    innermost = raised.location
    if innermost is None or raised.nature in (*_DEPARTURES, "interrupted"):
        return None
    return None if innermost.source.startswith("raise") and raised.frames[-1] == innermost else "failure"


def _answer(history: History, index: int, client: int) -> int | None:
    """The code with which the framework closed when it had caught the exception at `index`."""
    return next(
        (one.code for at, one in history.of(Closed) if at > index and one.client == client and one.origin == "app"),
        None,
    )


def _could_not_decode(raised: Raised) -> bool:
    # Litestar's `receive_json` and relatives validate: the exception is their answer, whoever called them.
    return (raised.module, raised.type) == ("litestar.exceptions.base_exceptions", "SerializationException") and any(
        not frame.app and ("decode" in frame.function or "receive" in frame.function) for frame in raised.frames
    )


def died(history: History, index: int, event: Crashed) -> Severity | None:
    """Grade an exception that killed a background task, or reached the loop."""
    raised = event.raised
    if raised.nature in ("interrupted", "cancelled") or _unreal(history, index, raised):
        return None
    if raised.nature in _DEPARTURES:
        if event.client == NOBODY:
            # A task of the whole app's: it matters if it served anybody else.
            return "failure" if history.others_present(raised.peer, event.step) else None
        innocent = raised.peer != event.client and history.present(event.client, 0, event.step)
        return "failure" if innocent else None
    if undecodable(raised) or _frameworks_affair(history, index, event.client, raised):
        return "warning"
    untidy = _too_late(raised) and history.life(event.client).left_step <= event.step
    # A client's own task that goes on sending when an earlier send has failed: whichever came first is chance.
    return "warning" if untidy else "failure"
