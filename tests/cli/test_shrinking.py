"""`wsreplay shrink`, and `wsreplay corpus min` with a target: entries that are there already become smaller."""

from __future__ import annotations

from dataclasses import replace

import pytest

from wsreplay.config import Settings
from wsreplay.corpus import Sketch, Store, scenario_id
from wsreplay.fuzzing.reshrinking import all_reshrunk
from wsreplay.model import Client, Close, Connect, Entry, Finding, Provenance, Scenario, Send, State, Transcript

CHATTY = Scenario(
    "/orders",
    (Client("/orders", headers=(("x-device", "phone"),)), Client("/orders")),
    (
        Connect(0),
        Send(0, "text", "good morning"),
        Connect(1),
        Send(1, "json", '{"a": [1, 2, 3]}'),
        Send(0, "text", '"tea", please'),
        Close(1, 1000),
    ),
)
POLITE = Scenario("/orders", (Client("/orders"),), (Connect(0), Send(0, "text", "one"), Send(0, "text", "two")))


@pytest.fixture
def imported(project):
    """A project whose corpus has an entry that somebody else has recorded."""
    store = Store(project.directory / "corpus")

    def save(scenario=CHATTY, state=State()):  # noqa: B008 - a frozen value
        return store.save(Entry(scenario, Transcript(()), provenance=Provenance(source="import"), state=state)).stem

    project.save = save
    project.store = store
    return project


def scenarios(project):
    return [entry.scenario for _, entry in project.store.entries()]


def test_an_imported_entry_becomes_the_smallest_that_fails_and_stays_unless_it_is_replaced(imported):
    entry = imported.save()
    ran = imported.run("shrink", entry, "--target", "shop:app")
    assert ran.code == 0
    assert 'A connects to /orders; A -> app  "\\""' in ran.out
    assert len(scenarios(imported)) == 2
    ran = imported.run("shrink", entry, "--target", "shop:app", "--replace")
    assert f"deleted corpus/orders/{entry}.msgpack" in ran.out
    (small,) = [entry for _, entry in imported.store.entries()]
    assert small.scenario.steps == (Connect(0), Send(0, "text", '"'))
    assert small.scenario.clients == (Client("/orders"),)
    assert [finding.exception for finding in small.findings] == ["KeyError"]
    assert small.provenance.source == "import"
    again = imported.run("shrink", scenario_id(small.scenario), "--target", "shop:app", "--replace")
    assert "is as small as it gets" in again.out
    assert len(scenarios(imported)) == 1


def test_what_does_not_fail_or_cannot_be_run_is_not_shrunk(imported):
    passing = imported.save(POLITE)
    gone = imported.save(Scenario("/gone", (Client("/gone"),), (Connect(0),)))
    secret = imported.save(Scenario("/orders", (Client("/orders", query="key={{query:key}}"),), (Connect(0),)))
    for entry, why in (
        (passing, "it does not fail"),
        (gone, "the target has no route '/gone'"),
        (secret, "it needs credentials that are not configured: {{query:key}}"),
    ):
        ran = imported.run("shrink", entry, "--target", "shop:app")
        assert ran.code == 2
        assert f"cannot shrink corpus/{'gone' if entry == gone else 'orders'}/{entry}.msgpack: {why}" in ran.err


def test_another_bug_than_the_one_on_record_is_not_what_an_entry_is_for(kept):
    entry = kept.failing()
    source = kept.directory / "shop.py"
    source.write_text(source.read_text().replace('KeyError("price")', 'ValueError("price")'))
    ran = kept.run("shrink", entry, "--target", "shop:app")
    assert ran.code == 2
    assert "or not as it is on record" in ran.err


def test_min_with_a_target_shrinks_all_that_it_keeps(imported):
    failing, accepted = imported.save(), imported.save(POLITE, State("accepted", "it is polite"))
    passing = imported.save(Scenario("/orders", (Client("/orders"),), (*CHATTY.steps[:2], *POLITE.steps[1:])))
    superfluous = imported.save(Scenario("/orders", (Client("/orders"),), (*POLITE.steps, Send(0, "text", "three"))))
    gone = imported.save(Scenario("/gone", (Client("/gone"),), (Connect(0),)))
    warned = replace(POLITE, steps=(*POLITE.steps, Close(0, 1001)))
    warning = Finding("missing_close", "warning", "/orders", "returned", "It returns.")
    imported.store.save(Entry(warned, Transcript(()), (warning,)))
    before = imported.entries()
    dry = imported.run("corpus", "min", "--target", "shop:app", "--dry-run")
    assert imported.entries() == before
    done = imported.run("corpus", "min", "--target", "shop:app")
    assert done.code == 0
    assert f"would shrink corpus/orders/{failing}.msgpack" in dry.out
    assert f"shrunk corpus/orders/{failing}.msgpack: A connects to /orders; A -> app" in done.out
    assert f"left as it is: corpus/gone/{gone}.msgpack: the target has no route '/gone'" in done.out
    left = {path.stem for path, _ in imported.store.entries()}
    assert {accepted, gone} <= left
    assert not {failing, passing, superfluous} & left
    assert sorted(scenario.messages for scenario in scenarios(imported)) == [0, 1, 2, 2, 2]
    assert warned in scenarios(imported)
    again = imported.run("corpus", "min", "--target", "shop:app")
    assert "0 entries shrunk" in again.out
    assert "0 entries deleted" in again.out


def test_what_kills_its_process_is_shrunk_by_itself(imported):
    source = imported.directory / "shop.py"
    source.write_text(source.read_text().replace('"thanks")', '"thanks"); import os; os.kill(os.getpid(), 9)', 1))
    entry, idle = imported.save(POLITE), imported.save(replace(POLITE, steps=POLITE.steps[:1]))
    done = imported.run("corpus", "min", "--target", "shop:app")
    assert f"shrunk corpus/orders/{entry}.msgpack: A connects to /orders; A -> app" in done.out
    assert f"left as it is: corpus/orders/{idle}.msgpack: it does not fail" in done.out
    assert sorted(scenario.messages for scenario in scenarios(imported)) == [0, 1]


def test_entries_that_somebody_removes_meanwhile_are_left_out(imported):
    imported.save(POLITE)
    failure = Finding("handler_crash", "failure", "/orders", "raised", "It raises.")
    imported.store.save(Entry(CHATTY, Transcript(()), (failure,)))
    sketched = [Sketch.of(path, entry) for path, entry in imported.store.entries()]
    for sketch in sketched:
        sketch.path.unlink()
    settings = Settings(target="shop:app", app_dir=imported.directory, corpus=imported.store.directory)
    assert list(all_reshrunk(settings, sketched)) == []


def test_what_an_app_itself_removes_is_not_shrunk(imported):
    source = imported.directory / "shop.py"
    removal = f"[os.unlink(one) for one in glob.glob({str(imported.store.directory)!r} + '/*/*.msgpack')]"
    source.write_text(source.read_text().replace('"thanks")', f'"thanks"); import glob, os; {removal}', 1))
    imported.save(POLITE)
    imported.save(replace(POLITE, steps=(*POLITE.steps, Send(0, "text", "three"))))
    done = imported.run("corpus", "min", "--target", "shop:app")
    assert done.code == 0, done.err
    assert "0 entries shrunk" in done.out
