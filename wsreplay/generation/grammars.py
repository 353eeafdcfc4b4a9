"""Texts in a grammar of Python's own, as data: most have no meaning in it, or ask for what is not there."""

from __future__ import annotations

from collections.abc import Mapping

from wsreplay.generation.knowledge import Grammar

OF_NAMES = ("{%s.x}", "{%s[0]}", "{%s[x]}", "{%s:d}", "{%s!r}", "a {%s}")
"""Formats of something that has a name."""

TEXTS: Mapping[Grammar, tuple[str, ...]] = {
    "format": ("{", "}", "{0}", "{x}", "{a.b}", "{0[0]}", "{!x}", "{:d}", "{0!r:>99}", "{{", "a {} b"),
    "percent": ("%", "%s", "%d", "%(x)s", "%q", "100%", "%s %s %s %s", "%%"),
    "template": ("$", "${", "$x", "${x}", "${1}", "$$"),
    # Digits to one way of asking are none to another.
    "digits": ("²", "1", "0", "٣", "9", "½", "-1", "007"),
    # What one way of folding makes of these another does not, and some become longer.
    "case": ("ß", "İ", "ﬁ", "\u017f", "Straße", "ς", "ŉ"),
    "glob": ("*", "?", "*a*", "[", "[!a]*", "**"),
    "regex": ("(", "[", "*", "\\", "a{2,1}", "(?P<a", "(?<=a+)b", "(a)|b", "[z-a]", "\\1", ".*", "(a+)+$"),
}
