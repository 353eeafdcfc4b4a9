"""`wsreplay fuzz`: what it prints, keeps and returns."""

from __future__ import annotations

import json

from wsreplay.corpus import Store


def test_a_bug_is_found_told_on_stdout_kept_and_makes_the_exit_code_one(fuzzed):
    ran = fuzzed.first
    assert ran.code == 1
    assert "FAILURE handler_crash on /orders: KeyError: 'price'" in ran.out
    assert "Failures: 1" in ran.out
    assert "seed 1" in ran.out
    assert "FAILURE" not in ran.err
    failing = [entry for _, entry in Store(fuzzed.directory / "corpus").entries() if entry.verdict == "fail"]
    assert [finding.exception for entry in failing for finding in entry.findings] == ["KeyError"]


def test_the_same_seed_gives_the_same_bytes(project):
    for corpus in ("corpus", "again"):
        project.run("fuzz", "shop:app", "-n", "20", "--seed", "1", "--corpus", corpus)
    assert project.entries() == project.entries("again") != {}


def test_a_second_run_replays_first_and_reports_go_where_they_are_asked_for(kept):
    reports = ("--report-json", "r/a.json", "--report-junit", "a.xml", "--report-html", "a.html")
    ran = kept.run("fuzz", "shop:app", "-n", "2", *reports, environment={"GITHUB_ACTIONS": "true"})
    assert ran.code == 1
    assert ran.out.index("fail ") < ran.out.index("Summary")
    report = json.loads((kept.directory / "r" / "a.json").read_text())
    assert report["replay"]["fail"] == 1
    assert f"seed {report['seed']}" in ran.out
    assert "<testsuite" in (kept.directory / "a.xml").read_text()
    assert "<html" in (kept.directory / "a.html").read_text()
    assert "::error" in ran.out


def test_nothing_found_is_zero_and_the_seed_is_printed_even_when_quiet(project):
    ran = project.run("fuzz", "correct:app", "--path", "/ws", "-n", "5", "-q", "--exclude-checks", "missing_close")
    assert ran.code == 0
    assert "seed " in ran.out
    assert len(ran.out.splitlines()) == 1


def test_a_time_limit_bounds_the_whole_run(project):
    ran = project.run("fuzz", "correct:app", "--path", "/ws", "-n", "1000000", "--max-time", "1")
    assert ran.code == 0
    assert "seed " in ran.out


def test_ctrl_c_saves_and_reports_what_was_found(project):
    ran = project.interrupted("fuzz", "shop:app", "-n", "1000000", "--seed", "1", at="Replay:")
    assert ran.code == 130
    assert "Traceback" not in ran.err
    assert "interrupted; 1 failure" in ran.out
    assert any(entry.verdict == "fail" for _, entry in Store(project.directory / "corpus").entries())


def test_a_corpus_that_cannot_be_read_stops_everything(project):
    project.write("file", "")
    (project.directory / "loop").symlink_to("loop")
    for name, reason in (("file", "Not a directory"), ("loop", "Too many levels of symbolic links")):
        words = ("fuzz", "shop:app") if name == "file" else ("replay", "--target", "shop:app")
        ran = project.run(*words, "--corpus", name)
        assert ran.code == 2
        assert f"cannot read the directory {project.directory / name}: {reason}" in ran.err
        assert "--corpus" in ran.err
