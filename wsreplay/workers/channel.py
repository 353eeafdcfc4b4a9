"""How a worker and its parent talk: pickled messages over a socket, and a shared page that outlives a crash."""

from __future__ import annotations

import contextlib
import mmap
import os
import pickle
import select
import socket
import struct
import tempfile
from typing import Any

_LENGTH = struct.Struct("!Q")
PAGE = 3 << 23
NOTE = 1 << 23
PAST = 2 << 23


class Channel:
    """Whole Python values over a stream socket, between processes of one run only."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self._buffer = bytearray()

    def send(self, value: object) -> None:
        """Send `value`; raises OSError when the other side has gone."""
        data = pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)
        self.sock.sendall(_LENGTH.pack(len(data)) + data)

    def receive(self, timeout: float | None = None) -> Any:
        """Return the next value. Raises TimeoutError after `timeout` seconds and EOFError when the other side ended."""
        while (value := self._next()) is None:
            if timeout is not None and not select.select([self.sock], [], [], timeout)[0]:
                raise TimeoutError
            try:
                data = self.sock.recv(1 << 20)
            except ConnectionError:
                data = b""
            if not data:
                raise EOFError
            self._buffer += data
        return value[0]

    def pass_files(self, value: object, fds: list[int]) -> None:
        """Send `value`, then open files, once the other side is ready for them."""
        self.send(value)
        # Files travel beside the bytes of the stream: they must not be read with what comes before them.
        self.receive()
        socket.send_fds(self.sock, [b"."], fds)

    def accept_files(self, number: int) -> list[int]:
        """Receive the open files that follow a value."""
        self.send("ready")
        _, fds, _, _ = socket.recv_fds(self.sock, 1, number)
        return list(fds)

    def _next(self) -> tuple[Any] | None:
        head = _LENGTH.size
        if len(self._buffer) < head:
            return None
        (length,) = _LENGTH.unpack_from(self._buffer)
        if len(self._buffer) < head + length:
            return None
        data = bytes(self._buffer[head : head + length])
        del self._buffer[: head + length]
        return (pickle.loads(data),)  # noqa: S301 - it comes from our own process

    def hang_up(self) -> None:
        """End the conversation for the other side, too, whichever forked process still holds a copy of this one."""
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)
        self.close()

    def close(self) -> None:
        """Close the socket."""
        with contextlib.suppress(OSError):
            self.sock.close()


class Flight:
    """A page of memory that a worker and its parent share: the scenario in flight, those before it, a last note, and a
    heartbeat.

    What was written is readable by the parent however the worker ended.
    """

    def __init__(self, fd: int | None = None) -> None:
        if fd is None:
            fd = _memory()
            os.truncate(fd, PAGE)
        self.fd = fd
        self._page = mmap.mmap(fd, PAGE)
        self._end = PAST + 8

    def beat(self) -> None:
        """Show that the worker lives."""
        self._page[0] = (self._page[0] + 1) & 0xFF

    @property
    def pulse(self) -> bytes:
        """Something that differs whenever the worker has done anything."""
        return bytes(self._page[0:1]) + bytes(self._page[8:32])

    def record(self, data: bytes) -> None:
        """Write down what is about to run; something too large is not kept."""
        self._write(8, data if len(data) < NOTE - 64 else b"")
        self._remember(data)

    def note(self, data: bytes) -> None:
        """Write down a last word."""
        self._write(NOTE, data[: PAST - NOTE - 64])

    @property
    def recorded(self) -> bytes:
        """What was about to run; empty when nothing is in flight."""
        return self._read(8)

    @property
    def past(self) -> list[bytes]:
        """What was about to run before that, the latest last; as much of it as there was room for."""
        page, at, records = self._page, PAST + 8, []
        (end,) = _LENGTH.unpack_from(page, PAST)
        while at < end:
            (length,) = _LENGTH.unpack_from(page, at)
            records.append(bytes(page[at + 8 : at + 8 + length]))
            at += 8 + length
        return records[:-1]

    @property
    def noted(self) -> bytes:
        """The last word, or nothing."""
        return self._read(NOTE)

    def clear(self) -> None:
        """Nothing is in flight any more."""
        self._page[8:16] = _LENGTH.pack(0)

    def close(self) -> None:
        """Give the memory back."""
        self._page.close()
        os.close(self.fd)

    def _remember(self, data: bytes) -> None:
        # The end comes last: until then it is as if nothing had been added. Where there is no room, all is forgotten.
        page, length = self._page, len(data)
        at = self._end if self._end + 8 + length <= PAGE else PAST + 8
        if at + 8 + length > PAGE:
            return
        page[at : at + 8] = _LENGTH.pack(length)
        page[at + 8 : at + 8 + length] = data
        self._end = at + 8 + length
        page[PAST : PAST + 8] = _LENGTH.pack(self._end)

    def _write(self, offset: int, data: bytes) -> None:
        # The length comes last, so that half a record is none. The number of writes makes each one show.
        page = self._page
        page[offset : offset + 8] = _LENGTH.pack(0)
        (count,) = _LENGTH.unpack_from(page, offset + 8)
        page[offset + 8 : offset + 16] = _LENGTH.pack(count + 1)
        page[offset + 16 : offset + 16 + len(data)] = data
        page[offset : offset + 8] = _LENGTH.pack(len(data))

    def _read(self, offset: int) -> bytes:
        (length,) = _LENGTH.unpack_from(self._page, offset)
        return bytes(self._page[offset + 16 : offset + 16 + length])


def _memory() -> int:
    """A file without a name. It is in memory, where this is possible: on a full disk, to write into the page would be a
    deadly signal.
    """
    if hasattr(os, "memfd_create"):
        return os.memfd_create("wsreplay")
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())
