"""Characters that a terminal would not print as themselves, escaped. Pure.

What is shown may come from an app, or from a stranger's file: nothing in it may move the cursor, change a colour,
reorder a line, begin a new one, or hide.
"""

from __future__ import annotations

import re

_UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
"""Characters that print nothing, although Python calls them printable: fillers, joiners, variation selectors (those of
Unicode's Default_Ignorable_Code_Point that are letters or marks), and the blank of Braille.
"""

_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def visible(text: str) -> str:
    """The text with every character escaped that a terminal would not print as itself: control and ANSI characters,
    direction marks and other invisible ones, lone surrogates.
    """
    if is_visible(text):
        return text
    return "".join(one if one.isprintable() and not _UNSEEN.match(one) else _escaped(one) for one in text)


def is_visible(text: str) -> bool:
    """Whether a terminal prints the text as it is."""
    return text.isprintable() and (text.isascii() or not _UNSEEN.search(text))


def _escaped(character: str) -> str:
    code = ord(character)
    return _SHORT.get(character) or (
        f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
    )
