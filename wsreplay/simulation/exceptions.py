"""From a live exception to a `Raised` value: which leaf matters, where it was, and what the simulation knows of it."""

from __future__ import annotations

import asyncio
import dis
import itertools
import sys
from collections.abc import Iterator, Mapping
from traceback import walk_tb
from types import TracebackType
from typing import Any

from wsreplay.model import NOBODY, Nature, Raised
from wsreplay.protocol import Breach
from wsreplay.simulation.watchdog import Interrupted
from wsreplay.sources import MAX_DEPTH, Sources

MAX_MESSAGE = 2000
"""Characters of an exception's message that are kept."""

MAX_CHAIN = 20
"""Links of a chain of causes that are followed, leaves of a group that are looked at."""

# A framework's own class for 'the client has gone', by module and name. Subclasses count; look-alikes do not:
# `WebSocketDisconnected` is Starlette's name for misuse after the disconnect.
DISCONNECTS = frozenset(
    {
        ("starlette.websockets", "WebSocketDisconnect"),
        ("litestar.exceptions.websocket_exceptions", "WebSocketDisconnect"),
        ("falcon.errors", "WebSocketDisconnected"),
        ("blacksheep.server.websocket", "WebSocketDisconnectError"),
        ("nonebot.exception", "WebSocketClosed"),
        ("channels.exceptions", "StopConsumer"),
        ("simple_websocket.errors", "ConnectionClosed"),
    }
)

_UNDECODABLE = ("Decode", "Serializ", "Validation")
_RAISE = dis.opmap["RAISE_VARARGS"]


class ClientDisconnected(OSError):  # noqa: N818 - the name that uvicorn gives it
    """What `send()` raises once the peer has gone (the ASGI specification, 2.4). `client` is the peer's number."""

    def __init__(self, client: int) -> None:
        super().__init__()
        self.client = client


class ProtocolError(Exception):
    """What `send()` raises for a close frame that cannot be made; under uvicorn it is the `websockets` library's."""


def refusal(breach: Breach, event: Any) -> Exception:
    """Return what uvicorn's `send()` raises for `event`; of a builtin class where the server stumbles over a value."""
    if breach.rule == "payload-encoding":
        text = event["reason"] if event["type"] == "websocket.close" else event["text"]
        return _encoding_error(text)
    if breach.rule in ("close-code", "close-reason"):
        return ProtocolError(breach.detail)
    if breach.rule in ("payload-type", "header") and not isinstance(event.get("status"), int):
        return TypeError(breach.detail)
    if breach.rule == "event-type" and not isinstance(event, Mapping):
        return TypeError(breach.detail)
    if breach.rule == "event-type" and "type" not in event:
        return KeyError("type")
    return RuntimeError(f"Unexpected ASGI message: {breach.detail}.")


def _encoding_error(text: str) -> UnicodeEncodeError:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        return error.with_traceback(None)
    raise AssertionError(f"{text!r} can be encoded")  # pragma: no cover - the rule says that it cannot


def describe(exception: BaseException, sources: Sources, gone: int | None = None) -> Raised:
    """Describe `exception`; of a group, the leaf that matters most.

    `gone` is the client whose handler it leaves, if that client has gone: how the news of it travelled through the
    handler is no news, so such an exception has no frames.
    """
    leaf, group = exception, False
    whole = exception.__traceback__
    if isinstance(exception, BaseExceptionGroup):
        group = True
        leaf = min(_leaves(exception), key=lambda one: _WEIGHT[_nature(one, sources, whole)[0]])
    nature, peer = _nature(leaf, sources, whole)
    usual = gone is not None and nature in ("disconnect", "peer_gone") and peer in (NOBODY, gone)
    return Raised(
        type=type(leaf).__name__,
        message=_message(leaf),
        module=type(leaf).__module__,
        frames=() if usual else sources.traceback(leaf.__traceback__) or sources.traceback(whole),
        nature=nature,
        peer=peer,
        group=group,
    )


def handled(sources: Sources) -> tuple[Raised, ...]:
    """The exception in whose `except` or `finally` block the app is, unless it is the client's departure."""
    exception = sys.exception()
    if not isinstance(exception, Exception):
        return ()
    raised = describe(exception, sources)
    return (raised,) if raised.nature in ("error", "unsupported") else ()


_WEIGHT: dict[Nature, int] = {
    "interrupted": 0,
    "error": 1,
    "unsupported": 2,
    "disconnect": 3,
    "peer_gone": 4,
    "cancelled": 5,
}


def _leaves(group: BaseExceptionGroup[BaseException]) -> Iterator[BaseException]:
    pending: list[BaseException] = [group]
    seen = 0
    while pending and seen < MAX_CHAIN * 5:
        one = pending.pop(0)
        if isinstance(one, BaseExceptionGroup):
            pending.extend(one.exceptions)
        else:
            seen += 1
            yield one


def _message(exception: BaseException) -> str:
    try:
        text = str(exception)
    except BaseException as error:  # noqa: BLE001 - an application's __str__ may raise anything
        text = f"<str() raised {type(error).__name__}>"
    return text if len(text) <= MAX_MESSAGE else text[:MAX_MESSAGE] + "..."


def _nature(exception: BaseException, sources: Sources, whole: TracebackType | None) -> tuple[Nature, int]:
    """What an exception is, and whose departure. One that was put into a group need never have been raised: then the
    traceback of the `whole` group tells where it comes from.
    """
    if _chained(exception, Interrupted) is not None:
        return "interrupted", NOBODY
    if isinstance(exception, asyncio.CancelledError):
        return "cancelled", NOBODY
    gone = _peer_gone(exception, sources)
    if _is_disconnect(exception):
        return "disconnect", gone.client if gone else NOBODY
    if gone is not None:
        return "peer_gone", gone.client
    if _undecodable(exception, exception.__traceback__ or whole, sources):
        return "unsupported", NOBODY
    return "error", NOBODY


def _is_disconnect(exception: BaseException) -> bool:
    return any((cls.__module__, cls.__qualname__) in DISCONNECTS for cls in type(exception).__mro__)


def _chained(exception: BaseException, wanted: type[BaseException]) -> BaseException | None:
    one: BaseException | None = exception
    for _ in range(MAX_CHAIN):
        if one is None or isinstance(one, wanted):
            return one
        one = one.__cause__ or one.__context__
    return None


def _peer_gone(exception: BaseException, sources: Sources) -> ClientDisconnected | None:
    """Find the error of our `send()` that `exception` is, or passes on.

    An explicit cause passes it on. A mere context does so only where a library translates it by a `raise` of its own:
    an error that application code makes while it handles the disconnect is an error.
    """
    one: BaseException | None = exception
    for _ in range(MAX_CHAIN):
        if one is None or isinstance(one, ClientDisconnected):
            return one
        if isinstance(one, BaseExceptionGroup) and all(isinstance(leaf, ClientDisconnected) for leaf in _leaves(one)):
            return next(leaf for leaf in _leaves(one) if isinstance(leaf, ClientDisconnected))
        if one.__cause__ is not None:
            one = one.__cause__
        elif one.__context__ is not None and _translated(one, sources):
            one = one.__context__
        else:
            return None
    return None


def _translated(exception: BaseException, sources: Sources) -> bool:
    innermost = _innermost(exception.__traceback__)
    if innermost is None:
        return False
    code = innermost.tb_frame.f_code
    raised = code.co_code[innermost.tb_lasti] == _RAISE
    if sources.owns(code.co_filename):
        # An application's own class for it, raised on purpose.
        return raised and sources.owns(_defined_in(exception))
    return raised


def _defined_in(exception: BaseException) -> str:
    for name in ("__init__", "__str__"):
        code = getattr(getattr(type(exception), name, None), "__code__", None)
        if code is not None:
            return str(code.co_filename)
    return "<builtin>" if type(exception).__module__ == "builtins" else ""


def _innermost(traceback: TracebackType | None) -> TracebackType | None:
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    return traceback


def _undecodable(exception: BaseException, traceback: TracebackType | None, sources: Sources) -> bool:
    """Whether a framework refused client input by itself, without a frame of the application's on the stack.

    Middleware of the application's own, which merely calls the next ASGI app, is no such frame.
    """
    involved = False
    for frame, _ in itertools.islice(walk_tb(traceback), MAX_DEPTH):
        code = frame.f_code
        if sources.owns(code.co_filename):
            involved = True
        elif code.co_name == "__call__" and "receive" in code.co_varnames[: code.co_argcount]:
            involved = False
    if involved:
        return False
    name = type(exception).__name__
    return isinstance(exception, ValueError) or any(part in name for part in _UNDECODABLE)
