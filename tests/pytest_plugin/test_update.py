"""`--wsreplay-match` and `--wsreplay-update`; and that the corpus is written only where that is asked for."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(("match", "passed"), [("close", 3), ("shape", 2), ("exact", 2)])
def test_match_says_how_closely_a_passing_entry_must_do_as_recorded(changed, match, passed):
    before = changed.files()
    ran = changed.pytest("--wsreplay-match", match)
    assert ran.counts == {"failed": 4 - passed, "passed": passed}
    assert changed.files() == before
    if passed == 2:
        assert "If the change is meant, record it anew:" in ran.out


def test_update_records_what_changed_and_what_is_recorded_passes(changed):
    ran = changed.pytest("--wsreplay-match", "shape", "--wsreplay-update")
    assert ran.counts == {"failed": 1, "passed": 3}
    assert "Recorded anew: 1 entry.\n" in ran.out
    assert changed.pytest("--wsreplay-match", "shape").counts == {"failed": 1, "passed": 3}


def test_update_of_what_fails_in_another_way_leaves_it_failing(project):
    project.change("shop.py", 'KeyError("price")', 'ValueError("price")')
    assert project.pytest("--wsreplay-update").counts == {"failed": 1, "passed": 3}
    assert "handler_crash ValueError" in project.pytest("--co", "-q").out


def test_a_wrong_match_is_refused_by_the_name_of_the_flag(project):
    ran = project.pytest("--wsreplay-match", "roughly")
    assert ran.code == 4
    assert "--wsreplay-match: expected one of 'close', 'shape', 'exact', got 'roughly'" in ran.err
