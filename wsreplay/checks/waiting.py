"""Handlers that do nothing visible, and code that holds up everybody else."""

from __future__ import annotations

from collections.abc import Iterator

from wsreplay.checks.crashes import Account
from wsreplay.checks.history import History, innermost
from wsreplay.model import Blocked, Consumed, Died, Finding, Hung, Leaked, Message, Slow


def hang(history: History, _account: Account) -> Iterator[Finding]:
    """A handler went silent over a message (or the handshake) and did not even end when its client had gone; or its
    answer to one message has no end.
    """
    for index, end in history.of(Hung):
        if end.phase == "reply":
            yield history.finding(
                check="hang",
                cause="reply",
                detail=(
                    f"What the app sends in the session of client {end.client}, after a message, has no end: it never "
                    "waits for anything but its client to take it."
                ),
                location=innermost(end.frames),
                event=end,
                frames=end.frames,
            )
        if end.phase != "disconnect" or end.told:
            continue
        silent = _last_silence(history, index, end.client)
        if silent is None or history.blocked(end.client):
            continue
        over = "the handshake" if silent.phase == "connect" else "a message"
        yield history.finding(
            check="hang",
            cause=silent.phase,
            detail=(
                f"The handler of client {end.client} went silent over {over}: it neither sends, reads nor ends, "
                "not even after its client had gone."
            ),
            location=innermost(silent.frames),
            event=silent,
            frames=silent.frames,
        )


def _last_silence(history: History, index: int, client: int) -> Hung | None:
    """How the silence of `client`'s handler began that lasts to `index`: reading or sending would have ended it."""
    earlier = [(place, event) for place, event in history.of(Hung) if place < index and event.client == client]
    if not earlier or _stirred(history, earlier[-1][0], index, client):
        return None
    return earlier[-1][1]


def _stirred(history: History, start: int, end: int, client: int) -> bool:
    return any(start < at < end and one.client == client for at, one in history.of(Consumed)) or any(
        start < at < end and one.client == client and one.origin == "app" for at, one in history.of(Message)
    )


def shutdown_hang(history: History, _account: Account) -> Iterator[Finding]:
    """A handler that had been told that its client has gone did not end."""
    for index, event in history.of(Hung):
        if event.phase == "disconnect" and event.told and not history.blocked(event.client):
            life = history.life(event.client)
            goodbye = history.transcript.events[min(life.left, life.refused, index)]
            yield history.finding(
                check="shutdown_hang",
                cause="disconnect",
                detail=f"The handler of client {event.client} was told that its client had gone, and did not end.",
                location=innermost(event.frames),
                event=goodbye,
                frames=event.frames,
            )


def blocked_loop(history: History, _account: Account) -> Iterator[Finding]:
    """One run of app code held the loop, and with it every other client."""
    for _, died in history.of(Died):
        if died.frames:
            yield history.finding(
                check="blocked_loop",
                cause="unstoppable",
                detail="The app holds the event loop and swallows every attempt to interrupt it.",
                location=innermost(died.frames),
                event=died,
                frames=died.frames,
            )
    for _, event in history.of(Blocked):
        yield history.finding(
            check="blocked_loop",
            cause="blocked",
            detail=f"The app held the event loop for over {event.limit:g} s, and served no other client meanwhile.",
            location=innermost(event.frames),
            event=event,
            frames=event.frames,
        )


def process_crash(history: History, account: Account) -> Iterator[Finding]:
    """The scenario ended the process it ran in, or would have ended a server's."""
    yield from account.of("process_crash")
    for _, event in history.of(Died):
        if not event.frames:
            # What follows in brackets (a signal's name) differs between systems: it is no part of the identity.
            yield history.finding(
                check="process_crash",
                cause=event.how.split(" (")[0],
                detail=f"The process {event.how} while this scenario ran.",
                event=event,
            )


def slow_reply(history: History, _account: Account) -> Iterator[Finding]:
    """A message took more real time than the limit."""
    for _, event in history.of(Slow):
        yield history.finding(
            check="slow_reply",
            severity="warning",
            cause="slow",
            detail=f"The app took more than {event.limit:g} s of real time over a message of client {event.client}.",
            event=event,
        )


def leaked_task(history: History, _account: Account) -> Iterator[Finding]:
    """Tasks outlived the session that made them, and an idle connection does not leave them behind."""
    spoke = {event.client for _, event in history.of(Message) if event.origin == "client"}
    usual: set[str] = set()
    for _, event in history.of(Leaked):
        if event.client not in spoke:
            usual.update(event.tasks)
    for _, event in history.of(Leaked):
        for name in dict.fromkeys(event.tasks):
            if name not in usual:
                yield history.finding(
                    check="leaked_task",
                    severity="warning",
                    cause=name,
                    detail=f"The task {name}, started for client {event.client}, still ran when its session was over.",
                    event=event,
                )
