"""Simplifying JSON values: what holds them first, then the values. No text is parsed here, and none made.

An `attempt` takes a whole value, with one place in it changed. Nothing recurses: messages are nested as deep as they
like.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final, TypeAlias

from wsreplay.shrinking.chunks import fewest, halvings
from wsreplay.shrinking.numbers import simplify_float, simplify_int
from wsreplay.shrinking.texts import simplify_text

# What `json.loads` gives.
Value: TypeAlias = Any
Attempt: TypeAlias = Callable[[Value], bool]
Path: TypeAlias = tuple[Any, ...]

SIMPLEST: Final[tuple[Value, ...]] = (None, 0, "", [], {})
"""The simplest value of each type, the simplest type first. `false` stands between `0` and `""`."""

LONG = 32
"""Characters from which on the mere length of a container is looked at."""

DEEP = 4
"""Below so many levels, levels are not left out one by one once more: leaving out those above did it."""

LEAVES = 200
"""Leaves that are looked at one by one."""


def smaller_value(value: Value, attempt: Attempt) -> Value:
    """Leave out levels, items and keys that are not needed."""
    pending: list[Path] = [()]
    while pending:
        path = pending.pop(0)
        if len(path) <= DEEP or not _holders(at(value, path)):
            value = _simplest(value, path, attempt)
        value = _fewer_entries(value, path, attempt)
        if len(path) <= DEEP:
            value = _fewer_levels(value, path, attempt)
        inner = at(value, path)
        pending.extend((*path, key) for key in _holders(inner) if inner[key])
    return value


def plainer_value(value: Value, attempt: Attempt) -> Value:
    """Make leaves simple: many at once, then one by one; then the names of keys."""
    value = _simplest_leaves(value, attempt)
    for path in leaves(value)[:LEAVES]:
        value = _plainer_leaf(value, path, attempt)
    return _plainer_keys(value, attempt)


def at(value: Value, path: Path) -> Value:
    """The value at a path of keys and indices."""
    for key in path:
        value = value[key]
    return value


def put(value: Value, path: Path, new: Value) -> Value:
    """The value with another one at a path. What lies beside the path is shared, not copied."""
    holders = []
    for key in path:
        holders.append(value)
        value = value[key]
    for holder, key in zip(reversed(holders), reversed(path), strict=True):
        copy = holder.copy()
        copy[key] = new
        new = copy
    return new


def leaves(value: Value) -> list[Path]:
    """The paths of all that holds nothing, in the order of the text."""
    found: list[Path] = []
    pending: list[tuple[Path, Value]] = [((), value)]
    while pending:
        path, one = pending.pop()
        keys = _keys(one)
        if not keys:
            found.append(path)
        pending.extend(((*path, key), one[key]) for key in reversed(keys))
    return found


def _keys(value: Value) -> list[Any]:
    if isinstance(value, dict):
        return list(value)
    return list(range(len(value))) if isinstance(value, list) else []


def _holders(value: Value) -> list[Any]:
    """The keys of what holds values itself."""
    return [key for key in _keys(value) if isinstance(value[key], dict | list)]


# --- what holds values -----------------------------------------------------------------------------------------------


def _simplest(value: Value, path: Path, attempt: Attempt) -> Value:
    inner = at(value, path)
    # What is as long as its text may matter for its length.
    length = len(str(inner)) if isinstance(inner, dict | list) else 0
    long = ("a" * length,) if length > LONG else ()
    for simple in (*_simpler_than(inner), *long):
        candidate = put(value, path, simple)
        if attempt(candidate):
            return candidate
    return value


def _simpler_than(value: Value) -> tuple[Value, ...]:
    match value:
        case None:
            return ()
        case bool():
            return (None, 0, False) if value else (None, 0)
        case int() | float():
            return (None,) if value == 0 else (None, 0)
        case str():
            return SIMPLEST[: 3 if value else 2]
        case list():
            return SIMPLEST[: 4 if value else 3]
    return SIMPLEST if value else SIMPLEST[:4]


def _fewer_entries(value: Value, path: Path, attempt: Attempt) -> Value:
    inner = at(value, path)
    if isinstance(inner, dict):

        def of(entries: tuple[Any, ...]) -> Value:
            return put(value, path, dict(entries))

        return of(fewest(tuple(inner.items()), lambda entries: attempt(of(entries))))
    if isinstance(inner, list):
        kept = fewest(tuple(inner), lambda items: attempt(put(value, path, list(items))))
        return put(value, path, list(kept))
    return value


def _fewer_levels(value: Value, path: Path, attempt: Attempt) -> Value:
    """Leave out levels on the way down through the first container in each container."""
    levels: list[tuple[Value, Any]] = []
    inner = at(value, path)
    while True:
        keys = _keys(inner)
        if not keys:
            break
        key = (_holders(inner) or keys)[0]
        levels.append((inner, key))
        inner = inner[key]

    def of(kept: tuple[Any, ...]) -> Value:
        new = inner
        for holder, key in reversed(kept):
            new = put(holder, (key,), new)
        return put(value, path, new)

    return of(fewest(tuple(levels), lambda kept: attempt(of(kept))))


# --- leaves and keys -------------------------------------------------------------------------------------------------


def _simplest_leaves(value: Value, attempt: Attempt) -> Value:
    places = [path for path in leaves(value) if _simpler_than(at(value, path))]
    for chunk in (len(places), *halvings(len(places))):
        for start in reversed(range(0, len(places), max(chunk, 1))):
            candidate = value
            for path in places[start : start + chunk]:
                candidate = put(candidate, path, None)
            if attempt(candidate):
                value = candidate
    return value


def _plainer_leaf(value: Value, path: Path, attempt: Attempt) -> Value:
    value = _simplest(value, path, attempt)
    leaf = at(value, path)

    def attempt_leaf(new: Value) -> bool:
        return attempt(put(value, path, new))

    return put(value, path, plainer_scalar(leaf, attempt_leaf))


def plainer_scalar(leaf: Value, attempt: Attempt) -> Value:
    """Simplify a text or a number within its type; all else is simple."""
    if isinstance(leaf, str):
        return simplify_text(leaf, attempt)
    if isinstance(leaf, float):
        return simplify_float(leaf, attempt)
    if isinstance(leaf, int) and not isinstance(leaf, bool):
        return simplify_int(leaf, attempt)
    return leaf


def _plainer_keys(value: Value, attempt: Attempt) -> Value:
    for path, key in list(_long_keys(value))[:LEAVES]:
        inner = at(value, path)
        name = next(letter for letter in "abcdefghijklmnopqrstuvwxyz" if letter not in inner)
        renamed = {(name if other == key else other): one for other, one in inner.items()}
        candidate = put(value, path, renamed)
        if attempt(candidate):
            value = candidate
    return value


def _long_keys(value: Value) -> Iterator[tuple[Path, str]]:
    """Innermost first, so that a new name leaves the other paths true."""
    pending: list[tuple[Path, Value]] = [((), value)]
    holders: list[tuple[Path, Value]] = []
    while pending:
        path, one = pending.pop()
        holders.append((path, one))
        pending.extend(((*path, key), one[key]) for key in _keys(one))
    for path, one in reversed(holders):
        if isinstance(one, dict):
            yield from ((path, key) for key in one if len(key) > 1)
