"""Texts that have the form of a sample: what is known of them is what stands for them where none is given."""

from __future__ import annotations

import re
from collections.abc import Callable

from wsreplay.generation.dice import Dice
from wsreplay.generation.knowledge import Shape

_PIECE = re.compile(r"((?:(?<![\w.)])-)?\d+(?:\.\d+)?|\w+)")
"""A number, or a word. What is between them is how they are separated."""

_NUMBERS = ("0", "1", "-1", "0.5", "1000000", "nan", "inf", "9" * 30)


def formed(sample: str) -> bool:
    """Whether there is a form to be seen: more than one piece, or a number."""
    pieces = _PIECE.findall(sample)
    return len(pieces) > 1 or any(_is_number(piece) for piece in pieces)


def sample(dice: Dice, shape: Shape) -> str | None:
    """Often a text of a sample's form where it has one; now and then the sample where it has none."""
    known = dice.pick(shape.samples)
    if formed(known):
        return varied(dice, known) if dice.one_in(2) else None
    return known if not shape.constants and dice.one_in(8) else None


def varied(dice: Dice, sample: str) -> str:
    """The sample, mostly with something changed: a number, two pieces that become equal or change places, all that
    become equal, one that is left out or is there twice. What separates them stays.
    """
    texts = _PIECE.split(sample)
    if len(texts) > 1 and not dice.one_in(8):
        dice.pick(_CHANGES)(dice, texts)
    return "".join(texts)


def _is_number(piece: str) -> bool:
    return piece[-1:].isdigit() and piece.lstrip("-")[:1].isdigit()


def _place(dice: Dice, texts: list[str]) -> int:
    """Where one of the pieces is; the separators are around them."""
    return 1 + 2 * dice.below(len(texts) // 2)


def _level(dice: Dice, texts: list[str]) -> None:
    texts[_place(dice, texts)] = texts[_place(dice, texts)]


def _level_all(dice: Dice, texts: list[str]) -> None:
    texts[1::2] = [texts[_place(dice, texts)]] * (len(texts) // 2)


def _swap(dice: Dice, texts: list[str]) -> None:
    one, other = _place(dice, texts), _place(dice, texts)
    texts[one], texts[other] = texts[other], texts[one]


def _change(dice: Dice, texts: list[str]) -> None:
    places = [place for place in range(1, len(texts), 2) if _is_number(texts[place])]
    if not places:
        _swap(dice, texts)
    else:
        place = dice.pick(places)
        texts[place] = dice.pick((*_NUMBERS, *_near(texts[place])))


def _near(number: str) -> tuple[str, ...]:
    """A number's neighbours and its opposite."""
    if "." in number:
        return (f"{float(number) + 1}", f"{float(number) - 1}", f"{-float(number)}")
    # Not as a number: it may have more digits than Python converts.
    opposite = number[1:] if number.startswith("-") else f"-{number}"
    return (opposite, f"{number}0", f"{number}.5")


def _leave_out(dice: Dice, texts: list[str]) -> None:
    """One piece is missing, with what separates it from the one before, or from the next."""
    place = _place(dice, texts)
    start = place - 1 if place > 1 else place
    del texts[start : start + 2]


def _double(dice: Dice, texts: list[str]) -> None:
    place = _place(dice, texts)
    start = place - 1 if place > 1 else place
    texts[start:start] = texts[start : start + 2]


_CHANGES: tuple[Callable[[Dice, list[str]], None], ...] = (
    _change,
    _level,
    _level_all,
    _change,
    _level,
    _swap,
    _leave_out,
    _double,
)
