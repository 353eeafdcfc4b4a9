"""`$NAME` and `${NAME}` in a text stand for variables of the environment; `$$` is a dollar."""

from __future__ import annotations

import re
from collections.abc import Mapping

from wsreplay.errors import ConfigError

VARIABLE = re.compile(r"\$(?:(\$)|([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*)\})")


def filled(where: str, text: str, environ: Mapping[str, str], secret: bool = False) -> str:
    """The text with the values of variables. Raises ConfigError, naming `where`, for one that is not set; of a `secret`
    text it tells the name only where it can hardly be anything else.
    """

    def value(found: re.Match[str]) -> str:
        if found[1]:
            return "$"
        name = found[2] or found[3]
        if name not in environ and secret and not _is_name(text, found):
            raise ConfigError(
                f"{where}: an environment variable is not set, whose name may be part of a credential",
                "Write $$ for a plain dollar; names in capitals, after a colon, a blank or a quote, are told.",
            )
        if name not in environ:
            raise ConfigError(
                f"{where}: the environment variable {name} is not set", f"Set {name}, or write $$ for a plain dollar."
            )
        return environ[name]

    return VARIABLE.sub(value, text)


def _is_name(text: str, found: re.Match[str]) -> bool:
    """Whether what was found is the name of a variable, and not a password with a dollar in it."""
    alone = not text[: found.start()][-1:].isalnum()
    return found[3] is not None or (alone and found[2].isupper())


def is_variable(text: str) -> bool:
    """Whether the text is one variable and nothing else."""
    found = VARIABLE.fullmatch(text)
    return found is not None and not found[1]


def literal(text: str) -> str:
    """The text that stands for `text` itself."""
    return text.replace("$", "$$")
