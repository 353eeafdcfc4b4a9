"""The covering set: few scenarios that together show every feature. Pure and deterministic.

A scenario is interesting only for a feature that no kept one shows.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Sequence

from wsreplay.corpus.sketches import Sketch


def cover(candidates: Sequence[Collection[str]], on_record: Collection[str] = ()) -> list[int]:
    """The indices, ascending, of a small choice of `candidates` that shows every feature which any of them shows and
    which is not `on_record`.

    The greedy choice (most new features first, the earlier candidate among equals), less those that what was chosen
    after them made superfluous. V. Chvatal, 'A greedy heuristic for the set-covering problem' (1979), bounds it.
    """
    missing = set().union(*candidates).difference(on_record)
    wanted = [missing.intersection(features) for features in candidates]
    chosen: list[int] = []
    queue = [(-len(features), number) for number, features in enumerate(wanted) if features]
    heapq.heapify(queue)
    while missing:
        _, number = heapq.heappop(queue)
        new = len(wanted[number] & missing)
        # What a candidate adds only ever shrinks: one that still leads is the best.
        if queue and (-new, number) > queue[0]:
            heapq.heappush(queue, (-new, number))
            continue
        chosen.append(number)
        missing -= wanted[number]
    return sorted(_without_superfluous(chosen, wanted))


def _without_superfluous(chosen: list[int], wanted: list[set[str]]) -> list[int]:
    times: dict[str, int] = {}
    for number in chosen:
        for feature in wanted[number]:
            times[feature] = times.get(feature, 0) + 1
    kept = []
    for number in chosen:
        if all(times[feature] > 1 for feature in wanted[number]):
            for feature in wanted[number]:
                times[feature] -= 1
        else:
            kept.append(number)
    return kept


def keep(entries: Sequence[Sketch]) -> list[int]:
    """The indices, ascending, of the entries that a corpus cannot do without: every one with a finding or a state that
    people have set, and for each route a covering set for the features that those do not show.
    """
    kept = {number for number, entry in enumerate(entries) if not entry.bare}
    routes: dict[str, list[int]] = {}
    for number, entry in enumerate(entries):
        routes.setdefault(entry.route, []).append(number)
    for numbers in routes.values():
        shown = {feature for number in kept.intersection(numbers) for feature in entries[number].features}
        others = [number for number in numbers if number not in kept]
        chosen = cover([entries[number].features for number in others], shown)
        kept.update(others[index] for index in chosen)
    return sorted(kept)
