"""Single values for a handler of which something is known, and texts that are put together of them.

Values are JSON as text, like in `payloads`. What a scenario has said before is said again often: the same name twice,
the same id twice.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import partial
from json.encoder import encode_basestring_ascii as quote

from wsreplay.generation import edges, grammars, payloads, tables, values, variations
from wsreplay.generation.checksums import checked
from wsreplay.generation.dice import Dice
from wsreplay.generation.echoes import Echoes, names_a_thing, older, symbol
from wsreplay.generation.knowledge import Grammar, Knowledge, Scalar, Shape

USUAL, ORDERLY, WILD = range(3)
MOODS = (USUAL, USUAL, USUAL, ORDERLY, ORDERLY, ORDERLY, WILD, WILD)
"""Of a whole scenario: an orderly one gets far into a protocol, a wild one tries what no protocol foresees."""

FAULTS = (72, 16, 96)
"""How often, in 256, a message has one thing wrong, by mood."""

_RESPELLED = 20
"""One text in so many that is said again has other letters."""

_ELSEWHERE = 3
"""One word of a text in so many is one that was said in any place of a text."""

_LETTERS, _DIGITS = re.compile("[a-zA-Z]+"), re.compile("[0-9]+")
_WORDY = 6
"""One value in so many is a word of the user's dictionary, where there is one."""

_GRAMMATICAL = 3
"""One free text in so many is in a grammar by which the app reads texts, where it does."""

_LATELY = 7
"""Constants that were said before the last one, one of which may be the command that an object belongs to."""

_WHOLE, _WITHOUT, _ODD, _STRANGE, _INSIDE = range(5)


class Saying:
    """Says values, of one scenario and in its mood."""

    def __init__(self, knowledge: Knowledge, dice: Dice, echoes: Echoes | None = None) -> None:
        self._knowledge = knowledge
        self._dice = dice
        self._echoes = SILENCE if echoes is None else echoes
        self._said: dict[str, list[str]] = {}
        self._texts: list[str] = []
        self._turns: dict[str, int] = {}
        self._commands: list[str] = []
        self._words = knowledge.words
        self._joins = False
        self._mood = dice.pick(MOODS)

    def _value(self, name: str, shape: Shape, wrong: bool) -> str:
        """A value of this shape as JSON text; with one thing wrong somewhere in it if `wrong`."""
        if shape.rows is not None or (shape.coded is not None and not (wrong and self._dice.one_in(2))):
            return quote(self._holding(name, shape, wrong))
        if shape.keys:
            if shape.item is not None and "list" in shape.uses and self._dice.one_in(4):
                return self._array(name, shape, shape.item if shape.item.keys else replace(shape, item=None), wrong)
            return self._object(shape, wrong)
        if shape.samples and not wrong and (sample := variations.sample(self._dice, shape)) is not None:
            return quote(sample)
        if values.spelled(shape) and not wrong:
            return values.word(self._dice, shape)
        if shape.words and not wrong and not (shape.uses and self._dice.one_in(2)):
            # A part of a text that is split once more.
            led = shape.prefixes and not self._dice.one_in(8)
            # Its first part stands where it stands itself: `#hall` of `KICK #hall ann` is like that of `JOIN #hall`.
            rest = self._split(shape, int(name) if name.isdigit() else 0)
            return quote((self._dice.pick(shape.prefixes) if led else "") + rest)
        if shape.places:
            return self._tuple(name, shape, wrong)
        plain = "str" in shape.uses
        if shape.item is not None and (not plain or ("list" in shape.uses and self._dice.one_in(2))):
            # Otherwise the items are the letters of a text, or only one of two commands takes a list.
            return self._array(name, shape, shape.item, wrong)
        if wrong:
            return values.wrong(self._dice, shape)
        if (repeated := self._repeated(name, shape)) is not None:
            return repeated
        value = self._echo(name, shape) or self._other(name, shape) or self._leaf(name, shape)
        self._said.setdefault(_called(name, shape), []).append(value)
        if value.startswith('"') and json.loads(value) not in shape.constants:
            self._texts.append(value)
        return value

    def _repeated(self, name: str, shape: Shape) -> str | None:
        """Often what was said under this name before; where there are constants, now and then what is none of them."""
        dice = self._dice
        said = self._said.get(_called(name, shape))
        if name.isdigit() and not shape.uses and dice.one_in(_ELSEWHERE):
            # What stands second in one command stands first in another: `JOIN lobby ann`, `KICK ann`.
            said = self._said.get(dice.pick([place for place in self._said if place.isdigit()] or [name]))
        if not said or not dice.odds(self._faithful(shape)):
            return None
        if shape.constants:
            known = [json.dumps(one) for one in shape.constants]
            said = [one for one in said if one not in known]
        elif self._echoes and self._echoes.close_to(name) and not dice.one_in(4):
            # What the app has handed out under this name is rather said than what was made up before it had.
            said = [one for one in said if "{{" in one]
        return self._respelled(dice.pick(said)) if said else None

    def _faithful(self, shape: Shape) -> int:
        """How often, in 256, what was said before is said again. Who goes on mostly speaks of the same things, but not
        of as many.
        """
        if shape.constants:
            return 64
        if not self._joins:
            return 128
        return 96 if "int" in shape.uses or "float" in shape.uses else 176

    def _respelled(self, value: str) -> str:
        """What was said before, now and then in other letters or with a space: the same to whoever evens it out first,
        and something else to whoever has compared it before.
        """
        dice = self._dice
        if "{{" in value:
            # Of two things that are named together one was there before the other.
            return older(value, 1 + dice.below(2)) if dice.one_in(4) else value
        if not value.startswith('"') or not dice.one_in(_RESPELLED):
            return value
        text = json.loads(value)
        return quote(dice.pick((text.swapcase(), text + " ", text.upper(), " " + text)))

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
        if echoes.tokens and "int" not in shape.uses and dice.one_in(2 if names_a_thing(name) else 12):
            # Whatever it is called there: it was handed out to be said back.
            return quote(symbol("reply", dice.pick(echoes.tokens)))
        often = 4 if names_a_thing(name) else 24
        return quote(symbol("reply", dice.pick(echoes.names))) if echoes.names and dice.one_in(often) else None

    def _other(self, name: str, shape: Shape) -> str | None:
        """Now and then a text that was said under another name: a name to a friend's, an owner to a member's."""
        often = 16 if shape.constants else 5 if _called(name, shape) in self._said else 3
        if "int" in shape.uses or not self._texts or not self._dice.one_in(often):
            return None
        other = self._respelled(self._dice.pick(self._texts))
        # What a reply said is hardly ever a constant.
        return None if shape.constants and "{{" in other else other

    def _object(self, shape: Shape, wrong: bool) -> str:
        dice = self._dice
        victim = dice.below(len(shape.keys)) if wrong else -1
        fault = 1 + dice.below(4) if wrong else _WHOLE
        members: list[str] = []
        free = dice.one_in(16)
        for number, (key, inner) in enumerate(shape.keys):
            hit = number == victim
            spare = not hit and not inner.required and not inner.constants
            if (hit and fault == _WITHOUT) or (spare and dice.one_in(8 if shape.calls else 4)):
                continue
            if not hit and not free and key in self._foreign(shape):
                continue
            if hit and fault == _ODD:
                value = dice.pick(edges.SCALARS)
            elif hit and fault == _STRANGE:
                value = payloads.value(dice, 1)
            else:
                value = self._value(key, self._of_command(shape, inner), wrong=hit)
            members.append(f"{quote(key)}: {value}")
        if dice.one_in(32):
            key = dice.pick(self._words if self._wordy() else edges.KEYS)
            members.append(f"{quote(key)}: {payloads.value(dice, 1)}")
        return "{" + ", ".join(members) + "}"

    def _of_command(self, shape: Shape, inner: Shape) -> Shape:
        """What a key is with the command that was named last, where it is something else with others."""
        own = dict(inner.variants).get(self._command_in(shape) or "") if shape.calls and inner.variants else None
        return own if own is not None and not self._dice.one_in(8) else inner

    def _command_in(self, shape: Shape) -> str | None:
        calls = dict(shape.calls)
        return next((one for one in reversed(self._commands) if one in calls), None)

    def _foreign(self, shape: Shape) -> frozenset[str]:
        """The keys that belong to other commands than the one that was named last."""
        own = dict(shape.calls).get(self._command_in(shape) or "")
        named = (key for _, keys in shape.calls for key in keys)
        return frozenset(named).difference(own) if own is not None else frozenset()

    def _holding(self, name: str, shape: Shape, wrong: bool) -> str:
        """A text that holds something else: the rows of a table, or a value in some coding."""
        dice, rows = self._dice, shape.rows
        if shape.coded is not None:
            coding, inner = shape.coded
            if coding != "json" and dice.one_in(4):
                return tables.coded(coding, dice.pick(inner.chunks) if inner.chunks else payloads.blob(dice))
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

    def _array(self, name: str, shape: Shape, item: Shape, wrong: bool) -> str:
        """An array of a few such items; now and then it is as long as it is compared with."""
        dice = self._dice
        limited = values.is_limited(dice, shape)
        count = min(values.limit(dice, shape), values.LONGEST) if limited else dice.below(4)
        victim = dice.below(count) if wrong and count else -1
        return "[" + ", ".join([self._value(name, item, wrong=number == victim) for number in range(count)]) + "]"

    def _tuple(self, name: str, shape: Shape, wrong: bool) -> str:
        """An array whose items are known one by one; as long as they are, or as it is compared with."""
        dice = self._dice
        length = len(shape.places)
        if shape.lengths and dice.one_in(4):
            length = min(dice.pick(shape.lengths), values.LONGEST)
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
        # `word == "*" or 0 <= int(word) <= 59`
        counts = shape.numbers and all(isinstance(one, str) for one in shape.constants)
        free = (shape.patterns or counts) and self._dice.one_in(2)
        if shape.constants and not free and values.is_constant(self._dice, shape.constants):
            constant = self._chosen(name, shape.constants)
            if isinstance(constant, str):
                self._commands = [*self._commands[-_LATELY:], constant]
            return json.dumps(constant)
        if self._wordy():
            return quote(self._dice.pick(self._words))
        if shape.prefixes and not self._dice.one_in(4):
            rest = self._leaf(name, replace(shape, prefixes=()))
            return quote(self._dice.pick(shape.prefixes) + self._plain(rest))
        if shape.groups and not self._dice.one_in(4):
            return quote(self._matching(shape))
        return self._in_grammar(shape) or values.value(self._dice, name, shape)

    def _matching(self, shape: Shape) -> str:
        """A text that a regular expression matches, with values in its groups that the handler knows."""
        pattern, groups = self._dice.pick(shape.groups)
        told = {number: partial(self._group, name or str(number), inner) for number, name, inner in groups}
        return values.pattern_of(pattern).text(self._dice, told)

    def _group(self, name: str, shape: Shape, written: str, before: str) -> str:
        """What is in a group, instead of what the expression would have there."""
        if shape.digests:
            return checked(shape.digests, before)
        if (shape.constants or shape.uses or shape.words or shape.patterns) and not self._dice.one_in(4):
            value = self._plain(self._value(name, values.as_text(shape), wrong=False))
            # Of digits it mostly wants as many.
            return value.zfill(len(written)) if written.isdigit() and value.isdigit() else value
        # Two groups of one form may name the same thing, however they are called.
        form = _DIGITS.sub("0", _LETTERS.sub("a", written))
        repeated = self._repeated(form, Shape())
        if repeated is None:
            self._said.setdefault(form, []).append(quote(written))
        return self._plain(repeated) if repeated is not None else written

    def _in_grammar(self, shape: Shape) -> str | None:
        """Often a text in the grammar that this one is read by; now and then one that another, free, may be read by."""
        dice = self._dice
        if shape.grammars:
            return quote(self._grammatical(dice.pick(shape.grammars))) if dice.one_in(2) else None
        free = self._knowledge.grammars and set(shape.uses) <= {"str"} and not (shape.numbers or shape.patterns)
        if free and dice.one_in(_GRAMMATICAL):
            return quote(self._grammatical(dice.pick(self._knowledge.grammars)))
        return None

    def _grammatical(self, grammar: Grammar) -> str:
        """A text in a grammar; one of formats may ask something of what the app is known to speak of."""
        names = values.names_in(self._knowledge)
        if grammar == "format" and names and self._dice.one_in(2):
            return self._dice.pick(grammars.OF_NAMES) % self._dice.pick(names)
        return self._dice.pick(grammars.TEXTS[grammar])

    def _chosen(self, name: str, constants: tuple[Scalar, ...]) -> Scalar:
        """One of the constants; in an orderly scenario mostly the one after the last, as the source has them."""
        dice = self._dice
        if self._mood != ORDERLY or len(constants) == 1 or dice.one_in(4):
            return dice.pick(constants)
        if name not in self._turns:
            # Where a known scenario goes on is not where one begins.
            self._turns[name] = dice.below(len(constants)) if self._joins else -1
        turn = self._turns[name] = dice.onward(self._turns[name])
        return constants[turn % len(constants)]

    def _wordy(self) -> bool:
        return bool(self._words) and self._dice.one_in(_WORDY)

    def _command(self, shape: Shape, literal: str) -> str:
        """A literal by itself, or what follows it if it is a prefix."""
        if literal not in shape.prefixes or self._dice.one_in(6):
            return literal
        return literal + (self._split(shape) if shape.words and self._dice.one_in(2) else self._argument())

    def _split(self, shape: Shape, place: int = 0) -> str:
        """The parts that the handler splits a text into, at its separator; sometimes one too few or too many. The first
        stands at a `place` of its own in the whole message.
        """
        dice = self._dice
        wrong = dice.odds(FAULTS[self._mood])
        command = shape.variants and not dice.one_in(8 if len(shape.variants) > 1 else 2)
        words = self._command_of(shape) if command else list(shape.words)
        named = len(words) == 2 and values.named(words[1])
        if len(words) == 2 and words[1] and not words[0] and (named or dice.one_in(2)):
            # Of a loop over all parts only one is known, and each is like it.
            words = words[1:] * (1 if named else 1 + dice.below(3))
        elif not command and len(words) > 2 and words[0].constants and dice.one_in(2):
            # Some command has the most arguments; the others have fewer.
            words = words[: 1 + dice.below(len(words))]
        if wrong:
            words = dice.pick((words[:-1], [*words, Shape()], words[:1], words))
        parts: list[str] = []
        for number, word in enumerate(map(values.as_text, words), place):
            odd = wrong and dice.one_in(3)
            if word.digests and parts and not odd:
                parts.append(checked(word.digests, parts[-1]))
                continue
            parts += (
                self._pairs(word, odd)
                if values.named(word)
                else [self._plain(self._value(str(number), word, wrong=odd))]
            )
        if len(parts) > 2 and dice.one_in(8):
            # Twice the same: a thing that refers to itself.
            parts[1 + dice.below(len(parts) - 1)] = parts[1 + dice.below(len(parts) - 1)]
        return (shape.separator or " ").join(parts)

    def _command_of(self, shape: Shape) -> list[Shape]:
        """One of the commands and its arguments, of which something may be known whatever the command is."""
        known = dict(shape.variants)
        # Of a command that the handler comes to last, by ruling out the others, nothing of its own is known.
        spare = (one for one in shape.words[0].constants if isinstance(one, str) and one not in known)
        name = self._chosen("0", (*known, *spare))
        words = list(known[name].words[1:] if name in known else shape.words[1:])
        if all(len(inner.words) < 2 for inner in known.values()):
            # What follows is read before it is known which command it is.
            words = list(shape.words[1:])
        if not words and self._dice.one_in(4):
            words = [Shape()]
        return [Shape(constants=(name,)), *(one or self._elsewhere(shape, at) for at, one in enumerate(words, 1))]

    def _elsewhere(self, shape: Shape, place: int) -> Shape:
        """What is known of a part of a text whatever its command is, or with one of the others."""
        known = [one.words[place] for _, one in (("", shape), *shape.variants) if len(one.words) > place]
        told = [one for one in known if one]
        return self._dice.pick(told) if told and not self._dice.one_in(4) else Shape()

    def _pairs(self, shape: Shape, wrong: bool) -> list[str]:
        """Names and what they stand for, as the lines of a header have them; most of those that are known."""
        dice = self._dice
        kept = [(name, inner) for name, inner in shape.keys if inner.required or not dice.one_in(8)]
        known = [(name, inner.places[0] if inner.places else inner) for name, inner in kept]
        pairs = [
            f"{name}{shape.separator or ' '}{self._plain(self._value(name, inner, wrong and dice.one_in(2)))}"
            for name, inner in known
        ]
        return [*pairs, payloads.text(dice)] if wrong and dice.one_in(2) else pairs

    def _argument(self) -> str:
        return self._plain(self._value(" ", Shape(), wrong=False))

    def _plain(self, value: str) -> str:
        """A JSON value as it stands in plain text: strings without their quotes, and without lone surrogates."""
        text = str(json.loads(value)) if value.startswith('"') else value
        return text if text.isascii() else text.encode(errors="replace").decode()


SILENCE = Echoes()


def _called(name: str, shape: Shape) -> str:
    """Under which name a value is said again: a part of a text is called by its place, and what it is for."""
    return name + "".join(shape.uses[:1]) if name.isdigit() else name
