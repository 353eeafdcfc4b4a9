"""The scenarios with which the search of a route begins: what is to be tried in any case, chance or no chance.

Every configured close code, by a client that has said nothing and by one that has; every offer of subprotocols.
"""

from __future__ import annotations

from dataclasses import replace

from wsreplay.generation.handshakes import offers
from wsreplay.generation.options import Options
from wsreplay.generation.reading import knowledge
from wsreplay.model import Close, Connect, Endpoint, Scenario, Send, Step


def openings(endpoint: Endpoint, options: Options, first: Scenario) -> tuple[Scenario, ...]:
    """A client that connects and says nothing, which shows what every session of the route does; then scenarios in
    which clients come one after another, and each says goodbye with a code of its own.

    The clients are like the first one of `first`; every other one sends its first message, if it has one.
    """
    route = endpoint.route
    client = first.clients[0]
    payload = next(((step.kind, step.data) for step in first.steps if isinstance(step, Send)), None)
    offered = offers(route, knowledge(endpoint)) or ((),)
    codes = options.close_codes or (1000,)
    visits = [(code, said) for code in codes for said in ((None, payload) if payload is not None else (None,))]
    count = max(len(visits), len(offered))
    size = options.max_clients
    made = [Scenario(route.path, (client,), (Connect(0),))]
    for start in range(0, count, size):
        numbers = range(start, min(start + size, count))
        clients = tuple(replace(client, subprotocols=offered[number % len(offered)]) for number in numbers)
        steps: list[Step] = []
        for place, number in enumerate(numbers):
            code, said = visits[number % len(visits)]
            steps += [Connect(place), *([Send(place, *said)] if said is not None else []), Close(place, code)]
        made.append(Scenario(route.path, clients, tuple(steps)))
    return tuple(made)
