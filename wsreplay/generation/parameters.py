"""Values of path parameters, by converter: usual ones, odd ones that still route, and wrong ones that do not.

The usual values are few, so that several clients of one scenario meet in the same place.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from wsreplay.generation.knowledge import Shape
from wsreplay.model import Parameter


@dataclass(frozen=True, slots=True)
class Values:
    """What a path parameter can be, decoded; `wrong` is empty where everything routes. `drawn` gives more usual values,
    for a pattern; it costs a draw, and is there when `usual` is empty. `shape` is what the handler does with the value,
    where that says more than with what it is compared.
    """

    usual: tuple[str, ...]
    odd: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()
    drawn: SearchStrategy[str] | None = None
    shape: Shape | None = None


def informed(values: Values, shape: Shape) -> Values:
    """The values, led by those that a handler is known to compare the parameter with."""
    known = [str(one) for one in shape.constants if one not in ("", True, False)]
    known += [str(number + step) for number in shape.numbers for step in (0, 1, -1) if number + step >= 0]
    if shape.patterns or shape.prefixes or shape.words or shape.uses:
        values = replace(values, shape=shape)
    if not known:
        return values
    return replace(values, usual=(*dict.fromkeys(known), *values.usual[:1]))


_STRINGS = Values(
    ("a", "1", "lobby", "alice"),
    (
        "0",
        "-1",
        "null",
        "None",
        "a b",
        " ",
        "é",
        "日本語",
        "😀",
        "a.b",
        "a:b",
        "a,b",
        "a;b",
        "a=b&c",
        "a?b#c",
        "%2F",
        "%",
        "{}",
        "'",
        '"',
        "\\",
        "*",
        "\x00",
        "a\tb",
        "~",
        "__class__",
        "A" * 300,
    ),
)
_ZERO_UUID = "00000000-0000-0000-0000-000000000000"

_BY_CONVERTER: Mapping[str, Values] = {
    "str": _STRINGS,
    "slug": Values(("a", "1", "lobby", "a-b"), ("_", "-", "0", "A" * 300), ("a b", "é")),
    "int": Values(
        ("1", "2", "42"),
        ("0", "007", "3", "999", "2147483647", "2147483648", "9223372036854775808", "9" * 40),
        ("a", "-1", "1.5", " "),
    ),
    "float": Values(
        ("1.5", "1.0", "2.0"), ("0.0", "0.1", "99999999999999999999.0", "0." + "0" * 400 + "1"), ("a", "-1.5", "nan")
    ),
    "decimal": Values(("1.5", "1", "2.50"), ("0", "0.1", "99999999999999999999.99"), ("a", " ")),
    "uuid": Values(
        ("3fa85f64-5717-4562-b3fc-2c963f66afa6", "11111111-1111-4111-8111-111111111111"),
        (_ZERO_UUID, _ZERO_UUID.replace("0", "f")),
        ("a", "1", _ZERO_UUID[:-1]),
    ),
    "path": Values(
        ("a", "a/b", "a/b/c.txt"), ("a//b", "../a", "./a", "a/", ".", "..", "a b/é", "%2F", "\x00", "a/" * 100)
    ),
    "date": Values(("2024-01-31", "2024-02-29"), ("0001-01-01", "9999-12-31"), ("a", "2023-02-29", "0")),
    "datetime": Values(
        ("2024-01-31T12:00:00", "2024-02-29T00:00:00Z"),
        ("0001-01-01T00:00:00", "9999-12-31T23:59:59.999999+00:00"),
        ("a", "2023-02-29T00:00:00"),
    ),
    "time": Values(("12:00:00", "00:00:00"), ("23:59:59.999999", "12:00:00Z"), ("a", "25:00:00")),
    "timedelta": Values(("PT1H", "P1D"), ("PT0S", "-P1D"), ("a", "P")),
}
_ALIASES: Mapping[str, str] = {"string": "str", "default": "str", "number": "float", "integer": "int"}

_CANDIDATES = tuple(
    dict.fromkeys(
        [value for values in _BY_CONVERTER.values() for value in values.usual + values.odd]
        + ["abc", "ABC", "a1", "2024", "12", "01", "1234", "en", "v1"]
    )
)
"""What a pattern is tried with before anything is drawn from it."""


def values_of(parameter: Parameter) -> Values:
    """The values of one parameter. A pattern decides alone; an unknown converter without one takes strings."""
    if parameter.pattern:
        return _matching(parameter.pattern)
    name = _ALIASES.get(parameter.converter, parameter.converter)
    return _BY_CONVERTER.get(name, _STRINGS)


def _matching(pattern: str) -> Values:
    try:
        regex = re.compile(pattern)
    except re.error:
        # It may be valid only where its framework puts it, with a reference to a group before it for example.
        return _STRINGS
    branches = [re.sub(r"\\(\W)", r"\1", branch) for branch in pattern.strip("^$()").split("|")]
    members = tuple(branch for branch in dict.fromkeys(branches) if regex.fullmatch(branch))
    fitting = tuple(value for value in _CANDIDATES if regex.fullmatch(value) and value not in members)
    wrong = tuple(value for value in ("a", "1", "a b", "-") if not regex.fullmatch(value))
    if members:
        return Values(members, fitting, wrong)
    return Values(fitting[:3], fitting[3:], wrong, st.from_regex(regex, fullmatch=True))
