"""How items show what went wrong, and how they tell the engine's events to the process that reports."""

from __future__ import annotations

import base64
import pickle
from collections.abc import Iterable
from dataclasses import dataclass
from types import SimpleNamespace

import pytest

from wsreplay.config import Settings
from wsreplay.errors import WsreplayError
from wsreplay.events import EngineEvent
from wsreplay.pytest_plugin.flags import CREDENTIALS
from wsreplay.report.text import Line, shell, visible

MARKUP = {
    "title": ("bold",),
    "failure": ("red", "bold"),
    "warning": ("yellow",),
    "good": ("green",),
    "client": ("cyan",),
    "app": ("purple",),
    "break": ("red", "bold"),
    "code": ("blue",),
    "strong": ("bold",),
}
"""The styles of lines in the words of pytest's terminal."""


class Shown(Exception):  # noqa: N818 - what a test shows, not what is wrong with us
    """What an item has to show: `lines`, and for the short summary a `brief` sentence."""

    def __init__(self, lines: Iterable[Line], brief: str) -> None:
        super().__init__(brief)
        self.lines = tuple(lines)
        self.brief = brief


class AcceptedFailure(Shown):
    """The item fails as people have accepted that it does."""


@dataclass
class Representation:
    """Lines, where pytest expects the representation of a failure."""

    lines: tuple[Line, ...]
    reprcrash: SimpleNamespace

    def __str__(self) -> str:
        return "\n".join(line.text for line in self.lines)

    def toterminal(self, writer: pytest.TerminalReporter) -> None:
        """Write the lines in colour."""
        write(writer, self.lines)


def representation(shown: Shown) -> Representation:
    """What pytest is to print of a failed item."""
    # The brief comes first: from a process of pytest-xdist only the text arrives.
    lines = shown.lines if shown.lines[:1] == (Line(shown.brief, "failure"),) else (Line(shown.brief), *shown.lines)
    return Representation(lines, SimpleNamespace(message=shown.brief))


def write(writer: object, lines: Iterable[Line]) -> None:
    """Write lines to something of pytest's that has `line` or `write_line`."""
    put = getattr(writer, "write_line", None) or writer.line  # type: ignore[attr-defined]
    for line in lines:
        put(line.text, **dict.fromkeys(MARKUP.get(line.style, ()), True))


def refusal(error: WsreplayError) -> Shown:
    """What is shown of an error that is meant for the user."""
    first, *rest = error.message.splitlines() or [type(error).__name__]
    lines = [Line(visible(first), "failure"), *(Line(visible(text)) for text in rest)]
    lines += [Line(visible(text)) for text in error.hint.splitlines()]
    return Shown(lines, visible(first))


def packed(events: Iterable[EngineEvent]) -> str:
    """Events as text that travels with a report, also between the processes of pytest-xdist."""
    return base64.b64encode(pickle.dumps(tuple(events), protocol=pickle.HIGHEST_PROTOCOL)).decode("ascii")


def unpacked(text: str) -> tuple[EngineEvent, ...]:
    """The events that `packed` has made text of."""
    events: tuple[EngineEvent, ...] = pickle.loads(base64.b64decode(text))  # noqa: S301 - from our own processes
    return events


def search_command(config: pytest.Config, settings: Settings, route: str, routes: bool) -> str:
    """The command that repeats the search of one route: what was typed, with the seed and the route."""
    words = ["pytest", *_without_secrets(str(word) for word in config.invocation_params.args)]
    seed, include = ("--routes-seed", "--routes-ws-include") if routes else ("--wsreplay-seed", "--wsreplay-include")
    for flag, value in ((seed, str(settings.seed)), (include, route)):
        if not any(word == flag or word.startswith(f"{flag}=") for word in words):
            words += [flag, value]
    return shell(words)


def _without_secrets(words: Iterable[str]) -> Iterable[str]:
    hide = False
    for word in words:
        flag, equals, value = word.partition("=")
        if hide:
            yield _hidden(word)
        elif flag in CREDENTIALS and equals:
            yield f"{flag}={_hidden(value)}"
        else:
            yield word
        hide = word in CREDENTIALS


def _hidden(value: str) -> str:
    """A credential as it may be shown: its kind."""
    kind, colon, _ = value.partition(":")
    return f"{kind}:..." if colon else "..."
