"""Pipes that close, discs that are full, terminals without the characters: no traceback, and the right exit code."""

from __future__ import annotations

import pytest


def test_a_reader_that_goes_away_is_no_error_worth_a_word(kept):
    for words in ("corpus ls", "fuzz shop:app -n 2"):
        ran = kept.shell(f"{words} | true")
        assert ran.code in (0, 1, 2)
        assert "error" not in ran.err
    assert kept.shell("corpus ls | head -1").out.count("\n") == 1


@pytest.mark.parametrize("words", ["corpus ls", "--help"])
def test_a_full_disc_is_told(kept, words):
    ran = kept.shell(f"{words} >/dev/full")
    assert (ran.code, ran.err) == (2, "error: cannot write the results: No space left on device\n")
    assert kept.shell(f"{words} >/dev/full 2>/dev/full").code == 2


def test_closed_streams_change_no_exit_code(kept):
    assert kept.shell("corpus ls >&-").code == 0
    assert kept.shell("corpus ls --corpus gone 2>&-").code == 2
    ran = kept.shell("replay --target shop:app <&- >&- 2>&-")
    assert (ran.code, ran.out, ran.err) == (1, "", "")


def test_what_a_terminal_cannot_show_is_escaped(kept):
    kept.run("corpus", "accept", kept.failing(), "--reason", "wie verabredet \N{SNOWMAN}")
    ran = kept.run("show", kept.failing(), environment={"PYTHONIOENCODING": "ascii"})
    assert ran.code == 0
    assert "state accepted: wie verabredet \\u2603" in ran.out


def test_colours_are_shown_where_they_are_forced(kept):
    environment = {"NO_COLOR": "", "FORCE_COLOR": "1"}
    ran = kept.run("corpus", "ls", environment=environment)
    assert "\x1b[" in ran.out
    assert "\x1b[" not in kept.run("corpus", "ls").out
