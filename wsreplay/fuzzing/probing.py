"""Who a search's clients say they are, and the scenarios that ask whether the app cares: a client without credentials,
one with wrong ones, one that comes from a page of another site.

The latter are made from the first scenarios that the app has accepted, so that nothing else is wrong with them.
"""

from __future__ import annotations

from dataclasses import replace

from wsreplay import checks
from wsreplay.config import Settings
from wsreplay.identity import PLACEHOLDER, Identity, anonymous, identified
from wsreplay.model import Accepted, Closed, Connect, Scenario, Send, Step, Transcript, Wait
from wsreplay.workers.judging import options_of

EVIL = "https://evil.example"
"""The page of another site; the name is reserved (RFC 2606)."""

TRIALS = 5
"""Accepted scenarios of a route that are tried without credentials and from a foreign page."""

SILENCE = 60.0
"""Seconds of the virtual clock for which an app that only pushes is given time to."""

STRANGERS = 16
"""One in so many scenarios is left without credentials: how an app refuses, it can do wrong."""


def introduced(scenario: Scenario, identity: Identity, number: int) -> Scenario:
    """The scenario, the `number`th of a search, with clients that give their credentials, most of the time."""
    return anonymous(scenario, identity) if number % STRANGERS == STRANGERS - 1 else identified(scenario, identity)


class Probes:
    """The scenarios that ask whether one route lets anybody in. False once it is known, or where nobody wants to."""

    def __init__(self, settings: Settings) -> None:
        self._identity = settings.identity
        self._secret = settings.credentials
        self._real_time = settings.clock == "real"
        chosen = {check.name for check in checks.select(options_of(settings))}
        self._wants = tuple(
            name
            for name, wanted in (("ignored_auth", bool(self._secret)), ("missing_origin_check", True))
            if wanted and name in chosen
        )
        self._left = TRIALS if self._wants else 0

    def __bool__(self) -> bool:
        return self._left > 0

    def of(self, scenario: Scenario, transcript: Transcript) -> tuple[Scenario, ...]:
        """What to try next, after a scenario of which this came: nothing unless the app accepted a client."""
        client = _accepted(transcript)
        if client is None:
            return ()
        self._left -= 1
        alone = self._alone(scenario, client)
        made = []
        if "ignored_auth" in self._wants:
            made.append(self._pair(alone) if self._identity.messages else self._without(alone))
        if "missing_origin_check" in self._wants:
            made.append(_from_elsewhere(alone))
        return tuple(made)

    def _alone(self, scenario: Scenario, client: int) -> Scenario:
        """What one client of the scenario does, with its credentials, and a long silence."""
        said = [replace(step, client=0) for step in scenario.steps if type(step) is Send and step.client == client]
        steps: list[Step] = [Connect(0), *said]
        if not self._real_time:
            steps.append(Wait(SILENCE))
        alone = replace(scenario, clients=(scenario.clients[client],), steps=tuple(steps))
        return identified(alone, self._identity) if self._identity else alone

    def _without(self, alone: Scenario) -> Scenario:
        if self._identity:
            return anonymous(alone, self._identity)
        (client,) = alone.clients
        kept = tuple(header for header in client.headers if header[1] not in self._secret)
        return replace(alone, clients=(replace(client, headers=kept),))

    def _pair(self, alone: Scenario) -> Scenario:
        """The client, and one that sends the same without its secrets, one after the other."""
        bare = replace(self._identity, messages=())
        stranger = anonymous(alone, bare).clients[0] if bare else alone.clients[0]
        one = [step for step in alone.steps if type(step) is Connect or type(step) is Send]
        other = [replace(step, client=1, data=_wrong(step.data)) if type(step) is Send else Connect(1) for step in one]
        return replace(alone, clients=(*alone.clients, stranger), steps=(*one, *other))


def _wrong(data: str | bytes) -> str | bytes:
    """A message with something else in the place of what is secret in it."""
    return PLACEHOLDER.sub("wrong", data) if isinstance(data, str) and "{{message:" in data else data


def _from_elsewhere(alone: Scenario) -> Scenario:
    (client,) = alone.clients
    headers = tuple(header for header in client.headers if header[0].lower() != "origin")
    return replace(alone, clients=(replace(client, headers=(*headers, ("origin", EVIL))),))


def _accepted(transcript: Transcript) -> int | None:
    """The first client that the app accepted and did not close."""
    closed = {event.client for event in transcript.events if type(event) is Closed and event.origin == "app"}
    accepted = (event.client for event in transcript.events if type(event) is Accepted)
    return next((client for client in accepted if client not in closed), None)
