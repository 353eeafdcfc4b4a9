"""`$NAME` and `${NAME}` in a text stand for variables of the environment; `$$` is a dollar."""

from __future__ import annotations

import re
from collections.abc import Mapping

from wsreplay.errors import ConfigError

VARIABLE = re.compile(r"\$(?:(\$)|([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*)\})")


def filled(where: str, text: str, environ: Mapping[str, str]) -> str:
    """The text with the values of variables. Raises ConfigError, naming `where`, for one that is not set."""

    def value(found: re.Match[str]) -> str:
        if found[1]:
            return "$"
        name = found[2] or found[3]
        if name not in environ:
            raise ConfigError(
                f"{where}: the environment variable {name} is not set", f"Set {name}, or write $$ for a plain dollar."
            )
        return environ[name]

    return VARIABLE.sub(value, text)


def is_variable(text: str) -> bool:
    """Whether the text is one variable and nothing else."""
    found = VARIABLE.fullmatch(text)
    return found is not None and not found[1]


def literal(text: str) -> str:
    """The text that stands for `text` itself."""
    return text.replace("$", "$$")
