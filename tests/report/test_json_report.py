"""The JSON report, to the letter: other programs read it."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.metadata import version

import pytest

from wsreplay.errors import ConfigError
from wsreplay.events import EntryReplayed, ReplayFinished, RouteFinished, RunFinished, RunStarted
from wsreplay.fuzzing import fuzz
from wsreplay.model import Frame, Route, Send
from wsreplay.report.json_report import JsonReport, location

NULL = type(None)
REPORT = {
    "version": int, "wsreplay": str, "target": str, "seed": (int, NULL), "elapsed_s": float, "replay": dict,
    "routes": list,
}  # fmt: skip
VERDICTS = dict.fromkeys(("pass", "fail", "changed", "flaky", "stale", "error"), int)
ROUTE = {
    "path": str, "framework": str, "sequences": int, "messages": int, "connections": int, "interesting": int,
    "branches": (dict, NULL), "failures": list, "warnings": list,
}  # fmt: skip
FINDING = {
    "check": str, "severity": str, "exception": (str, NULL), "message": str, "location": (str, NULL),
    "close_code": (int, NULL), "cause": str, "step": (int, NULL), "fingerprint": str, "entry": (str, NULL),
    "found_after": int,
}  # fmt: skip


def has_shape(value, shape):
    """Exactly these keys, in this order, of these types."""
    assert list(value) == list(shape)
    for key, kinds in shape.items():
        assert type(value[key]) in (kinds if isinstance(kinds, tuple) else (kinds,)), key


def is_a_report(report):
    has_shape(report, REPORT)
    has_shape(report["replay"], VERDICTS)
    for route in report["routes"]:
        has_shape(route, ROUTE)
        for severity in ("failure", "warning"):
            for finding in route[f"{severity}s"]:
                has_shape(finding, FINDING)
                assert finding["severity"] == severity


@pytest.fixture
def report(tmp_path):
    def write(*events, clock=lambda: 0.0):
        reporter = JsonReport(tmp_path / "out" / "report.json", clock)
        for event in events:
            reporter.handle(event)
        reporter.close()
        written = json.loads((tmp_path / "out" / "report.json").read_bytes())
        is_a_report(written)
        return written

    return write


def started(command="fuzz", seed=54321):
    return RunStarted(command, "shop:app", seed, (Route("/ws", "starlette"),), "corpus")


def test_a_run_is_reported_as_the_contract_says(crashing, report):
    found = crashing.found(Send(0, "json", "{}"))
    warning = replace(
        found, path=None, finding=replace(found.finding, check="slow_reply", severity="warning", exception=None)
    )
    assert report(
        started(),
        ReplayFinished({"pass": 12}),
        found,
        warning,
        RouteFinished(Route("/ws", "starlette"), 1000, 6212, 1000, 3, 4.0, reached=34, branches=41),
        RunFinished(4.2, 1),
    ) == {
        "version": 1,
        "wsreplay": version("wsreplay"),
        "target": "shop:app",
        "seed": 54321,
        "elapsed_s": 4.2,
        "replay": {"pass": 12, "fail": 0, "changed": 0, "flaky": 0, "stale": 0, "error": 0},
        "routes": [
            {
                "path": "/ws",
                "framework": "starlette",
                "sequences": 1000,
                "messages": 6212,
                "connections": 1000,
                "interesting": 3,
                "branches": {"reached": 34, "known": 41},
                "failures": [
                    {
                        "check": "handler_crash",
                        "severity": "failure",
                        "exception": "KeyError",
                        "message": "'item'",
                        "location": "shop.py:10 in orders",
                        "close_code": 1011,
                        "cause": "raised",
                        "step": 1,
                        "fingerprint": found.finding.fingerprint,
                        "entry": "corpus/ws/0123.msgpack",
                        "found_after": 12,
                    }
                ],
                "warnings": [
                    {
                        "check": "slow_reply",
                        "severity": "warning",
                        "exception": None,
                        "message": "'item'",
                        "location": "shop.py:10 in orders",
                        "close_code": 1011,
                        "cause": "raised",
                        "step": 1,
                        "fingerprint": warning.finding.fingerprint,
                        "entry": None,
                        "found_after": 12,
                    }
                ],
            }
        ],
    }


def test_a_real_run_gives_a_report(crashing, tmp_path):
    settings = crashing.settings(target="real_shop:app", seed=1, max_examples=20)
    crashing.file.rename(tmp_path / "real_shop.py")
    reporter = JsonReport(tmp_path / "report.json")
    for event in fuzz(settings):
        reporter.handle(event)
    reporter.close()
    written = json.loads((tmp_path / "report.json").read_bytes())
    is_a_report(written)
    (route,) = written["routes"]
    assert (written["seed"], route["sequences"], route["framework"]) == (1, 20, "starlette")
    assert all((tmp_path / finding["entry"]).is_file() for finding in route["failures"])
    assert "real_shop.py:10 in orders" in {finding["location"] for finding in route["failures"]}


def test_a_replay_has_no_seed_and_what_it_found_was_found_after_nothing(crashing, report):
    event = crashing.replayed("fail", Send(0, "json", "{}"))
    gone = EntryReplayed("corpus/ws/9.msgpack", "error", difference="cut short")
    written = report(started("replay", None), event, gone, ReplayFinished({"fail": 1, "error": 1}), RunFinished(1.0, 1))
    assert written["seed"] is None
    assert written["replay"] == {"pass": 0, "fail": 1, "changed": 0, "flaky": 0, "stale": 0, "error": 1}
    assert [finding["found_after"] for finding in written["routes"][0]["failures"]] == [0]


def test_a_run_that_did_not_come_to_its_end_has_its_time_all_the_same(report):
    times = iter((10.0, 12.5))
    assert report(started(), clock=lambda: next(times))["elapsed_s"] == 2.5


def test_a_finding_without_an_exception_has_its_sentence_as_message(crashing, report):
    found = crashing.found(Send(0, "json", "{}"))
    bare = replace(found.finding, exception=None, message="", location=None, close_code=None, step=None)
    (finding,) = report(started(), replace(found, finding=bare))["routes"][0]["failures"]
    assert finding["message"] == bare.detail
    assert finding["location"] is None


def test_what_no_encoding_knows_is_escaped(crashing, report):
    found = crashing.found(Send(0, "json", "{}"))
    hostile = replace(found.finding, message="\ud800\x00\x1b\u202e")
    (finding,) = report(started(), replace(found, finding=hostile))["routes"][0]["failures"]
    assert finding["message"] == "\ud800\x00\x1b\u202e"


def test_a_location_has_no_directories():
    assert location(Frame("shop/desk/orders.py", 41, "place")) == "orders.py:41 in place"


def test_a_run_that_never_began_writes_nothing(tmp_path):
    JsonReport(tmp_path / "report.json").close()
    assert list(tmp_path.iterdir()) == []


def test_a_path_that_cannot_be_written_is_told_before_the_run(tmp_path):
    (tmp_path / "file").write_text("")
    for path in (tmp_path, tmp_path / "file" / "report.json", tmp_path / "a\0b"):
        with pytest.raises(ConfigError, match="--report-json: "):
            JsonReport(path)


def test_a_path_that_can_no_longer_be_written_is_told(tmp_path):
    reporter = JsonReport(tmp_path / "out" / "report.json")
    reporter.handle(started())
    (tmp_path / "out").rmdir()
    with pytest.raises(ConfigError, match="--report-json: cannot write"):
        reporter.close()
