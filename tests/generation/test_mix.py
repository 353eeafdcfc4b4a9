"""What share each kind of message and each literal takes, and how soon what is empty turns up."""

from __future__ import annotations

from collections import Counter
from functools import cache
from itertools import pairwise

import pytest
from hypothesis import Phase, given, seed, settings

from wsreplay.generation import Options, edges, scenarios
from wsreplay.model import Endpoint, Route, Send


async def bare_both(scope, receive, send):
    while True:
        event = await receive()
        if event["type"] == "websocket.disconnect":
            return
        if "{" in (event.get("text") or ""):
            await send({"type": "websocket.send", "text": "no JSON"})
        if event.get("bytes") == b"\x01":
            return


async def one_command(ws):
    while await ws.receive_text() != "ping":
        pass


async def one_document(ws):
    while True:
        message = await ws.receive_json()
        if message["type"] == "hello" and message["version"] == 1:
            return


async def two_commands(ws):
    while True:
        match (await ws.receive_json())["type"]:
            case "start" | "stop":
                pass


async def text_only(ws):
    async for _ in ws.iter_text():
        pass


async def bytes_only(ws):
    async for _ in ws.iter_bytes():
        pass


ALL = (bare_both, one_command, one_document, two_commands, text_only, bytes_only, None)


@cache
def sent(handler: object, count: int = 400) -> tuple[tuple[Send, ...], ...]:
    found: list[tuple[Send, ...]] = []

    @seed(3)
    @settings(database=None, phases=[Phase.generate], deadline=None, max_examples=count)
    @given(scenarios(Endpoint(Route("/ws"), handler), Options()))
    def collect(scenario) -> None:
        found.append(tuple(step for step in scenario.steps if isinstance(step, Send)))

    collect()
    return tuple(found)


def shares(handler: object) -> dict[str, float]:
    kinds = Counter(step.kind for steps in sent(handler) for step in steps)
    return {kind: count / kinds.total() for kind, count in kinds.items()}


@pytest.mark.parametrize("handler", ALL)
def test_no_literal_takes_more_than_about_a_quarter_of_the_messages(handler) -> None:
    data = Counter(step.data for steps in sent(handler) for step in steps)
    assert data.most_common(1)[0][1] < data.total() * 0.27


@pytest.mark.parametrize(
    ("handler", "kinds"),
    [(bare_both, ("text", "bytes")), (None, ("text", "json", "bytes")), (bytes_only, ("bytes",))],
)
def test_every_kind_that_a_handler_reads_keeps_its_share(handler, kinds) -> None:
    assert all(shares(handler)[kind] >= 0.15 for kind in kinds)


@pytest.mark.parametrize("handler", [one_command, one_document, text_only, bytes_only])
def test_the_other_kind_of_frame_comes_once_in_twenty_messages_and_not_much_more(handler) -> None:
    of_bytes = shares(handler)["bytes"]
    assert 0.05 <= (1 - of_bytes if handler is bytes_only else of_bytes) < 0.1


@pytest.mark.parametrize("handler", ALL)
@pytest.mark.parametrize("nothing", ["", b""])
def test_what_is_empty_comes_early(handler, nothing) -> None:
    assert any(step.data == nothing for steps in sent(handler)[:40] for step in steps)


def test_every_edge_case_of_a_kind_comes_within_some_hundred_scenarios() -> None:
    texts = {step.data for steps in sent(text_only, 800) for step in steps}
    assert set(edges.TEXTS) <= texts
    blobs = {step.data for steps in sent(bytes_only, 800) for step in steps}
    assert set(edges.BLOBS) <= blobs


def in_turn(ws, message):
    match message["type"]:
        case "one" | "two" | "three" | "four" | "five" | "six":
            pass


async def many_commands(ws):
    in_turn(ws, await ws.receive_json())


def test_what_the_source_has_in_an_order_is_often_said_in_that_order() -> None:
    order = ["one", "two", "three", "four", "five", "six"]
    following = Counter(
        order.index(later) - order.index(earlier)
        for steps in sent(many_commands)
        for earlier, later in pairwise([name for step in steps for name in order if f'"{name}"' in str(step.data)])
    )
    assert following[1] > 2 * following[2]
    assert following[-1] > 0
