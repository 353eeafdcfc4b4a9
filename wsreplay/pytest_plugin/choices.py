"""What a run of pytest is asked to do: flags, configuration and what our predecessor's users have, as one value."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from wsreplay.config import BY_NAME, Settings, read
from wsreplay.errors import ConfigError
from wsreplay.pytest_plugin import asking, flags

PREDECESSORS_EXAMPLES = 100
"""Sequences per route where `--routes` was given and nobody says how many."""

_SHARD = re.compile(r"(\d+)/(\d+)")


@dataclass(frozen=True, slots=True)
class Choices:
    """What is to be done. `replay` says whether the corpus is collected, `fuzz` whether routes are; `save` whether what
    a search finds goes into the corpus; `every` whether each sequence is shown; `routes` whether the flags of
    pytest-routes are in use; `shard` is (i, n) for the i-th of n parts.
    """

    settings: Settings
    replay: bool = True
    fuzz: bool = False
    save: bool = False
    every: bool = False
    routes: bool = False
    shard: tuple[int, int] | None = None


def choose(config: pytest.Config) -> Choices:
    """The choices for this run. Raises ConfigError, naming the flag, key or variable."""
    given = {flag.name: asking.given(config, flag) for flag in (*flags.OURS, *flags.ROUTES)}
    if flags.predecessor_is_installed():
        given.update(dict.fromkeys((flag.name for flag in flags.ROUTES), None))
    start = asking.start_of(config)
    ours, theirs = _tables(start)
    routes = given["--routes"] is not None
    websocket = routes and (given["--routes-websocket"] is not None or _enabled(theirs))
    values, spelled = _values(given)
    settings = _read(values, spelled, start)
    if routes and not {"max_examples"} & (values.keys() | ours.keys() | theirs.keys()):
        settings = _with_their_default(settings)
    named = [flag for flag in flags.OURS if flag.name != "--shard" and given[flag.name] is not None]
    return Choices(
        # Reports are written where pytest is asked for them; the file asks the command line.
        replace(settings, report_json=_path(values, "report_json"), report_html=_path(values, "report_html")),
        replay=bool(named or websocket or asking.configured(config) or os.environ.get("WSREPLAY_TARGET")),
        fuzz=given["--wsreplay-fuzz"] is not None or websocket,
        save=given["--wsreplay-save"] is not None,
        every=given["--wsreplay-verbose"] is not None or given["--routes-verbose"] is not None,
        routes=routes,
        shard=_shard(given["--shard"]),
    )


def _values(given: Mapping[str, object]) -> tuple[dict[str, object], dict[str, str]]:
    """The values of options by name, ours before the predecessor's, and the flag that gave each."""
    values: dict[str, object] = {}
    spelled: dict[str, str] = {}
    for flag in (*flags.OURS, *flags.ROUTES):
        value = given[flag.name]
        if flag.option and value is not None and flag.option not in values:
            many = BY_NAME[flag.option].kind.many
            values[flag.option] = [value] if many and isinstance(value, str) else value
            spelled[flag.option] = flag.name
    return values, spelled


def _read(values: Mapping[str, object], spelled: Mapping[str, str], start: Path) -> Settings:
    try:
        return read(values, os.environ, start)
    except ConfigError as error:
        # The reader knows the flags of the command line.
        for name, flag in spelled.items():
            for known in (f"--{BY_NAME[name].flag}:", f"-{BY_NAME[name].short or '-'}:"):
                if error.message.startswith(known):
                    raise ConfigError(f"{flag}:{error.message.removeprefix(known)}", error.hint) from None
        raise


def _path(values: Mapping[str, object], name: str) -> Path | None:
    value = values.get(name)
    return Path(os.path.abspath(os.path.expanduser(str(value)))) if value is not None else None


def _with_their_default(settings: Settings) -> Settings:
    if os.environ.get(BY_NAME["max_examples"].variable):
        return settings
    return replace(settings, max_examples=PREDECESSORS_EXAMPLES)


def _shard(value: object) -> tuple[int, int] | None:
    if value is None:
        return None
    found = _SHARD.fullmatch(str(value))
    if found is None or not 1 <= int(found[1]) <= int(found[2]):
        raise ConfigError(f"--shard: expected I/N with I from 1 to N, got {value!r}", "The second of four: --shard 2/4")
    return int(found[1]), int(found[2])


def _enabled(theirs: Mapping[str, Any]) -> bool:
    websocket = theirs.get("websocket")
    return isinstance(websocket, dict) and websocket.get("enabled") is True


def _tables(start: Path) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Our table and the predecessor's, of the file that the configuration is read from."""
    for tool in _tools(start):
        ours, theirs = tool.get("wsreplay"), tool.get("pytest-routes")
        if ours is not None or theirs is not None:
            return (ours if isinstance(ours, dict) else {}), (theirs if isinstance(theirs, dict) else {})
    return {}, {}


def _tools(start: Path) -> Iterator[Mapping[str, Any]]:
    for directory in (start, *start.parents):
        try:
            document = tomllib.loads((directory / "pyproject.toml").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            # Where it matters, the reader of the configuration says so.
            continue
        yield document.get("tool", {})
