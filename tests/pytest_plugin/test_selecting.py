"""The options of pytest that choose, stop and report work on our items as on any."""

from __future__ import annotations

from xml.etree import ElementTree


def test_lf_runs_what_failed_and_then_nothing_else(project):
    assert project.pytest().counts == {"failed": 1, "passed": 3}
    again = project.pytest("--lf", "-v")
    assert list(again.outcomes()) == [name for name in project.ids() if "crash" in name]
    project.correct()
    assert project.pytest("--lf").counts == {"passed": 1}


def test_dash_x_stops_at_the_first_failure_before_tests_of_ones_own(project):
    project.write("aaa/test_own.py", "def test_own(): pass\n")
    ran = project.pytest("-x", "-v", "-k", "crash or own")
    assert list(ran.outcomes().values()) == ["FAILED"]


def test_dash_q_is_quiet(project):
    project.correct()
    ran = project.pytest("-q")
    assert ran.code == 0
    assert ran.out.startswith("....")
    assert "Replayed 4 entries: 4 pass.\n" in ran.out


def test_junit_xml_has_a_case_for_each_item_and_says_what_failed(project):
    ran = project.pytest("--junit-xml=junit.xml")
    suite = ElementTree.parse(project.directory / "junit.xml").getroot()[0]
    assert ran.code == 1
    assert suite.attrib["tests"] == "4"
    (failed,) = [case for case in suite if case.find("failure") is not None]
    assert failed.attrib["name"] == "handler_crash KeyError"
    assert failed.attrib["classname"].startswith("corpus.orders.")
    assert failed[0].attrib["message"] == "handler_crash on /orders: KeyError: 'price'"
    assert "A's handler raises KeyError: 'price'" in str(failed[0].text)


def test_tests_of_ones_own_run_between_the_replay_and_the_search(project):
    project.write("aaa/test_own.py", "def test_own(): pass\n")
    ran = project.pytest("-v", "--wsreplay-fuzz", "--wsreplay-max-examples", "1")
    names = [name.rpartition("::")[2] for name in ran.outcomes()]
    assert names[4:] == ["test_own", "test_websocket[/orders]", "test_websocket[/ticker]"]
