"""The projects of the how-to pages are written down and run: their tests pass, their commands exit as the page says."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

PAGES = Path(__file__).parents[2] / "docs" / "howto"
BLOCK = re.compile(r"^```(\w+)(?: (\w+)=(\S+))?\n(.*?)^```\n", re.DOTALL | re.MULTILINE)


def written(page: str, directory: Path) -> list[tuple[str, int]]:
    """Write the files of a page, a file that comes twice being continued; return its commands with their exit codes."""
    commands = []
    for language, name, value, text in BLOCK.findall((PAGES / page).read_text(encoding="utf-8")):
        if name == "file":
            with (directory / value).open("a", encoding="utf-8") as file:
                file.write(text + "\n")
        elif language == "console" and text.startswith("$ wsreplay"):
            commands.append((text.splitlines()[0].removeprefix("$ "), int(value or 0)))
    return commands


def run(words: list[str], directory: Path) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "WSREPLAY"))}
    command = [sys.executable, "-m", *words]
    return subprocess.run(command, cwd=directory, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(("page", "tests"), [("own-tests.md", 8)])
def test_the_tests_of_a_page_pass(page, tests, tmp_path):
    written(page, tmp_path)
    done = run(["pytest", "-q", "-p", "no:cacheprovider", "-p", "no:asyncio", "--hypothesis-seed=1"], tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{tests} passed" in done.stdout


@pytest.mark.parametrize(
    ("page", "shown"),
    [
        ("strategies.md", "ZeroDivisionError"),
        ("graphql.md", "ZeroDivisionError left a resolver"),
        ("checks.md", "replies_are_short"),
    ],
)
def test_the_command_of_a_page_does_what_the_page_says(page, shown, tmp_path):
    ((command, code),) = written(page, tmp_path)
    done = run(shlex.split(command), tmp_path)
    assert done.returncode == code, done.stdout + done.stderr
    assert shown in done.stdout


def test_python_on_the_pages_can_be_compiled():
    for page in ("own-tests.md", "strategies.md", "graphql.md", "checks.md"):
        blocks = BLOCK.findall((PAGES / page).read_text(encoding="utf-8"))
        programs = [compile(text, page, "exec") for language, _, _, text in blocks if language == "python"]
        assert programs, page
