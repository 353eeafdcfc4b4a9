"""New scenarios out of known ones: splice, drop, repeat, swap, change a message or a goodbye, hand on."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import TypeAlias

from wsreplay.generation import edges, payloads
from wsreplay.generation.binary import Frames
from wsreplay.generation.dice import Dice
from wsreplay.generation.doubling import doubled
from wsreplay.generation.energy import Pool
from wsreplay.generation.options import Options
from wsreplay.generation.payloads import Again
from wsreplay.generation.pieces import LOOKED_AT, MOST_PIECES, places, written
from wsreplay.generation.repair import repaired, with_headers
from wsreplay.generation.sharpening import sharpened
from wsreplay.generation.steps import Say, goodbye, seconds
from wsreplay.model import Client, Close, Drop, Pause, Profile, Scenario, Send, Step, Wait

Hear: TypeAlias = Callable[[str | bytes], None]

Says: TypeAlias = Callable[[Client], payloads.Payload]
"""Gives the next message of a client: what is said depends on where he is."""

_SHARP = 6
"""One in so many mutations only takes one value to its edge: whatever led there is said as before."""
_MOST_DOUBLED = 5
_HEAD = re.compile(r"[^\[{]{0,32}(?=[\[{])")
_NUMBER = re.compile(r"-?\b\d+(?:\.\d+)?\b")
_VERB = re.compile(r"[\s:;,|=]")


class Mutator:
    """Makes mutations of `samples`, which all belong to one route. False when there is nothing to mutate. `frames` know
    how the handler reads bytes, `waits` are the seconds that its source speaks of.
    """

    def __init__(
        self,
        samples: Sequence[Scenario],
        options: Options,
        frames: Frames | None = None,
        waits: tuple[float, ...] = (),
    ) -> None:
        self._pool = Pool()
        self._waits = waits
        self._options = options
        self._frames = frames
        for sample in samples:
            self.add(sample)

    def __bool__(self) -> bool:
        return len(self._pool) > 0

    def add(self, sample: Scenario, features: Collection[str] = ()) -> None:
        """One more scenario to mutate, which was the first to show `features`."""
        if sample.clients:
            clients = tuple(with_headers(client, self._options.headers) for client in sample.clients)
            self._pool.add(replace(sample, clients=clients), features)

    def meet(self, features: Collection[str]) -> None:
        """Take note of what a scenario has shown: energy goes to what is rare."""
        self._pool.meet(features)

    def scenario(
        self, dice: Dice, says: Says, hear: Hear, again: Again, wanted: Callable[[Scenario], bool] | None = None
    ) -> Scenario:
        """One of the samples with one to three changes, well formed. Where some are `wanted` more, one that is not is
        mostly given a miss, and one in three scenarios just goes on.

        `hear` is told the messages of the sample, so that `says` and `again` can speak of the same things.
        """
        sample = self._pool.pick(dice)
        if wanted is not None and not wanted(sample) and not dice.one_in(4):
            sample = self._pool.pick(dice)
        for step in sample.steps:
            if type(step) is Send:
                hear(step.data)
        draft = Draft(sample, self._pool, self._options, dice, says, again, self._frames, self._waits)
        operations = [dice.pick(OPERATIONS) for _ in range(1 + dice.below(3))]
        if dice.one_in(_SHARP) and any(type(step) is Send and type(step.data) is str for step in sample.steps):
            operations = [Draft.sharpen]
        if wanted is not None and dice.one_in(3):
            operations = [Draft.extend]
        for operation in operations:
            operation(draft)
        profile = Profile(dice.pick(("immediate", "suspend"))) if dice.one_in(8) else sample.profile
        changed = Scenario(sample.route, tuple(draft.clients), tuple(draft.steps), profile)
        # What was long stays so; what repeats a message may be longer than others.
        options = self._options
        most = options.most_messages if Draft.drum in operations else options.max_messages
        return repaired(changed, options, max(most, min(sample.messages, options.most_messages)))


class Draft:
    """A scenario while it is changed; it need not be well formed."""

    def __init__(
        self,
        sample: Scenario,
        others: Sequence[Scenario],
        options: Options,
        dice: Dice,
        says: Says,
        again: Again,
        frames: Frames | None = None,
        waits: tuple[float, ...] = (),
    ) -> None:
        self.clients: list[Client] = list(sample.clients)
        self.steps: list[Step] = list(sample.steps)
        self._others = others
        self._options = options
        self._dice = dice
        self._says = says
        self._again = again
        self._frames = frames
        self._waits = waits

    def _say(self, client: int) -> payloads.Payload:
        return self._says(self.clients[client])

    def _place(self) -> int:
        return self._dice.below(len(self.steps) + 1)

    def _speaker(self) -> int:
        """A client to say something: mostly one that has, and the more often the more it has said."""
        senders = [step.client for step in self.steps if isinstance(step, Send)]
        return self._dice.pick(senders) if senders and not self._dice.one_in(4) else self._dice.below(len(self.clients))

    def extend(self) -> None:
        """Before anybody leaves one to four messages more are sent: from where the sample got to, further on."""
        leaving: list[Step] = []
        while self.steps and isinstance(self.steps[-1], Close | Drop | Wait):
            leaving.append(self.steps.pop())
        for _ in range(1 + self._dice.below(4)):
            client = self._speaker()
            self.steps.append(Send(client, *self._say(client)))
        self.steps.extend(reversed(leaving))

    def alter(self) -> None:
        """One message becomes another, mostly by one leaf."""
        sends = [(index, step) for index, step in enumerate(self.steps) if isinstance(step, Send)]
        if sends:
            index, step = self._dice.pick(sends)
            payload = altered(step, self._dice, partial(self._say, step.client), self._again, self._frames)
            self.steps[index] = Send(step.client, *payloads.fitted(payload, self._options.max_message_size))
        else:
            self.insert()

    def splice(self) -> None:
        """The rest of another sample follows the beginning of this one."""
        other = self._dice.pick(self._others)
        start = self._dice.below(len(other.steps) + 1)
        self.steps[self._place() :] = other.steps[start:]
        self.clients.extend(other.clients[len(self.clients) :])

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
        sends = [index for index, step in enumerate(self.steps) if isinstance(step, Send)]
        if sends:
            index = self._dice.pick(sends)
            most = self._dice.pick((self._options.max_messages, self._options.most_messages))
            self.steps[index:index] = [self.steps[index]] * (2 + self._dice.below(most))

    def heap(self) -> None:
        """One message is sent two or three times with a number in it that is too large for a sum of so many."""
        numbered = [
            (index, step, step.data, numbers)
            for index, step in enumerate(self.steps)
            if isinstance(step, Send)
            and isinstance(step.data, str)
            and (numbers := list(islice(_NUMBER.finditer(step.data, 0, LOOKED_AT), MOST_PIECES)))
        ]
        if numbered:
            index, step, data, numbers = self._dice.pick(numbered)
            number = self._dice.pick(numbers)
            larger = data[: number.start()] + self._dice.pick(edges.LARGE) + data[number.end() :]
            self.steps[index : index + 1] = [replace(step, data=larger)] * (2 + self._dice.below(2))
        else:
            self.drum()

    def sharpen(self) -> None:
        """One value is at the edge of what it can be: in one message, or wherever it was said."""
        sends = [(index, step) for index, step in enumerate(self.steps) if isinstance(step, Send)]
        index, step = self._dice.pick(sends) if sends else (0, Send(0, "bytes", b""))
        if not isinstance(step.data, str) or (sharp := sharpened(step.data, self._dice)) is None:
            self.alter()
            return
        if sharp.whole and self._dice.one_in(2):
            for at, one in sends:
                if isinstance(one.data, str):
                    self.steps[at] = replace(one, data=one.data.replace(sharp.old, sharp.new))
        self.steps[index] = replace(step, data=sharp.text)

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
        sends = [(index, step) for index, step in enumerate(self.steps) if isinstance(step, Send)]
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
        sends = [(index, step) for index, step in enumerate(self.steps) if isinstance(step, Send)]
        own = [(index, step) for index, step in sends if step.client == client][: 1 + dice.below(_MOST_DOUBLED)]
        if not own or len(self.clients) >= self._options.max_clients:
            self.reassign()
            return
        place = 1 + (own[-1][0] if dice.one_in(2) else sends[-1][0])
        self.steps[place:place] = doubled([step for _, step in own], len(self.clients), dice, self._again)
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


OPERATIONS: tuple[Callable[[Draft], None], ...] = (
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
    Draft.leave,
    Draft.reassign,
    Draft.double,
)


def altered(step: Send, dice: Dice, say: Say, again: Again, frames: Frames | None = None) -> payloads.Payload:
    """The message with one thing changed: a leaf of its JSON, a byte, a word; now and then another message."""
    if dice.one_in(8):
        return say()
    if isinstance(step.data, bytes):
        if frames is not None and frames and dice.one_in(2):
            return "bytes", frames.altered(step.data, dice)
        return "bytes", _bytes_altered(step.data, dice)
    return step.kind, _leaf_altered(step.data, dice, again) or _text_altered(step.data, dice)


def _verb(text: str) -> int:
    """Where the first word of a text ends."""
    found = _VERB.search(text)
    return found.start() if found is not None else len(text)


def turned(step: Send, other: payloads.Payload) -> payloads.Payload:
    """What a message says, but with the verb of another of its kind: its first word, byte, or text of its own in JSON.
    The other message where they have nothing in common.
    """
    data = other[1]
    if isinstance(step.data, bytes) or isinstance(data, bytes):
        if isinstance(step.data, bytes) and isinstance(data, bytes):
            return "bytes", data[:1] + step.data[1:]
        return other
    try:
        document, another = json.loads(step.data), json.loads(data)
    except (ValueError, RecursionError):
        verb = data[: _verb(data)]
        return step.kind, verb + step.data[_verb(step.data) :]
    if not isinstance(document, dict) or not isinstance(another, dict):
        return other
    for key, value in another.items():
        if isinstance(value, str) and isinstance(document.get(key), str) and document[key] != value:
            return step.kind, json.dumps(document | {key: value})
    return other


def _bytes_altered(data: bytes, dice: Dice) -> bytes:
    at = dice.below(len(data) + 1)
    return data[:at] + dice.bytes(dice.below(3)) + data[at + dice.below(3) :]


def _text_altered(text: str, dice: Dice) -> str:
    words = text.split(" ")
    index = dice.below(len(words))
    words[index : index + 1] = dice.pick(((payloads.text(dice),), (), (words[index],) * 2, (words[index][:-1],)))
    return " ".join(words)


def _leaf_altered(text: str, dice: Dice, again: Again) -> str | None:
    """JSON text with one value changed or left out; None where there is none to change. It may stand behind a short
    head, as the packets of Socket.IO do.
    """
    head = _HEAD.match(text)
    if head is None:
        return None
    try:
        document = json.loads(text[head.end() :])
        if not (known := places(document)):
            return None
        holder, key, path = place = dice.pick(known)
        if dice.one_in(6):
            del holder[key]
            return head[0] + json.dumps(document)
        value = (again(path) if dice.one_in(2) else None) or payloads.value(dice, 1)
        return head[0] + written(document, place, value)
    except (ValueError, RecursionError):
        # Broken, too deep, or with more digits than Python converts: not to be changed by its leaves.
        return None
