"""What a scenario needs of those before it: the fewest of them, and one scenario that does what they all did."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from wsreplay.model import Client, Close, Connect, Drop, Profile, Scenario, Step, Wait
from wsreplay.shrinking.chunks import without_pieces
from wsreplay.shrinking.search import OutOfTime


def merge(earlier: Sequence[Scenario], final: Scenario) -> Scenario:
    """One scenario in which the clients of `earlier` come first, one scenario after the other, then those of `final`.

    Clients of `earlier` that did not leave do so at the end of their scenario, as they did when it ran alone.
    """
    clients: list[Client] = []
    steps: list[Step] = []
    for scenario in earlier:
        steps.extend(_shifted(scenario, len(clients)))
        steps.extend(Close(index + len(clients)) for index in _still_there(scenario))
        clients.extend(scenario.clients)
    steps.extend(_shifted(final, len(clients)))
    suspend = any(one.profile.sends == "suspend" for one in (*earlier, final))
    profile = Profile("suspend") if suspend else final.profile
    return replace(final, clients=(*clients, *final.clients), steps=tuple(steps), profile=profile)


def _shifted(scenario: Scenario, offset: int) -> list[Step]:
    return [step if isinstance(step, Wait) else replace(step, client=step.client + offset) for step in scenario.steps]


def _still_there(scenario: Scenario) -> list[int]:
    came = {step.client for step in scenario.steps if isinstance(step, Connect)}
    return sorted(came - {step.client for step in scenario.steps if isinstance(step, Close | Drop)})


def reduce_history(
    history: Sequence[Scenario],
    final: Scenario,
    still_fails: Callable[[tuple[Scenario, ...]], bool],
    out_of_time: OutOfTime,
) -> tuple[Scenario, ...] | None:
    """Return the fewest of `history` (in order) with which `still_fails`; None where not even all of them do.

    Looked at first are the last ones, more of them each time, and those that went where a client of `final` goes:
    there it mostly lies, and to run the whole history takes long.
    """
    tried: dict[tuple[int, ...], bool] = {}

    def shows(kept: tuple[int, ...]) -> bool:
        if kept not in tried:
            tried[kept] = bool(kept) and still_fails(tuple(history[index] for index in kept))
        return tried[kept]

    def attempt(kept: tuple[int, ...]) -> bool:
        return not out_of_time() and shows(kept)

    every = tuple(range(len(history)))
    paths = {client.path for client in final.clients}
    near = tuple(index for index in every if any(client.path in paths for client in history[index].clients))
    kept = next((some for some in (*_endings(near), *_endings(every)) if attempt(some)), every)
    if not shows(kept):
        return None
    before: tuple[int, ...] = ()
    while kept != before:
        before = kept
        kept = without_pieces(kept, attempt, pieces=len(kept))
    return tuple(history[index] for index in kept)


def _endings(numbers: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """The last one, the last four, and so on, up to all."""
    length = 1
    while length < len(numbers):
        yield numbers[-length:]
        length *= 4
    yield numbers
