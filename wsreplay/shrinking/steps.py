"""Passes over who does what and when: fewer clients, fewer steps, plainer ends, shorter waits, a simpler order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final, TypeAlias

from wsreplay.model import NOBODY, Close, Connect, Drop, Profile, Scenario, Step, Wait
from wsreplay.shrinking.chunks import fewest, least
from wsreplay.shrinking.forms import only_clients, renumbered, without_loose_ends
from wsreplay.shrinking.search import Search
from wsreplay.shrinking.texts import simplify_text

SECONDS: Final = (0.1, 0.5, 1, 2, 3, 5, 10, 15, 20, 30, 45, 60, 90, 120, 300, 600, 900, 1800, 3600, 7200, 86400)
"""Lengths of time that people write."""


def fewer_clients(search: Search) -> None:
    """Leave out clients with all that they do; then let one client do what two did."""
    clients = len(search.best.clients)
    if clients > 1:
        origin = search.best
        fewest(tuple(range(clients)), lambda kept: bool(kept) and search.accepts(only_clients(origin, kept)))
    for number in reversed(range(1, len(search.best.clients))):
        for other in range(number):
            if search.accepts(_as_one(search.best, number, other)):
                break


def _as_one(scenario: Scenario, number: int, other: int) -> Scenario:
    """Let client `other` do what `number` did: it connects once, when the first of them did, and leaves at its end."""
    numbers = {client: other if client == number else client for client in range(len(scenario.clients))}
    steps = list(renumbered(scenario.steps, numbers))
    connect = Connect(other)
    first = steps.index(connect)
    steps = [*steps[: first + 1], *(step for step in steps[first:] if step != connect)]
    last = max(index for index, step in enumerate(steps) if not isinstance(step, Wait) and step.client == other)
    ends = (Close, Drop)
    steps = [step for at, step in enumerate(steps) if at == last or not isinstance(step, ends) or step.client != other]
    merged = replace(scenario, steps=without_loose_ends(steps))
    return only_clients(merged, [client for client in numbers if client != number])


def fewer_steps(search: Search) -> None:
    """Leave out steps other than connects."""
    steps = search.best.steps
    others = tuple(index for index, step in enumerate(steps) if not isinstance(step, Connect))

    def attempt(kept: tuple[int, ...]) -> bool:
        chosen = frozenset(kept)
        few = (step for index, step in enumerate(steps) if index in chosen or isinstance(step, Connect))
        return search.accepts(replace(search.best, steps=without_loose_ends(few)))

    fewest(others, attempt, pieces=len(others))


def plainer_ends(search: Search) -> None:
    """Close in the usual way, without a reason; wait no longer than needed."""
    for index, step in enumerate(search.best.steps):
        if isinstance(step, Close):
            _plainer_close(search, index, step)
        elif isinstance(step, Drop):
            search.accepts_step(index, Close(step.client))
        elif isinstance(step, Wait):
            _shorter_wait(search, index, step.seconds)


def _plainer_close(search: Search, index: int, step: Close) -> None:
    if search.accepts_step(index, Close(step.client)):
        return
    if search.accepts_step(index, replace(step, code=1000)):
        step = replace(step, code=1000)
    simplify_text(step.reason, lambda reason: search.accepts_step(index, replace(step, reason=reason)))


def _shorter_wait(search: Search, index: int, seconds: float) -> None:
    shorter = [usual for usual in SECONDS if usual < seconds]

    def attempt(wanted: float) -> bool:
        return search.accepts_step(index, Wait(float(wanted)))

    # The wait as it is stands after the shorter ones.
    place = least(-1, len(shorter), lambda place: attempt(shorter[place]))
    high = shorter[place] if place < len(shorter) else seconds
    low = shorter[place - 1] if place > 0 else 0
    if low >= 1 and high > low + 1:
        least(int(low), int(high) if high == int(high) else int(high) + 1, attempt)


def plainer_profile(search: Search) -> None:
    """Let the network take everything at once."""
    search.accepts(replace(search.best, profile=Profile()))


# --- the order of steps ----------------------------------------------------------------------------------------------


def simpler_order(search: Search) -> None:
    """Put together what one client does, and number the clients in the order in which they come."""
    best = search.best
    grouped = sorted(_turns(best.steps), key=lambda turn: turn[0])
    search.accepts(replace(best, steps=_joined(grouped)))
    while any(search.accepts(candidate) for candidate in _moved(search.best)):
        pass
    search.accepts(_numbered(search.best))


_Turn: TypeAlias = tuple[int, tuple[Step, ...]]


def _turns(steps: tuple[Step, ...]) -> list[_Turn]:
    """Runs of steps of one client. A wait belongs to the step before it."""
    turns: list[_Turn] = []
    for step in steps:
        before = turns[-1][0] if turns else NOBODY
        client = before if isinstance(step, Wait) else step.client
        if turns and client == before:
            turns[-1] = (client, (*turns[-1][1], step))
        else:
            turns.append((client, (step,)))
    return turns


def _joined(turns: Iterable[_Turn]) -> tuple[Step, ...]:
    return tuple(step for _, steps in turns for step in steps)


def _moved(scenario: Scenario) -> Iterator[Scenario]:
    """Each turn brought to the one before it of the same client; then that one brought to it."""
    turns = _turns(scenario.steps)
    for index, (client, _) in enumerate(turns):
        before = max((at for at in range(index) if turns[at][0] == client), default=index)
        if before < index:
            between = turns[before + 1 : index]
            early = [*turns[: before + 1], turns[index], *between, *turns[index + 1 :]]
            late = [*turns[:before], *between, turns[before], *turns[index:]]
            yield replace(scenario, steps=_joined(early))
            yield replace(scenario, steps=_joined(late))


def _numbered(scenario: Scenario) -> Scenario:
    order = list(dict.fromkeys(step.client for step in scenario.steps if isinstance(step, Connect)))
    numbers = {client: number for number, client in enumerate(order)}
    clients = tuple(scenario.clients[client] for client in order)
    return replace(scenario, clients=clients, steps=renumbered(scenario.steps, numbers))
