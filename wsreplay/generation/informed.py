"""Messages for a handler of which something is known: mostly well formed, often with one thing wrong."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from json.encoder import encode_basestring_ascii as quote

from wsreplay.generation import edges, payloads, values
from wsreplay.generation.binary import Frames
from wsreplay.generation.dice import Dice
from wsreplay.generation.echoes import Echoes, named_in
from wsreplay.generation.knowledge import Knowledge, Shape
from wsreplay.generation.packing import packed
from wsreplay.generation.payloads import Payload
from wsreplay.generation.saying import FAULTS, ORDERLY, SILENCE, WILD, Saying

_MISFITS = (20, 0, 56)
"""How often, in 256, a frame is of the other kind, by mood."""

_UNFRAMED = (64, 16, 64)
"""How often, in 256, a binary message is no frame that the handler is known to read, by mood."""

_MAX_HEARD = 4096
_MOST_WORDS = 8


class Speaker(Saying):
    """Says messages that a handler with this knowledge should understand. One speaker serves one scenario."""

    def __init__(self, knowledge: Knowledge, dice: Dice, echoes: Echoes | None = None) -> None:
        super().__init__(knowledge, dice, echoes)
        self._frames = Frames(knowledge, self._mood == ORDERLY, self._echoes.binary)

    def behave(self) -> None:
        """Be orderly in this scenario."""
        self._mood = ORDERLY

    def beside(self, knowledge: Knowledge) -> Speaker:
        """One who speaks to another handler in the same scenario, of the same things and in the same mood."""
        other = Speaker(knowledge, self._dice, self._echoes)
        other._said, other._texts, other._mood = self._said, self._texts, self._mood
        return other

    def message(self) -> Payload:
        """A message of a kind that the handler receives; once in sixteen of the other."""
        kinds = self._knowledge.kinds
        if not kinds:
            return payloads.message(self._dice)
        if self._dice.odds(_MISFITS[self._mood]):
            return payloads.misfit(kinds, self._dice)
        kind = kinds[0] if len(kinds) == 1 else self._dice.pick(kinds)
        if self._mood == WILD and self._dice.one_in(2):
            return payloads.of_kind(kind, self._dice)
        if kind == "text":
            return kind, self._text()
        if kind == "json":
            return kind, self._document()
        if self._knowledge.json_in_bytes and not self._dice.one_in(4):
            return kind, self._document().encode()
        if self._knowledge.packed and not self._dice.one_in(8):
            return kind, packed(self._document(), self._dice)
        if self._frames and not self._dice.odds(_UNFRAMED[self._mood]):
            return kind, self._frames.frame(self._dice)
        return kind, payloads.blob(self._dice)

    def answer(self, name: str, shape: Shape) -> str:
        """A text for a query parameter, a header or a cookie."""
        dice = self._dice
        kind = dice.below(8)
        if kind == 7:
            return dice.pick(edges.TEXTS)
        # Before a client is connected nothing has been said to it.
        echoes, self._echoes = self._echoes, SILENCE
        try:
            return self._plain(self._value(name, shape, wrong=kind == 6))
        finally:
            self._echoes = echoes

    def value(self, name: str, shape: Shape) -> str:
        """A value of this shape as JSON text, wrong as often as a message is."""
        return self._value(name, shape, wrong=self._dice.odds(FAULTS[self._mood]))

    def again(self, path: Sequence[str | int]) -> str | None:
        """Another value, as JSON text, for what stands at `path` in a document; None where nothing is known of it."""
        shape, name = self._knowledge.json, ""
        for part in path:
            inner: Shape | None
            if isinstance(part, str):
                name, inner = part, dict(shape.keys).get(part)
            else:
                inner = shape.places[part] if part < len(shape.places) else shape.item
            if not inner:
                return None
            shape = inner
        return self._value(name, shape, wrong=self._dice.one_in(4))

    def hear(self, data: str | bytes) -> None:
        """Take note of what a message of a known scenario says, to say it again under the same names."""
        self._joins = True
        if isinstance(data, bytes):
            self._frames.hear(data)
        elif data[:1] == "{" and len(data) <= _MAX_HEARD:
            try:
                document = json.loads(data)
            except (ValueError, RecursionError):
                return
            for name, value in document.items():
                if isinstance(value, str | int):
                    self._said.setdefault(name, []).append(json.dumps(value))
        elif len(data) <= _MAX_HEARD:
            for name, text in named_in(data):
                self._said.setdefault(name, []).append(quote(text))
            self._hear_words(data)

    def _hear_words(self, text: str) -> None:
        """Take note of a command's arguments, by their places."""
        shape = self._knowledge.text
        if not shape.words:
            return
        for place, word in enumerate(text.split(shape.separator or None)[:_MOST_WORDS]):
            if place and word:
                for use in ("", "int") if word.isdigit() else ("", "str"):
                    self._said.setdefault(f"{place}{use}", []).append(quote(word))
                self._texts.append(quote(word))

    def follow(self, data: str | bytes) -> None:
        """Go on from what a message says: where the handler knows its constants in an order, with the one after it."""
        for name, shape in self._knowledge.json.keys:
            for number, one in enumerate(shape.constants):
                if isinstance(data, str) and json.dumps(one) in data and name in data:
                    self._turns[name] = number

    # --- JSON ---

    def _document(self) -> str:
        shape, dice = self._knowledge.json, self._dice
        if not shape and self._wordy():
            word = quote(dice.pick(self._words))
            return dice.pick((word, f"[{word}]", f"{{{word}: {payloads.value(dice, 1)}}}"))
        if not shape or (self._mood != ORDERLY and dice.one_in(8)):
            return payloads.document(dice)
        spare = values.ENOUGH - values.variety(shape)
        if spare > 0 and dice.below(values.ENOUGH) < spare:
            return self._value("", shape, wrong=True) if dice.one_in(2) else payloads.document(dice)
        return self._value("", shape, wrong=dice.odds(FAULTS[self._mood]))

    # --- text ---

    def _text(self) -> str:
        """A text message, mostly with what it ends with."""
        suffixes = self._knowledge.text.suffixes
        return self._command_line() + (self._dice.pick(suffixes) if suffixes and not self._dice.one_in(8) else "")

    def _command_line(self) -> str:
        shape, dice = self._knowledge.text, self._dice
        if self._wordy():
            word = dice.pick(self._words)
            return dice.pick((word, f"{word} {payloads.text(dice)}", f"{payloads.text(dice)} {word}"))
        if not shape or (self._mood != ORDERLY and dice.one_in(6)):
            return payloads.text(dice)
        if (shape.rows or shape.coded) and not dice.one_in(4):
            return self._plain(self._value("", shape, wrong=dice.odds(FAULTS[self._mood])))
        if shape.patterns and not dice.one_in(3):
            return self._plain(self._leaf("", Shape(patterns=shape.patterns, groups=shape.groups)))
        literals = (*shape.prefixes, *(str(one) for one in shape.constants))
        if literals and not (shape.words and dice.one_in(2)):
            # However few there are, they leave room for other texts.
            if dice.below(max(values.ENOUGH, len(literals) + 1)) < len(literals):
                return self._command(shape, str(self._chosen(" ", literals)))
            if not shape.words:
                other = replace(shape, constants=())
                return payloads.text(dice) if dice.one_in(2) else self._plain(self._leaf("", other))
        return self._led(shape) + self._split(shape) if shape.words else self._plain(self._leaf("", shape))

    def _led(self, shape: Shape) -> str:
        """What a text mostly begins with whose first word is known without it: the slash of `/join lobby`."""
        commands = [one for one in shape.words[0].constants if isinstance(one, str)]
        prefixes = [one for one in shape.prefixes if not any(command.startswith(one) for command in commands)]
        return self._dice.pick(prefixes) if prefixes and commands and not self._dice.one_in(4) else ""
