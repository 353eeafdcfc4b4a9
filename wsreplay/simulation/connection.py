"""One simulated connection: the `receive` and `send` that the app is given, and what the peer does to them.

Order, contents and errors are those of uvicorn's default implementation; the conformance suite holds this to it.
"""

from __future__ import annotations

import asyncio
import sys
from collections import deque
from typing import Any

from wsreplay.model import Accepted, Closed, Consumed, Denied, Kind, Message, Told, Violation
from wsreplay.protocol import ACCEPT, CLOSE, DENIAL_BODY, DENIAL_START, SEND, State, judge
from wsreplay.simulation.exceptions import ClientDisconnected
from wsreplay.simulation.loop import SimulationLoop
from wsreplay.simulation.recorder import Recorder
from wsreplay.sources import Sources

BURST = 256
"""Messages that the app may send between two steps; then the peer's window is full and `send()` suspends."""

BURST_BYTES = 1 << 24
"""The same in bytes."""


class Connection:
    """The server's end of one client's connection."""

    def __init__(
        self,
        client: int,
        loop: SimulationLoop,
        recorder: Recorder,
        sources: Sources,
        offered: tuple[str, ...],
        suspend: bool,
    ) -> None:
        self.client = client
        self.state = State.CONNECTING
        self.gone = False
        self.told = False
        self.ended = False
        self.abandoned = False
        self.consumed: int | None = None
        self.sent = 0
        self.hung = False
        self.close_code: int | None = None
        self.task: asyncio.Task[None] | None = None
        self.waiting_sends = 0
        self._loop = loop
        self._recorder = recorder
        self._sources = sources
        self._offered = offered
        self._suspend = suspend
        self._queue: deque[tuple[dict[str, Any], int]] = deque([({"type": "websocket.connect"}, -1)])
        self._receivers: deque[asyncio.Future[None]] = deque()
        self._paused = False
        self._burst = 0
        self._burst_bytes = 0
        self._writers: list[asyncio.Future[None]] = []
        self._denial: tuple[int, bytes] = (0, b"")

    # --- what the driver sees ----------------------------------------------------------------------------------------

    @property
    def reading(self) -> bool:
        """Whether the app waits for us in `receive()`."""
        return bool(self._receivers) and not self._queue

    @property
    def unread(self) -> bool:
        """Whether the app has not yet fetched all that we sent."""
        return bool(self._queue)

    @property
    def open(self) -> bool:
        """Whether client messages can still be sent."""
        return self.state is State.OPEN and not self.gone

    def deliver(self, kind: Kind, data: str | bytes) -> None:
        """The client's message arrives; uvicorn's event holds the one key that is used."""
        key = "bytes" if kind == "bytes" else "text"
        self._push({"type": "websocket.receive", key: data}, self._recorder.step)

    def leave(self, code: int, reason: str) -> None:
        """The peer has gone: the app is told after what was sent before, and its sends fail from now on."""
        self.gone = True
        self._push({"type": "websocket.disconnect", "code": code, "reason": reason}, -1)
        self.release()

    def pause(self) -> None:
        """The peer stops reading."""
        self._paused = True

    def resume(self) -> None:
        """The peer reads again."""
        self._paused = False
        self.release()

    def refresh(self) -> None:
        """A new step begins: the peer has read what was sent so far."""
        if self._burst:
            self._burst = self._burst_bytes = 0
            if self._writers and not self._paused:
                self.release()

    def release(self) -> None:
        """Let suspended sends go on."""
        writers, self._writers = self._writers, []
        for writer in writers:
            if not writer.done():
                writer.set_result(None)

    # --- what the app is given ---------------------------------------------------------------------------------------

    async def receive(self) -> dict[str, Any]:
        """Give the next event; after the disconnect, none ever (as uvicorn does)."""
        while not self._queue:
            receiver = self._loop.create_future()
            self._receivers.append(receiver)
            try:
                await receiver
            except BaseException:
                self._abandon(receiver)
                raise
        event, step = self._queue.popleft()
        if step >= 0:
            self.consumed = step
            self.hung = False
            self._recorder.add(Consumed, self.client, step)
        elif event["type"] == "websocket.disconnect":
            self.told = True
            self._recorder.add(Told, self.client)
        return event

    async def send(self, event: dict[str, Any]) -> None:
        """Take an event from the app; raises ClientDisconnected, RuntimeError or what the server would."""
        if self._suspend or self._paused or self._burst >= BURST or self._burst_bytes >= BURST_BYTES:
            await self._drain()
        if self.gone:
            raise ClientDisconnected(self.client)
        following, breach = judge(self.state, event, self._offered)
        if breach is not None:
            frames = self._sources.stack(sys._getframe(1))
            self._recorder.add(Violation, self.client, breach.rule, breach.detail, frames)
            self._refuse(breach.rule, breach.detail, event)
        self.state = following
        self.sent += 1
        self._burst += 1
        self._perform(event)

    # --- how it is done ----------------------------------------------------------------------------------------------

    def _push(self, event: dict[str, Any], step: int) -> None:
        self._queue.append((event, step))
        self._wake_receiver()

    def _wake_receiver(self) -> None:
        while self._receivers:
            receiver = self._receivers.popleft()
            if not receiver.done():
                receiver.set_result(None)
                break

    def _abandon(self, receiver: asyncio.Future[None]) -> None:
        # A receiver that was woken and cancelled in the same turn passes its turn on.
        if receiver in self._receivers:
            self._receivers.remove(receiver)
        elif self._queue and not receiver.cancelled():
            self._wake_receiver()

    async def _drain(self) -> None:
        if self._suspend:
            await asyncio.sleep(0)
        while (self._paused or self._burst >= BURST or self._burst_bytes >= BURST_BYTES) and not self.gone:
            writer = self._loop.create_future()
            self._writers.append(writer)
            self.waiting_sends += 1
            try:
                await writer
            finally:
                self.waiting_sends -= 1

    def _refuse(self, rule: str, detail: str, event: Any) -> None:
        # Encoding errors and wrong types surface in the server as what they are.
        if rule == "payload-encoding":
            text = event.get("text") if event.get("type") == SEND else event.get("reason")
            str(text).encode()
        if rule == "payload-type":
            raise TypeError(detail)
        raise RuntimeError(f"Unexpected ASGI message: {detail}.")

    def _perform(self, event: dict[str, Any]) -> None:
        name = event["type"]
        if name == SEND:
            self._message(event)
        elif name == ACCEPT:
            headers = event.get("headers") or ()
            decoded = tuple((bytes(key).decode("latin-1"), bytes(value).decode("latin-1")) for key, value in headers)
            self._recorder.add(Accepted, self.client, event.get("subprotocol") or None, decoded)
        elif name == CLOSE:
            self._close(event)
        elif name == DENIAL_START:
            self._denial = (int(event["status"]), b"")
        elif name == DENIAL_BODY:
            self._deny(event)

    def _message(self, event: dict[str, Any]) -> None:
        data = event.get("bytes")
        if data is not None:
            data = bytes(data)
            self._burst_bytes += len(data)
            self._recorder.add(Message, self.client, "app", "bytes", data)
            return
        text = event["text"]
        # A plain str: an enumeration member's own text would be recorded as the member.
        text = text if type(text) is str else str.__str__(text)
        self._burst_bytes += len(text)
        self._recorder.add(Message, self.client, "app", "text", text)

    def _close(self, event: dict[str, Any]) -> None:
        code, reason = event.get("code", 1000), event.get("reason") or ""
        code = 1000 if code is None else int(code)
        if self.state is State.REJECTED:
            self._push({"type": "websocket.disconnect", "code": 1006}, -1)
        else:
            self.close_code = code
            self._push({"type": "websocket.disconnect", "code": code, "reason": reason}, -1)
        # A rejection's reason may be anything (FastAPI puts a list of errors there); it never reaches the wire.
        self._recorder.add(Closed, self.client, "app", code, reason if isinstance(reason, str) else ascii(reason))

    def _deny(self, event: dict[str, Any]) -> None:
        status, body = self._denial
        self._denial = (status, body + bytes(event.get("body", b"")))
        if self.state is State.DENIED:
            self._push({"type": "websocket.disconnect", "code": 1006}, -1)
            self._recorder.add(Denied, self.client, *self._denial)
