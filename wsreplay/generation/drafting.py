"""A scenario while it is changed, and what can be done to it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice, takewhile
from typing import TypeAlias

from wsreplay.generation import edges, payloads
from wsreplay.generation.alterations import altered, turned
from wsreplay.generation.binary import Frames
from wsreplay.generation.dice import Dice
from wsreplay.generation.doubling import doubled
from wsreplay.generation.options import Options
from wsreplay.generation.payloads import Again
from wsreplay.generation.pieces import LOOKED_AT, MOST_PIECES
from wsreplay.generation.sharpening import sharpened
from wsreplay.generation.steps import goodbye, seconds
from wsreplay.model import Client, Close, Drop, Pause, Scenario, Send, Step, Wait

Hear: TypeAlias = Callable[[str | bytes], None]

Says: TypeAlias = Callable[[Client], payloads.Payload]
"""Gives the next message of a client: what is said depends on where he is."""

_MOST_COMPARED = 8
_MOST_DOUBLED = 5
_MOST_INSISTING = 12
_NUMBER = re.compile(r"(?<!\{\{word:)(?<!~)-?\b\d+(?:\.\d+)?\b")


@dataclass(frozen=True, slots=True)
class Talk:
    """How the clients of one scenario talk: what one `says` next, and what else may stand somewhere in a message, so
    that it is said `again`. They `hear` what was said before, and `behave` where it matters that they are understood.
    """

    says: Says
    hear: Hear
    again: Again
    behave: Callable[[], None]


class Draft:
    """A scenario while it is changed; it need not be well formed."""

    def __init__(
        self,
        sample: Scenario,
        others: Sequence[Scenario],
        options: Options,
        dice: Dice,
        talk: Talk,
        frames: Frames | None = None,
        waits: tuple[float, ...] = (),
    ) -> None:
        self.clients: list[Client] = list(sample.clients)
        self.steps: list[Step] = list(sample.steps)
        self._others = others
        self._options = options
        self._dice = dice
        self._talk = talk
        self._frames = frames
        self._waits = waits

    def _say(self, client: int) -> payloads.Payload:
        return self._talk.says(self.clients[client])

    def _place(self) -> int:
        return self._dice.below(len(self.steps) + 1)

    def _sends(self) -> list[tuple[int, Send]]:
        """The messages, each with where it is."""
        return [(index, step) for index, step in enumerate(self.steps) if isinstance(step, Send)]

    def _speaker(self) -> int:
        """A client to say something: mostly one that has, and the more often the more it has said."""
        senders = [step.client for _, step in self._sends()]
        return self._dice.pick(senders) if senders and not self._dice.one_in(4) else self._dice.below(len(self.clients))

    def _leaving(self) -> list[Step]:
        """Takes away, and gives, what the scenario ends with: waits, and clients that leave."""
        start = len(self.steps)
        while start and isinstance(self.steps[start - 1], Close | Drop | Wait):
            start -= 1
        leaving = self.steps[start:]
        del self.steps[start:]
        return leaving

    def _go_on(self, messages: int, *before: Step) -> None:
        leaving = self._leaving()
        self.steps += before
        for _ in range(messages):
            client = self._speaker()
            self.steps.append(Send(client, *self._say(client)))
        self.steps += leaving

    def extend(self) -> None:
        """Before anybody leaves one to four messages more are sent: from where the sample got to, further on."""
        self._go_on(1 + self._dice.below(4))

    def proceed(self) -> None:
        """One message more is sent."""
        self._go_on(1)

    def tarry(self) -> None:
        """Time passes; then one message more is sent."""
        self._go_on(1, Wait(seconds(self._dice, self._waits)))

    def insist(self) -> None:
        """The last message is sent again and again."""
        if sends := self._sends():
            last, step = sends[-1]
            self.steps[last:last] = [step] * (2 + self._dice.below(_MOST_INSISTING))

    def take_turns(self) -> None:
        """Those who are in one place say the last message one after the other, as far as it goes round."""
        sends = self._sends()
        last, step = sends[-1] if sends else (0, Send(0, "text", ""))
        where = self.clients[step.client].path
        others = [one for one, client in enumerate(self.clients) if client.path == where and one != step.client]
        if not sends or not others:
            self.extend()
            return
        # Those who came after the one who speaks, then those before.
        others.sort(key=lambda one: one < step.client)
        turns = [*others, step.client][: 1 + self._dice.below(len(others) + 1)]
        self.steps[last + 1 : last + 1] = [replace(step, client=one) for one in turns]

    def abandon(self) -> None:
        """Somebody leaves; then the others go on, or time passes."""
        dice = self._dice
        self._leaving()
        client = dice.below(len(self.clients))
        self.steps.append(Drop(client) if dice.one_in(2) else goodbye(dice, client, self._options.close_codes))
        others = [one for one in range(len(self.clients)) if one != client]
        for _ in range(1 + dice.below(2) if others else 0):
            other = dice.pick(others)
            self.steps.append(Send(other, *self._say(other)))
        if dice.one_in(2):
            self.steps.append(Wait(seconds(dice, self._waits)))

    def alter(self) -> None:
        """One message becomes another, mostly by one leaf."""
        sends = self._sends()
        if sends:
            index, step = self._dice.pick(sends)
            payload = altered(step, self._dice, partial(self._say, step.client), self._talk.again, self._frames)
            self.steps[index] = Send(step.client, *payloads.fitted(payload, self._options.max_message_size))
        else:
            self.insert()

    def splice(self) -> None:
        """The rest of another sample follows the beginning of this one."""
        other = self._dice.pick(self._others)
        start = self._dice.below(len(other.steps) + 1)
        self.steps[self._place() :] = other.steps[start:]
        self.clients.extend(other.clients[len(self.clients) :])

    def detour(self) -> None:
        """Where another sample has gone another way from somewhere on, its way is gone before the rest of this one, or
        after it.
        """
        found: tuple[int, tuple[Step, ...]] = (0, ())
        for _ in range(_MOST_COMPARED):
            other = self._dice.pick(self._others)
            shared = _shared(self.steps, other.steps)
            if found[0] < shared < len(other.steps):
                found = (shared, other.steps[shared:])
                self.clients.extend(other.clients[len(self.clients) :])
        shared, way = found
        if not any(isinstance(step, Send) for step in self.steps[:shared]):
            self.extend()
            return
        leaving = self._leaving()
        place = min(shared, len(self.steps)) if self._dice.one_in(2) else len(self.steps)
        self.steps[place:place] = [step for step in way if not isinstance(step, Close | Drop)]
        self.steps += leaving

    def omit(self) -> None:
        """One to three steps are left out."""
        start = self._place()
        del self.steps[start : start + 1 + self._dice.below(3)]

    def repeat(self) -> None:
        """One to three steps happen again, up to three times."""
        start = self._place()
        self.steps[start:start] = self.steps[start : start + 1 + self._dice.below(3)] * (1 + self._dice.below(3))

    def drum(self) -> None:
        """One message is sent again and again, as often as is allowed."""
        if sends := self._sends():
            index, step = self._dice.pick(sends)
            most = self._dice.pick((self._options.max_messages, self._options.most_messages))
            self.steps[index:index] = [step] * (2 + self._dice.below(most))

    def heap(self) -> None:
        """One message is sent two or three times with a number in it that is too large for a sum of so many."""
        numbered = [
            (index, step, step.data, numbers)
            for index, step in self._sends()
            if isinstance(step.data, str)
            and (numbers := list(islice(_NUMBER.finditer(step.data, 0, LOOKED_AT), MOST_PIECES)))
        ]
        if numbered:
            index, step, data, numbers = self._dice.pick(numbered)
            number = self._dice.pick(numbers)
            larger = data[: number.start()] + self._dice.pick(edges.LARGE) + data[number.end() :]
            self.steps[index : index + 1] = [replace(step, data=larger)] * (2 + self._dice.below(2))
        else:
            self._heap_frames()

    def _heap_frames(self) -> None:
        framed = [(index, step) for index, step in self._sends() if isinstance(step.data, bytes)]
        index, step = self._dice.pick(framed) if framed else (0, Send(0, "text", ""))
        sharp = self._sharp_frame(step.data) if isinstance(step.data, bytes) else None
        if sharp is None:
            self.drum()
        else:
            self.steps[index : index + 1] = [replace(step, data=sharp)] * (2 + self._dice.below(2))

    def sharpen(self) -> None:
        """One value is at the edge of what it can be: in one message, or wherever it was said."""
        sends = self._sends()
        index, step = self._dice.pick(sends) if sends else (0, Send(0, "bytes", b""))
        if isinstance(step.data, bytes) and (frame := self._sharp_frame(step.data)) is not None:
            self.steps[index] = replace(step, data=frame)
            return
        if not isinstance(step.data, str) or (sharp := sharpened(step.data, self._dice)) is None:
            self.alter()
            return
        if sharp.whole and self._dice.one_in(2):
            for at, one in sends:
                if isinstance(one.data, str):
                    self.steps[at] = replace(one, data=one.data.replace(sharp.old, sharp.new))
        self.steps[index] = replace(step, data=sharp.text)

    def _sharp_frame(self, data: bytes) -> bytes | None:
        return self._frames.sharpened(data, self._dice) if self._frames else None

    def pause(self) -> None:
        """A client stops reading."""
        self.steps.insert(self._place(), Pause(self._dice.below(len(self.clients))))

    def swap(self) -> None:
        """Two steps change places."""
        if self.steps:
            one, two = self._dice.below(len(self.steps)), self._dice.below(len(self.steps))
            self.steps[one], self.steps[two] = self.steps[two], self.steps[one]

    def insert(self) -> None:
        """A new message, or a wait, comes in between."""
        dice = self._dice
        client = self._speaker()
        step: Step = Wait(seconds(dice, self._waits)) if dice.one_in(8) else Send(client, *self._say(client))
        self.steps.insert(self._place(), step)

    def precede(self) -> None:
        """Before the last message, which is what led somewhere, one or two others are sent. Half of the time they say
        something else of the same things as an earlier one: what was begun is ended, what was made is taken away.
        """
        sends = self._sends()
        for _ in range(1 + self._dice.below(2)):
            earlier = self._dice.pick(sends)[1] if sends else None
            client = earlier.client if earlier is not None else 0
            payload = self._say(client)
            if earlier is not None and self._dice.one_in(2):
                payload = turned(earlier, payload)
            place = sends[-1][0] if sends else len(self.steps)
            self.steps.insert(place, Send(client, *payloads.fitted(payload, self._options.max_message_size)))

    def leave(self) -> None:
        """A goodbye becomes another, or someone leaves early."""
        dice = self._dice
        leaving = [(index, step.client) for index, step in enumerate(self.steps) if isinstance(step, Close | Drop)]
        if leaving and not dice.one_in(3):
            index, client = dice.pick(leaving)
            del self.steps[index]
        else:
            index, client = self._place(), dice.below(len(self.clients))
        drops = dice.one_in(3)
        self.steps.insert(index, Drop(client) if drops else goodbye(dice, client, self._options.close_codes))

    def double(self) -> None:
        """A new client does what one of the others has done so far, under another name; then they go on."""
        dice = self._dice
        client = self._speaker()
        sends = self._sends()
        own = [(index, step) for index, step in sends if step.client == client][: 1 + dice.below(_MOST_DOUBLED)]
        if not own or len(self.clients) >= self._options.max_clients:
            self.reassign()
            return
        place = 1 + (own[-1][0] if dice.one_in(2) else sends[-1][0])
        self.steps[place:place] = doubled([step for _, step in own], len(self.clients), dice, self._talk.again)
        self.clients.append(self.clients[client])
        if dice.one_in(2):
            self.extend()

    def reassign(self) -> None:
        """From some step on another client says what was said; it may be a new one, like one of the known."""
        dice = self._dice
        if len(self.clients) < self._options.max_clients and dice.one_in(2):
            self.clients.append(dice.pick(self.clients))
        start, client = self._place(), dice.below(len(self.clients))
        for index in range(start, len(self.steps)):
            step = self.steps[index]
            if isinstance(step, Send):
                self.steps[index] = replace(step, client=client)


def _shared(one: Sequence[Step], other: Sequence[Step]) -> int:
    """How many steps two scenarios begin with that are the same."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


Operation: TypeAlias = Callable[[Draft], None]

FOLLOWING: tuple[tuple[Operation, ...], ...] = (
    (Draft.extend,),
    (Draft.detour,),
    (Draft.proceed,),
    (Draft.proceed,),
    (Draft.proceed,),
    (Draft.proceed, Draft.insist),
    (Draft.abandon,),
    (Draft.take_turns,),
    (Draft.take_turns, Draft.abandon),
    (Draft.double,),
    (Draft.tarry,),
    (Draft.sharpen, Draft.proceed),
    (Draft.heap, Draft.proceed),
)
"""How a scenario that was the first to get somewhere is gone on from, in turn."""

LENGTHENING: frozenset[Operation] = frozenset((Draft.drum, Draft.insist))
"""Operations that may make a scenario longer than others are."""

OPERATIONS: tuple[Operation, ...] = (
    Draft.extend,
    Draft.alter,
    Draft.extend,
    Draft.splice,
    Draft.alter,
    Draft.omit,
    Draft.repeat,
    Draft.drum,
    Draft.heap,
    Draft.pause,
    Draft.swap,
    Draft.insert,
    Draft.precede,
    Draft.precede,
    Draft.detour,
    Draft.detour,
    Draft.leave,
    Draft.reassign,
    Draft.double,
    Draft.take_turns,
)
