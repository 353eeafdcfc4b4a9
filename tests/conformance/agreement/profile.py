"""How a server profile is said: where a real server differs from the simulation, and why.

A difference says how to get from the simulation's record of a case to the server's. Whatever no difference states must
agree; a difference that changes nothing is an error, for it states what is not so. The tables are in
`differences/`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any

from agreement.journal import Line
from agreement.records import Frame, View

PLAIN, WSPROTO, LEGACY, HYPERCORN = "uvicorn", "uvicorn-wsproto", "uvicorn-legacy", "hypercorn"
UVICORN = (PLAIN, WSPROTO, LEGACY)

Change = Callable[[View], View]


@dataclass(frozen=True)
class Difference:
    """`servers` do not do what the simulation does, because of `reason`. `cases` are patterns of names (none: all
    cases), `client` the one client that it is about (None: each).
    """

    servers: tuple[str, ...]
    reason: str
    change: Change
    cases: tuple[str, ...] = ()
    client: int | None = None

    def holds(self, server: str, case: str) -> bool:
        return server in self.servers and (not self.cases or any(fnmatchcase(case, one) for one in self.cases))

    def apply(self, views: list[View]) -> list[View]:
        return [self.change(view) if self.client in (None, number) else view for number, view in enumerate(views)]


def expected(
    differences: Sequence[Difference], server: str, case: str, views: list[View]
) -> tuple[list[View], list[Difference]]:
    """What the server's record should be if the simulation's is `views`, and the differences that had a part in it."""
    used = []
    for difference in differences:
        if difference.holds(server, case):
            changed = difference.apply(views)
            if changed != views:
                used.append(difference)
            views = changed
    return views, used


# --- the words of a record ------------------------------------------------------------------------------------------

CONNECT: Line = ("received", {"type": "websocket.connect"})
ACCEPTED: Frame = ("accepted", None, ())
ABRUPT: Frame = ("abrupt",)
BROKEN: Frame = ("broken",)
END: Line = ("ended", None)


def got(text: str) -> Line:
    return ("received", {"type": "websocket.receive", "text": text})


def told(code: Any, reason: Any = None) -> Line:
    event = {"type": "websocket.disconnect", "code": code}
    return ("received", event if reason is None else {**event, "reason": reason})


def both_keys(line: Line) -> Line:
    """The message with both keys, the one that is not used None."""
    return ("received", {"bytes": None, "text": None, **line[1]}) if is_event(line, "receive") else line


def sent(name: str) -> Line:
    return ("sent", f"websocket.{name}")


def refused(name: str, family: str = "Exception") -> Line:
    return ("refused", f"websocket.{name}", family)


def is_event(line: Line, name: str) -> bool:
    return line[0] == "received" and line[1]["type"] == f"websocket.{name}"


# --- how a record is changed ----------------------------------------------------------------------------------------


def both(*changes: Change) -> Change:
    def changed(view: View) -> View:
        for change in changes:
            view = change(view)
        return view

    return changed


def wire(*after: Frame) -> Change:
    """Another exchange on the wire."""
    return lambda view: replace(view, wire=list(after))


def seen(*after: Line) -> Change:
    """Another course of the handler; the connect event and what it `sent` first, accept, are understood."""
    return lambda view: replace(view, seen=[CONNECT, sent("accept"), *after])


def frame(old: Frame, new: Frame) -> Change:
    """Another frame wherever one begins like `old`."""
    return lambda view: replace(view, wire=[new if one[: len(old)] == old else one for one in view.wire])


def line(old: Line, *new: Line) -> Change:
    """Other lines in the place of `old`, wherever it stands."""
    return lambda view: replace(view, seen=[one for each in view.seen for one in (new if each == old else (each,))])


def lines(change: Callable[[Line], Line]) -> Change:
    return lambda view: replace(view, seen=[change(one) for one in view.seen])
