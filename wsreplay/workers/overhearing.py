"""What the target prints, when it is to be shown and credentials may be in it: it passes through here, line by line."""

from __future__ import annotations

import atexit
import os
import threading

from wsreplay.redaction import Pairs, redactor

LONGEST = 1 << 16
"""Bytes after which what has no line break yet is shown all the same."""

LAST_WORDS = 1.0
"""Seconds at the end of our process for what a child has yet to say."""


class Overhearing:
    """A pipe for a child's output: what is written into `fd` appears on our own stderr without credentials."""

    def __init__(self, secrets: Pairs, out: int = 2) -> None:
        read, self.fd = os.pipe()
        self._redactor = redactor(secrets)
        self._out = out
        self.thread = threading.Thread(target=self._pass_on, args=(read,), daemon=True)
        self.thread.start()
        # The last words are waited for, but not for ever: a grandchild may hold the pipe open.
        atexit.register(self.thread.join, LAST_WORDS)

    def let_go(self) -> None:
        """Close our own end: once the child has closed its end too, everything has been said."""
        os.close(self.fd)

    def _pass_on(self, read: int) -> None:
        with open(read, "rb") as source:
            while line := source.readline(LONGEST):
                self._write(self._redactor.bytes(line))

    def _write(self, data: bytes) -> None:
        try:
            while data:
                data = data[os.write(self._out, data) :]
        except OSError:
            # Nobody looks any more; the child must be able to go on all the same.
            return
