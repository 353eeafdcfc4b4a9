"""The simulation does what real servers do, apart from what their profiles state."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from agreement.differences import DIFFERENCES
from agreement.profile import expected
from agreement.records import View
from agreement.scenarios import CASES
from agreement.servers import NAMES

from wsreplay.protocol import MISPLACED, TRANSITIONS, State

Records = dict[str, list[View]]
ServerRecords = Callable[[str], Records]

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "simulation.md"


@pytest.mark.parametrize(
    ("server", "case"),
    [(server, case.name) for server in NAMES for case in CASES.values() if server not in case.not_on],
)
def test_the_simulation_agrees_with_the_server(
    server: str, case: str, simulation_records: Records, server_records: ServerRecords
) -> None:
    views, _ = expected(DIFFERENCES, server, case, simulation_records[case])

    assert server_records(server)[case] == views


@pytest.mark.parametrize("server", NAMES)
def test_a_profile_states_only_differences_that_are_there(server: str, simulation_records: Records) -> None:
    used = [
        id(one) for case, views in simulation_records.items() for one in expected(DIFFERENCES, server, case, views)[1]
    ]

    idle = [one.reason for one in DIFFERENCES if server in one.servers and id(one) not in used]

    assert idle == []


@pytest.mark.parametrize("case", CASES)
def test_sends_that_suspend_change_nothing_for_one_that_waits_for_them(
    case: str, simulation_records: Records, suspended_records: Records
) -> None:
    suspended, instant = suspended_records[case], simulation_records[case]
    if case.startswith("quart-"):
        suspended, instant = _in_order(suspended), _in_order(instant)
    assert suspended == instant


def _in_order(views: list[View]) -> list[View]:
    """The same, with the handshake's two ends in one order: Quart has a task for each of them, and so has none."""
    return [View(view.wire, sorted(view.seen[:2], key=str) + view.seen[2:]) for view in views]


def test_the_page_lists_the_differences_of_each_server() -> None:
    page = PAGE.read_text(encoding="utf-8").partition("\n## What the servers do differently\n")[2]

    sections = [
        [line.removeprefix("- ") for line in section.splitlines() if line.startswith("- ")]
        for section in page.split("\n### ")[1:]
    ]

    stated = [list(dict.fromkeys(one.reason for one in DIFFERENCES if server in one.servers)) for server in NAMES]
    assert sections == stated


def test_every_event_is_tried_in_every_state(simulation_records: Records) -> None:
    tried = {pair for views in simulation_records.values() for view in views for pair in _tried(view)}

    events = {name for row in MISPLACED.values() for name in row} | {
        name for row in TRANSITIONS.values() for name in row
    }

    assert tried >= {(state, name) for state in State for name in (*events, "websocket.wave")}


def _tried(view: View) -> list[tuple[State, str]]:
    """Each event that the handler tried to send, and the state in which it did."""
    state, tried = State.CONNECTING, []
    for line in view.seen:
        if line[0] in ("sent", "refused"):
            tried.append((state, line[1]))
            if line[0] == "sent":
                state = TRANSITIONS[state].get(line[1], state)
    return tried
