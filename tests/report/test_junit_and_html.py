"""The JUnit report and the page: well-formed whatever an app or an entry says."""

from __future__ import annotations

import builtins
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from wsreplay.errors import ConfigError
from wsreplay.events import EntryReplayed, RouteFinished, RunFinished, RunStarted
from wsreplay.model import Route, Send
from wsreplay.report.html_report import HtmlReport
from wsreplay.report.junit_report import JunitReport

HOSTILE = "</pre></script><script>alert(1)</script><img src=x onerror=alert(1)>\x00\x1b[31m\ud800\ufffe]]>&\u202e\"'"
ROUTE = Route("/ws", "starlette")


def started(command="fuzz", target="shop:app"):
    return RunStarted(command, target, 7, (ROUTE, Route("/quiet\x00")), "corpus")


def run(reporter, *events):
    for event in events:
        reporter.handle(event)
    reporter.close()


@pytest.fixture
def hostile(crashing):
    """A finding that says what no report should do."""
    found = crashing.found(Send(0, "text", HOSTILE), Send(0, "json", "{}"))
    location = replace(found.finding.location, file=HOSTILE, function=HOSTILE)
    finding = replace(found.finding, message=HOSTILE, detail=HOSTILE, location=location)
    return replace(found, finding=finding, path=f"corpus/{HOSTILE}.msgpack")


@pytest.fixture
def junit(tmp_path):
    def write(*events):
        run(JunitReport(tmp_path / "report.xml"), *events)
        return ElementTree.parse(tmp_path / "report.xml").getroot()

    return write


def test_junit_counts_replays_failures_and_clean_routes(crashing, junit):
    found = crashing.found(Send(0, "json", "{}"))
    root = junit(
        started(),
        replace(crashing.replayed("pass"), findings=()),
        EntryReplayed("corpus/ws/9.msgpack", "error", difference="cut short"),
        replace(crashing.replayed("changed"), difference="other"),
        found,
        replace(found, path=None, finding=replace(found.finding, check="hang")),
        RunFinished(4.25, 1),
    )
    (suite,) = root
    for element in (root, suite):
        figures = {name: element.get(name) for name in ("tests", "failures", "errors", "time")}
        assert figures == {"tests": "6", "failures": "3", "errors": "1", "time": "4.250"}
    names = [(case.get("classname"), case.get("name"), [child.tag for child in case]) for case in suite]
    assert names == [
        ("wsreplay.replay", "corpus/ws/0123.msgpack", []),
        ("wsreplay.replay", "corpus/ws/9.msgpack", ["error"]),
        ("wsreplay.replay", "corpus/ws/0123.msgpack", ["failure"]),
        ("wsreplay.fuzz", f"/ws handler_crash {found.finding.fingerprint}", ["failure"]),
        ("wsreplay.fuzz", f"/ws hang {replace(found.finding, check='hang').fingerprint}", ["failure"]),
        ("wsreplay.fuzz", "/quiet\\x00", []),
    ]
    failure = suite[3][0]
    assert failure.get("message") == "KeyError: 'item'"
    assert "!! A's handler raises KeyError: 'item'" in failure.text
    assert "Saved as corpus/ws/0123.msgpack" in failure.text
    assert "Saved" not in suite[4][0].text


def test_junit_of_a_replay_has_no_routes_and_time_0_if_it_was_cut_short(junit):
    root = junit(started("replay"))
    assert (root.get("tests"), root.get("time")) == ("0", "0.000")


def test_junit_holds_nothing_that_xml_forbids(hostile, junit):
    (suite,) = junit(started(target=HOSTILE), hostile, RunFinished(1.0, 1))
    failure = suite[0][0]
    assert "<script>" in failure.get("message")
    assert "\\x1b[31m\\ud800\\ufffe" in failure.get("message")
    assert "\\u202e" in suite.get("name")


@pytest.mark.parametrize("reporter", [JunitReport, lambda path: HtmlReport(path, None)])
def test_a_run_that_never_began_writes_nothing(tmp_path, reporter):
    reporter(tmp_path / "report").close()
    assert list(tmp_path.iterdir()) == []


class Page(HTMLParser):
    """Tags, attributes and text of a page; every tag must be closed in order."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.text, self._open = [], [], "", []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag != "meta":
            self._open.append(tag)

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        self.text += data


@pytest.fixture
def page(crashing, tmp_path):
    def write(*events):
        run(HtmlReport(tmp_path / "report.html", crashing.settings()), *events)
        return Page((tmp_path / "report.html").read_text(encoding="utf-8"))

    return write


def test_the_page_tells_routes_failures_replays_and_warnings(crashing, page):
    found = crashing.found(Send(0, "json", "{}"))
    warning = replace(found, finding=replace(found.finding, check="slow_reply", severity="warning"))
    told = page(
        started(),
        EntryReplayed("corpus/ws/9.msgpack", "flaky", difference="two ways"),
        crashing.replayed("fail", Send(0, "json", '{"a": 1}')),
        EntryReplayed("corpus/ws/8.msgpack", "pass"),
        replace(found, finding=replace(found.finding, check="hang")),
        replace(found, finding=replace(found.finding, check="hang")),
        warning,
        RouteFinished(ROUTE, 1000, 6212, 1000, 3, 4.0, reached=34, branches=41),
        RunFinished(4.2, 1),
    )
    assert told.tags.count("details") == 4
    assert "34 of 41 branches" in told.text
    assert "hang on /ws: KeyError: 'item'" in told.text
    assert "flaky   corpus/ws/9.msgpack  two ways" in told.text
    assert "8.msgpack" not in told.text
    assert "10 > " in told.text
    assert "Replay:  wsreplay replay corpus/ws/0123.msgpack --target shop:app" in told.text
    assert told.text.index("Failures\n") < told.text.index("Replay\n") < told.text.rindex("Warnings\n")


def test_nothing_that_an_app_says_becomes_markup(hostile, page):
    told = page(started(target=HOSTILE), hostile, RunFinished(1.0, 1))
    assert not {"script", "img", "link", "iframe"} & set(told.tags)
    assert "<script>alert(1)</script>" in told.text
    assert not any(character in told.text for character in "\x00\x1b\ud800\u202e")


def test_the_page_needs_nothing_from_elsewhere(crashing, page, tmp_path):
    told = page(started(), crashing.found(Send(0, "json", "{}")))
    assert not {"src", "href", "action", "onclick"} & {name for name, _ in told.attributes}
    written = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "url(" not in written
    assert "@import" not in written
    assert "The run did not come to its end." in told.text


def test_without_jinja2_the_flag_says_what_to_install(tmp_path, monkeypatch):
    real = builtins.__import__

    def missing(name, *rest, **more):
        if name == "jinja2":
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(ConfigError, match="expected jinja2, which is not installed") as caught:
        HtmlReport(tmp_path / "report.html", None)
    assert "wsreplay[html]" in caught.value.hint
