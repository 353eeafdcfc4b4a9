"""Strategies, checks and resets of users reach a run through `hooks`: modules, and files such as conftest.py."""

from __future__ import annotations

import pytest

from wsreplay.errors import ConfigError

VAULT = """
    opened = []

    async def vault(websocket: WebSocket):
        await websocket.accept()
        try:
            if await websocket.receive_text() != "open sesame":
                await websocket.close(4001)
                return
            opened.append(1)
            number = await websocket.receive_json()
            await websocket.send_text(str(100 // (int(number) if isinstance(number, int) else 1)))
            await websocket.send_text(f"opened {len(opened)} times")
            await websocket.close()
        except (WebSocketDisconnect, ValueError, KeyError, RecursionError):
            pass

    app = Starlette(routes=[WebSocketRoute("/vault", vault)])
"""

HOOKS = """
import MODULE
import wsreplay
from hypothesis import strategies as st
from wsreplay.model import Message

wsreplay.register_scenario_strategy("/va*", st.tuples(st.just("open sesame"), st.integers(-3, 3)))

@wsreplay.reset
def nobody_was_there():
    MODULE.opened.clear()

@wsreplay.check
def opened_once(transcript):
    known = ["opened 1 times", *map(str, range(-100, 101))]
    said = [event.data for event in transcript.events if isinstance(event, Message) and event.origin == "app"]
    assert set(said) <= set(known), said
"""


@pytest.mark.parametrize("hook", ["hooks_NAME", "conftest.py"])
def test_a_handshake_is_passed_and_what_lies_behind_it_tested(project, found, hook):
    project.write(VAULT)
    hook = hook.replace("NAME", project.module)
    (project.directory / f"{hook.removesuffix('.py')}.py").write_text(HOOKS.replace("MODULE", project.module))
    events = project.fuzz(hooks=(hook,), max_examples=40, max_clients=1)
    (one,) = [event for event in found(events) if event.finding.severity == "failure"]
    assert (one.finding.check, one.finding.exception) == ("handler_crash", "ZeroDivisionError")
    assert [step.data for step in one.entry.scenario.steps[1:3]] == ["open sesame", "0"]


def test_a_check_of_ones_own_makes_findings(project, found):
    project.write(VAULT)
    text = HOOKS.replace("MODULE", project.module).replace('"opened 1 times", ', "")
    (project.directory / "conftest.py").write_text(text)
    checks = {event.finding.check for event in found(project.fuzz(hooks=("conftest.py",), max_examples=40))}
    assert "opened_once" in checks


def test_a_strategy_that_draws_what_cannot_be_sent_ends_the_run_by_name(project):
    project.write(VAULT)
    (project.directory / "conftest.py").write_text(
        "import wsreplay\nfrom hypothesis import strategies as st\n"
        'wsreplay.register_scenario_strategy("/va*", st.just("no list"))\n'
    )
    with pytest.raises(ConfigError, match=r"the scenario strategy registered for '/va\*' drew 'no list'"):
        project.fuzz(hooks=("conftest.py",))
