"""With pytest-xdist: the same items on all workers, the same results, one report."""

from __future__ import annotations

import json


def test_two_workers_collect_the_same_and_find_the_same(project):
    ran = project.pytest("-n", "2", "-v")
    assert ran.code == 1
    assert set(ran.outcomes()) == set(project.ids())
    assert ran.counts == {"failed": 1, "passed": 3}
    assert "Replayed 4 entries: 3 pass, 1 fail.\n" in ran.out
    assert "A's handler raises KeyError: 'price'" in ran.out


def test_the_search_has_one_seed_on_all_workers_and_one_summary(project):
    words = ("--wsreplay-fuzz", "--wsreplay-max-examples", "5", "--wsreplay-report-json", "report.json")
    ran = project.pytest("-n", "2", *words)
    assert ran.counts == {"failed": 1, "passed": 5}
    report = json.loads((project.directory / "report.json").read_text())
    assert f"Seed: {report['seed']}\n" in ran.out
    assert {route["path"]: route["sequences"] for route in report["routes"]} == {"/orders": 5, "/ticker": 5}
    assert report["replay"]["pass"] == 3


def test_an_accepted_failure_is_one_there_too(project):
    project.accept("9999-01-31")
    ran = project.pytest("-n", "2")
    assert ran.code == 0
    assert ran.counts == {"passed": 3, "xfailed": 1}
