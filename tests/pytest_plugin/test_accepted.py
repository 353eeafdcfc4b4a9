"""A known failure that people have accepted: a strict xfail with a last day."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize("until", [None, "9999-01-31"])
def test_it_is_expected_to_fail(project, until):
    project.accept(until)
    ran = project.pytest("-rx")
    assert ran.code == 0
    assert ran.counts == {"passed": 3, "xfailed": 1}
    day = f" until {until}" if until else ""
    assert f"handler_crash KeyError - accepted{day}: the supplier mends it" in ran.out
    assert "3 pass, 1 fail (accepted)" in ran.out


def test_with_runxfail_it_is_shown_as_any_failure(project):
    project.accept()
    ran = project.pytest("--runxfail")
    assert ran.counts == {"failed": 1, "passed": 3}
    assert "WEBSOCKET TEST FAILURE: /orders" in ran.out


def test_it_fails_once_its_day_is_over(project):
    project.accept("2020-01-31")
    ran = project.pytest()
    assert ran.counts == {"failed": 1, "passed": 3}
    assert "Accepted until 2020-01-31: the supplier mends it; that day is over. Fix it, or accept it anew:" in ran.out
    assert "A's handler raises KeyError: 'price'" in ran.out


@pytest.mark.parametrize("until", [None, "2020-01-31"])
def test_it_fails_when_it_passes(project, until):
    project.accept(until)
    project.correct()
    ran = project.pytest()
    assert ran.counts == {"failed": 1, "passed": 3}
    assert "the supplier mends it; it no longer fails." in ran.out
    command = f"wsreplay corpus accept {project.failing().stem} --reopen"
    assert command in ran.out
    assert project.wsreplay(*command.split()[1:]).code == 0
    assert project.pytest().counts == {"passed": 4}


def test_another_failure_is_not_what_was_accepted(project):
    project.accept()
    project.change("shop.py", 'KeyError("price")', 'ValueError("price")')
    ran = project.pytest()
    assert ran.counts == {"failed": 1, "passed": 3}
