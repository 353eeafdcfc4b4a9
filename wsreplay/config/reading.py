"""Where settings come from, and which source wins: flag, environment, route block, file, default."""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from wsreplay.config import predecessor
from wsreplay.config.credentials import credentials
from wsreplay.config.options import BY_KEY, BY_NAME, OPTIONS, PREFIX, Option
from wsreplay.config.settings import RouteBlock, Settings
from wsreplay.errors import ConfigError

FILE = "pyproject.toml"
TABLE = "tool.wsreplay"

_SLIP = 0.85
"""From this likeness on a foreign variable WSREPLAY_... is taken for a misspelt one of ours."""


@dataclass(frozen=True, slots=True)
class _File:
    """What a configuration file says: values by option name, and the same for each route block."""

    path: Path | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    blocks: tuple[tuple[str, Mapping[str, Any]], ...] = ()
    ours: bool = False
    websockets: bool = True


def read(
    flags: Mapping[str, object], environ: Mapping[str, str], start: Path, needs_credentials: bool = True
) -> Settings:
    """The settings for a run that is started in the directory `start`. What runs no scenario needs no credentials:
    then those that cannot be had are left out.

    `flags` are values by field name, as text or typed; None stands for a flag that was not given. The file is the
    nearest pyproject.toml upwards with a table of ours (or of pytest-routes). Paths in it are relative to it, all
    others to `start`; the defaults of `corpus`, and of `app_dir` for an app that the file names, are relative to the
    file too. Raises ConfigError, naming flag, variable, or file and key.
    """
    start = Path(os.path.abspath(start))
    file = _read_file(start)
    fixed = {**_from_environment(environ, start), **_from_flags(flags, start)}
    chosen: dict[str, Any] = {**_defaults(file, fixed, start), **file.values, **fixed}
    making = _Making(chosen, fixed, environ, needs_credentials)
    blocks = tuple(
        RouteBlock(glob, making.fields({name: value for name, value in changes.items() if name not in fixed}))
        for glob, changes in file.blocks
    )
    return Settings(**making.fields(chosen), websockets=file.websockets, blocks=blocks)


def _defaults(file: _File, fixed: Mapping[str, Any], start: Path) -> dict[str, Any]:
    near = file.path.parent if file.path is not None else start
    of_file = "target" in file.values and "target" not in fixed
    return {"corpus": (near if file.ours else start) / "corpus", "app_dir": near if of_file else start}


@dataclass(frozen=True, slots=True)
class _Making:
    """Makes fields of Settings of values. `fixed` are those of flags and variables."""

    chosen: Mapping[str, Any]
    fixed: Mapping[str, Any]
    environ: Mapping[str, str]
    strict: bool

    def fields(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The fields that `values` give; credentials become placeholders and secrets."""
        fields = dict(values)
        if "headers" in fields or "auth" in fields:
            given = [fields.pop(name, self.chosen.get(name, ())) for name in ("headers", "auth")]
            headers, auth = given if self.strict else self._available(*given)
            made = credentials(headers, auth, self.environ)
            # What the file says it will say again: only flags, and variables, must be typed once more.
            typed = {"-H": "headers" in self.fixed, "--auth": "auth" in self.fixed}
            flags = tuple(pair for pair in made.flags if typed[pair[0]])
            fields.update(headers=made.headers, identity=made.identity, secrets=made.secrets, credential_flags=flags)
        if fields.get("workers") == "auto":
            fields["workers"] = os.cpu_count() or 1
        return fields

    def _available(self, headers: Iterable[str], auth: Iterable[str]) -> tuple[list[str], list[str]]:
        def can(headers: list[str], auth: list[str]) -> bool:
            try:
                credentials(headers, auth, self.environ)
            except ConfigError:
                return False
            return True

        return [text for text in headers if can([text], [])], [text for text in auth if can([], [text])]


# --- flags and environment -------------------------------------------------------------------------------------------


def _from_flags(flags: Mapping[str, object], start: Path) -> dict[str, Any]:
    values = {}
    for name, value in flags.items():
        if value is not None and value != []:
            option = BY_NAME[name]
            spelling = f"--{option.flag}" if option.flag else name
            values[name] = _parsed(option, value, spelling, start)
    return values


def _from_environment(environ: Mapping[str, str], start: Path) -> dict[str, Any]:
    known = {option.variable: option for option in OPTIONS}
    values = {}
    for variable, text in environ.items():
        if not variable.startswith(PREFIX):
            continue
        if variable not in known:
            # Other names are the user's own, say for --auth 'bearer:$WSREPLAY_TOKEN'.
            if difflib.get_close_matches(variable, known, n=1, cutoff=_SLIP):
                raise _unknown(f"the environment variable {variable}", variable, known)
        elif text != "":
            values[known[variable].name] = _parsed(known[variable], text, variable, start)
    return values


# --- the file --------------------------------------------------------------------------------------------------------


def _read_file(start: Path) -> _File:
    for directory in (start, *start.parents):
        path = directory / FILE
        tables = _tables(path) if path.is_file() else {}
        ours = tables.get("wsreplay")
        theirs = tables.get(predecessor.NAME)
        if ours is None and theirs is None:
            continue
        return _understood(path, ours, theirs)
    return _File()


def _tables(path: Path) -> Mapping[str, Any]:
    try:
        with path.open("rb") as file:
            document = tomllib.load(file)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: expected TOML: {error}", "Correct the file.") from None
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}", "Check its permissions.") from None
    tool = document.get("tool", {})
    return tool if isinstance(tool, dict) else {}


def _understood(path: Path, ours: object, theirs: object) -> _File:
    values: dict[str, Any] = {}
    blocks: list[tuple[str, Mapping[str, Any]]] = []
    for where, key, value in predecessor.values(theirs):
        values[BY_KEY[key].name] = _parsed(BY_KEY[key], value, f"{path}: {where}", path.parent)
    if ours is not None:
        table = _table(ours, f"{path}: [{TABLE}]")
        routes = table.get("routes", [])
        keys = [option.key for option in OPTIONS if option.key]
        values.update(_keys({key: table[key] for key in table if key != "routes"}, keys, path, f"[{TABLE}]"))
        if not isinstance(routes, list):
            raise ConfigError(f"{path}: expected [[{TABLE}.routes]] to be an array of tables", "Write double brackets.")
        blocks = [_block(block, number, path) for number, block in enumerate(routes, 1)]
    return _File(path, values, tuple(blocks), ours is not None)


def _block(block: object, number: int, path: Path) -> tuple[str, Mapping[str, Any]]:
    where = f"[[{TABLE}.routes]] number {number}"
    table = _table(block, f"{path}: {where}")
    glob = table.get("path")
    if not isinstance(glob, str) or not glob:
        raise ConfigError(f"{path}: {where}: expected a key 'path' with a glob", 'Say which routes: path = "/ws/*".')
    keys = [option.key for option in OPTIONS if option.per_route]
    return glob, _keys({key: table[key] for key in table if key != "path"}, keys, path, where)


def _keys(table: Mapping[str, Any], allowed: list[str], path: Path, where: str) -> dict[str, Any]:
    values = {}
    for key, value in table.items():
        if key not in allowed:
            if key in BY_KEY:
                raise ConfigError(f"{path}: {where}: {key!r} cannot differ by route", f"Move it to [{TABLE}].")
            raise _unknown(f"{path}: {where}: the key {key!r}", key, allowed)
        option = BY_KEY[key]
        values[option.name] = _parsed(option, value, f"{path}: {where}: {key}", path.parent)
    return values


def _table(value: object, where: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ConfigError(f"{where}: expected a table, got {value!r}")
    return value


# --- single values ---------------------------------------------------------------------------------------------------


def _parsed(option: Option, value: object, where: str, base: Path) -> Any:
    try:
        parsed = option.kind.parse(value)
    except (ValueError, TypeError):
        got = "" if option.kind.secret else f", got {_shown(value)}"
        raise ConfigError(f"{where}: expected {option.kind.expected}{got}", option.help) from None
    if option.kind.path:
        return Path(os.path.abspath(base / str(parsed)))
    return parsed


def _shown(value: object) -> str:
    text = ascii(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


def _unknown(what: str, name: str, known: Iterable[str]) -> ConfigError:
    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=1)
    hint = f"Did you mean {close[0]!r}?" if close else f"Known are: {', '.join(names)}."
    return ConfigError(f"{what} is unknown", hint)
