"""A bar on a terminal for what takes long and is not told event by event."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TextIO, TypeVar

T = TypeVar("T")

MANY = 2000
"""Items from which on it is worth a bar."""


def is_live(err: TextIO, environ: Mapping[str, str]) -> bool:
    """Whether a line on `err` can be written anew: on a terminal that is none of a CI system's."""
    return err.isatty() and environ.get("TERM", "") not in ("", "dumb", "unknown") and not environ.get("CI")


def tracked(items: Sequence[T], doing: str, err: TextIO, environ: Mapping[str, str]) -> Iterator[T]:
    """The items; meanwhile a bar shows how many of them have been taken. It is gone at the end."""
    if len(items) < MANY or not is_live(err, environ):
        yield from items
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(file=err, _environ=environ)
    columns = (TextColumn(doing), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, redirect_stdout=False, redirect_stderr=False) as progress:
        yield from progress.track(items, total=len(items))
