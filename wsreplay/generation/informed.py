"""Messages for a handler of which something is known: mostly well formed, often with one thing wrong.

JSON is put together as text, like in `payloads`. What a scenario has said before is said again often: the same name
twice, the same id twice.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from json.encoder import encode_basestring_ascii as quote

from wsreplay.generation import edges, grammars, payloads, tables, values, variations
from wsreplay.generation.binary import Frames
from wsreplay.generation.dice import Dice
from wsreplay.generation.echoes import Echoes, named_in, names_a_thing, symbol
from wsreplay.generation.knowledge import Knowledge, Scalar, Shape
from wsreplay.generation.payloads import Payload

_USUAL, _ORDERLY, _WILD = range(3)
_MOODS = (_USUAL, _USUAL, _USUAL, _ORDERLY, _ORDERLY, _ORDERLY, _WILD, _WILD)
"""Of a whole scenario: an orderly one gets far into a protocol, a wild one tries what no protocol foresees."""

_MISFITS = (20, 0, 56)
"""How often, in 256, a frame is of the other kind, by mood."""

_UNFRAMED = (64, 16, 64)
"""How often, in 256, a binary message is no frame that the handler is known to read, by mood."""

_FAULTS = (72, 16, 96)
"""How often, in 256, a message has one thing wrong, by mood."""

_ADVANCES = (1, 1, 1, 0, 1, 2, 1, 1)
_WORDY = 6
"""One value in so many is a word of the user's dictionary, where there is one."""

_GRAMMATICAL = 3
"""One free text in so many is in a grammar by which the app reads texts, where it does."""

_MAX_HEARD = 4096
_LONGEST = 64
"""Items that an array has at most."""

_WHOLE, _WITHOUT, _ODD, _STRANGE, _INSIDE = range(5)


class Speaker:
    """Says messages that a handler with this knowledge should understand. One speaker serves one scenario."""

    def __init__(self, knowledge: Knowledge, dice: Dice, echoes: Echoes | None = None) -> None:
        self._knowledge = knowledge
        self._dice = dice
        self._echoes = echoes or _SILENCE
        self._said: dict[str, list[str]] = {}
        self._texts: list[str] = []
        self._turns: dict[str, int] = {}
        self._words = knowledge.words
        self._joins = False
        self._mood = dice.pick(_MOODS)
        self._frames = Frames(knowledge, self._mood == _ORDERLY)

    def behave(self) -> None:
        """Be orderly in this scenario."""
        self._mood = _ORDERLY

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
        if self._mood == _WILD and self._dice.one_in(2):
            return payloads.of_kind(kind, self._dice)
        if kind == "text":
            return kind, self._text()
        if kind == "json":
            return kind, self._document()
        if self._knowledge.json_in_bytes and not self._dice.one_in(4):
            return kind, self._document().encode()
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
        echoes, self._echoes = self._echoes, _SILENCE
        try:
            return self._plain(self._value(name, shape, wrong=kind == 6))
        finally:
            self._echoes = echoes

    def value(self, name: str, shape: Shape) -> str:
        """A value of this shape as JSON text, wrong as often as a message is."""
        return self._value(name, shape, wrong=self._dice.odds(_FAULTS[self._mood]))

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
        if not shape or (self._mood != _ORDERLY and dice.one_in(8)):
            return payloads.document(dice)
        spare = values.ENOUGH - values.variety(shape)
        if spare > 0 and dice.below(values.ENOUGH) < spare:
            return self._value("", shape, wrong=True) if dice.one_in(2) else payloads.document(dice)
        return self._value("", shape, wrong=dice.odds(_FAULTS[self._mood]))

    def _value(self, name: str, shape: Shape, wrong: bool) -> str:
        """A value of this shape as JSON text; with one thing wrong somewhere in it if `wrong`."""
        if shape.rows is not None or (shape.coded is not None and not (wrong and self._dice.one_in(2))):
            return quote(self._holding(name, shape, wrong))
        if shape.keys:
            if shape.item is not None and "list" in shape.uses and self._dice.one_in(4):
                return self._array(name, shape.item if shape.item.keys else replace(shape, item=None), wrong)
            return self._object(shape, wrong)
        if shape.samples and not wrong and (sample := self._sample(shape)) is not None:
            return quote(sample)
        if values.spelled(shape) and not wrong:
            return values.word(self._dice, shape)
        if shape.words and not wrong and not (shape.uses and self._dice.one_in(2)):
            # A part of a text that is split once more.
            return quote(self._split(shape))
        if shape.places:
            return self._tuple(name, shape, wrong)
        if shape.item is not None and ("list" in shape.uses or "str" not in shape.uses):
            # Otherwise the items are the letters of a text.
            return self._array(name, shape.item, wrong)
        if wrong:
            return values.wrong(self._dice, shape)
        if (repeated := self._repeated(name, shape)) is not None:
            return repeated
        value = self._echo(name, shape) or self._other(shape) or self._leaf(name, shape)
        self._said.setdefault(name, []).append(value)
        if value.startswith('"') and not shape.constants:
            self._texts.append(value)
        return value

    def _repeated(self, name: str, shape: Shape) -> str | None:
        """Often what was said under this name before; where there are constants, now and then what is none of them."""
        said, dice = self._said.get(name), self._dice
        if not said or not dice.one_in(4 if shape.constants else 2):
            return None
        if shape.constants:
            known = [json.dumps(one) for one in shape.constants]
            said = [one for one in said if one not in known]
        return dice.pick(said) if said else None

    def _echo(self, name: str, shape: Shape) -> str | None:
        """Now and then, and mostly where the names agree, a symbol for what the app has said before."""
        echoes, dice = self._echoes, self._dice
        if not echoes or any(shape.constants):
            return None
        if name.isdigit() or name in ("", " "):
            # A part of a text: its name is its place.
            return quote(symbol("word", dice.pick(echoes.words))) if echoes.words and dice.one_in(6) else None
        if close := echoes.close_to(name):
            return quote(symbol("reply", dice.pick(close))) if dice.odds(160) else None
        if "int" in shape.uses and not shape.numbers and echoes.numbers and dice.one_in(6):
            return quote(symbol("reply", dice.pick(echoes.numbers)))
        often = 4 if names_a_thing(name) else 24
        return quote(symbol("reply", dice.pick(echoes.names))) if echoes.names and dice.one_in(often) else None

    def _sample(self, shape: Shape) -> str | None:
        """Often a text of a sample's form where it has one; now and then the sample where it has none."""
        dice = self._dice
        sample = dice.pick(shape.samples)
        if variations.formed(sample):
            return variations.varied(dice, sample) if dice.one_in(2) else None
        return sample if not shape.constants and dice.one_in(8) else None

    def _other(self, shape: Shape) -> str | None:
        """Now and then a text that was said under another name: a name to a friend's, an owner to a member's."""
        fits = self._texts and not shape.constants and "int" not in shape.uses
        return self._dice.pick(self._texts) if fits and self._dice.one_in(5) else None

    def _object(self, shape: Shape, wrong: bool) -> str:
        dice = self._dice
        victim = dice.below(len(shape.keys)) if wrong else -1
        fault = 1 + dice.below(4) if wrong else _WHOLE
        members: list[str] = []
        for number, (key, inner) in enumerate(shape.keys):
            hit = number == victim
            spare = not hit and not inner.required and not inner.constants
            if (hit and fault == _WITHOUT) or (spare and dice.one_in(4)):
                continue
            if hit and fault == _ODD:
                value = dice.pick(edges.SCALARS)
            elif hit and fault == _STRANGE:
                value = payloads.value(dice, 1)
            else:
                value = self._value(key, inner, wrong=hit)
            members.append(f"{quote(key)}: {value}")
        if dice.one_in(32):
            key = dice.pick(self._words if self._wordy() else edges.KEYS)
            members.append(f"{quote(key)}: {payloads.value(dice, 1)}")
        return "{" + ", ".join(members) + "}"

    def _holding(self, name: str, shape: Shape, wrong: bool) -> str:
        """A text that holds something else: the rows of a table, or a value in some coding."""
        dice, rows = self._dice, shape.rows
        if shape.coded is not None:
            coding, inner = shape.coded
            if inner.chunks and not dice.one_in(4):
                return tables.coded(coding, dice.pick(inner.chunks))
            said = self._value(name, inner, wrong)
            return tables.coded(coding, (said if coding == "json" else self._plain(said)).encode())
        if rows is None or not rows.keys:
            return "\n".join([self._split(rows or Shape()) for _ in range(dice.below(4))])
        return tables.table(
            dice,
            [column for column, _ in rows.keys],
            rows.separator or ",",
            lambda column: self._plain(self._value(*rows.keys[column], wrong=dice.one_in(8))),
        )

    def _array(self, name: str, item: Shape, wrong: bool) -> str:
        count = self._dice.below(4)
        victim = self._dice.below(count) if wrong and count else -1
        return "[" + ", ".join([self._value(name, item, wrong=number == victim) for number in range(count)]) + "]"

    def _tuple(self, name: str, shape: Shape, wrong: bool) -> str:
        """An array whose items are known one by one; as long as they are, or as it is compared with."""
        dice = self._dice
        length = len(shape.places)
        if shape.lengths and dice.one_in(4):
            length = min(dice.pick(shape.lengths), _LONGEST)
        if wrong and dice.one_in(2):
            length = max(0, length + dice.pick((-1, 1)))
            wrong = False
        victim = dice.below(length) if wrong and length else -1
        spare = shape.item or Shape()
        items = [*shape.places, *([spare] * (length - len(shape.places)))][:length]
        items_said = [
            self._value(f"{name}[{number}]", item, wrong=number == victim) for number, item in enumerate(items)
        ]
        return "[" + ", ".join(items_said) + "]"

    def _leaf(self, name: str, shape: Shape) -> str:
        if shape.constants and values.is_constant(self._dice, shape.constants):
            return json.dumps(self._chosen(name, shape.constants))
        if self._wordy():
            return quote(self._dice.pick(self._words))
        return self._in_grammar(shape) or values.value(self._dice, name, shape)

    def _in_grammar(self, shape: Shape) -> str | None:
        """Often a text in the grammar that this one is read by; now and then one that another, free, may be read by."""
        dice = self._dice
        if shape.grammars:
            return quote(dice.pick(grammars.TEXTS[dice.pick(shape.grammars)])) if dice.one_in(2) else None
        free = self._knowledge.grammars and set(shape.uses) <= {"str"} and not (shape.numbers or shape.patterns)
        if free and dice.one_in(_GRAMMATICAL):
            return quote(dice.pick(grammars.TEXTS[dice.pick(self._knowledge.grammars)]))
        return None

    def _chosen(self, name: str, constants: tuple[Scalar, ...]) -> Scalar:
        """One of the constants; in an orderly scenario mostly the one after the last, as the source has them."""
        dice = self._dice
        if self._mood != _ORDERLY or len(constants) == 1 or dice.one_in(4):
            return dice.pick(constants)
        if name not in self._turns:
            # Where a known scenario goes on is not where one begins.
            self._turns[name] = dice.below(len(constants)) if self._joins else -1
        turn = self._turns[name] + dice.pick(_ADVANCES)
        self._turns[name] = turn
        return constants[turn % len(constants)]

    def _wordy(self) -> bool:
        return bool(self._words) and self._dice.one_in(_WORDY)

    # --- text ---

    def _text(self) -> str:
        shape, dice = self._knowledge.text, self._dice
        if self._wordy():
            word = dice.pick(self._words)
            return dice.pick((word, f"{word} {payloads.text(dice)}", f"{payloads.text(dice)} {word}"))
        if not shape or (self._mood != _ORDERLY and dice.one_in(6)):
            return payloads.text(dice)
        if (shape.rows or shape.coded) and not dice.one_in(4):
            return self._plain(self._value("", shape, wrong=dice.odds(_FAULTS[self._mood])))
        if shape.patterns and not dice.one_in(3):
            return self._plain(self._leaf("", Shape(patterns=shape.patterns)))
        literals = (*shape.prefixes, *(str(one) for one in shape.constants))
        if literals and not (shape.words and dice.one_in(2)):
            # However few there are, they leave room for other texts.
            if dice.below(max(values.ENOUGH, len(literals) + 1)) < len(literals):
                return self._command(shape, str(self._chosen(" ", literals)))
            if not shape.words:
                other = replace(shape, constants=())
                return payloads.text(dice) if dice.one_in(2) else self._plain(self._leaf("", other))
        return self._split(shape) if shape.words else self._plain(self._leaf("", shape))

    def _command(self, shape: Shape, literal: str) -> str:
        """A literal by itself, or what follows it if it is a prefix."""
        if literal not in shape.prefixes or self._dice.one_in(6):
            return literal
        return literal + (self._split(shape) if shape.words and self._dice.one_in(2) else self._argument())

    def _split(self, shape: Shape) -> str:
        """The parts that the handler splits a text into, at its separator; sometimes one too few or too many."""
        dice = self._dice
        wrong = dice.odds(_FAULTS[self._mood])
        words = list(shape.words)
        named = len(words) == 2 and values.named(words[1])
        if len(words) == 2 and words[1] and not words[0] and (named or dice.one_in(2)):
            # Of a loop over all parts only one is known, and each is like it.
            words = words[1:] * (1 if named else 1 + dice.below(3))
        elif len(words) > 2 and words[0].constants and dice.one_in(2):
            # Some command has the most arguments; the others have fewer.
            words = words[: 1 + dice.below(len(words))]
        if wrong:
            words = dice.pick((words[:-1], [*words, Shape()], words[:1], words))
        parts: list[str] = []
        for number, word in enumerate(words):
            odd = wrong and dice.one_in(3)
            parts += (
                self._pairs(word, odd)
                if values.named(word)
                else [self._plain(self._value(str(number), word, wrong=odd))]
            )
        return (shape.separator or " ").join(parts)

    def _pairs(self, shape: Shape, wrong: bool) -> list[str]:
        """Names and what they stand for, as the lines of a header have them; most of those that are known."""
        dice = self._dice
        known = [(name, inner) for name, inner in shape.keys if inner.required or not dice.one_in(8)]
        pairs = [
            f"{name}{shape.separator or ' '}{self._plain(self._value(name, inner, wrong and dice.one_in(2)))}"
            for name, inner in ((name, inner.places[0] if inner.places else inner) for name, inner in known)
        ]
        return [*pairs, payloads.text(dice)] if wrong and dice.one_in(2) else pairs

    def _argument(self) -> str:
        return self._plain(self._value(" ", Shape(), wrong=False))

    def _plain(self, value: str) -> str:
        """A JSON value as it stands in plain text: strings without their quotes, and without lone surrogates."""
        text = str(json.loads(value)) if value.startswith('"') else value
        return text if text.isascii() else text.encode(errors="replace").decode()


_SILENCE = Echoes()
