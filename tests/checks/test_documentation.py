"""The reference page and the checks do not drift apart."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from wsreplay.checks import BUILT_IN, Check
from wsreplay.protocol import RULES

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "checks.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))


@pytest.mark.parametrize("check", BUILT_IN, ids=lambda check: check.name)
def test_every_check_has_a_section_with_what_a_reader_needs(check: Check) -> None:
    section = SECTIONS.get(check.name, "")
    for part in ("**Fires**", "**Never fires**", "**Switch it off**", "```python"):
        assert part in section, f"docs/reference/checks.md, section {check.name}, lacks {part}"
    assert ("**Off**" in section) is not check.default


@pytest.mark.parametrize("check", BUILT_IN, ids=lambda check: check.name)
def test_every_check_is_in_the_table_with_its_severity(check: Check) -> None:
    severity = check.severity if check.default else f"{check.severity}, off"
    assert f"| [{check.name}](#{check.name}) | {severity} |" in PAGE


def test_no_section_describes_a_check_that_does_not_exist() -> None:
    names = {name for name in SECTIONS if name.islower()}
    assert names == {check.name for check in BUILT_IN}


def test_every_rule_of_the_protocol_is_named() -> None:
    for rule in set(RULES) - {"payload-encoding"}:
        assert f"`{rule}`" in SECTIONS["protocol_violation"]
