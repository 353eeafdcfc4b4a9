"""`wsreplay config`."""

from __future__ import annotations

import json
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "wsreplay.schema.json"


def test_the_schema_is_printed_as_it_stands_in_the_documentation(project):
    ran = project.run("config", "schema")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == PAGE.read_text()
    assert "max_examples" in json.loads(ran.out)["definitions"]["wsreplay"]["properties"]
