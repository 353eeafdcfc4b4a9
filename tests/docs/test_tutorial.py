"""The tutorial is followed to the letter: files written, commands run; what they print is what the page shows.

`python tests/docs/test_tutorial.py --write` puts into the page what is printed now.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "tutorial.md"
BLOCK = re.compile(r"^```(\w+)(?: (\w+)=(\S+))?\n(.*?)^```\n", re.DOTALL | re.MULTILINE)
SECONDS = re.compile(r"\b\d+\.\d+ s\b")
"""The only thing that differs from run to run."""

COUNTS = re.compile(
    r"\b\d[\d,]*(?= (?:messages|new|entries|pass)\b)|\b\d+(?= sequences, shrunk)"
    r"|(?<=Messages sent: )\d[\d,]*|(?<=Connections established: )\d[\d,]*"
)
"""Where tracing costs nothing every sequence is traced, and the next ones follow from what it has shown."""

PASSING = re.compile(r"^[0-9a-f]{16}  pass  .*\n", re.MULTILINE)
"""So other ones pass and are kept."""


def followed(page: str, directory: Path) -> Iterator[tuple[str, str, str]]:
    """Do what the page says; yield each block of a command as it stands there, as it should, and the exit codes."""
    for block in BLOCK.finditer(page):
        language, name, value, text = block.groups()
        if language == "python":
            write(directory, name, value, text)
        elif text.startswith("$ wsreplay"):
            command, _, _ = text.partition("\n")
            done = run(command.removeprefix("$ "), directory)
            exits = f" exit={done.returncode}" if done.returncode else ""
            yield block[0], f"```console{exits}\n{command}\n{done.stdout}```\n", done.stderr


def write(directory: Path, name: str, value: str, text: str) -> None:
    if name == "file":
        (directory / value).write_text(text)
        return
    assert name == "replace"
    path = directory / "kiosk.py"
    old = path.read_text()
    function = re.compile(rf"^(async )?def {value}\(.*?(?=^\S)", re.DOTALL | re.MULTILINE)
    assert len(function.findall(old)) == 1
    path.write_text(function.sub(lambda _: text + "\n\n", old))


def run(command: str, directory: Path) -> subprocess.CompletedProcess[str]:
    # Measured by coverage, which traces too, a search sees less of the app.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    environment.update(NO_COLOR="1", COLUMNS="120")
    words = [sys.executable, "-m", *command.split()]
    return subprocess.run(words, cwd=directory, env=environment, capture_output=True, text=True, check=False)


def steady(text: str) -> str:
    """What is the same each time on this Python, and on all of them but for the one that wrote the page."""
    text = SECONDS.sub("0.0 s", text)
    return text if sys.version_info[:2] == (3, 11) else PASSING.sub("", COUNTS.sub("0", text))


def test_whoever_follows_the_tutorial_sees_what_it_shows(tmp_path: Path) -> None:
    seen = list(followed(PAGE.read_text(), tmp_path))
    assert len(seen) >= 6
    for shown, printed, errors in seen:
        assert steady(shown) == steady(printed), errors


if __name__ == "__main__":
    assert sys.argv[1:] == ["--write"]
    with tempfile.TemporaryDirectory() as scratch:
        page = PAGE.read_text()
        for shown, printed, _ in followed(page, Path(scratch)):
            page = page.replace(shown, printed, 1)
        PAGE.write_text(page)
