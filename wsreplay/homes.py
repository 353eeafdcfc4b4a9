"""To which route a client belongs, by the path that it opens: clients of one scenario may come from several. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from wsreplay.model import Finding, Route, Scenario

_PLACE = re.compile(r"\{([^{}]*)\}")
_ONE_SEGMENT = frozenset(
    (
        *("str", "string", "default", "slug", "int", "integer", "float", "number", "decimal", "uuid"),
        *("date", "datetime", "time", "timedelta"),
    )
)
"""Converters of which it is known that they take no slash."""


def home(path: str, own: Route, others: Iterable[Route]) -> Route:
    """The route to which a client with this path belongs: `own` unless the path is none of its, but another's."""
    if fits(own, path):
        return own
    return next((other for other in others if fits(other, path)), own)


def fits(route: Route, path: str) -> bool:
    """Whether a path is one of the route's, whatever the values of its parameters."""
    return path == route.path or _pattern(route).fullmatch(path) is not None


def apart(one: Route, other: Route) -> bool:
    """Whether no path is likely to be both routes'."""
    return not fits(one, other.path) and not fits(other, one.path)


def values(route: Route, path: str) -> dict[tuple[str, str], str]:
    """The values of the route's parameters in a path, by their names, and by where they stand, which is what comes
    before. Empty where the path is not one of the route's.
    """
    found = _pattern(route).fullmatch(path)
    if found is None:
        return {}
    keys = [key for pair in places(route) for key in pair]
    said = [value for value in found.groups() for _ in ("name", "place")]
    return dict(zip(keys, said, strict=True))


def moved(route: Route, path: str, old: Mapping[tuple[str, str], str], new: str) -> str:
    """The path with `new` for each parameter that has, by its name or its place, the `old` value."""
    found = _pattern(route).fullmatch(path)
    if found is None:
        return path
    for number, keys in reversed(list(enumerate(places(route), 1))):
        if any(old.get(key) == found[number] for key in keys):
            path = path[: found.start(number)] + new + path[found.end(number) :]
    return path


def places(route: Route) -> list[tuple[tuple[str, str], tuple[str, str]]]:
    """The two keys of each parameter, in order, by which that of another route is the same: its name, and its place."""
    pieces = _PLACE.split(route.path)
    before = ["{}".join(pieces[0:number:2]) for number in range(1, len(pieces), 2)]
    return [(("name", name), ("place", head)) for name, head in zip(pieces[1::2], before, strict=True)]


@lru_cache(maxsize=256)
def _pattern(route: Route) -> re.Pattern[str]:
    converters = {one.name: one.converter for one in route.parameters if not one.pattern}
    pieces = _PLACE.split(route.path)
    parts = [
        (r"([^/]+)" if converters.get(piece, "") in _ONE_SEGMENT else "(.+)") if number % 2 else re.escape(piece)
        for number, piece in enumerate(pieces)
    ]
    return re.compile("".join(parts), re.DOTALL)


def visitors(scenario: Scenario, own: Route, others: Sequence[Route]) -> tuple[int, ...]:
    """The numbers of the clients that belong to other routes than their scenario."""
    return tuple(number for number, one in enumerate(scenario.clients) if home(one.path, own, others) is not own)


def same_bug(one: Finding, other: Finding) -> bool:
    """Whether two findings are of one bug, to whichever route they are attributed."""
    return replace(one, route=other.route).fingerprint == other.fingerprint


def attributed(findings: tuple[Finding, ...], scenario: Scenario, routes: Sequence[Route]) -> tuple[Finding, ...]:
    """The findings, each of the route whose client it happened to; what happened to nobody is the scenario's, as long
    as one of its clients is of its route.
    """
    own = next((route for route in routes if route.path == scenario.route), None)
    if own is None or not findings:
        return findings
    others = [route for route in routes if route is not own]
    homes = [home(client.path, own, others) for client in scenario.clients]
    if all(one is own for one in homes):
        return findings
    common = own if own in homes else homes[0]
    return tuple(
        replace(finding, route=(homes[finding.client] if 0 <= finding.client < len(homes) else common).path)
        for finding in findings
    )
