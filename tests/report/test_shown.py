"""An entry as `wsreplay show` prints it: the same on every machine."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from wsreplay.corpus import scenario_id
from wsreplay.model import Profile, Provenance, Send, State
from wsreplay.report.shown import shown


def test_an_entry_is_shown_with_all_that_it_holds(crashing, text):
    entry = crashing.entry(Send(0, "json", "{}"))
    name = scenario_id(entry.scenario)
    told = text(shown(Path(f"corpus/{name}.msgpack"), entry))
    assert told.startswith(
        f"entry {name}\nroute /ws\nverdict fail\nsource fuzz, seed 7, after 12 sequences, wsreplay 0.1.0\n\n"
        "  A connects to /ws, accepted\n  A -> app  {}\n"
    )
    assert told.endswith('  shop.py:10 in orders\n       10 > price = {"tea": 3}[order["item"]]\n')


def test_what_people_decided_and_what_is_unusual_is_shown(crashing, text):
    entry = crashing.entry(Send(0, "json", '{"item": "tea"}'))
    scenario = replace(entry.scenario, profile=Profile("suspend"))
    state = State("accepted", "known\x1b", "2027-01-01")
    entry = replace(entry, scenario=scenario, state=state, provenance=Provenance("import", earlier=2, python="3\x07"))
    told = text(shown(Path("odd\x1b.msgpack"), entry))
    assert "(in a file called odd\\x1b.msgpack)" in told
    assert "state accepted until 2027-01-01: known\\x1b\n" in told
    assert "source import, with 2 earlier clients that it depends on, Python 3\\x07\n" in told
    assert "as under backpressure" in told
    assert "verdict pass" in told
    assert "state fixed\n" in text(shown(Path("x"), replace(entry, state=State("fixed"))))
