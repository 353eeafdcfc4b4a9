"""What a first configuration writes: into pyproject.toml, .gitattributes and git's own configuration.

A file is only ever added to, at its end; whether the result means what it should is known before a byte is written.
"""

from __future__ import annotations

import shutil
import subprocess
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from wsreplay.config.file import FILE, TABLE, tables
from wsreplay.errors import ConfigError
from wsreplay.starting.guessing import App

ATTRIBUTES = ".gitattributes"
LINE = "*.msgpack -text -merge diff=wsreplay"
KEY, COMMAND = "diff.wsreplay.textconv", "wsreplay show"


@dataclass(frozen=True, slots=True)
class Done:
    """One step: whether it was `done` now, is as it should be (`kept`), or is `left` to the user; and a sentence."""

    state: Literal["done", "kept", "left"]
    text: str


def configuration(directory: Path, app: App | None, others: tuple[App, ...] = ()) -> Done:
    """Add a table of ours to pyproject.toml, which need not exist. Raises ConfigError for one that cannot be read."""
    path = directory / FILE
    old = _read(path)
    known = _parsed(path, old)
    for one in (path, *(above / FILE for above in directory.parents)):
        if one.is_file() and "wsreplay" in tables(one):
            return Done("kept", f"{one} has a table [{TABLE}] already")
    newline = "\r\n" if "\r\n" in old else "\n"
    gap = "" if not old else newline if old.endswith("\n") else newline * 2
    added = gap + newline.join(_table(app, others)) + newline
    new = _parsed_or_none(old + added)
    expected: dict[str, Any] = {**known, "tool": {**known.get("tool", {}), "wsreplay": _values(app)}}
    if new != expected:
        return Done("left", f"{FILE} cannot be added to at its end: write [{TABLE}] into it by hand")
    _append(path, added)
    return Done("done", f"wrote [{TABLE}] into {FILE}" + (f": the app is {app.target}" if app else ""))


def _values(app: App | None) -> dict[str, Any]:
    if app is None:
        return {}
    values: dict[str, Any] = {"app": app.target}
    if app.factory:
        values["factory"] = True
    if app.app_dir != ".":
        values["app_dir"] = app.app_dir
    return values


def _table(app: App | None, others: tuple[App, ...]) -> list[str]:
    lines = [f"[{TABLE}]"]
    if app is None:
        lines.append('# app = "module:attribute"')
    for name, value in _values(app).items():
        lines.append(f"{name} = {'true' if value is True else _quoted(value)}")
    lines += [f"# or: app = {_quoted(other.target)}" for other in others]
    return lines


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def attributes(directory: Path) -> Done:
    """Tell git that entries are binary, that it must not merge them, and how to show their differences."""
    path = directory / ATTRIBUTES
    old = _read(path)
    given = [line.split() for line in old.splitlines() if line.split()[:1] == ["*.msgpack"]]
    if any(set(words) >= set(LINE.split()) for words in given):
        return Done("kept", f"{ATTRIBUTES} knows *.msgpack already")
    if given:
        return Done("left", f"{ATTRIBUTES} says something else of *.msgpack; expected: {LINE}")
    _append(path, ("\n" if old and not old.endswith("\n") else "") + LINE + "\n")
    return Done("done", f"wrote {ATTRIBUTES}: {LINE}")


def textconv(directory: Path) -> Done:
    """Let git show what is in an entry; that is a setting of each clone, which cannot be committed."""
    command = f'git config {KEY} "{COMMAND}"'
    git = shutil.which("git")
    if git is None or _git(git, directory, "rev-parse", "--git-dir") is None:
        return Done("left", f"this is no git repository; in one, readable diffs need: {command}")
    given = _git(git, directory, "config", "--get", KEY)
    if given == COMMAND:
        return Done("kept", f"git shows differences by `{COMMAND}` already")
    if given is not None:
        return Done("left", f"git has another {KEY}: {given!r}; ours would be {COMMAND!r}")
    if _git(git, directory, "config", KEY, COMMAND) is None:
        return Done("left", f"git refused; run it yourself: {command}")
    return Done("done", f"ran {command} (each clone needs it once)")


def _git(git: str, directory: Path, *words: str) -> str | None:
    """What git answers; None when it refuses."""
    done = subprocess.run(  # noqa: S603 - git, and words of ours
        [git, *words], cwd=directory, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    return done.stdout.strip() if done.returncode == 0 else None


def _read(path: Path) -> str:
    """The text of a file with its line breaks as they are; nothing where there is no file."""
    try:
        return path.read_bytes().decode()
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: expected UTF-8", "Correct the file.") from None
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}", "Check its permissions.") from None


def _append(path: Path, text: str) -> None:
    try:
        with path.open("ab") as file:
            file.write(text.encode())
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written: {error.strerror}", "Check its permissions.") from None


def _parsed(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: expected TOML: {error}", "Correct the file.") from None


def _parsed_or_none(text: str) -> dict[str, Any] | None:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None
