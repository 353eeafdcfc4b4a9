"""Scenarios of Socket.IO servers: clients that open the session, join namespaces and send events, mostly as the
protocol wants it, and against it.

Engine.IO 4 and Socket.IO 5: https://socket.io/docs/v4/engine-io-protocol/ and
https://socket.io/docs/v4/socket-io-protocol/. A packet is a text; a binary event is followed by frames of bytes.
"""

from __future__ import annotations

from json.encoder import encode_basestring_ascii as quote

from wsreplay.generation.dice import Dice
from wsreplay.generation.handshakes import Draw, Handshakes
from wsreplay.generation.informed import Speaker
from wsreplay.generation.knowledge import Heard, Knowledge, Shape
from wsreplay.generation.options import Options
from wsreplay.generation.payloads import Payload, fitted
from wsreplay.generation.steps import Say, Stage
from wsreplay.model import Endpoint, Profile, Scenario, Send, Step

_ODD_PACKETS = (
    *("2", "3", "41", "6", "5", "1", "0", "4", "44", "45", "49", "42", "42[]", "42{}", "42null", "42[1]", "42[null]"),
    *('42["unknown"]', '42["connect"]', '42["disconnect"]', "43[]", "430[]", '430["a"]', '4299999999999["unknown"]'),
    *(
        '451-["unknown",{"_placeholder":true,"num":0}]',
        '451-[{"_placeholder":true,"num":9}]',
        "40/unknown,",
        "41/unknown,",
    ),
)
_PLACEHOLDER = '{"_placeholder":true,"num":0}'
_LIFECYCLE = ("connect", "disconnect")


class EventConversations:
    """Writes the scenarios of a Socket.IO route, of whose listeners something is known or not."""

    def __init__(self, endpoint: Endpoint, options: Options, handshakes: Handshakes, known: Knowledge) -> None:
        self._path = endpoint.route.path
        self._options = options
        self._handshakes = handshakes
        self._waits = known.waits
        self._events = tuple(event for event in known.events if event.name not in _LIFECYCLE)
        self._logins = {event.namespace: event.arguments[:1] for event in known.events if event.name == "connect"}

    def scenario(self, dice: Dice, draw: Draw, say: Say, speaker: Speaker) -> Scenario:
        """A scenario in which every client begins with the session of the main namespace, or nearly."""
        count = 1
        if self._options.max_clients > 1 and dice.one_in(3):
            count = 2 + dice.below(self._options.max_clients - 1)
        clients = self._handshakes.clients(dice, draw, count, speaker.answer)
        stage = Stage(dice, count, self._options.close_codes, self._waits)
        # Who says something, and when, is the stage's affair; what, depends on what he has said before.
        steps = stage.perform(1 + dice.below(self._options.max_messages), lambda _: ("text", ""))
        talks = [_Talk(self._events, self._logins, dice, say, speaker) for _ in clients]
        said: list[Step] = []
        for step in steps:
            if isinstance(step, Send):
                step = Send(step.client, *fitted(talks[step.client].message(), self._options.max_message_size))  # noqa: PLW2901
            said.append(step)
        profile = Profile("suspend") if dice.odds(64) else Profile()
        return Scenario(self._path, clients, tuple(said), profile)


class _Talk:
    """One client's part of a scenario."""

    def __init__(
        self,
        events: tuple[Heard, ...],
        logins: dict[str, tuple[Shape, ...]],
        dice: Dice,
        say: Say,
        speaker: Speaker,
    ) -> None:
        self._events = events
        self._logins = logins
        self._dice = dice
        self._say = say
        self._speaker = speaker
        self._joined: set[str] = set()
        self._pending: Payload | None = None
        self._last = -1
        self._acknowledged = 0

    def message(self) -> Payload:
        """The next frame."""
        if self._pending is not None:
            frame, self._pending = self._pending, None
            return frame
        dice = self._dice
        if dice.one_in(16):
            return ("text", dice.pick(_ODD_PACKETS)) if dice.one_in(2) else self._say()
        if not self._events:
            return "text", self._join("/") if "/" not in self._joined else dice.pick(_ODD_PACKETS)
        event = self._next()
        if event.namespace not in self._joined and not dice.one_in(16):
            self._joined.add(event.namespace)
            self._last -= 1
            return "text", self._join(event.namespace)
        return "text", self._event(event)

    def _next(self) -> Heard:
        """The event after the last one as the source has them, or any."""
        number = self._last + 1 if self._dice.one_in(2) else self._dice.below(len(self._events))
        self._last = number % len(self._events)
        return self._events[self._last]

    def _join(self, namespace: str) -> str:
        self._joined.add(namespace)
        login = self._logins.get(namespace, ())
        auth = self._speaker.value("auth", login[0]) if login and login[0] else ""
        if not auth and self._dice.one_in(8):
            auth = self._dice.pick(("{}", "null", '{"token": "a"}', "[]", '"a"', "1"))
        return f"40{_where(namespace)}{auth}"

    def _event(self, event: Heard) -> str:
        dice = self._dice
        name = event.name if event.name != "*" else dice.pick(("message", "a", ""))
        arguments = [self._speaker.value(f"argument {place}", shape) for place, shape in enumerate(event.arguments)]
        if dice.one_in(12):
            arguments = dice.pick(([], arguments[:-1], [*arguments, "null"]))
        if arguments and dice.one_in(24):
            self._pending = "bytes", dice.bytes(dice.below(5))
            return f"451-{_where(event.namespace)}[{quote(name)}, {_PLACEHOLDER}]"
        number = ""
        if dice.one_in(3):
            number = str(self._acknowledged)
            self._acknowledged += 1
        return f"42{_where(event.namespace)}{number}[{', '.join([quote(name), *arguments])}]"


def _where(namespace: str) -> str:
    return f"{namespace}," if namespace != "/" else ""
