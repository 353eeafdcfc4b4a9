"""How commands print: lines with a style to stdout, and errors as `error: ...` with a hint on stderr."""

from __future__ import annotations

import contextlib
import io
import itertools
import os
import sys
from collections.abc import Iterable

from wsreplay.errors import WsreplayError
from wsreplay.report.text import Line, visible


def write(lines: Iterable[Line]) -> None:
    """Print results, in colour where stdout can show it. There may be any number of them."""
    # By hundreds: one by one each would cost a call, and all at once their memory.
    remaining = iter(lines)
    while chunk := tuple(itertools.islice(remaining, 500)):
        if sys.stdout.isatty() or os.environ.get("FORCE_COLOR"):
            from wsreplay.report.console import paint

            paint(chunk, sys.stdout, os.environ)
        else:
            sys.stdout.write("".join(f"{line.text}\n" for line in chunk))
        sys.stdout.flush()


def complain(error: WsreplayError) -> None:
    """Tell an error: what is wrong, then what to do. Where stderr cannot be written, the exit code has to do."""
    lines = [visible(line) for line in error.message.splitlines()] or [type(error).__name__]
    hint = [visible(line) for line in error.hint.splitlines()]
    with contextlib.suppress(OSError):
        sys.stderr.write("\n".join([f"error: {lines[0]}", *lines[1:], *hint]) + "\n")
        sys.stderr.flush()


def prepare_streams() -> None:
    """Let no character break the output, whatever the encoding of the terminal or the pipe, nor a stream that was
    closed before we started.
    """
    # What is opened next would take the number of a closed stream, and be written into by whoever inherits it.
    while (null := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(null, True)
    os.close(null)
    if sys.stdout is None:
        sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    if sys.stderr is None:
        sys.stderr = os.fdopen(2, "w", encoding="utf-8", closefd=False)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def give_up(error: OSError) -> None:
    """Results cannot be written, for the reason that `error` tells: say so, unless nobody wants them any more.

    What is still in a buffer must not fail once more when Python ends.
    """
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, stream.fileno())
            os.close(null)
    if not isinstance(error, BrokenPipeError):
        complain(WsreplayError(f"cannot write the results: {error.strerror}"))
