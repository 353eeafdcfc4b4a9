"""Makes any steps well formed, by leaving out what cannot be done and adding the connects that are missing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from wsreplay.generation.options import Options
from wsreplay.generation.payloads import fitted
from wsreplay.model import Client, Close, Connect, Drop, Pause, Resume, Scenario, Send, Step, Wait


def repaired(scenario: Scenario, options: Options, most: int | None = None) -> Scenario:
    """The nearest well-formed scenario within the bounds; `most` is another bound for its messages.

    A step of a client that has not connected connects it first; what a client does after it left, a second connect,
    a pause while paused, a resume while reading, and messages beyond the bounds in number or size are left out. Clients
    that never connect are left out and the others renumbered in order; when nobody connects, the first client does.
    """
    most = most or options.max_messages
    walk = _Walk(len(scenario.clients), options, most)
    steps = walk.through(scenario.steps) or walk.through((Connect(0),))
    numbers = {client: number for number, client in enumerate(sorted(walk.known))}
    clients = tuple(scenario.clients[client] for client in numbers)
    return replace(scenario, clients=clients, steps=tuple(_renumbered(step, numbers) for step in steps))


def _renumbered(step: Step, numbers: dict[int, int]) -> Step:
    if isinstance(step, Wait):
        return step
    number = numbers[step.client]
    return step if number == step.client else replace(step, client=number)


class _Walk:
    def __init__(self, clients: int, options: Options, most: int) -> None:
        self._clients = clients
        self._messages = most
        self._size = options.max_message_size
        self._room = options.max_clients
        self._gone: set[int] = set()
        self._paused: set[int] = set()
        self.known: set[int] = set()

    def through(self, steps: Iterable[Step]) -> list[Step]:
        kept: list[Step] = []
        for step in steps:
            if isinstance(step, Wait) or (self._enter(step.client, kept) and self._possible(step)):
                kept.append(step)
        return kept if self.known else []

    def _enter(self, client: int, kept: list[Step]) -> bool:
        if client in self.known:
            return client not in self._gone
        if not 0 <= client < self._clients or len(self.known) >= self._room:
            return False
        self.known.add(client)
        kept.append(Connect(client))
        return True

    def _possible(self, step: Step) -> bool:
        match step:
            case Send(_, kind, data) if self._messages and fitted((kind, data), self._size) == (kind, data):
                self._messages -= 1
                return True
            case Pause(client) if client not in self._paused:
                self._paused.add(client)
                return True
            case Resume(client) if client in self._paused:
                self._paused.remove(client)
                return True
            case Close(client) | Drop(client):
                self._gone.add(client)
                return True
        return False


def with_headers(client: Client, headers: tuple[tuple[str, str], ...]) -> Client:
    """The client with these headers in front; its own of the same names give way."""
    names = {name.lower() for name, _ in headers}
    own = tuple(header for header in client.headers if header[0].lower() not in names)
    return replace(client, headers=headers + own)
