"""The failure report has every field that the predecessor's documentation promises."""

from __future__ import annotations

import textwrap
from dataclasses import replace

import pytest

from wsreplay.checks import BUILT_IN
from wsreplay.events import RunStarted
from wsreplay.model import Client, Connect, Entry, Finding, Scenario, Send, Transcript
from wsreplay.report import failure
from wsreplay.report.failure import failure_of, failure_report
from wsreplay.report.html_report import HtmlReport
from wsreplay.report.narration import Narrator


def test_a_crash_is_reported_field_by_field(crashing, text):
    event = crashing.found(Send(0, "json", '{"item": "tea"}'), Send(0, "json", '{ "amount": 2 }'))
    assert text(failure_report(event, crashing.settings())) == textwrap.dedent("""\
        ============================================================
        WEBSOCKET TEST FAILURE: /ws
        ============================================================
        Error Type: handler_crash (KeyError)
        Message: KeyError: 'item'
        Failed at message index: 2
        Sent (json):
          {"amount":2}
        Expected:
          Connection to remain open
        Actual:
          Connection closed with code 1011
        Connection State: closed
        Close Code: 1011
        Additional Context:
          total_messages_sent: 2
          last_response: {"price":3}
          elapsed_time_ms: 0.0
          seed: 7
        Reproduce:
          wsreplay replay corpus/ws/0123.msgpack --target shop:app
        ============================================================""")


def test_a_hang_tells_how_long_it_took_and_what_was_expected_instead(shop, text):
    shop.write("""
        async def stuck(websocket):
            await websocket.accept()
            await websocket.receive_text()
            await asyncio.Event().wait()

        app = Starlette(routes=[WebSocketRoute("/ws", stuck)])
    """)
    event = shop.found(Send(0, "text", "hello"), path=None)
    told = text(failure_report(event, shop.settings()))
    assert "Expected:\n  Handler to send, read or end" in told
    assert "Actual:\n  The handler of client A went silent over a message" in told
    assert "Connection State: open\nClose Code: None" in told
    assert "last_response: None\n  elapsed_time_ms: 10000.0" in told
    assert "Reproduce" not in told


@pytest.mark.parametrize(
    ("before", "state"),
    [("raise KeyError('x')", "refused"), ("await websocket.accept(); raise KeyError('x')", "closed")],
)
def test_what_fails_before_any_message_has_none(shop, text, before, state):
    shop.write(f"""
        async def dying(websocket):
            {before}

        app = Starlette(routes=[WebSocketRoute("/ws", dying)])
    """)
    told = text(failure_report(shop.found(), shop.settings()))
    assert "Failed at message index: None\nSent:\n  None" in told
    assert f"Connection State: {state}" in told


def test_only_what_the_client_itself_said_is_what_it_failed_at():
    scenario = Scenario(
        "/ws", (Client("/ws"), Client("/ws")), (Connect(0), Connect(1), Send(0, "text", "a"), Send(1, "text", "b"))
    )
    finding = Finding("mine", "failure", "/ws", "reported", "It is wrong.", step=None, client=0)
    made = failure_of(finding, scenario, Transcript(()))
    assert (made.index, made.sent, made.messages_sent) == (1, ("text", "a"), 2)
    assert (made.expected, made.actual) == ("Check mine to find nothing", "It is wrong.")
    assert (made.state, made.last_response, made.elapsed_ms) == ("not connected", None, 0.0)


def test_a_replayed_entry_is_reported_as_it_went_now_and_one_without_a_finding_not_at_all(crashing, text):
    event = crashing.replayed("fail", Send(0, "json", "{}"))
    assert "Failed at message index: 1" in text(failure_report(event, crashing.settings()))
    for other in (replace(event, findings=()), replace(event, entry=None)):
        assert list(failure_report(other, crashing.settings())) == []
    lost = replace(event, transcript=None)
    assert "Connection State: not connected" in text(failure_report(lost, crashing.settings()))


def test_every_check_of_ours_says_what_it_expects():
    assert set(failure._EXPECTED) == {check.name for check in BUILT_IN}


def test_a_verbose_report_and_the_page_have_it_and_others_have_not(crashing, text, tmp_path):
    settings = crashing.settings(verbose=1)
    found, again = crashing.found(Send(0, "json", "{}")), crashing.replayed("fail", Send(0, "json", "{}"))
    flaky = crashing.replayed("flaky", Send(0, "json", "{}"))

    def told(event, settings) -> str:
        return "\n".join(text(told.lines) for told in Narrator(settings).tell(event))

    for event, shown in ((found, True), (again, True), (flaky, False)):
        assert ("\n  WEBSOCKET TEST FAILURE: /ws\n" in told(event, settings)) == shown
        assert "WEBSOCKET" not in told(event, crashing.settings())
    page = HtmlReport(tmp_path / "page.html", crashing.settings())
    page.handle(RunStarted("fuzz", "shop:app", 7, (), "corpus"))
    page.handle(found)
    page.close()
    assert "WEBSOCKET TEST FAILURE: /ws" in (tmp_path / "page.html").read_text()


def test_an_entry_without_a_seed_shows_none(crashing, text):
    event = crashing.found(Send(0, "json", "{}"))
    bare = Entry(event.entry.scenario, event.entry.transcript, event.entry.findings)
    assert "seed" not in text(failure_report(replace(event, entry=bare), crashing.settings()))
