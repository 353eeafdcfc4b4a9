"""Flags, their mirrors in environment and file, and what is said of wrong ones."""

from __future__ import annotations

import importlib
import io
import subprocess
import sys

import pytest

from wsreplay.cli import main

WRONG = [
    (("fuzz", "shop:app", "--max-exampels", "3"), "No such option: --max-exampels", "--max-examples"),
    (("fuz", "shop:app"), "No such command 'fuz'", "Did you mean 'fuzz'?"),
    (("corpus", "lss"), "No such command 'lss'", "Did you mean 'ls'?"),
    (("fuzz", "shop:app", "-n", "many"), "--max-examples: expected a whole number of at least 1", "got 'many'"),
    (("fuzz", "shop:app", "-n"), "Option '-n' requires an argument", ""),
    (("fuzz", "shop:app", "more"), "unexpected extra argument", "more"),
    (("fuzz", "shop:app", "--match", "exact"), "No such option: --match", ""),
    (("fuzz", "shop:app", "-c", "handler_crsh"), "no check named 'handler_crsh'", "Did you mean 'handler_crash'?"),
    (("fuzz", "shop:app", "-H", "nonsense"), "-H: expected NAME:VALUE", ""),
    (("fuzz", "shop:app", "--path", "ws"), "A WebSocket path begins with '/'", "--path /ws"),
    (("replay", "--match", "some"), "--match: expected one of 'close', 'shape', 'exact'", "got 'some'"),
    (("show",), "Missing argument 'ENTRY'", ""),
    (("export", "--format", "yaml", "x"), "--format: expected 'pytest' or 'script', got 'yaml'", ""),
]


@pytest.mark.parametrize(("words", "what", "hint"), WRONG)
def test_a_wrong_flag_is_refused_with_what_was_meant(project, words, what, hint):
    ran = project.run(*words)
    assert (ran.code, ran.out) == (2, "")
    assert what in ran.err
    assert hint in ran.err


def test_the_version_and_every_help_are_printed(project):
    assert project.run("--version").out.startswith("wsreplay ")
    bare = project.run()
    assert bare.code == 2
    for words in ((), ("fuzz",), ("corpus",)):
        ran = project.run(*words, "--help")
        assert ran.code == 0
        assert "..." not in ran.out.replace("]...", "").replace("}...", "")


def test_help_imports_nothing_heavy(project):
    code = (
        "import sys; from wsreplay.cli import app\n"
        "heavy = {'hypothesis', 'msgpack', 'asyncio', 'starlette', 'pytest', 'wsreplay.simulation'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=project.directory, capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "[]"


def test_options_stand_before_or_after_the_target_and_checks_with_commas_or_repeated(project):
    before = project.run("fuzz", "-n", "5", "--seed", "1", "-c", "hang,missing_close", "shop:app", "--corpus", "a")
    after = project.run("fuzz", "shop:app", "-c", "hang", "-c", "missing_close", "-n5", "--seed=1", "--corpus=b")
    assert (before.code, after.code) == (0, 0)
    assert project.entries("a") == project.entries("b") != {}


def test_the_environment_mirrors_the_flags_and_a_flag_wins_over_it_and_it_over_the_file(project):
    project.write(
        "pyproject.toml",
        """
        [tool.wsreplay]
        app = "shop:app"
        max_examples = 3
        seed = 7
        checks = ["hang"]
        """,
    )
    project.write("below/readme", "")
    file = project.run("fuzz", cwd="below")
    assert file.code == 0
    assert "Sequences tested: 3\n" in file.out
    assert "seed 7" in file.out
    environment = {"WSREPLAY_MAX_EXAMPLES": "4", "WSREPLAY_SEED": "8"}
    both = project.run("fuzz", "--seed", "9", environment=environment)
    assert "Sequences tested: 4\n" in both.out
    assert "seed 9" in both.out
    wrong = project.run("fuzz", environment={"WSREPLAY_MAX_EXAMPELS": "4"})
    assert wrong.code == 2
    assert "Did you mean 'WSREPLAY_MAX_EXAMPLES'?" in wrong.err


def test_a_key_of_the_file_that_does_not_exist_is_refused(project):
    project.write("pyproject.toml", "[tool.wsreplay]\nmax_exampels = 3\n")
    ran = project.run("fuzz", "shop:app")
    assert ran.code == 2
    assert "Did you mean 'max_examples'?" in ran.err


def test_the_module_behind_python_m_does_nothing_when_imported():
    assert importlib.import_module("wsreplay.__main__").main is main


def test_a_program_may_catch_the_output_in_a_stream_of_its_own(monkeypatch):
    caught = io.StringIO()
    monkeypatch.setattr(sys, "stdout", caught)
    monkeypatch.setattr(sys, "argv", ["wsreplay", "--version"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0
    assert caught.getvalue().startswith("wsreplay ")
