"""Frames whose fields are read one by one, each at its place: `data[2]`, `int.from_bytes(data[4:8])`, and so on."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace

from wsreplay.generation.knowledge import Layout, Shape
from wsreplay.generation.reading.nodes import Node

Opcodes = tuple[tuple[int, int], ...]
"""What fields are, by their numbers, in a branch of a handler: one of these."""

Places = tuple[tuple[tuple[type, str], int | None], ...]
"""The places of `Cuts`, as they were at some time."""

_MOST_FIELDS = 200
_MOST_CASES = 40
_LONGEST = 4096
_ORDERS = "<>!=@"
_CODE = re.compile(r"(\d*)([a-zA-Z?])")


@dataclass(frozen=True, eq=False, slots=True)
class Field:
    """A field of a message: its number in the order of the source, at which byte it starts, what it is for `struct`
    (one code, with the order of its bytes), `under` which opcodes it is read, and how many fields are read with it.
    """

    number: int
    start: int
    code: str
    under: Opcodes
    node: Node
    beside: int


class Cuts:
    """The fields that a handler takes out of its messages at places that are known."""

    def __init__(self) -> None:
        self._fields: list[Field] = []
        self._sliced: set[int] = set()
        self.places: dict[tuple[type, str], int | None] = {}
        """How far objects are that read one field of a message after another, in which of their attributes; None is
        nobody knows.
        """

    def moved(self, owner: type, name: str, value: object) -> None:
        """An attribute of an object is set: to a number, it may be a place in a message."""
        if type(value) is int:
            self.places[owner, name] = value
        elif (owner, name) in self.places:
            self.places[owner, name] = None

    def read(self, start: int, layout: str, under: Opcodes) -> list[Node] | None:
        """What is unpacked from one byte on; None where it is no format of `struct`, or too much is read already."""
        parts = list(_parts(layout))
        if not parts or len(self._fields) + len(parts) > _MOST_FIELDS:
            return None
        return [self._field(start + offset, code, under, len(parts)).node for offset, code in parts]

    def slice(self, start: int, under: Opcodes) -> Node | None:
        """One byte, as bytes: `data[:1]`."""
        found = self.read(start, "B", under)
        self._sliced.update(self.numbers(found[0]) if found else ())
        return found[0] if found else None

    def numbers(self, node: Node) -> list[int]:
        """The numbers of the fields that a node is; its upper bits stand for the field."""
        return [field.number for field in self._fields if node is field.node]

    def shifted(self, node: Node) -> Iterator[tuple[int, int]]:
        """The numbers of the fields that a node is the upper bits of, and how far they are shifted."""
        for field in self._fields:
            yield from ((field.number, bits) for bits, upper in field.node.shifts.items() if upper is node)

    def frames(self, blob: Node) -> tuple[Layout, ...]:
        """The frames that there are: one for each opcode. None where no field is read by itself: formats of `struct`
        say as much, and how they follow each other.
        """
        if not self._worthwhile():
            return ()
        frames = [self._frame(chain, blob) for chain in self._chains()]
        return tuple(dict.fromkeys(frame for frame in frames if frame is not None))

    def _field(self, start: int, code: str, under: Opcodes, beside: int) -> Field:
        for known in self._fields:
            if (known.start, known.code) == (start, code) and known.under in ((), under):
                return known
        made = Field(len(self._fields), start, code, under, Node(depth=1), beside)
        self._fields.append(made)
        return made

    def _opcodes(self) -> list[int]:
        """The numbers of the fields that others depend on."""
        return sorted({number for field in self._fields for number, _ in field.under})

    def _worthwhile(self) -> bool:
        alone = [field for field in self._fields if field.beside == 1 and (field.start or field.under)]
        opcodes = self._opcodes()
        if any(field.number in opcodes for field in alone) or not self._sliced.isdisjoint(opcodes):
            return True
        return any(one is not other and one.under == other.under for one in alone for other in alone)

    def _chains(self) -> list[tuple[tuple[int, int], ...]]:
        """What leads to each kind of frame: which values its opcodes have, the outermost last."""
        opcodes = self._opcodes()
        cases = [(number, value) for number in opcodes for value in _whole_numbers(self._fields[number].node)]
        cases += [case for field in self._fields for case in field.under]
        return [self._chain(case) for case in list(dict.fromkeys(cases))[:_MOST_CASES]] or [()]

    def _chain(self, case: tuple[int, int]) -> tuple[tuple[int, int], ...]:
        # What a field is read under was read before it.
        around = self._fields[case[0]].under[:1]
        return (case, *(self._chain(around[0]) if around else ()))

    def _frame(self, chain: tuple[tuple[int, int], ...], blob: Node) -> Layout | None:
        """The frame that has these opcodes."""
        fixed = dict(chain)
        fields = [field for field in self._fields if not field.under or not set(chain).isdisjoint(field.under)]
        orders = {field.code[0] for field in fields if struct.calcsize(field.code) > 1 and field.code[-1] != "s"}
        if len(orders) > 1:
            return None
        known = [(field.start, field.code[1:], _shape(field, fixed.get(field.number))) for field in fields]
        known += [
            (at, f"{size}s", Shape(chunks=tuple(view.chunks)))
            for (at, size), view in blob.views.items()
            if at is not None and size and any(len(chunk) == size for chunk in view.chunks)
        ]
        written, shapes, end = "".join(orders) or ">", [], 0
        for start, code, shape in sorted(known, key=lambda one: one[0]):
            if start < end or start > _LONGEST:
                continue
            if start > end:
                written += f"{start - end}s"
                shapes.append(Shape())
            written += code
            shapes.append(shape)
            end = start + struct.calcsize(f">{code}")
        return Layout(written, tuple(shapes), whole=True) if shapes else None


def _shape(field: Field, value: int | None) -> Shape:
    shape = field.node.frozen()
    if shape.chunks and not field.code.endswith("s"):
        # One byte, compared as bytes.
        known = (*shape.constants, *(chunk[0] for chunk in shape.chunks if len(chunk) == 1))
        shape = replace(shape, constants=known, chunks=())
    return shape if value is None else replace(shape, constants=(value,), numbers=())


def _whole_numbers(node: Node) -> list[int]:
    shape = node.frozen()
    return [one for one in (*shape.constants, *(chunk[0] for chunk in shape.chunks if chunk)) if type(one) is int]


def _parts(layout: str) -> Iterator[tuple[int, str]]:
    """The fields of a format of `struct`, each as one code with the order of its bytes, and where it starts."""
    order, codes = (layout[0], layout[1:]) if layout[:1] in tuple(_ORDERS) else ("@", layout)
    plain = {"!": ">", "=": "<", "@": "<"}.get(order, order)
    try:
        if struct.calcsize(layout) > _LONGEST:
            return
        before = order
        for count, code in _CODE.findall(codes):
            for one in [f"{count}{code}"] if code in "sp" else [code] * int(count or 1):
                before += one
                if code != "x":
                    yield struct.calcsize(before) - struct.calcsize(order + one), plain + one
    except struct.error:
        return
