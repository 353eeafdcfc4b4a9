"""What the README shows is what is printed, and the commands that it gives are those that exist."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command

from wsreplay.cli import app

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
LINK = re.compile(r"\]\(([^)#]+)(?:#[^)]*)?\)")


def test_the_finding_that_it_shows_is_what_a_replay_prints() -> None:
    shown = re.search(r"^```\nFAILURE (.*?)^```", README, re.DOTALL | re.MULTILINE)
    assert shown is not None
    command = re.search(r"Replay:  wsreplay (.*)", shown[1])
    assert command is not None
    done = subprocess.run(
        [sys.executable, "-m", "wsreplay", *command[1].split()], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done.stderr
    # A replay says how each entry does, then shows the same.
    # Python 3.14 says it in other words.
    told = shown[1].rstrip().replace("integer division or modulo by zero", "division by zero")
    assert told in done.stdout.replace("integer division or modulo by zero", "division by zero")


def test_every_command_that_it_names_exists() -> None:
    named = set(re.findall(r"wsreplay (routes|fuzz|replay|show|export|corpus)\b", README))
    assert named >= {"routes", "fuzz", "replay"}
    assert named <= set(get_command(app).commands)  # type: ignore[attr-defined]


@pytest.mark.parametrize("page", sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").rglob("*.md")))
def test_every_link_in_the_documentation_leads_somewhere(page: str) -> None:
    path = ROOT / page
    for link in LINK.findall(path.read_text()):
        assert link.startswith("https://") or (path.parent / link).exists(), link


def test_every_page_is_reached_from_the_index() -> None:
    linked = {(ROOT / "docs" / link).resolve() for link in LINK.findall((ROOT / "docs" / "index.md").read_text())}
    assert linked >= {path for path in (ROOT / "docs").rglob("*.md") if path.name != "index.md"}


def test_every_link_in_the_readme_leads_somewhere() -> None:
    for link in LINK.findall(README):
        assert (ROOT / link).exists(), link
