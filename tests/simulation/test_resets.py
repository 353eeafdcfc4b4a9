"""What users do between scenarios."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from wsreplay.errors import ConfigError
from wsreplay.model import Send
from wsreplay.simulation import reset
from wsreplay.simulation.resets import reset_all, unregister

seen: list[str] = []


@pytest.fixture(autouse=True)
def registered() -> Iterator[list]:
    functions: list = []
    seen.clear()
    yield functions
    for function in functions:
        unregister(function)
        unregister(function)


async def counts(scope, receive, send):
    assert scope["type"] == "websocket"
    await receive()
    await send({"type": "websocket.accept"})
    while (event := await receive())["type"] == "websocket.receive":
        seen.append(event["text"])
        await send({"type": "websocket.send", "text": str(len(seen))})


def test_what_is_registered_runs_before_each_scenario(registered, simulation, scenario):
    registered.append(reset(seen.clear))
    one = simulation(counts)
    one.start()
    for _ in range(3):
        events = one.run(scenario(Send(0, "text", "a"))).events
        assert [event.data for event in events if getattr(event, "origin", "") == "app"] == ["1"]


def test_a_module_that_is_imported_again_replaces_its_own(registered):
    for text in ("first", "second"):

        @reset
        def again(text: str = text) -> None:
            seen.append(text)

        registered.append(again)
    reset_all()
    assert seen == ["second"]


def test_one_that_fails_is_named(registered):
    @reset
    def failing() -> None:
        raise KeyError("table")

    registered.append(failing)
    with pytest.raises(ConfigError, match=r"failing raised KeyError: 'table'") as raised:
        reset_all()
    assert "before every scenario" in raised.value.hint


async def _later() -> None: ...


@pytest.mark.parametrize("odd", [_later, lambda table: None, 5])
def test_what_cannot_be_called_plainly_is_refused(odd):
    with pytest.raises(ConfigError, match="plain function without arguments"):
        reset(odd)
