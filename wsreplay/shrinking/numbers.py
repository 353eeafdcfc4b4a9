"""Simplifying numbers: zero, one, positive, whole, then small; where only a size matters, the roundest of that size."""

from __future__ import annotations

import math
from collections.abc import Callable

from wsreplay.shrinking.chunks import least

EXACT = 10**6
"""Up to here the least number is searched for; beyond, a landmark or a power of ten is as good and easier to read."""

LARGEST = 100
"""Up to here the least exponent of a float is searched for."""

LANDMARKS = (EXACT, 2**31, 2**53 + 1, 2**63, 2**64)
"""Sizes at which something often breaks."""


def simplify_int(value: int, attempt: Callable[[int], bool]) -> int:
    """Return the simplest whole number found."""
    for simple in (0, 1, -1):
        if value == simple or (simple >= min(value, 0) and attempt(simple)):
            return simple
    if value < 0 and attempt(-value):
        value = -value
    sign = 1 if value > 0 else -1
    return sign * _size(abs(value), lambda size: attempt(sign * size))


def _size(high: int, attempt: Callable[[int], bool]) -> int:
    low = 1
    for landmark in LANDMARKS:
        if landmark >= high:
            break
        if attempt(landmark):
            high = landmark
            break
        low = landmark
    if high <= EXACT:
        return least(low, high, attempt)
    if high in LANDMARKS:
        return high
    # Not by the length of the text, which Python refuses to make of a very large number.
    return _round(high, int((high.bit_length() - 1) * math.log10(2)), len(str(low)) - 1, attempt)


def _round(high: int, digits: int, fewest: int, attempt: Callable[[int], bool]) -> int:
    """A number of one digit and zeros: a power of ten if one will do."""
    # Typed, since a power may be a fraction.
    power: int = 10**digits
    if attempt(power):
        roundest: int = 10 ** least(fewest, digits, lambda count: attempt(10**count))
        return roundest
    rounded = high // power * power
    return rounded if rounded != high and attempt(rounded) else high


def _large(value: float, attempt: Callable[[float], bool]) -> float:
    """The least power of ten that will do; of those that hardly anything but infinity is larger than, a known one."""

    def power(exponent: int) -> float:
        return math.copysign(float(f"1e{exponent}"), value)

    most = min(int(math.log10(abs(value))), LARGEST)
    if value == power(most) or attempt(power(most)):
        return power(least(15, most, lambda exponent: attempt(power(exponent))))
    return power(308) if abs(value) > 1e308 and attempt(power(308)) else value


def simplify_float(value: float, attempt: Callable[[float], bool]) -> float:
    """Return the simplest number found, a whole one where that will do. What is no number stays, but for its sign."""
    if value < 0 and attempt(-value):
        value = -value
    if not math.isfinite(value):
        return value
    if abs(value) >= 1e15:
        return _large(value, attempt)
    if attempt(int(value)):
        return simplify_int(int(value), attempt)
    for digits in range(1, 4):
        rounded = round(value, digits)
        if rounded == value or attempt(rounded):
            return rounded
    return value
