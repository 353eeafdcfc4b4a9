"""What 'simpler' means: the order of scenarios, as a tuple that is compared from left to right.

Messages, clients, other steps, payloads, ends, waits, handshakes, profile, arrangement. It need not be true to meaning,
only cheap: it is taken of every candidate, so texts are counted through and never parsed.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise
from typing import Any, TypeAlias

from wsreplay.model import Client, Close, Connect, Drop, Kind, Profile, Scenario, Send, Step, Wait

# Compared only with others of the same shape.
Size: TypeAlias = tuple[Any, ...]

_PAYLOAD = 11
_HANDSHAKE = 7


def size(scenario: Scenario) -> Size:
    """Return how much there is to read in a scenario; the smaller of two is the simpler."""
    steps = scenario.steps
    sends = [step for step in steps if type(step) is Send]
    connects = sum(type(step) is Connect for step in steps)
    payloads = [weight(send.kind, send.data) for send in sends]
    return (
        len(sends),
        len(scenario.clients),
        len(steps) - len(sends) - connects,
        _sum((counts for counts, _ in payloads), _PAYLOAD),
        sorted(wire for _, wire in payloads),
        _ends(steps),
        sum(step.seconds for step in steps if type(step) is Wait),
        _sum(map(_handshake, scenario.clients), _HANDSHAKE),
        len(set(scenario.clients)),
        [client.path for client in scenario.clients],
        scenario.profile != Profile(),
        _arrangement(steps),
    )


def is_json(kind: Kind, data: str | bytes) -> bool:
    """Whether a message looks like JSON. It may still be none."""
    return isinstance(data, str) and (kind == "json" or data[:1] in ("{", "["))


# Some of one scenario are looked up again and again; large ones must not pile up.
@lru_cache(maxsize=256)
def weight(kind: Kind, data: str | bytes) -> tuple[tuple[int, ...], bytes]:
    """What a payload adds to the size, in eleven counts, and its bytes, to tell apart what counts the same."""
    if isinstance(data, bytes):
        zeros = data.count(0)
        return (2, 0, 0, 0, 0, 0, 0, 0, len(data), len(data) - zeros, 0), data
    wire = data.encode("utf-8", "surrogatepass")
    if not is_json(kind, data):
        return (0, 0, 0, 0, 0, 0, 0, 0, *_letters(wire), 0), wire
    counts = (
        1,
        data.count(",") + data.count(":") + data.count("[") + data.count("{"),
        data.count("{"),
        data.count("["),
        data.count('"'),
        # NaN, Infinity, fractions, exponents; then true and false; then digits, but for those of the plainest half of a
        # surrogate pair, which can be written only so.
        data.count("N") + data.count("I") + data.count(".") + data.count("e+"),
        2 * data.count("true") + data.count("false"),
        len(wire) - len(wire.translate(None, b"0123456789")) - 3 * data.count(r"\ud800"),
        *_letters(wire),
        kind == "json",
    )
    return counts, wire


def _letters(wire: bytes) -> tuple[int, int]:
    """Its length on the wire, and how much of it is not `a`."""
    return len(wire), len(wire) - wire.count(b"a")


def _ends(steps: tuple[Step, ...]) -> tuple[int, ...]:
    drops = sum(type(step) is Drop for step in steps)
    closes = [step for step in steps if type(step) is Close]
    reasons = (_letters(step.reason.encode("utf-8", "surrogatepass")) for step in closes)
    return (drops, sum(step.code != 1000 for step in closes), *_sum(reasons, 2))


def _handshake(client: Client) -> tuple[int, ...]:
    values = "".join(f"{name}{value}" for name, value in client.headers)
    cookies = sum(value.count(";") for name, value in client.headers if name.lower() == "cookie")
    parts = client.query.count("&") + 1 if client.query else 0
    return (
        len(client.headers) + len(client.subprotocols) + cookies + parts,
        *_letters(client.path.encode("utf-8", "surrogatepass")),
        *_letters(client.query.encode("utf-8", "surrogatepass")),
        *_letters(values.encode("utf-8", "surrogatepass")),
    )


def _arrangement(steps: tuple[Step, ...]) -> tuple[int, tuple[int, ...]]:
    """How often another client takes its turn, and whose turns they are."""
    turns = [step.client for step in steps if not isinstance(step, Wait)]
    return sum(one != other for one, other in pairwise(turns)), tuple(turns)


def _sum(rows: Iterable[tuple[int, ...]], width: int) -> tuple[int, ...]:
    return tuple(map(sum, zip((0,) * width, *rows, strict=True)))
