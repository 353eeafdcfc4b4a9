"""The corpus as items: their ids, and what selects them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from wsreplay.model import Finding


def collected(project, *arguments, **more):
    ran = project.pytest("--co", "-q", *arguments, **more)
    return [line for line in ran.out.splitlines() if "::" in line]


def test_a_plain_run_gives_an_item_for_each_entry_sorted_and_named_by_what_it_found(project):
    assert collected(project) == sorted(project.ids())
    ran = project.pytest("-v")
    assert ran.code == 1
    expected = {name: "FAILED" if "crash" in name else "PASSED" for name in project.ids()}
    assert ran.outcomes() == expected


def test_testpaths_do_not_leave_the_corpus_out(project):
    project.write(
        "pyproject.toml", '[tool.wsreplay]\napp = "shop:app"\n[tool.pytest.ini_options]\ntestpaths = ["tests"]'
    )
    project.write("tests/test_own.py", "def test_own(): pass\n")
    assert collected(project) == [*sorted(project.ids()), "tests/test_own.py::test_own"]


def test_a_corpus_elsewhere_is_collected_too(project):
    (project.directory / "corpus").rename(project.directory.parent / "elsewhere")
    project.write("pyproject.toml", '[tool.wsreplay]\napp = "shop:app"\ncorpus = "../elsewhere"\n')
    assert len(collected(project)) == 4


def test_paths_on_the_command_line_say_what_is_collected(project):
    project.write("tests/test_own.py", "def test_own(): pass\n")
    name, file = next(iter(project.ids().items()))
    assert collected(project, "tests") == ["tests/test_own.py::test_own"]
    assert collected(project, cwd="tests") == ["tests/test_own.py::test_own"]
    assert collected(project, file) == [name]
    assert collected(project, name) == [name]
    assert len(collected(project, "corpus")) == 4


def test_dash_k_knows_routes_checks_and_exceptions_and_markers_know_us(project):
    project.write("test_own.py", "def test_own(): pass\n")
    assert len(collected(project, "-k", "/ticker")) == 2
    assert collected(project, "-k", "KeyError") == collected(project, "-k", "handler_crash and /orders")
    assert collected(project, "-m", "not wsreplay") == ["test_own.py::test_own"]
    assert len(collected(project, "-m", "wsreplay", "--strict-markers")) == 4
    assert "@pytest.mark.wsreplay" in project.pytest("--markers").out


def test_routes_that_are_left_out_have_no_items(project):
    assert len(collected(project, "--wsreplay-include", "/tick*")) == 2
    assert len(collected(project, "--wsreplay-exclude", "/ticker")) == 2
    assert len(collected(project, "--wsreplay-exclude", "/ticker", "--wsreplay-exclude", "/orders")) == 0


def test_the_corpus_may_be_named_on_the_command_line(project):
    (project.directory / "corpus").rename(project.directory / "other")
    assert collected(project) == []
    assert len(collected(project, "--wsreplay-corpus", "other")) == 4


def test_other_files_are_none_of_ours(project):
    expected = sorted(project.ids())
    project.write("corpus/deep/er/0123456789abcdef.msgpack", "not an entry's place")
    project.write("other/0123456789abcdef.msgpack", "not in the corpus")
    project.write("corpus/orders/notes.txt", "no entry's name")
    assert collected(project) == expected


def test_a_damaged_file_is_an_item_that_fails_and_touches_no_other(project):
    project.write("corpus/orders/0123456789abcdef.msgpack", "damage")
    ran = project.pytest("-v")
    assert ran.outcomes()["corpus/orders/0123456789abcdef.msgpack::unreadable"] == "FAILED"
    assert ran.counts == {"failed": 2, "passed": 3}
    assert "Restore the file from version control, or remove it" in ran.out


def test_an_entry_with_a_mere_warning_passes(project):
    path = next(path for path, entry in project.store.entries() if entry.verdict == "pass")
    entry = project.store.load(path)
    project.store.replace(replace(entry, findings=(Finding("leaked_task", "warning", "/orders", "x", "It leaks."),)))
    assert collected(project, str(path)) == [f"{path.relative_to(project.directory)}::passes"]


def test_the_environment_may_name_the_target(project):
    project.write("pyproject.toml", "")
    assert collected(project) == []
    assert len(collected(project, WSREPLAY_TARGET="shop:app")) == 4


@pytest.mark.parametrize("flags", [("--wsreplay-app", "shop:app"), ("--wsreplay-app=shop:app", "--rootdir=.")])
def test_flags_alone_will_do(project, flags):
    project.write("pyproject.toml", "")
    assert project.pytest(*flags).counts == {"failed": 1, "passed": 3}


def test_a_run_from_elsewhere_reads_the_configuration_of_the_project(project):
    (project.directory.parent / "away").mkdir()
    ran = project.pytest("../project", "--rootdir=../project", cwd="../away")
    assert ran.counts == {"failed": 1, "passed": 3}
