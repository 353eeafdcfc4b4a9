"""Performs a scenario against a real server with the `websockets` client."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from urllib.parse import quote

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidMessage, InvalidStatus

from agreement.journal import HEADER, Journal
from agreement.records import View
from agreement.servers import Server
from wsreplay.model import Client, Close, Connect, Drop, Pause, Resume, Scenario, Send, Step, Wait

ROUNDS = 12
"""After so many rounds of both loops in which nothing happened, nothing more will."""

ROUND = 0.002
"""Seconds that one round takes at least."""

MAX_ROUNDS = 1500

RECEIVE_BUFFER = 1 << 15
"""Small, so that a client which stops reading is felt by the server after little data."""


PLAIN = "/:@!$&'()*+,;=~"
"""What a client need not escape in a path (RFC 3986, 3.3)."""


class Peer:
    """One client of a scenario. It pings before each message, which no app may notice.

    `hangs_up` says how it drops: by the end of the TCP stream, or by its reset.
    """

    def __init__(self, client: Client, identity: str, port: int, hangs_up: bool) -> None:
        self.view = View()
        self.left = False
        self._client = client
        self._identity = identity
        self._port = port
        self._hangs_up = hangs_up
        self._connection: ClientConnection | None = None
        self._reader: asyncio.Task[None] | None = None
        self.tasks: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        self._spawn(self._open())

    async def perform(self, step: Step) -> None:
        connection = self._connection
        if self.left:
            return
        if connection is None:
            if isinstance(step, Close | Drop):
                await self._turn_away()
            return
        if isinstance(step, Send):
            with suppress(ConnectionClosed):
                await connection.ping()
                await connection.send(step.data)
        elif isinstance(step, Close):
            self.left = True
            self._spawn(self._goodbye(connection, step))
        elif isinstance(step, Drop):
            self.left = True
            if self._hangs_up:
                connection.transport.close()
            else:
                connection.transport.abort()
        elif isinstance(step, Pause):
            assert self._reader is not None
            self._reader.cancel()
        elif isinstance(step, Resume):
            self._reader = self._spawn(self._read(connection))

    async def _turn_away(self) -> None:
        """There is no connection to close yet: the client leaves during the handshake."""
        self.left = True
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    async def stop(self) -> None:
        if self._connection is not None:
            self._connection.transport.abort()
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    def _spawn(self, coroutine: object) -> asyncio.Task[None]:
        task = asyncio.ensure_future(coroutine)  # type: ignore[arg-type]
        self.tasks.add(task)
        return task

    async def _open(self) -> None:
        end = socket.socket()
        end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        end.setblocking(False)
        await asyncio.get_running_loop().sock_connect(end, ("127.0.0.1", self._port))
        client = self._client
        query = f"?{client.query}" if client.query else ""
        try:
            self._connection = await connect(
                f"ws://127.0.0.1:{self._port}{quote(client.path, safe=PLAIN)}{query}",
                sock=end,
                additional_headers=[*client.headers, (HEADER, self._identity)],
                subprotocols=client.subprotocols or None,  # type: ignore[arg-type]
                compression=None,
                ping_interval=None,
                max_size=None,
                max_queue=1,
                close_timeout=2,
                proxy=None,
            )
        except InvalidStatus as answer:
            self.view.wire.append(("status", answer.response.status_code, bytes(answer.response.body or b"")))
        except InvalidMessage:
            self.view.wire.append(("abrupt",))
        except InvalidHandshake:
            self.view.wire.append(("broken",))
        else:
            response = self._connection.response
            assert response is not None
            headers = tuple(
                (name, value) for name, value in response.headers.raw_items() if name.lower().startswith("x-")
            )
            self.view.wire.append(("accepted", self._connection.subprotocol, headers))
            self._reader = self._spawn(self._read(self._connection))

    async def _read(self, connection: ClientConnection) -> None:
        try:
            while True:
                data = await connection.recv()
                self._note(("text", data) if isinstance(data, str) else ("bytes", data))
        except ConnectionClosed as end:
            if end.rcvd is None:
                self._note(("abrupt",))
            else:
                self._note(("close", None if end.rcvd.code == 1005 else end.rcvd.code, end.rcvd.reason))

    def _note(self, frame: tuple[object, ...]) -> None:
        if not self.left:
            self.view.wire.append(frame)

    async def _goodbye(self, connection: ClientConnection, step: Close) -> None:
        if step.code is not None:
            await connection.close(step.code, step.reason)
            return
        with suppress(ConnectionClosed):
            async with connection.send_context():
                connection.protocol.send_close()
        await connection.close()


async def perform(scenario: Scenario, server: Server, journal: Journal, run: str, hangs_up: bool) -> list[View]:
    """Perform `scenario` on `server`; return what its clients and its handlers saw. `run` names this run of it."""
    names = [f"{run}/{number}" for number in range(len(scenario.clients))]
    peers = [Peer(client, name, server.port, hangs_up) for client, name in zip(scenario.clients, names, strict=True)]
    stage = _Stage(peers, names, server, journal)
    try:
        for step in scenario.steps:
            if isinstance(step, Wait):
                await asyncio.sleep(step.seconds)
            elif isinstance(step, Connect):
                peers[step.client].start()
            else:
                await peers[step.client].perform(step)
            await stage.settle()
        for number, peer in enumerate(peers):
            await peer.perform(Close(number))
            await stage.settle()
        for peer, name in zip(peers, names, strict=True):
            peer.view.seen = list(journal.of(name))
    finally:
        await asyncio.gather(*(peer.stop() for peer in peers))
    return [peer.view for peer in peers]


class _Stage:
    def __init__(self, peers: list[Peer], names: list[str], server: Server, journal: Journal) -> None:
        self._peers = peers
        self._names = names
        self._server = server
        self._journal = journal

    async def settle(self) -> None:
        """Wait until neither side does anything any more."""
        state, quiet = self._state(), 0
        for _ in range(MAX_ROUNDS):
            await asyncio.sleep(ROUND)
            await self._server.turns()
            now = self._state()
            state, quiet = now, quiet + 1 if now == state else 0
            if quiet >= ROUNDS:
                return
        raise AssertionError(f"{self._names}: no end of activity")

    def _state(self) -> tuple[int, ...]:
        return (
            *(len(peer.view.wire) for peer in self._peers),
            *(sum(task.done() for task in peer.tasks) for peer in self._peers),
            *(len(self._journal.of(name)) for name in self._names),
        )
