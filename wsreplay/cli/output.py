"""How commands print: lines with a style to stdout, and errors as `error: ...` with a hint on stderr."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterable

from wsreplay.errors import WsreplayError
from wsreplay.report.text import Line, visible


def write(lines: Iterable[Line]) -> None:
    """Print results, in colour where stdout can show it."""
    if sys.stdout.isatty() or os.environ.get("FORCE_COLOR"):
        from wsreplay.report.console import paint

        paint(lines, sys.stdout, os.environ)
    else:
        sys.stdout.write("".join(f"{line.text}\n" for line in lines))
    sys.stdout.flush()


def complain(error: WsreplayError) -> None:
    """Tell an error: what is wrong, then what to do."""
    lines = [visible(line) for line in error.message.splitlines()] or [type(error).__name__]
    hint = [visible(line) for line in error.hint.splitlines()]
    sys.stderr.write("\n".join([f"error: {lines[0]}", *lines[1:], *hint]) + "\n")


def prepare_streams() -> None:
    """Let no character break the output, whatever the encoding of the terminal or the pipe."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def drop_stdout() -> None:
    """Nobody reads stdout any more: what is still in its buffer must not fail when Python ends."""
    null = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(null, sys.stdout.fileno())
    except (OSError, ValueError):
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - it lives until the end
    finally:
        os.close(null)
