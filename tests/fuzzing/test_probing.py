"""Who is let in: apps that look at credentials or at the Origin, and apps that do not."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from wsreplay.config import Settings
from wsreplay.events import EngineEvent
from wsreplay.fuzzing.probing import Probes, introduced
from wsreplay.identity import Identity
from wsreplay.model import Accepted, Client, Closed, Connect, Opened, Scenario, Send, Transcript, Wait

AUTH = ("default", "ignored_auth")
ORIGIN = ("default", "missing_origin_check")
BEARER = Identity(headers=(("authorization", "{{header:authorization}}"),))
QUERY = Identity(query=(("token", "{{query:token}}"),))
MESSAGE = Identity(messages=(("json", '{"token": "{{message:secret}}"}'),))
SECRETS = {
    "{{header:authorization}}": "Bearer sesame",
    "{{query:token}}": "sesame",
    "{{message:secret}}": "sesame",
    "{{header:x-api-key}}": "sesame",
    "{{header:x-shop}}": "sesame",
}

APP = """
    async def handler(websocket: WebSocket):
        CHECK
        await websocket.accept()
        async for text in websocket.iter_text():
            await websocket.send_text(text)

    app = Starlette(routes=[WebSocketRoute("/ws", handler)])
"""

LATER = """
    import json

    def token(text):
        try:
            return json.loads(text)["token"]
        except (ValueError, KeyError, TypeError, RecursionError):
            return None

    async def handler(websocket: WebSocket):
        await websocket.accept()
        try:
            ok = token(await websocket.receive_text()) == "sesame" or not CAREFUL
            if not ok:
                return await websocket.close(4401)
            await websocket.send_text("welcome")
            while True:
                await websocket.send_text(await websocket.receive_text())
        except (WebSocketDisconnect, KeyError):
            pass

    app = Starlette(routes=[WebSocketRoute("/ws", handler)])
"""


def refusing(condition: str) -> str:
    return APP.replace("CHECK", f"if not ({condition}):\n            return await websocket.close(1008)")


def checks_of(events: list[EngineEvent], found: Callable) -> set[str]:
    return {event.finding.check for event in found(events)} & {"ignored_auth", "missing_origin_check"}


@pytest.mark.parametrize(
    ("identity", "condition"),
    [
        (BEARER, 'websocket.headers.get("authorization") == "Bearer sesame"'),
        (QUERY, 'websocket.query_params.get("token") == "sesame"'),
    ],
)
def test_an_app_that_wants_credentials_is_searched_with_them_and_found_to_care(project, found, identity, condition):
    project.write(refusing(condition))
    events = project.fuzz(identity=identity, secrets=SECRETS, checks=AUTH, max_messages=3)
    assert [(one.finding, one.entry.scenario) for one in found(events) if one.finding.check == "ignored_auth"] == []


@pytest.mark.parametrize("identity", [BEARER, QUERY])
def test_an_app_that_lets_in_anybody_is_found_whatever_it_was_given(project, found, identity):
    project.write(APP.replace("CHECK", ""))
    events = project.fuzz(identity=identity, secrets=SECRETS, checks=AUTH, max_messages=3)
    (event,) = [event for event in found(events) if event.finding.check == "ignored_auth"]
    (client,) = event.entry.scenario.clients
    assert client == Client("/ws")
    assert event.confirmed


def test_credentials_given_as_headers_count_and_other_headers_stay(project, found):
    headers = (("x-api-key", "{{header:x-api-key}}"), ("x-shop", "{{header:x-shop}}"))
    project.write(refusing('websocket.headers.get("x-shop") == "sesame"'))
    events = project.fuzz(headers=headers, secrets=SECRETS, checks=AUTH, max_messages=3)
    assert checks_of(events, found) == {"ignored_auth"}
    project.write(refusing('websocket.headers.get("x-api-key") == "sesame"'))
    fresh = project.settings(headers=headers, secrets=SECRETS, checks=AUTH).corpus / "fresh"
    assert checks_of(project.fuzz(headers=headers, secrets=SECRETS, checks=AUTH, corpus=fresh), found) == set()


@pytest.mark.parametrize("careful", [True, False])
def test_a_wrong_first_message_shows_whether_the_app_looks_at_it(project, found, careful):
    project.write(LATER.replace("CAREFUL", str(careful)))
    events = project.fuzz(identity=MESSAGE, secrets=SECRETS, checks=AUTH, max_messages=3)
    assert checks_of(events, found) == (set() if careful else {"ignored_auth"})


@pytest.mark.parametrize("condition", ["", '"evil" not in websocket.headers.get("origin", "")'])
def test_a_page_of_another_site_shows_whether_the_app_looks_at_the_origin(project, found, condition):
    project.write(refusing(condition) if condition else APP.replace("CHECK", ""))
    events = project.fuzz(checks=ORIGIN, max_messages=3)
    assert checks_of(events, found) == (set() if condition else {"missing_origin_check"})


def test_a_replay_of_such_an_entry_runs_its_check_though_it_is_off_by_default(project, found):
    from wsreplay.events import EntryReplayed
    from wsreplay.replaying import replay

    project.write(APP.replace("CHECK", ""))
    project.fuzz(identity=BEARER, secrets=SECRETS, checks=(*AUTH, "missing_origin_check"), max_messages=3)
    for settings in (project.settings(), project.settings(identity=BEARER, secrets=SECRETS)):
        seen = [event for event in replay(settings) if isinstance(event, EntryReplayed) and event.findings]
        assert {event.verdict for event in seen} == {"fail"}
        assert {one.check for event in seen for one in event.findings} >= {"ignored_auth", "missing_origin_check"}
    other = project.settings(identity=BEARER, secrets=SECRETS, checks=("hang",))
    silent = [event for event in replay(other) if isinstance(event, EntryReplayed)]
    assert {event.verdict for event in silent} == {"pass"}


def test_one_scenario_in_sixteen_is_a_stranger_s(project):
    client = Client("/ws", headers=BEARER.headers)
    plain, known = Scenario("/ws", (Client("/ws"),), ()), Scenario("/ws", (client,), ())
    written = [introduced(scenario, BEARER, number) for number in range(32) for scenario in (plain, known)]
    assert written.count(plain) == 4
    assert written.count(known) == 60


def test_entries_whose_credentials_are_missing_are_not_built_upon(project):
    project.write(APP.replace("CHECK", "websocket.headers['authorization']"))
    project.fuzz(identity=BEARER, secrets=SECRETS, max_messages=3)
    assert any(b"{{header:authorization}}" in data for data in project.bytes().values())
    *_, finished = project.fuzz(seed=8)
    assert finished.exit_code == 2
    assert "{{header:authorization}}" in finished.problems[0]


# --- what is tried ---------------------------------------------------------------------------------------------------

TALK = Scenario(
    "/ws", (Client("/a"), Client("/b")), (Connect(0), Connect(1), Send(1, "text", "x"), Send(0, "text", "y"))
)
LET_IN = Transcript((Opened(0.0, 0, 0), Opened(0.0, 1, 1), Accepted(0.0, 1, 1)))
REFUSED = Transcript((Accepted(0.0, 0, 0), Closed(0.0, 0, 0, "app", 1008)))


def test_nothing_is_tried_unless_somebody_asks_for_it():
    assert not Probes(Settings())
    assert not Probes(Settings(checks=AUTH))
    assert not Probes(Settings(identity=BEARER))
    assert Probes(Settings(checks=AUTH, identity=BEARER))
    assert Probes(Settings(checks=ORIGIN))


def test_only_clients_that_were_let_in_are_tried_again_and_not_for_ever():
    probes = Probes(Settings(checks=ORIGIN))
    assert probes.of(TALK, REFUSED) == ()
    tried = 0
    while probes:
        (probe,) = probes.of(TALK, LET_IN)
        tried += 1
    assert tried == 5
    assert probe.clients == (Client("/b", headers=(("origin", "https://evil.example"),)),)
    assert probe.steps == (Connect(0), Send(0, "text", "x"), Wait(60.0))


def test_on_a_real_clock_nobody_waits():
    (probe,) = Probes(Settings(checks=ORIGIN, clock="real")).of(TALK, LET_IN)
    assert probe.steps == (Connect(0), Send(0, "text", "x"))


def test_a_client_with_a_wrong_first_message_follows_one_with_the_right_one_and_has_no_other_credentials():
    identity = Identity(headers=BEARER.headers, messages=MESSAGE.messages)
    (probe,) = Probes(Settings(checks=AUTH, identity=identity)).of(TALK, LET_IN)
    assert probe.clients == (Client("/b", headers=BEARER.headers), Client("/b"))
    login, wrong = '{"token": "{{message:secret}}"}', '{"token": "wrong"}'
    assert probe.steps == (
        Connect(0),
        Send(0, "json", login),
        Send(0, "text", "x"),
        Connect(1),
        Send(1, "json", wrong),
        Send(1, "text", "x"),
    )
