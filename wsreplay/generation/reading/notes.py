"""Everything that a reading gathers, before it is made into what others see."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from wsreplay.generation.knowledge import Grammar, Layout
from wsreplay.generation.reading.cuts import Cuts, Opcodes, Places
from wsreplay.generation.reading.nodes import Node

_MOST_FIELDS = 32


@dataclass(slots=True)
class Notes:
    """Everything that a reading has gathered. `asked` is what events were asked for: `text`, `bytes` or both; `offers`
    are the subprotocols that a client offers; `layouts` hold the fields of each format of `struct`, `trailers` those of
    formats at the end of a message, `opcodes` under which values of a field of the first layout, by its number, a
    layout was used (-1: of the first byte), `opened_by` those of the branch that is read; `repeated` are
    layouts of which there may be many, and `varint` is whether a length is put together of groups of seven bits;
    `codes` are small numbers that something is compared with, nobody knows what; `folds` are the ways in which letters
    are folded. With `cuts` fields are told apart by where they are in a message: then `opened_by` is their values.
    """

    json: Node = field(default_factory=Node)
    text: Node = field(default_factory=Node)
    blob: Node = field(default_factory=Node)
    event: Node = field(default_factory=Node)
    query: Node = field(default_factory=Node)
    headers: Node = field(default_factory=Node)
    cookies: Node = field(default_factory=Node)
    offers: Node = field(default_factory=Node)
    path: Node = field(default_factory=Node)
    layouts: dict[str, list[Node]] = field(default_factory=dict)
    trailers: dict[str, Node] = field(default_factory=dict)
    opcodes: dict[str, dict[tuple[int, int], None]] = field(default_factory=dict)
    opened_by: Opcodes = ()
    cuts: Cuts | None = None
    repeated: set[str] = field(default_factory=set)
    varint: bool = False
    codes: dict[int, None] = field(default_factory=dict)
    json_in_bytes: bool = False
    packed: bool = False
    kinds: dict[str, None] = field(default_factory=dict)
    asked: dict[str, None] = field(default_factory=dict)
    models: dict[type, None] = field(default_factory=dict)
    subprotocols: dict[str, None] = field(default_factory=dict)
    waits: dict[float, None] = field(default_factory=dict)
    events: dict[tuple[str, str], list[Node]] = field(default_factory=dict)
    folds: dict[str, None] = field(default_factory=dict)
    grammars: dict[Grammar, None] = field(default_factory=dict)

    def listened(self, namespace: str, name: str, count: int) -> list[Node]:
        """The arguments of an event that is listened to."""
        known = self.events.setdefault((namespace, name), [])
        known += [Node() for _ in range(count - len(known))]
        return known

    def laid_out(self, layout: str) -> list[Node]:
        """The fields of a format of `struct`, which a message is unpacked with; none if it is no such format."""
        if layout not in self.layouts:
            try:
                count = len(struct.unpack(layout, bytes(struct.calcsize(layout))))
            except (struct.error, MemoryError, OverflowError):
                return []
            self.layouts[layout] = [Node(depth=1) for _ in range(min(count, _MOST_FIELDS))]
        self.opcodes.setdefault(layout, {}).update(dict.fromkeys(() if self.cuts is not None else self.opened_by))
        return self.layouts[layout]

    def is_blob(self, value: object) -> bool:
        """Whether a value is a binary message, or one from some byte on."""
        return value is self.blob or (isinstance(value, Node) and value.whole is self.blob)

    @contextmanager
    def branch(self, opcodes: Opcodes) -> Iterator[None]:
        """Read a branch that a message with these opcodes leads to; after it everything is as it was before."""
        around, places = self.opened_by, self.placed()
        self.opened_by = opcodes or around
        yield
        self.opened_by = around
        self.move(places)

    def placed(self) -> Places:
        """How far objects are that read one field of a message after another."""
        return tuple(self.cuts.places.items()) if self.cuts is not None else ()

    def move(self, places: Places | None) -> None:
        """They are now there; None is nobody knows."""
        if self.cuts is not None and places is not None:
            self.cuts.places = dict(places)

    def part(self, message: Node, start: int | None, size: int | None = None) -> Node:
        """The bytes of a binary message from there on, so many or all; None is nobody knows where."""
        return message.view(start, size) if self.cuts is not None else message

    def taken(self, message: Node, at: int | None, layout: str) -> list[Node]:
        """The fields of a format that a message is unpacked with, from there on; None is nobody knows where."""
        start = None if at is None or message.start is None or not self.is_blob(message) else message.start + at
        found = self.cuts.read(start, layout, self.opened_by) if self.cuts is not None and start is not None else None
        return found if found is not None else self.laid_out(layout)

    def byte(self, message: Node, at: int) -> Node:
        """One byte of a message. Of bytes the first mostly tells what the others are: they are known all together where
        they are not told apart.
        """
        return message.item() if self.cuts is None else self.taken(message, at, "B")[0]

    def ended(self, layout: str) -> Node:
        """The last bytes of a message, unpacked with a format of one field."""
        return self.trailers.setdefault(layout, Node(depth=1))

    def trailer(self) -> Layout | None:
        """What messages end with, as far as something is known of it."""
        known = [(layout, node.frozen()) for layout, node in self.trailers.items()]
        return next(
            (Layout(layout, (one,)) for layout, one in known if one.digests or one.constants or one.chunks), None
        )

    def unpacked(self) -> tuple[Layout, ...]:
        """What messages are unpacked with, in the order of the source; the first may be a header of the others."""
        layouts = [] if self.cuts is None else [*self.cuts.frames(self.blob)]
        for name, fields in self.layouts.items():
            opcodes = self.opcodes[name]
            first = tuple(value for place, value in opcodes if place < 0)
            under = tuple(one for one in opcodes if one[0] >= 0 and layouts)
            layouts.append(Layout(name, tuple(field.frozen() for field in fields), first, under, name in self.repeated))
        return tuple(layouts)

    def waited(self, seconds: object) -> None:
        """The handler sleeps or waits for so long."""
        if isinstance(seconds, int | float) and 0.001 <= seconds <= 86400:
            self.waits[float(seconds)] = None
