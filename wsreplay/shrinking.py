"""Shrinking: from a scenario that fails to the smallest that still does, on the scenario itself.

Deterministic and without Hypothesis, so that it serves recorded and imported scenarios as well as generated ones. The
passes go from what a reader gains most from to what he gains least: clients, steps, payloads, ends, peers, profile.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from wsreplay.model import Client, Close, Connect, Drop, Pause, Profile, Resume, Scenario, Send, Step, Wait

StillFails = Callable[[Scenario], bool]
OutOfTime = Callable[[], bool]


class _Late(Exception):  # noqa: N818 - no error
    """The time is up."""


class _Search:
    def __init__(self, scenario: Scenario, still_fails: StillFails, out_of_time: OutOfTime) -> None:
        self.best = scenario
        self._still_fails = still_fails
        self._out_of_time = out_of_time
        self._tried = {scenario}

    def accepts(self, candidate: Scenario) -> bool:
        """Try a candidate once; keep it when it still fails."""
        if candidate in self._tried:
            return False
        self._tried.add(candidate)
        if not well_formed(candidate):
            return False
        if self._out_of_time():
            raise _Late
        if not self._still_fails(candidate):
            return False
        self.best = candidate
        return True


def shrink(scenario: Scenario, still_fails: StillFails, out_of_time: OutOfTime) -> Scenario:
    """Return the smallest scenario found for which `still_fails` holds, as it does for `scenario`.

    `out_of_time` is asked before each try; once it is true the best so far is returned.
    """
    search = _Search(scenario, still_fails, out_of_time)
    try:
        while True:
            before = search.best
            for one_pass in _PASSES:
                one_pass(search)
            if search.best == before:
                break
    except _Late:
        pass
    return search.best


def well_formed(scenario: Scenario) -> bool:
    """Whether each client connects once before all else, does nothing after it left, and resumes what it paused."""
    state: dict[int, str] = {}
    for step in scenario.steps:
        if isinstance(step, Wait):
            continue
        if not 0 <= step.client < len(scenario.clients):
            return False
        now = state.get(step.client, "")
        if isinstance(step, Connect):
            if now:
                return False
            state[step.client] = "open"
        elif now in ("", "gone"):
            return False
        elif isinstance(step, Close | Drop):
            state[step.client] = "gone"
        elif isinstance(step, Pause):
            if now == "paused":
                return False
            state[step.client] = "paused"
        elif isinstance(step, Resume):
            if now != "paused":
                return False
            state[step.client] = "open"
    return len(state) == len(scenario.clients)


def merge(earlier: Sequence[Scenario], final: Scenario) -> Scenario:
    """One scenario in which the clients of `earlier` come first, one scenario after the other, then those of `final`."""
    clients: list[Client] = []
    steps: list[Step] = []
    for scenario in (*earlier, final):
        offset = len(clients)
        clients.extend(scenario.clients)
        gone: set[int] = set()
        for step in scenario.steps:
            if isinstance(step, Close | Drop):
                gone.add(step.client)
            steps.append(step if isinstance(step, Wait) else replace(step, client=step.client + offset))
        if scenario is not final:
            steps.extend(Close(index + offset) for index in range(len(scenario.clients)) if index not in gone)
    suspend = any(one.profile.sends == "suspend" for one in (*earlier, final))
    profile = Profile("suspend") if suspend else final.profile
    return replace(final, clients=tuple(clients), steps=tuple(steps), profile=profile)


def reduce_history(
    history: Sequence[Scenario],
    final: Scenario,
    still_fails: Callable[[tuple[Scenario, ...]], bool],
    out_of_time: OutOfTime,
) -> tuple[Scenario, ...]:
    """Return the fewest of `history` (in order) with which `still_fails`; all of them is known to do."""
    size = 1
    kept = tuple(history)
    while size < len(kept):
        if out_of_time():
            return kept
        if still_fails(kept[-size:]):
            kept = kept[-size:]
            break
        size *= 2
    return _ddmin(kept, still_fails, out_of_time)


def _ddmin(
    items: tuple[Any, ...], still_fails: Callable[[tuple[Any, ...]], bool], out_of_time: OutOfTime
) -> tuple[Any, ...]:
    chunk = max(len(items) // 2, 1)
    while items:
        start, shorter = 0, False
        while start < len(items):
            if out_of_time():
                return items
            candidate = items[:start] + items[start + chunk :]
            if still_fails(candidate):
                items, shorter = candidate, True
            else:
                start += chunk
        if chunk == 1 and not shorter:
            break
        chunk = max(chunk // 2, 1)
    return items


# --- passes ----------------------------------------------------------------------------------------------------------


def _without_clients(search: _Search) -> None:
    for number in reversed(range(len(search.best.clients))):
        if len(search.best.clients) > 1 and number < len(search.best.clients):
            search.accepts(_without_client(search.best, number))


def _without_client(scenario: Scenario, number: int) -> Scenario:
    steps: list[Step] = []
    for step in scenario.steps:
        if isinstance(step, Wait):
            steps.append(step)
        elif step.client != number:
            steps.append(replace(step, client=step.client - (step.client > number)))
    clients = scenario.clients[:number] + scenario.clients[number + 1 :]
    return replace(scenario, clients=clients, steps=tuple(steps))


def _without_steps(search: _Search) -> None:
    chunk = max(len(search.best.steps) // 2, 1)
    while True:
        start = len(search.best.steps)
        while start > 0:
            steps = search.best.steps
            begin = max(start - chunk, 0)
            kept = [step for step in steps[begin:start] if isinstance(step, Connect)]
            search.accepts(replace(search.best, steps=(*steps[:begin], *kept, *steps[start:])))
            start = begin
        if chunk == 1:
            return
        chunk = max(chunk // 2, 1)


def _simpler_payloads(search: _Search) -> None:
    index = 0
    while index < len(search.best.steps):
        step = search.best.steps[index]
        if isinstance(step, Send):
            _simplify(search, index)
        index += 1


def _simplify(search: _Search, index: int) -> None:
    progress = True
    while progress:
        progress = False
        for candidate in _simpler_messages(search.best.steps[index]):  # type: ignore[arg-type]
            if search.accepts(_with_step(search.best, index, candidate)):
                progress = True
                break


def _with_step(scenario: Scenario, index: int, step: Step) -> Scenario:
    return replace(scenario, steps=(*scenario.steps[:index], step, *scenario.steps[index + 1 :]))


def _simpler_messages(send: Send) -> Iterator[Send]:
    if isinstance(send.data, bytes):
        for data in _shorter(send.data, b"", b"\x00"):
            yield replace(send, data=data)
        return
    for value in _json_of(send.data):
        for text in _simpler_json_texts(value, send.data):
            yield replace(send, data=text)
        return
    if send.kind == "json":
        yield replace(send, kind="text")
    for data in _shorter(send.data, "", "a"):
        yield replace(send, data=data)


def _json_of(text: str) -> Iterator[Any]:
    if text[:1] in ("{", "["):
        try:
            yield json.loads(text)
        except (ValueError, RecursionError):
            return


def _simpler_json_texts(value: Any, text: str) -> Iterator[str]:
    size = len(text)
    seen = {text}
    plain = json.dumps(value)
    for simpler in (value, *_simpler_values(value)):
        shown = plain if simpler is value else json.dumps(simpler)
        if shown not in seen and (len(shown) <= size or simpler is value):
            seen.add(shown)
            yield shown
    for shown in _shorter(text, "", ""):
        if len(shown) < 4:
            yield shown


def _simpler_values(value: Any) -> Iterator[Any]:
    """Simpler values of the same JSON, the simplest first."""
    if isinstance(value, dict):
        if value:
            yield {}
        yield from (child for child in value.values() if isinstance(child, dict | list))
        for key in value:
            yield {name: inner for name, inner in value.items() if name != key}
        for key, inner in value.items():
            for simpler in _simpler_values(inner):
                yield {**value, key: simpler}
        for key in value:
            if len(key) > 1 and "a" not in value:
                yield {("a" if name == key else name): inner for name, inner in value.items()}
    elif isinstance(value, list):
        if value:
            yield []
        for index in range(len(value)):
            yield value[:index] + value[index + 1 :]
        for index, inner in enumerate(value):
            for simpler in _simpler_values(inner):
                yield [*value[:index], simpler, *value[index + 1 :]]
    elif isinstance(value, str):
        yield from _shorter(value, "", "a")
    elif isinstance(value, bool):
        if value:
            yield False
    elif isinstance(value, float):
        yield from (0, 1)
        if value == value and abs(value) < 1e15 and value != int(value):
            yield int(value)
    elif isinstance(value, int):
        yield from _smaller(value)


def _smaller(value: int) -> Iterator[int]:
    if value:
        yield 0
        if value < 0:
            yield -value
        step = abs(value) // 2
        while step:
            yield value - step if value > 0 else value + step
            step //= 2


def _shorter(data: Any, empty: Any, plain: Any) -> Iterator[Any]:
    """Shorter pieces of text or bytes, then plainer ones."""
    if not data:
        return
    yield empty
    chunk = len(data) // 2
    while chunk:
        for start in range(0, len(data), chunk):
            yield data[:start] + data[start + chunk :]
        if chunk == 1:
            break
        chunk //= 2
    if plain and len(data) <= 64:
        for index in range(len(data)):
            if data[index : index + 1] > plain or data[index : index + 1] < plain:
                candidate = data[:index] + plain + data[index + 1 :]
                if _weight(candidate) < _weight(data):
                    yield candidate


def _weight(data: Any) -> tuple[int, int]:
    if isinstance(data, bytes):
        return len(data), sum(data)
    strange = sum(
        0 if "a" == one else 1 if one.isascii() and one.isalnum() else 2 if one.isprintable() else 3 for one in data
    )
    return len(data), strange


def _simpler_ends(search: _Search) -> None:
    for index in range(len(search.best.steps)):
        if index >= len(search.best.steps):
            return
        step = search.best.steps[index]
        if isinstance(step, Close):
            for simpler in (Close(step.client), replace(step, reason=""), replace(step, code=1000)):
                search.accepts(_with_step(search.best, index, simpler))
        elif isinstance(step, Drop):
            search.accepts(_with_step(search.best, index, Close(step.client)))
        elif isinstance(step, Wait):
            for seconds in (1.0, 5.0, 10.0, 30.0, 60.0):
                if seconds < step.seconds and search.accepts(_with_step(search.best, index, Wait(seconds))):
                    break


def _simpler_clients(search: _Search) -> None:
    for index in range(len(search.best.clients)):
        client = search.best.clients[index]
        simpler = [
            replace(client, headers=(), subprotocols=(), query=""),
            replace(client, subprotocols=()),
            replace(client, subprotocols=client.subprotocols[:1]),
            replace(client, query=""),
            *(
                replace(client, headers=client.headers[:at] + client.headers[at + 1 :])
                for at in range(len(client.headers))
            ),
            *(replace(client, path=other.path, query=other.query) for other in search.best.clients[:index]),
        ]
        for candidate in simpler:
            clients = (*search.best.clients[:index], candidate, *search.best.clients[index + 1 :])
            search.accepts(replace(search.best, clients=clients))


def _simpler_profile(search: _Search) -> None:
    if search.best.profile != Profile():
        search.accepts(replace(search.best, profile=Profile()))


_PASSES = (_without_clients, _without_steps, _simpler_payloads, _simpler_ends, _simpler_clients, _simpler_profile)
