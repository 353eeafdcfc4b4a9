"""docs/reference/report-json.md says what the code does: its example is a report, and every key is in its tables."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path

import pytest

from wsreplay import errors
from wsreplay.report.json_report import VERSION

_spec = importlib.util.spec_from_file_location("_json_shapes", Path(__file__).with_name("test_json_report.py"))
shapes = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(shapes)

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "report-json.md").read_text(encoding="utf-8")
TABLES = {
    "The report": shapes.REPORT,
    "`replay`": shapes.VERDICTS,
    "A route": shapes.ROUTE,
    "A finding": shapes.FINDING,
}
WORDS = {int: "integer", str: "string", float: "number", dict: "object", list: "array", type(None): "null"}


def test_the_example_is_a_report():
    (example,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    report = json.loads(example)
    shapes.is_a_report(report)
    assert report["version"] == VERSION
    assert report["routes"][0]["failures"]
    assert report["routes"][0]["warnings"]


@pytest.mark.parametrize("title", TABLES)
def test_every_key_is_on_the_page_with_its_type_and_no_other(title):
    section = PAGE.split(f"\n## {title}\n")[1].split("\n## ")[0]
    rows = dict(re.findall(r"^\| `(\w+)` \| ([\w ]+) \|", section, re.MULTILINE))
    expected = {}
    for key, kinds in TABLES[title].items():
        expected[key] = " or ".join(WORDS[kind] for kind in (kinds if isinstance(kinds, tuple) else (kinds,)))
    assert rows == expected


def test_every_exit_code_is_on_the_page():
    codes = {errors.FOUND_NOTHING, errors.FOUND_SOMETHING, errors.COULD_NOT_RUN, errors.INTERRUPTED}
    assert set(map(int, re.findall(r"^\| (\d+) \|", PAGE, re.MULTILINE))) == codes
