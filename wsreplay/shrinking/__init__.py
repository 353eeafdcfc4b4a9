"""Shrinking: from a scenario that fails to the simplest that still does, on the scenario itself.

Deterministic and without Hypothesis, so that it serves recorded and imported scenarios as well as generated ones. A
pass proposes simpler scenarios, from what a reader gains most from to what he gains least; the order in `order` says
what is simpler. Nothing here runs a scenario: that is the caller's predicate.
"""

from __future__ import annotations

import contextlib

from wsreplay.model import Scenario
from wsreplay.shrinking.forms import only_clients, well_formed
from wsreplay.shrinking.frames import plainer_frames, smaller_frames
from wsreplay.shrinking.handshakes import plainer_handshakes
from wsreplay.shrinking.history import merge, reduce_history
from wsreplay.shrinking.order import size
from wsreplay.shrinking.payloads import plainer_payloads, smaller_payloads
from wsreplay.shrinking.search import Late, OutOfTime, Search, StillFails
from wsreplay.shrinking.shared import plainer_shared
from wsreplay.shrinking.steps import fewer_clients, fewer_steps, plainer_ends, plainer_profile, simpler_order

__all__ = [
    "OutOfTime",
    "StillFails",
    "merge",
    "only_clients",
    "reduce_history",
    "shrink",
    "size",
    "trim",
    "well_formed",
]

TRIES = 1000
"""Scenarios that one shrinking tries at most, whatever its caller allows."""

_PASSES = (
    fewer_clients,
    fewer_steps,
    smaller_payloads,
    plainer_shared,
    smaller_frames,
    plainer_frames,
    plainer_payloads,
    plainer_ends,
    plainer_handshakes,
    plainer_profile,
    simpler_order,
)


def shrink(scenario: Scenario, still_fails: StillFails, out_of_time: OutOfTime, tries: int = TRIES) -> Scenario:
    """Return the simplest scenario found for which `still_fails` holds, as it does for `scenario`.

    No scenario is tried twice, and the result is one that was tried (or `scenario`). `out_of_time` is asked before each
    try; once it is true, or after so many tries, the best so far is returned. Otherwise the passes are repeated until
    none finds anything simpler.
    """
    search = Search(scenario, still_fails, out_of_time, tries)
    with contextlib.suppress(Late):
        before = None
        while search.best is not before:
            before = search.best
            for one_pass in _PASSES:
                one_pass(search)
    return search.best


def trim(scenario: Scenario, still_shows: StillFails, out_of_time: OutOfTime, tries: int = TRIES) -> Scenario:
    """The scenario without the clients and steps that what it shows does not need: once through, for it only has to
    become short, not plain.
    """
    search = Search(scenario, still_shows, out_of_time, tries)
    with contextlib.suppress(Late):
        fewer_clients(search)
        fewer_steps(search)
    return search.best
