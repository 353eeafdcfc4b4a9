"""The configuration file: the nearest pyproject.toml with a table of ours, or of our predecessor's."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from wsreplay.config import predecessor
from wsreplay.config.options import BY_KEY, OPTIONS
from wsreplay.config.values import parsed, unknown
from wsreplay.config.variables import filled
from wsreplay.errors import ConfigError

FILE = "pyproject.toml"
TABLE = "tool.wsreplay"

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class File:
    """What a configuration file says: values by option name, and the same for each route block. `ours` tells whether
    it has a table of ours, `websockets` whether pytest-routes was to test them.
    """

    path: Path | None = None
    values: Values = field(default_factory=dict)
    blocks: tuple[tuple[str, Values], ...] = ()
    ours: bool = False
    websockets: bool = True


def find(start: Path, environ: Mapping[str, str]) -> File:
    """The file that holds for the directory `start`; an empty one where there is none. Raises ConfigError."""
    for directory in (start, *start.parents):
        path = directory / FILE
        document = tables(path) if path.is_file() else {}
        ours = document.get("wsreplay")
        theirs = document.get(predecessor.NAME)
        if ours is not None or theirs is not None:
            return _Reading(path, environ).file(ours, theirs)
    return File()


def tables(path: Path) -> Mapping[str, Any]:
    """The tables below `[tool]`. Raises ConfigError for a file that is no TOML or cannot be read."""
    try:
        with path.open("rb") as file:
            document = tomllib.load(file)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: expected TOML: {error}", "Correct the file.") from None
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}", "Check its permissions.") from None
    tool = document.get("tool", {})
    return tool if isinstance(tool, dict) else {}


@dataclass(frozen=True, slots=True)
class _Reading:
    path: Path
    environ: Mapping[str, str]

    def file(self, ours: object, theirs: object) -> File:
        said = predecessor.understood(theirs)
        values = {BY_KEY[key].name: self._value(key, value, where) for where, key, value in said.values}
        if not isinstance(said.enabled, bool):
            raise ConfigError(f"{self.path}: {said.where}: expected true or false, got {said.enabled!r}")
        if ours is None:
            return File(self.path, values, self._their_blocks(said), websockets=said.enabled)
        table = _table(ours, f"{self.path}: [{TABLE}]")
        keys = [option.key for option in OPTIONS if option.key]
        values.update(self._keys({key: table[key] for key in table if key != "routes"}, keys, f"[{TABLE}]"))
        if "routes" not in table:
            return File(self.path, values, self._their_blocks(said), True, said.enabled)
        routes = table["routes"]
        if not isinstance(routes, list):
            raise ConfigError(
                f"{self.path}: expected [[{TABLE}.routes]] to be an array of tables", "Write double brackets."
            )
        blocks = tuple(self._block(block, number) for number, block in enumerate(routes, 1))
        return File(self.path, values, blocks, True, said.enabled)

    def _their_blocks(self, said: predecessor.Said) -> tuple[tuple[str, Values], ...]:
        return tuple(
            (glob, {BY_KEY[key].name: self._value(key, value, where) for where, key, value in values})
            for glob, values in said.blocks
        )

    def _block(self, block: object, number: int) -> tuple[str, Values]:
        where = f"[[{TABLE}.routes]] number {number}"
        table = _table(block, f"{self.path}: {where}")
        glob = table.get("path")
        if not isinstance(glob, str) or not glob:
            hint = 'Say which routes: path = "/ws/*".'
            raise ConfigError(f"{self.path}: {where}: expected a key 'path' with a glob", hint)
        keys = [option.key for option in OPTIONS if option.per_route]
        return glob, self._keys({key: table[key] for key in table if key != "path"}, keys, where)

    def _keys(self, table: Values, allowed: list[str], where: str) -> dict[str, Any]:
        values = {}
        for key, value in table.items():
            if key not in allowed:
                if key in BY_KEY:
                    raise ConfigError(f"{self.path}: {where}: {key!r} cannot differ by route", f"Move it to [{TABLE}].")
                raise unknown(f"{self.path}: {where}: the key {key!r}", key, allowed)
            values[BY_KEY[key].name] = self._value(key, value, f"{where}: {key}")
        return values

    def _value(self, key: str, value: object, where: str) -> Any:
        option = BY_KEY[key]
        place = f"{self.path}: {where}"
        # Credentials are filled in later, by who knows what of them may be shown.
        return parsed(option, value if option.kind.secret else self._filled(value, place), place, self.path.parent)

    def _filled(self, value: object, where: str) -> object:
        if isinstance(value, str):
            return filled(where, value, self.environ)
        return [self._filled(one, where) for one in value] if isinstance(value, list) else value


def _table(value: object, where: str) -> Values:
    if not isinstance(value, dict):
        # A text may be a credential in the wrong place.
        got = "a text" if isinstance(value, str) else "a list" if isinstance(value, list) else repr(value)
        raise ConfigError(f"{where}: expected a table, got {got}")
    return value
