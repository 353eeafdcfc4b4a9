"""The room on the stack that an app has."""

from __future__ import annotations

import sys

from wsreplay.model import Message


def deep(times, function):
    return function() if times == 0 else deep(times - 1, function)


async def how_deep(scope, receive, send):
    def dig(level):
        try:
            return dig(level + 1)
        except RecursionError:
            return level

    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.send", "text": str(dig(0))})


def test_an_app_breaks_at_the_same_depth_however_deep_the_caller_stands(simulation, scenario):
    one = simulation(how_deep)
    one.start()

    def room():
        (reply,) = [event.data for event in one.run(scenario()).events if isinstance(event, Message)]
        return int(reply)

    before = sys.getrecursionlimit()
    near = room()
    assert deep(200, room) == near
    assert before - 40 < near < before
    assert sys.getrecursionlimit() == before


def test_what_an_app_asks_for_holds_and_is_not_the_caller_s(simulation, scenario):
    seen = []

    async def app(scope, receive, send):
        seen.append(sys.getrecursionlimit())
        if len(seen) == 3:
            sys.setrecursionlimit(5000)
        if len(seen) == 5:
            sys.setrecursionlimit(2**31 - 1)

    one = simulation(app)
    before = sys.getrecursionlimit()
    one.start()
    for _ in range(5):
        one.run(scenario())
    depth = seen[1] - before
    assert seen[1:] == [before + depth, before + depth, 5000 + depth, 5000 + depth, 2**31 - 1]
    assert sys.getrecursionlimit() == before
