"""Where settings come from, and which source wins: flag, environment, route block, file, default."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wsreplay.config.credentials import credentials
from wsreplay.config.file import File, find
from wsreplay.config.options import BY_NAME, OPTIONS, PREFIX
from wsreplay.config.settings import RouteBlock, Settings
from wsreplay.config.values import parsed, unknown
from wsreplay.errors import ConfigError

_SLIP = 0.85
"""From this likeness on a foreign variable WSREPLAY_... is taken for a misspelt one of ours."""


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
    file = find(start, environ)
    fixed = {**_from_environment(environ, start), **_from_flags(flags, start)}
    chosen: dict[str, Any] = {**_defaults(file, fixed, start), **file.values, **fixed}
    making = _Making(chosen, fixed, environ, needs_credentials)
    blocks = tuple(
        RouteBlock(glob, making.fields({name: value for name, value in changes.items() if name not in fixed}))
        for glob, changes in file.blocks
    )
    return Settings(**making.fields(chosen), websockets=file.websockets, blocks=blocks)


def _defaults(file: File, fixed: Mapping[str, Any], start: Path) -> dict[str, Any]:
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
            values[name] = parsed(option, value, spelling, start)
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
                raise unknown(f"the environment variable {variable}", variable, known)
        elif text != "":
            values[known[variable].name] = parsed(known[variable], text, variable, start)
    return values
