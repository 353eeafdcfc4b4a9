"""Every flag is on a page: the tables of docs/reference/pytest.md and docs/howto/from-pytest-routes.md are the code's.

`python tests/pytest_plugin/test_reference.py --write` writes them.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from wsreplay.config import BY_NAME, default_of
from wsreplay.pytest_plugin import flags
from wsreplay.pytest_plugin.flags import OURS, ROUTES, Flag

DOCS = Path(__file__).parents[2] / "docs"
PAGES = ("reference/pytest.md", "howto/from-pytest-routes.md")
BLOCK = re.compile(r"<!-- from the code: ([\w -]+) -->\n(.*?)<!-- end -->\n", re.DOTALL)


def spelled(flag: Flag) -> str:
    return f"`{flag.name}{'' if flag.switch else ' ' + flag.metavar}`".replace("|", "\\|")


def ours_part() -> str:
    lines = ["| flag | what it does | variable | key |", "| --- | --- | --- | --- |"]
    for flag in OURS:
        option = BY_NAME.get(flag.option)
        heard = option is not None and not option.name.startswith("report_")
        variable = f"`{option.variable}`" if heard else ""
        key = f"`{option.key}`" if heard and option.key else ""
        lines.append(f"| {spelled(flag)} | {flag.help} | {variable} | {key} |")
    return "\n".join(lines) + "\n"


def routes_part() -> str:
    lines = ["| pytest-routes | what it does: our spelling |", "| --- | --- |"]
    return "\n".join(lines + [f"| {spelled(flag)} | {flag.help} |" for flag in ROUTES]) + "\n"


def written(text: str) -> str:
    parts = {"pytest": ours_part(), "routes": routes_part()}
    return BLOCK.sub(lambda found: f"<!-- from the code: {found[1]} -->\n{parts[found[1]]}<!-- end -->\n", text)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_says_what_the_code_says(page):
    text = (DOCS / page).read_text(encoding="utf-8")
    assert BLOCK.search(text)
    assert text == written(text), f"{page} is out of date: python tests/pytest_plugin/test_reference.py --write"


def test_a_flag_that_pytest_shows_is_in_the_tables(bare):
    shown = set(
        re.findall(r"^ +(--(?:no-wsreplay|wsreplay-[\w-]+|routes[\w-]*|shard))\b", bare.pytest("-h").out, re.MULTILINE)
    )
    assert shown == {flag.name for flag in (*OURS, *ROUTES)}


def test_flags_say_of_their_options_what_the_command_line_says():
    # The plugin's light module cannot ask the table of options.
    for flag in OURS:
        option = BY_NAME.get(flag.option)
        if option is not None and option.name not in ("auth", "max_time"):
            default = default_of(option)
            said = f" Default: {default:g}." if isinstance(default, float) else f" Default: {default}."
            shows = default not in (None, (), "", False) and option.name != "app_dir"
            assert flag.help == option.help + (said if shows else ""), flag.name
            assert (flag.metavar or "TEXT") in (option.metavar or option.kind.metavar, "TEXT")
            assert (flag.switch, flag.many) == (option.kind.switch, option.kind.many)


def test_each_old_flag_names_a_flag_of_ours():
    names = {flag.name: flag for flag in OURS}
    for flag in ROUTES[1:]:
        new = names[re.findall(r"(--wsreplay-[\w-]+)\.$", flag.help)[0]]
        assert new.option == flag.option


def test_credentials_are_known_as_such():
    secret = {flag.name for flag in (*OURS, *ROUTES) if flag.option and BY_NAME[flag.option].kind.secret}
    assert secret == flags.CREDENTIALS


if __name__ == "__main__" and sys.argv[1:] == ["--write"]:
    for page in PAGES:
        path = DOCS / page
        path.write_text(written(path.read_text(encoding="utf-8")), encoding="utf-8")
