"""What a reading has gathered so far, as mutable nodes; `frozen` turns a node into the value that others see."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import zip_longest

from wsreplay.generation.knowledge import Coding, Grammar, Scalar, Shape, Use

_MOST_CONSTANTS = 64
_MOST_KEYS = 40
_MOST_WORDS = 6
_MOST_PLACES = 8
_DEEPEST = 6
_LONGEST_SAMPLE = 200


@dataclass(eq=False, slots=True)
class Node:
    """One value that comes from a client: a message, or a part of one. A node equals itself only. It is a word `of` the
    text that was split; or it is bytes of the `whole` from `start` on, None where that is not known.
    """

    keys: dict[str, Node] = field(default_factory=dict)
    constants: dict[tuple[type, Scalar], Scalar] = field(default_factory=dict)
    numbers: dict[int, None] = field(default_factory=dict)
    lengths: dict[int, None] = field(default_factory=dict)
    uses: dict[Use, None] = field(default_factory=dict)
    prefixes: dict[str, None] = field(default_factory=dict)
    suffixes: dict[str, None] = field(default_factory=dict)
    infixes: dict[str, None] = field(default_factory=dict)
    patterns: dict[str, None] = field(default_factory=dict)
    chunks: dict[bytes, None] = field(default_factory=dict)
    samples: dict[str, None] = field(default_factory=dict)
    grammars: dict[Grammar, None] = field(default_factory=dict)
    digests: dict[str, None] = field(default_factory=dict)
    rows: Node | None = None
    shifts: dict[int, Node] = field(default_factory=dict)
    codings: dict[Coding, Node] = field(default_factory=dict)
    grouped: dict[str, dict[int, Node]] = field(default_factory=dict)
    words: list[Node] = field(default_factory=list)
    variants: dict[str, Node] = field(default_factory=dict)
    calls: dict[str, tuple[str, ...]] = field(default_factory=dict)
    separator: str | None = None
    items: Node | None = None
    places: list[Node] = field(default_factory=list)
    required: bool = False
    asked_for: bool = False
    modelled: bool = False
    measures: bool = False
    depth: int = 0
    of: Node | None = field(default=None, repr=False)
    whole: Node | None = field(default=None, repr=False)
    start: int | None = 0
    views: dict[tuple[int | None, int | None], Node] = field(default_factory=dict, repr=False)

    def _part(self) -> Node:
        return Node(depth=self.depth + 1)

    def view(self, start: int | None, size: int | None = None) -> Node:
        """The bytes from there on, so many or all: what is known of them is known of the whole, and the chunks that
        they are compared with by themselves, too.
        """
        whole = self.whole or self
        at = None if start is None or self.start is None else self.start + start
        if (at, size) == (0, None):
            return whole
        if (at, size) not in whole.views:
            part = copy.copy(whole)
            part.whole, part.start, part.chunks, part.views = whole, at, {}, {}
            whole.views[at, size] = part
        return whole.views[at, size]

    def key(self, name: str, required: bool = False) -> Node:
        """The node of a key; `required` when the handler breaks without it."""
        known = self.keys.get(name)
        if known is None:
            known = self._part()
            if len(self.keys) < _MOST_KEYS and self.depth < _DEEPEST:
                self.keys[name] = known
        known.required = known.required or required
        return known

    def item(self) -> Node:
        """The node of every item."""
        if self.whole is not None:
            return self.whole.item()
        if self.depth >= _DEEPEST:
            return self._part()
        self.items = self.items or self._part()
        return self.items

    def place(self, number: int) -> Node:
        """The node of the item at one place; of every item where it is too far or counts from the end."""
        if self.depth >= _DEEPEST or not 0 <= number < _MOST_PLACES:
            return self.item()
        while len(self.places) <= number:
            self.places.append(self._part())
        return self.places[number]

    def word(self, number: int, separator: str | None) -> Node:
        """The node of a part that the text is split into; the last known part for a negative number."""
        if self.whole is not None:
            return self.whole.word(number, separator)
        self.separator = self.separator or separator
        number = min(number if number >= 0 else max(1, len(self.words) - 1), _MOST_WORDS)
        if self.depth >= _DEEPEST:
            return self._part()
        while len(self.words) <= number:
            self.words.append(Node(depth=self.depth + 1, of=self))
        return self.words[number]

    def variant(self, names: list[str]) -> Node:
        """The node of the text where its first word is one of these; the text itself where there are too many."""
        known = next((self.variants[name] for name in names if name in self.variants), None)
        if known is None:
            if len(self.variants) + len(names) > _MOST_KEYS:
                return self
            known = Node(depth=self.depth)
            known.word(0, self.separator)
        known.words[0].equals(names)
        self.words[0].equals(names)
        self.variants.update(dict.fromkeys(names, known))
        return known

    def group(self, pattern: str, key: int | str) -> Node | None:
        """The node of a group of a regular expression, by its number or name; None where it has no such group."""
        compiled = re.compile(pattern)
        number = compiled.groupindex.get(key, 0) if isinstance(key, str) else key
        if not 0 < number <= compiled.groups or self.depth >= _DEEPEST:
            return None
        return self.grouped.setdefault(pattern, {}).setdefault(number, self._part())

    def row(self, separator: str) -> Node:
        """The node of every row of a table that the text holds."""
        self.rows = self.rows or self._part()
        self.rows.separator = separator
        return self.rows

    def coded(self, coding: Coding) -> Node:
        """The node of what is written in the text in some coding."""
        if self.depth >= _DEEPEST:
            return self._part()
        return self.codings.setdefault(coding, self._part())

    def shifted(self, bits: int) -> Node:
        """The node of a number's upper bits: `byte >> 4`."""
        return self.shifts.setdefault(bits, self._part())

    def equals(self, values: Iterable[object]) -> None:
        """The value is compared with these."""
        for value in values:
            if isinstance(value, bytes) and len(self.chunks) < _MOST_CONSTANTS:
                self.begins(value)
            if isinstance(value, str | int | float | bool | None) and len(self.constants) < _MOST_CONSTANTS:
                self.constants.setdefault((type(value), value), value)

    def begins(self, chunk: bytes) -> None:
        """The value is these bytes, or begins with them."""
        self.chunks[chunk] = None
        if self.whole is not None:
            self.whole.chunks[chunk] = None

    def compared(self, value: object) -> None:
        """The value's size is compared with a number."""
        if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 2**64:
            self.numbers[int(value)] = None

    def measured(self, value: object) -> None:
        """The value's length is compared with a number."""
        if isinstance(value, int) and 0 <= value <= 65536:
            self.lengths[value] = None

    def cut(self, bounds: slice) -> None:
        """The value is cut to some length."""
        for bound in (bounds.start, bounds.stop):
            if isinstance(bound, int) and bound > 1:
                self.measured(bound)

    def stands(self, value: object) -> None:
        """The value is this one where none is given."""
        if isinstance(value, str) and 0 < len(value) <= _LONGEST_SAMPLE:
            self.samples[value] = None

    def _lettered(self) -> bool:
        """Whether what is known by its place are the letters of a text, of which nothing is known: `name[0]`."""
        text = "str" in self.uses or any(isinstance(one, str) for one in self.constants.values())
        return text and "list" not in self.uses and not any(place.constants or place.keys for place in self.places)

    def _rank(self, key: tuple[str, Node]) -> int:
        """The arguments of a command come after its name: they depend on it."""
        named = {text for text in key[1].constants.values() if isinstance(text, str)}
        return 0 if self.calls and named.issuperset(self.calls) else 2 if key[1].calls else 1

    def used(self, *uses: Use) -> None:
        """The value is turned into, or tested for, a type."""
        self.uses.update(dict.fromkeys(uses))

    def frozen(self) -> Shape:
        """What has been gathered; a constant that stands for no value (`""`, 0) comes last, and None, which only asks
        whether there is a value, is left out.
        """
        known = [one for one in self.constants.values() if one is not None]
        for bits, node in self.shifts.items():
            known += [one << bits for one in node.constants.values() if type(one) is int and 0 <= one < 256]
        constants = sorted(known, key=lambda value: not value)
        return Shape(
            constants=tuple(constants),
            numbers=tuple(self.numbers),
            lengths=tuple(self.lengths),
            uses=tuple(self.uses),
            keys=tuple((name, node.frozen()) for name, node in sorted(self.keys.items(), key=self._rank)),
            calls=tuple(self.calls.items()),
            item=self.items.frozen() if self.items is not None else None,
            places=() if self._lettered() else tuple(place.frozen() for place in self.places),
            prefixes=tuple(self.prefixes),
            suffixes=tuple(self.suffixes),
            infixes=tuple(self.infixes),
            patterns=tuple(self.patterns),
            words=tuple(word.frozen() for word in self.words),
            variants=tuple((name, _narrowest(name, node.frozen())) for name, node in self.variants.items()),
            groups=tuple((pattern, _groups(pattern, nodes)) for pattern, nodes in self.grouped.items()),
            separator=self.separator,
            # What is asked for first, and then taken, need not be there.
            required=self.required and not self.asked_for,
            chunks=tuple(self.chunks),
            measures=self.measures,
            samples=tuple(self.samples),
            grammars=tuple(self.grammars),
            digests=tuple(self.digests),
            rows=self.rows.frozen() if self.rows is not None else None,
            coded=next(((coding, node.frozen()) for coding, node in self.codings.items()), None),
        )


def _narrowest(name: str, shape: Shape) -> Shape:
    """A command whose name was told from others twice, `if verb in TABLE: TABLE[verb](rest)`: what was told of it last,
    and what its parts were known to be before.
    """
    inner = dict(shape.variants).get(name)
    if inner is None:
        return replace(shape, variants=())
    words = zip_longest(inner.words, shape.words, fillvalue=Shape())
    return replace(inner, words=tuple(told or before for told, before in words))


def _groups(pattern: str, nodes: dict[int, Node]) -> tuple[tuple[int, str, Shape], ...]:
    names = {number: name for name, number in re.compile(pattern).groupindex.items()}
    return tuple((number, names.get(number, ""), node.frozen()) for number, node in sorted(nodes.items()))
