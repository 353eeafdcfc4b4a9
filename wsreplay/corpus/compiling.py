"""The fast way to decode a dataclass: one function, written for its fields as `dataclasses` writes an `__init__`.

Looking at one field after the other (`schema`) costs more than running the scenario. The source is made of the
annotations in our own model and of nothing that was read from a file. What does not fit goes the plain way, which
decides, and finds the words for what is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

Convert = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Element:
    """One field as it stands in a list: the raw types that are taken as they are (`plain`), what to make of a list
    (None: no list is allowed), the words of a literal, and, where `optional`, its encoded and its real default.
    """

    name: str
    plain: tuple[type, ...]
    convert: Convert | None
    words: tuple[str, ...]
    optional: bool
    encoded: Any = None
    default: Any = None


@dataclass(frozen=True, slots=True)
class Agreement:
    """A rule between two fields: `field` holds the literal `word` exactly when `other` is of the raw type `kind`."""

    field: str
    word: str
    other: str
    kind: type


def compiled(cls: type, skip: int, elements: Sequence[Element], agreement: Agreement | None, slow: Convert) -> Convert:
    """The decoder of a dataclass with slots; the first `skip` elements of its list are passed over. What does not fit
    is given to `slow`.
    """
    names: dict[str, Any] = {"cls": cls, "new": object.__new__, "slow": slow}
    lines = ["def decode(raw):", " count = len(raw)"]
    for number, element in enumerate(elements):
        names[f"set{number}"] = cls.__dict__[element.name].__set__
        names[f"convert{number}"] = element.convert
        names[f"words{number}"] = element.words
        names[f"encoded{number}"] = element.encoded
        names[f"default{number}"] = element.default
        for kind in element.plain:
            names[kind.__name__] = kind
    shortest = sum(not element.optional for element in elements)
    for length in range(shortest, len(elements) + 1):
        lines += _branch(skip, length, elements, agreement)
    lines.append(" return slow(raw)")
    exec("\n".join(lines), names)  # noqa: S102 - see the docstring of the module
    decode: Convert = names["decode"]
    return decode


def _branch(skip: int, length: int, elements: Sequence[Element], agreement: Agreement | None) -> list[str]:
    """The source for a list that holds the first `length` fields."""
    places = ["_"] * skip + [f"a{number}" for number in range(length)]
    tests = [_test(number, elements[number]) for number in range(length)]
    if agreement is not None:
        order = [element.name for element in elements]
        word, other = order.index(agreement.field), order.index(agreement.other)
        tests.append(f"(a{word} == {agreement.word!r}) is (type(a{other}) is {agreement.kind.__name__})")
    if length and elements[length - 1].optional:
        tests.append(f"a{length - 1} != encoded{length - 1}")
    lines = [f" if count == {skip + length}:"]
    if places:
        lines.append(f"  {', '.join(places)}, = raw")
    lines.append(f"  if {' and '.join(tests) or 'True'}:")
    lines += [f"   {_conversion(number, elements[number])}" for number in range(length) if elements[number].convert]
    lines.append("   made = new(cls)")
    lines += [f"   set{number}(made, a{number})" for number in range(length)]
    lines += [f"   set{number}(made, default{number})" for number in range(length, len(elements))]
    return [*lines, "   return made"]


def _test(number: int, element: Element) -> str:
    if element.words:
        return f"a{number} in words{number}"
    kinds = [kind.__name__ for kind in element.plain] + ["list"] * (element.convert is not None)
    return "(" + " or ".join(f"type(a{number}) is {kind}" for kind in kinds) + ")"


def _conversion(number: int, element: Element) -> str:
    made = f"convert{number}(a{number}, {element.name!r})"
    return f"a{number} = {made} if type(a{number}) is list else a{number}" if element.plain else f"a{number} = {made}"
