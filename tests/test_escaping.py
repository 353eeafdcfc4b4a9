"""Whatever a terminal would not print as itself is escaped, and nothing else is."""

from __future__ import annotations

import sys
import unicodedata

from wsreplay.escaping import is_visible, visible


def test_ordinary_text_of_any_language_stays_as_it_is() -> None:
    for text in ("", "plain", "naïve café", "日本語", "עברית", "हिन्दी", "👍🏽", "a\u0301", "<&>'\"\\"):
        assert visible(text) == text


def test_what_moves_hides_or_reorders_is_escaped() -> None:
    assert visible("\x1b[31m\r\n\t\x00\x7f\x9b\x85") == r"\x1b[31m\r\n\t\x00\x7f\x9b\x85"
    assert visible("\u2028\u202e\u2066\u200b\ufeff\xad\ud800\xa0") == r"\u2028\u202e\u2066\u200b\ufeff\xad\ud800\xa0"
    assert visible("\u3164\ufe0f\u115f\u2800\U000e0041\U000e0100") == r"\u3164\ufe0f\u115f\u2800\U000e0041\U000e0100"


def test_no_control_format_or_separator_is_ever_left() -> None:
    every = "".join(chr(code) for code in range(sys.maxunicode + 1))
    left = [
        character for character in visible(every) if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp")
    ]
    assert left == []
    assert is_visible(visible(every))
    assert not is_visible(every)
