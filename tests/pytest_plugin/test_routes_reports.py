"""`--routes-report`, `--routes-report-json`."""

from __future__ import annotations

import json

COMMAND = ("--routes", "--routes-app", "shop:app", "--routes-websocket")
SEEDED = (*COMMAND, "--routes-seed", "1", "--routes-max-examples", "30")


def test_reports(bare):
    bare.pytest(*SEEDED, "--routes-report", "report.html", "--routes-report-json", "report.json")
    assert json.loads((bare.directory / "report.json").read_text())["seed"] == 1
    assert "KeyError" in (bare.directory / "report.html").read_text()
