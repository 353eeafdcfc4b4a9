"""The store against a dictionary: after any sequence of operations, by several stores, both hold the same."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from wsreplay.corpus import Store, scenario_id
from wsreplay.model import Entry, Finding, State, Transcript

Make = Callable[..., Entry]

TEXTS = st.sampled_from(["one", "two"])
ROUTES = st.sampled_from(["/a", "/A", "/{a}"])
BUGS = st.lists(st.sampled_from(["KeyError", "ValueError"]), unique=True, max_size=2).map(tuple)
FEATURES = st.lists(st.sampled_from(["f", "g", "h"]), unique=True, max_size=3).map(lambda all_: tuple(sorted(all_)))
STATES = st.builds(State, st.sampled_from(["open", "fixed", "accepted"]), st.sampled_from(["", "because"]))
SEVERITIES = st.sampled_from(["failure", "warning"])


class Known:
    """What the model remembers of an entry: facts that must not get lost."""

    def __init__(self, entry: Entry) -> None:
        self.entry = entry
        self.findings = {finding.fingerprint: finding for finding in entry.findings}
        self.features = set(entry.transcript.features)
        self.state = entry.state
        self.failed = entry.verdict == "fail"


class Machine(RuleBasedStateMachine):
    make: Make

    @initialize()
    def begin(self) -> None:
        self.scratch = tempfile.TemporaryDirectory()
        self.stores = [Store(Path(self.scratch.name) / "corpus") for _ in range(2)]
        self.known: dict[str, Known] = {}
        self.paths: dict[str, Path] = {}

    @rule(which=st.integers(0, 1), text=TEXTS, route=ROUTES, bugs=BUGS, features=FEATURES, severity=SEVERITIES)
    def save(
        self, which: int, text: str, route: str, bugs: tuple[str, ...], features: tuple[str, ...], severity: str
    ) -> None:
        entry = self.make(text, route, bugs, features, severity=severity)
        key = scenario_id(entry.scenario)
        self.paths[key] = self.stores[which].save(entry)
        new = Known(entry)
        old = self.known.setdefault(key, new)
        if old is not new:
            for fingerprint, finding in new.findings.items():
                known = old.findings.setdefault(fingerprint, finding)
                if known.severity == "warning":
                    old.findings[fingerprint] = finding if finding.severity == "failure" else known
            old.features |= new.features
            if new.failed and not old.failed:
                old.entry, old.failed = entry, True

    @rule(which=st.integers(0, 1), text=TEXTS, route=ROUTES, bugs=BUGS, features=FEATURES)
    def record_anew(self, which: int, text: str, route: str, bugs: tuple[str, ...], features: tuple[str, ...]) -> None:
        entry = self.make(text, route, bugs, features)
        key = scenario_id(entry.scenario)
        self.paths[key] = self.stores[which].replace(entry)
        state = self.known[key].state if key in self.known else State()
        self.known[key] = Known(replace(entry, state=state))

    @rule(which=st.integers(0, 1), place=st.integers(0, 9), state=STATES)
    def decide(self, which: int, place: int, state: State) -> None:
        if self.paths:
            key = sorted(self.paths)[place % len(self.paths)]
            self.stores[which].set_state(self.paths[key], state)
            self.known[key].state = state

    @rule(place=st.integers(0, 9))
    def damage(self, place: int) -> None:
        if self.paths:
            key = sorted(self.paths)[place % len(self.paths)]
            self.paths.pop(key).write_bytes(b"damaged")
            del self.known[key]

    @rule(route=ROUTES)
    def die_while_writing(self, route: str) -> None:
        path = self.stores[0].path_of(self.make("one", route).scenario)
        if path.parent.is_dir():
            path.with_name(f".{path.stem}-01234567.tmp").write_bytes(b"half")

    @rule()
    def clean(self) -> None:
        self.stores[0].clean()
        assert not list(self.stores[0].directory.rglob("*.tmp"))

    @invariant()
    def both_hold_the_same(self) -> None:
        for store in self.stores:
            found = {path: entry for path, entry in store.entries() if isinstance(entry, Entry)}
            assert {scenario_id(entry.scenario): path for path, entry in found.items()} == self.paths
            for key, path in self.paths.items():
                assert_same(found[path], self.known[key])

    @invariant()
    def fingerprints_are_known(self) -> None:
        expected = {fingerprint for known in self.known.values() for fingerprint in known.findings}
        assert set(self.stores[0].known()) == expected

    def teardown(self) -> None:
        self.scratch.cleanup()


def assert_same(entry: Entry, known: Known) -> None:
    findings: dict[str, Finding] = {finding.fingerprint: finding for finding in entry.findings}
    assert findings == known.findings
    assert set(entry.transcript.features) == known.features
    assert replace(entry.transcript, features=()) == Transcript(known.entry.transcript.events)
    assert entry.provenance == known.entry.provenance
    assert entry.state == known.state


def test_the_store_agrees_with_a_dictionary(entry: Make) -> None:
    class WithEntries(Machine):
        make = staticmethod(entry)

    run_state_machine_as_test(
        WithEntries, settings=settings(max_examples=25, stateful_step_count=20, deadline=None, database=None)
    )
