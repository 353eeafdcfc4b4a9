"""`--wsreplay-report-json`, `--wsreplay-report-html`."""

from __future__ import annotations

import json

FEW = ("--wsreplay-fuzz", "--wsreplay-max-examples", "30", "--wsreplay-seed", "1")


def test_reports_are_written_where_a_flag_asks_for_them(project):
    project.write("pyproject.toml", '[tool.wsreplay]\napp = "shop:app"\nreport_json = "cli.json"\n')
    ran = project.pytest(*FEW, "--wsreplay-report-json", "a/r.json", "--wsreplay-report-html", "r.html")
    assert ran.counts == {"failed": 1, "passed": 5}
    report = json.loads((project.directory / "a" / "r.json").read_text())
    assert report["seed"] == 1
    assert report["replay"] == {"pass": 3, "fail": 1, "changed": 0, "flaky": 0, "stale": 0, "error": 0}
    assert [len(route["failures"]) for route in report["routes"]] == [1, 0]
    assert "KeyError" in (project.directory / "r.html").read_text()
    assert not (project.directory / "cli.json").exists()


def test_a_report_that_cannot_be_written_is_refused_at_once(project):
    ran = project.pytest("--wsreplay-report-json", ".")
    assert ran.code == 4
    assert "expected the path of a file" in ran.err
