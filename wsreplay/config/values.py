"""A value that was given as its option's kind has it, or the error that says what was expected."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from wsreplay.config.options import Option
from wsreplay.errors import ConfigError


def parsed(option: Option, value: object, where: str, base: Path) -> Any:
    """The value as Settings holds it; a path is relative to `base`. Raises ConfigError, naming `where`."""
    try:
        made = option.kind.parse(value)
    except (ValueError, TypeError):
        got = "" if option.kind.secret else f", got {_shown(value)}"
        raise ConfigError(f"{where}: expected {option.kind.expected}{got}", option.help) from None
    if option.kind.path:
        return Path(os.path.abspath(base / str(made)))
    return made


def _shown(value: object) -> str:
    text = ascii(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


def unknown(what: str, name: str, known: Iterable[str]) -> ConfigError:
    """The error for a name that does not exist, with the one that was probably meant."""
    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=1)
    hint = f"Did you mean {close[0]!r}?" if close else f"Known are: {', '.join(names)}."
    return ConfigError(f"{what} is unknown", hint)
