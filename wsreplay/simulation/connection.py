"""One simulated connection: the `receive` and `send` that the app is given, and what the peer does to them.

Order, contents and errors are those of uvicorn's default implementation; the conformance suite holds this to it.
"""

from __future__ import annotations

import asyncio
import sys
from collections import deque
from collections.abc import Callable
from typing import Any

from wsreplay.model import LONG, MOST_KEPT, Accepted, Closed, Consumed, Denied, Kind, Message, Told, Violation
from wsreplay.protocol import ACCEPT, CLOSE, DENIAL_START, SEND, Breach, State, judge
from wsreplay.rows import TAGS
from wsreplay.simulation.exceptions import ClientDisconnected, handled, refusal
from wsreplay.simulation.loop import SimulationLoop
from wsreplay.simulation.recorder import Recorder
from wsreplay.sources import Sources

BURST = 256
"""Messages that the app may send between two steps; then the peer's window is full and `send()` suspends."""

BURST_BYTES = 1 << 24
"""The same in bytes."""

NO_CODE = 1005
"""The code in the disconnect event of a client whose close frame carried none."""

DROPPED = 1005
"""The code in the disconnect event of a client that went without a close frame."""

ABORTED = 1006
"""The code in the disconnect event of a client that went before its handshake was over, or was refused."""

CLOSE_RULES = ("close-code", "close-reason", "payload-type", "payload-encoding")
"""The rules that a close event alone can break."""

_Event = dict[str, Any]
_OPEN = State.OPEN
_MESSAGE, _CONSUMED = TAGS[Message], TAGS[Consumed]


class Connection:
    """The server's end of one client's connection.

    `closing` says that a close of the app's waits for the peer.

    `more(self)` is asked when the app wants to read and nothing is there: it may perform the next step at once, by
    `give` or `dismiss`, and return the event that the app gets; None is a wait.
    """

    __slots__ = (
        "_burst",
        "_burst_bytes",
        "_denial",
        "_ear",
        "_loop",
        "_more",
        "_offered",
        "_paused",
        "_queue",
        "_receivers",
        "_recorder",
        "_slow",
        "_sources",
        "_stuffed_at",
        "_suspend",
        "_writers",
        "abandoned",
        "client",
        "close_code",
        "closing",
        "consumed",
        "ended",
        "gone",
        "hung",
        "sent",
        "state",
        "task",
        "told",
        "waiting_sends",
    )

    def __init__(
        self,
        client: int,
        loop: SimulationLoop,
        recorder: Recorder,
        sources: Sources,
        offered: tuple[str, ...],
        suspend: bool,
        more: Callable[[Connection], _Event | None],
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
        self.closing = False
        self.close_code: int | None = None
        self.task: asyncio.Task[None] | None = None
        self.waiting_sends = 0
        self._loop = loop
        self._recorder = recorder
        self._sources = sources
        self._offered = offered
        self._suspend = suspend
        self._more = more
        self._queue: deque[tuple[_Event, int]] = deque([({"type": "websocket.connect"}, -1)])
        self._receivers: deque[asyncio.Future[None]] = deque()
        self._paused = False
        self._slow = suspend
        self._burst = 0
        self._burst_bytes = 0
        self._writers: list[asyncio.Future[None]] = []
        self._ear: Callable[[int], None] | None = None
        self._stuffed_at: float | None = None
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

    def give(self, kind: Kind, data: str | bytes) -> _Event:
        """The client's message arrives while the app asks for it: what `deliver` and `receive` do, in one go."""
        recorder, client, at = self._recorder, self.client, self._loop.elapsed
        step = recorder.step
        recorder.rows += ((_MESSAGE, at, step, client, "client", kind, data), (_CONSUMED, at, step, client, step))
        self.consumed = step
        self.hung = False
        return {"type": "websocket.receive", "bytes" if kind == "bytes" else "text": data}

    def dismiss(self, code: int | None, reason: str | None) -> _Event:
        """The client leaves while the app asks for more: the event that tells it. No `reason` is a drop."""
        self.gone = self.told = True
        self._recorder.add(Told, self.client)
        if reason is None:
            return {"type": "websocket.disconnect", "code": DROPPED}
        return {"type": "websocket.disconnect", "code": NO_CODE if code is None else code, "reason": reason}

    def deliver(self, kind: Kind, data: str | bytes) -> None:
        """The client's message arrives; uvicorn's event holds the one key that is used."""
        key = "bytes" if kind == "bytes" else "text"
        self._queue.append(({"type": "websocket.receive", key: data}, self._recorder.step))
        if self._receivers:
            self._wake_receiver()

    def leave(self, code: int | None, reason: str) -> None:
        """The peer says goodbye: the app is told after what was sent before, and its sends fail from now on.

        Before accept there is no close frame to say it with: the peer drops.
        """
        if self.state is not State.OPEN:
            self.drop()
            return
        self.gone = True
        self._push({"type": "websocket.disconnect", "code": NO_CODE if code is None else code, "reason": reason})
        self.release()

    def drop(self) -> None:
        """The peer goes without a word: what `leave` does, but for the code, and there is no reason."""
        self.gone = True
        self._push({"type": "websocket.disconnect", "code": DROPPED if self.state is State.OPEN else ABORTED})
        self.release()

    def pause(self) -> None:
        """The peer stops reading."""
        self._paused = self._slow = True

    def resume(self) -> None:
        """The peer reads again."""
        self._paused = False
        self._slow = self._suspend or self._full
        self.release()

    @property
    def writing(self) -> bool:
        """Whether a send of the app's is suspended."""
        return bool(self._writers)

    @property
    def stuffed(self) -> bool:
        """Whether the app has more to say than the peer, which reads, takes in at this moment. What has piled up while
        time passed, the app may only be making up for.
        """
        return bool(self._writers) and not self._paused and self._stuffed_at == self._loop.elapsed

    def refresh(self) -> None:
        """A new step begins: the peer has read what was sent so far."""
        self._burst = self._burst_bytes = 0
        if not self._writers:
            self._stuffed_at = None
        elif not self._paused:
            self._slow = self._suspend or self._ear is not None
            self.release()

    def overhear(self, ear: Callable[[int], None] | None) -> None:
        """Call `ear` with the size of each message from now on, instead of recording it."""
        self._ear = ear

    def retire(self) -> None:
        """The session is over: what the app still asks of us gets nothing."""
        self._more = lambda _connection: None

    def release(self) -> None:
        """Let suspended sends go on."""
        writers, self._writers = self._writers, []
        for writer in writers:
            if not writer.done():
                writer.set_result(None)

    # --- what the app is given ---------------------------------------------------------------------------------------

    async def receive(self) -> _Event:
        """Give the next event; after the disconnect, none ever (as uvicorn does)."""
        queue = self._queue
        if not queue:
            # Where another task waits already, the next message is that one's.
            if not self._receivers and (given := self._more(self)) is not None:
                return given
            while not queue:
                await self._wait_for_event()
        event, step = queue.popleft()
        if step >= 0:
            self.consumed = step
            self.hung = False
            recorder = self._recorder
            recorder.rows.append((_CONSUMED, self._loop.elapsed, recorder.step, self.client, step))
        elif event["type"] == "websocket.disconnect":
            self.told = True
            self._recorder.add(Told, self.client)
        return event

    async def send(self, event: _Event) -> None:
        """Take an event from the app; raises ClientDisconnected, RuntimeError or what the server would."""
        if self.state is _OPEN and not self.gone and not self._slow and type(event) is dict:
            # By far the commonest event, told from its exact types: the judge would say the same.
            text = event.get("text")
            if type(text) is str and text.isascii() and event.get("type") == SEND and event.get("bytes") is None:
                recorder = self._recorder
                kept = text if len(text) < LONG else recorder.kept(text)
                recorder.rows.append((_MESSAGE, self._loop.elapsed, recorder.step, self.client, "app", "text", kept))
                self._count(len(text))
                return
        called_in = self.state
        if self._slow:
            await self._wait_to_send(event)
        # Servers write in the order of the calls: another task's close does not overtake what was sent before it.
        late = called_in is _OPEN and self.state is State.CLOSED
        if self.gone:
            self.told |= asyncio.current_task() is self.task
            raise ClientDisconnected(self.client)
        following, breach = judge(_OPEN if late else self.state, event, self._offered)
        if breach is not None:
            frames = self._sources.stack(sys._getframe(1))
            self._recorder.add(Violation, self.client, breach.rule, breach.detail, frames)
            self._refuse(breach, event)
            return
        if late:
            return
        self.state = following
        if event["type"] == SEND:
            self._message(event)
        else:
            self.sent += 1
            self._burst += 1
            self._perform(event)

    # --- how it is done ----------------------------------------------------------------------------------------------

    def _count(self, size: int) -> None:
        self.sent += 1
        self._burst += 1
        self._burst_bytes += size
        if self._burst >= BURST or self._burst_bytes >= BURST_BYTES:
            self._slow = True

    @property
    def _full(self) -> bool:
        return self._burst >= BURST or self._burst_bytes >= BURST_BYTES

    def _push(self, event: _Event) -> None:
        self._queue.append((event, -1))
        self._wake_receiver()

    async def _wait_for_event(self) -> None:
        receiver = self._loop.create_future()
        self._receivers.append(receiver)
        try:
            await receiver
        except BaseException:
            # A receiver that was woken and cancelled in the same turn passes its turn on.
            if receiver in self._receivers:
                self._receivers.remove(receiver)
            elif self._queue:
                self._wake_receiver()
            raise

    def _wake_receiver(self) -> None:
        while self._receivers:
            receiver = self._receivers.popleft()
            if not receiver.done():
                receiver.set_result(None)
                break

    async def _wait_to_send(self, event: _Event) -> None:
        closing = event.get("type") == CLOSE
        self.closing = self.closing or closing
        try:
            if self._suspend:
                await asyncio.sleep(0)
            while (self._paused or self._full) and not self.gone:
                writer = self._loop.create_future()
                self._writers.append(writer)
                if self._stuffed_at is None:
                    self._stuffed_at = self._loop.elapsed
                self.waiting_sends += 1
                try:
                    await writer
                finally:
                    self.waiting_sends -= 1
        finally:
            self.closing = self.closing and not closing

    def _refuse(self, breach: Breach, event: Any) -> None:
        if breach.rule == "payload-missing":
            return  # The server sends nothing, and says nothing.
        if self.state is State.OPEN and breach.rule in CLOSE_RULES and event["type"] == CLOSE:
            # The server tells the app of its close before it finds out that it cannot be sent.
            self._push({"type": "websocket.disconnect", "code": event.get("code"), "reason": event.get("reason") or ""})
        raise refusal(breach, event)

    def _message(self, event: _Event) -> None:
        recorder = self._recorder
        data, kind = event.get("bytes"), "bytes"
        if data is not None:
            data = bytes(data)
        else:
            kind, data = "text", event["text"]
            if type(data) is not str:
                # A plain str: an enumeration member would be recorded as the member.
                data = str.__str__(data)
        if self._ear is not None:
            self._ear(len(data))
        else:
            kept = data if len(data) < LONG else recorder.kept(data)
            recorder.rows.append((_MESSAGE, self._loop.elapsed, recorder.step, self.client, "app", kind, kept))
        self._count(len(data))

    def _perform(self, event: _Event) -> None:
        name = event["type"]
        if name == ACCEPT:
            headers = [(bytes(key), bytes(value)) for key, value in event.get("headers") or ()]
            decoded = tuple([(key.decode("latin-1"), value.decode("latin-1")) for key, value in headers])
            self._recorder.add(Accepted, self.client, event.get("subprotocol") or None, decoded)
        elif name == CLOSE:
            self._close(event)
        elif name == DENIAL_START:
            self._denial = (int(event["status"]), b"")
        else:
            self._deny(event)

    def _close(self, event: _Event) -> None:
        code, reason = event.get("code", 1000), event.get("reason") or ""
        # None is a close frame without a code; an enumeration member would be recorded as the member.
        code = None if code is None else int(code)
        if self.state is State.REJECTED:
            self._push({"type": "websocket.disconnect", "code": ABORTED})
        else:
            self.close_code = code
            self._push({"type": "websocket.disconnect", "code": code, "reason": reason})
        # A rejection's reason may be anything (FastAPI puts a list of errors there); it never reaches the wire.
        reason = reason if isinstance(reason, str) else ascii(reason)
        behind = handled(self._sources) if self.state is State.CLOSED else ()
        self._recorder.add(Closed, self.client, "app", code, reason, *behind)

    def _deny(self, event: _Event) -> None:
        self._denial = (self._denial[0], (self._denial[1] + bytes(event.get("body", b"")))[:MOST_KEPT])
        if self.state is State.DENIED:
            self._push({"type": "websocket.disconnect", "code": ABORTED})
            self._recorder.add(Denied, self.client, *self._denial)
