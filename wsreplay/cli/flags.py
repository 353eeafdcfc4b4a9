"""Options of the table in `wsreplay.config` as flags of commands, so that each is written down once."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Annotated, Any

import typer

from wsreplay.config import BY_NAME, Option, default_of

TARGET = ("paths", "factory", "app_dir")
CREDENTIALS = ("headers", "auth")
REPORTS = ("report_json", "report_junit", "report_html", "quiet", "verbose")


def flagged(*names: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command the flags of the options called `names`; it takes their values as `**flags`, None for a flag that
    was not given.
    """

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        # eval_str: typer takes the annotations of a given signature as they are, and they must not be strings.
        signature = inspect.signature(command, eval_str=True)
        own = [one for one in signature.parameters.values() if one.kind is not inspect.Parameter.VAR_KEYWORD]
        parameters = own + [_parameter(BY_NAME[name]) for name in names]
        command.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
        command.__annotations__ = {one.name: one.annotation for one in parameters}
        return command

    return decorate


def _parameter(option: Option) -> inspect.Parameter:
    return inspect.Parameter(option.name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=_annotation(option))


def _annotation(option: Option) -> Any:
    long = f"--{option.flag}"
    names = [long, *([f"-{option.short}"] if option.short else [])]
    more: dict[str, Any] = {
        "help": f"{option.help}{_default(option)}",
        "show_default": False,
    }
    if option.name == "verbose":
        return Annotated[int | None, typer.Option(*names, count=True, **more)]
    if option.kind.switch:
        names = [f"{long}/--no-{option.flag}", *names[1:]] if option.key else names
        return Annotated[bool | None, typer.Option(*names, **more)]
    more["metavar"] = option.metavar or option.kind.metavar
    return Annotated[list[str] | None if option.kind.many else str | None, typer.Option(*names, **more)]


def _default(option: Option) -> str:
    value = default_of(option)
    if value in (None, (), "", False) or (option.kind.path and option.name != "corpus"):
        return ""
    return f" Default: {value:g}." if isinstance(value, float) else f" Default: {value}."


def given(flags: dict[str, object], **more: object) -> dict[str, object]:
    """The flags that were given."""
    return {name: value for name, value in {**flags, **more}.items() if value not in (None, 0, [])}
