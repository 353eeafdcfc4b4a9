"""docs/reference/cli.md and configuration.md say of every command, flag, key and variable what the code says.

The parts between `<!-- from the code: NAME -->` and `<!-- end -->` are written by
`python tests/cli/test_reference_pages.py --write`; the test compares.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from wsreplay.cli import app
from wsreplay.config import OPTIONS, Option, default_of, predecessor
from wsreplay.config.credentials import FORMS

DOCS = Path(__file__).parents[2] / "docs" / "reference"
PAGES = ("cli.md", "configuration.md")
BLOCK = re.compile(r"<!-- from the code: ([\w -]+) -->\n(.*?)<!-- end -->\n", re.DOTALL)
BY_FLAG = {f"--{option.flag}": option for option in OPTIONS if option.flag}


def commands(group: Any = None, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every command with its full name."""
    for name, command in (group or get_command(app)).commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, f"{prefix}{name} ")
        else:
            yield f"{prefix}{name}", command


def cell(text: str) -> str:
    return text.replace("|", "\\|")


def command_part(name: str, command: Any) -> str:
    arguments = [one for one in command.params if one.param_type_name == "argument"]
    options = [one for one in command.params if one.param_type_name == "option"]
    words = [one.metavar if one.required else f"[{one.metavar}]" for one in arguments]
    usage = " ".join(word + ("..." if one.nargs == -1 else "") for word, one in zip(words, arguments, strict=True))
    lines = ["```", f"wsreplay {name} [OPTIONS] {usage}".rstrip(), "```", "", command.help, ""]
    lines += [f"- `{one.metavar}`: {one.help}" for one in arguments] + ([""] if arguments else [])
    if not options:
        return "\n".join(lines).rstrip() + "\n"
    lines += ["| flag | what it does | variable | key |", "| --- | --- | --- | --- |"]
    return "\n".join(lines + [option_row(one) for one in options]) + "\n"


def option_row(option: Any) -> str:
    names = sorted([*option.opts, *option.secondary_opts], key=lambda name: (name.startswith("--"), name))
    spelled = ", ".join(names) + ("" if option.is_flag or option.count else f" {option.metavar}")
    ours = BY_FLAG.get(next(name for name in option.opts if name.startswith("--")))
    variable = f"`{ours.variable}`" if ours else ""
    key = f"`{ours.key}`" if ours and ours.key else ""
    return f"| `{cell(spelled)}` | {cell(option.help)} | {variable} | {key} |"


def value(option: Option) -> str:
    default = default_of(option)
    if option.name in ("corpus", "app_dir"):
        return "`corpus/` beside the file" if option.name == "corpus" else "see [Paths](#paths)"
    if default in (None, (), ""):
        return ""
    return f"`{str(list(default) if isinstance(default, tuple) else default).lower()}`"


def key_row(option: Option) -> str:
    flag = f"`--{option.flag}`" if option.flag else ""
    routes = "yes" if option.per_route else ""
    return (
        f"| `{option.key}` | {cell(option.help)} | {cell(option.kind.expected)} | {value(option)} | {flag} "
        f"| `{option.variable}` | {routes} |"
    )


def keys_part() -> str:
    head = ["| key | what it says | expected | default | flag | variable | by route |", "| --- " * 7 + "|"]
    return "\n".join(head + [key_row(option) for option in OPTIONS if option.key]) + "\n"


def predecessor_part() -> str:
    lines = ["| pytest-routes | wsreplay |", "| --- | --- |"]
    for table, keys in (("", predecessor.GENERAL), (".websocket", predecessor.WEBSOCKET)):
        lines += [f"| `[tool.pytest-routes{table}] {theirs}` | `{ours}` |" for theirs, ours in keys.items()]
    return "\n".join(lines) + "\n"


def auth_part() -> str:
    return "```\n" + "".join(f"{form}\n" for form in FORMS.values()) + "```\n"


def parts() -> dict[str, str]:
    """What the code says, by the name of the part."""
    made = {name: command_part(name, command) for name, command in commands()}
    return {**made, "keys": keys_part(), "predecessor": predecessor_part(), "auth": auth_part()}


def written(text: str) -> str:
    """A page with its parts as the code says them now."""
    made = parts()
    return BLOCK.sub(lambda found: f"<!-- from the code: {found[1]} -->\n{made[found[1]]}<!-- end -->\n", text)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_says_what_the_code_says(page):
    text = (DOCS / page).read_text(encoding="utf-8")
    assert text == written(text), f"{page} is out of date: python tests/cli/test_reference_pages.py --write"


def test_no_command_and_no_table_is_missing():
    text = "".join((DOCS / page).read_text(encoding="utf-8") for page in PAGES)
    assert {name for name, _ in BLOCK.findall(text)} == set(parts())


if __name__ == "__main__" and sys.argv[1:] == ["--write"]:
    for page in PAGES:
        path = DOCS / page
        path.write_text(written(path.read_text(encoding="utf-8")), encoding="utf-8")
