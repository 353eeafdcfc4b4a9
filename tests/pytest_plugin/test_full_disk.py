"""A disk that is full: what could not be saved is shown, and the run fails."""

from __future__ import annotations

import re
import subprocess

from tests.full_disk import full_disk

FULL = "No space left on device. The disk is full: free some space."
FEW = ("--wsreplay-fuzz", "--wsreplay-max-examples", "30", "--wsreplay-seed", "1")


def test_a_search_that_can_save_nothing_fails_and_prints_what_was_found(project):
    for path in project.store.paths():
        path.unlink()
    ran = project.pytest(*FEW, "--wsreplay-save", **full_disk(project.directory))
    assert ran.counts == {"failed": 2}
    assert project.files() == {}
    assert "what was found could not be saved: cannot write" in ran.out
    assert FULL in ran.out
    commands = re.findall(r"^mkdir -p .*?^END$", ran.out, re.MULTILINE | re.DOTALL)
    for command in commands:
        subprocess.run(["bash", "-e", "-c", command], cwd=project.directory, check=True)
    assert len(project.files()) == len(commands) > 0
    assert project.store.load(project.failing()).findings[0].exception == "KeyError"


def test_an_entry_that_cannot_be_recorded_anew_fails(changed):
    ran = changed.pytest("--wsreplay-match", "shape", "--wsreplay-update", **full_disk(changed.directory))
    assert ran.counts == {"failed": 2, "passed": 2}
    assert "could not be recorded anew: cannot write" in ran.out
    assert FULL in ran.out


def test_a_report_that_could_not_be_written_is_told_and_fails_the_run(project):
    project.correct()
    ran = project.pytest("--wsreplay-report-json", "r.json", **full_disk(project.directory))
    assert ran.counts == {"passed": 4}
    assert ran.code == 1
    assert "error: --report-json: cannot write" in ran.out
    assert FULL in ran.out
