"""What is known of a handler, as one frozen value: what it receives, and which names and constants it looks for.

Everything is in the order in which the source has it; empty is unknown.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import CodeType
from typing import Literal, TypeAlias

from wsreplay.model import Kind

Scalar: TypeAlias = str | int | float | bool | None
Grammar: TypeAlias = Literal["format", "percent", "template", "regex", "digits", "case", "glob"]
Coding: TypeAlias = Literal["json", "base64", "urlsafe", "hex"]
Use: TypeAlias = Literal["str", "int", "float", "decimal", "bool", "list", "dict", "uuid", "datetime", "date"]

DATED: frozenset[Use] = frozenset(("date", "datetime"))
"""Uses of a text that tells a day."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What a handler does with one value: a whole message, or a part of one.

    `constants` are what it is compared with or looked up in, `numbers` and `lengths` what its size is compared with,
    `uses` the types that it is turned into or tested for. `keys` are its known keys, with whether a handler breaks
    without them (`required`), `item` is one of its items, `places` are its first items
    where each is another. For text: `prefixes` is what it may begin with, `suffixes` what it ends with, `infixes` what
    it is searched for, `patterns` are regular expressions that it is matched against, `groups` what is known of the
    groups of each, with their numbers and names; `words` are the parts that it is split into at `separator` (None:
    white space), `variants` what the text is where the first of these is a certain command.
    For a field of a binary layout: `chunks` are bytes that it is compared with, and it `measures`
    what follows when a length is compared with it. `samples` are texts that stand for the value where none is given:
    they have its form; `grammars` are what such a text has to be written in, to be used. A field with `digests` holds
    a checksum, one of these where they have a name. A text may hold something else: `rows` of a table, each like this
    one, or what is `coded` in it. An object whose keys become arguments of functions has `calls`: the keys that each
    of them takes, by the command that it stands for.
    """

    constants: tuple[Scalar, ...] = ()
    numbers: tuple[int, ...] = ()
    lengths: tuple[int, ...] = ()
    uses: tuple[Use, ...] = ()
    keys: tuple[tuple[str, Shape], ...] = ()
    item: Shape | None = None
    places: tuple[Shape, ...] = ()
    prefixes: tuple[str, ...] = ()
    suffixes: tuple[str, ...] = ()
    infixes: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    groups: tuple[tuple[str, tuple[tuple[int, str, Shape], ...]], ...] = ()
    words: tuple[Shape, ...] = ()
    variants: tuple[tuple[str, Shape], ...] = ()
    separator: str | None = None
    required: bool = False
    chunks: tuple[bytes, ...] = ()
    measures: bool = False
    samples: tuple[str, ...] = ()
    grammars: tuple[Grammar, ...] = ()
    digests: tuple[str, ...] = ()
    rows: Shape | None = None
    coded: tuple[Coding, Shape] | None = None
    calls: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def __bool__(self) -> bool:
        known = (
            self.infixes
            or self.constants
            or self.numbers
            or self.lengths
            or self.uses
            or self.keys
            or self.prefixes
            or self.suffixes
            or self.words
            or self.samples
            or self.grammars
            or self.digests
        )
        holds = self.rows or self.coded
        return bool(known) or bool(self.patterns) or bool(self.places) or bool(holds) or self.item is not None

    def describe(self, name: str, indent: str = "", past: int = 0) -> list[str]:
        """A line for this value and one for each of its parts, apart from the words that are `past` already."""
        facts = [
            ", ".join(self.uses),
            f"one of {_listed(self.constants)}" if self.constants else "",
            f"compared with {_listed(self.numbers)}" if self.numbers else "",
            f"length compared with {_listed(self.lengths)}" if self.lengths else "",
            f"begins with {_listed(self.prefixes)}" if self.prefixes else "",
            f"ends with {_listed(self.suffixes)}" if self.suffixes else "",
            f"holds {_listed(self.infixes)}" if self.infixes else "",
            f"matched with {_listed(self.patterns)}" if self.patterns else "",
            (f"split at {self.separator!r}" if self.separator else "split") if self.words[past:] else "",
            f"like {_listed(self.samples)}" if self.samples else "",
            f"read as {', '.join(self.grammars)}" if self.grammars else "",
            f"a checksum {', '.join(self.digests)}".rstrip() if self.digests else "",
        ]
        told = "; ".join(fact for fact in facts if fact)
        lines = [f"{indent}{name}: {told}" if told else f"{indent}{name}"]
        for key, shape in self.keys:
            lines += shape.describe(key, indent + "  ")
        lines += [f"{indent}  with {command!r}: {', '.join(keys) or 'nothing'}" for command, keys in self.calls]
        if self.item is not None:
            lines += self.item.describe("each item", indent + "  ")
        if self.rows is not None:
            lines += self.rows.describe("each row", indent + "  ")
        if self.coded is not None:
            lines += self.coded[1].describe(f"in it, as {self.coded[0]}", indent + "  ")
        for number, shape in enumerate(self.places, 1):
            lines += shape.describe(f"item {number}", indent + "  ")
        for number, shape in enumerate(self.words[past:], 1 + past):
            lines += shape.describe(f"part {number}", indent + "  ")
        for pattern, groups in self.groups:
            for number, name, shape in groups:
                lines += shape.describe(f"group {name or number} of {pattern!r}", indent + "  ")
        for command, shape in self.variants:
            lines += shape.describe(f"after {command!r}", indent + "  ", past=1)
        return lines


@dataclass(frozen=True, slots=True)
class Layout:
    """A format of `struct` that messages are unpacked with, what is known of its fields, and after which `opcodes`, the
    first bytes of a message, it comes; or `under` which values of a field of the first layout, by its number. There
    may be `many` of it, one after the other. It is the `whole` of a message, or of its beginning, where fields are read
    one by one.
    """

    format: str
    fields: tuple[Shape, ...] = ()
    opcodes: tuple[int, ...] = ()
    under: tuple[tuple[int, int], ...] = ()
    many: bool = False
    whole: bool = False

    def describe(self) -> list[str]:
        """A line for a frame and one for each field of which something is known."""
        lines = [f"frame {self.format}"]
        for number, shape in enumerate(self.fields, 1):
            chunks = f": {' or '.join(map(repr, shape.chunks))}" if shape.chunks else ""
            measures = ": a size of what follows" if shape.measures else ""
            if shape or chunks or measures:
                lines += shape.describe(f"  field {number}{chunks}{measures}")
        return lines


@dataclass(frozen=True, slots=True)
class Asked:
    """A name that a handler looks up in its query string, headers or cookies, and what it does with the value."""

    name: str
    shape: Shape = Shape()

    def describe(self, where: str) -> list[str]:
        """Lines; `where` is `query`, `header` or `cookie`."""
        return self.shape.describe(f"{where} {self.name}")


@dataclass(frozen=True, slots=True)
class Heard:
    """An event that a handler listens to, with what it does with each argument."""

    namespace: str
    name: str
    arguments: tuple[Shape, ...] = ()

    def describe(self) -> list[str]:
        """A line for the event and some for its arguments."""
        where = f" in {self.namespace}" if self.namespace != "/" else ""
        lines = [f"event {self.name}{where}"]
        for number, shape in enumerate(self.arguments, 1):
            lines += shape.describe(f"argument {number}", "  ")
        return lines


@dataclass(frozen=True, slots=True)
class Reached:
    """What a handler reaches that outlives its clients, and what of it, as far as its own code shows, is changed. What
    stands for a thing here tells it from others in this process, and says nothing else.
    """

    touched: frozenset[object] = frozenset()
    changed: frozenset[object] = frozenset()

    def shares(self, other: Reached) -> bool:
        """Whether something that one of the two changes is reached by both."""
        return not (self.touched & other.touched).isdisjoint(self.changed | other.changed)


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What the source of a handler shows: the `kinds` of messages that it receives, what it does with JSON, with text
    and with bytes (`chunks` are bytes that it compares them with, `layouts` what it unpacks, `trailer` what they end
    with, `varint` whether their length is in them in groups of seven bits, `codes` small numbers that occur in
    comparisons), whether it reads JSON from binary messages or has it `packed` as MessagePack, the `models` that it
    validates messages with, the query parameters, headers and cookies that it asks for, what it does with the
    parameters of its path, the subprotocols that it speaks, the seconds for which it waits or sleeps, the `events` of
    Socket.IO that it listens to, the `functions` that were read, and what they `reached` that outlives a client.
    `grammars` are what it reads texts by that come from who knows where. `words` are a user's, and may stand anywhere.
    """

    kinds: tuple[Kind, ...] = ()
    json: Shape = Shape()
    text: Shape = Shape()
    blob: Shape = Shape()
    chunks: tuple[bytes, ...] = ()
    layouts: tuple[Layout, ...] = ()
    trailer: Layout | None = None
    varint: bool = False
    codes: tuple[int, ...] = ()
    json_in_bytes: bool = False
    packed: bool = False
    models: tuple[type, ...] = ()
    query: tuple[Asked, ...] = ()
    headers: tuple[Asked, ...] = ()
    cookies: tuple[Asked, ...] = ()
    path: tuple[Asked, ...] = ()
    subprotocols: tuple[str, ...] = ()
    waits: tuple[float, ...] = ()
    events: tuple[Heard, ...] = ()
    grammars: tuple[Grammar, ...] = ()
    words: tuple[str, ...] = ()
    functions: tuple[CodeType, ...] = field(default=(), compare=False, repr=False)
    reached: Reached = field(default=Reached(), compare=False, repr=False)

    def describe(self) -> tuple[str, ...]:
        """Lines for a person; none when nothing is known."""
        lines: list[str] = []
        if self.kinds:
            packed = (
                ", with JSON in bytes" if self.json_in_bytes else ", with MessagePack in bytes" if self.packed else ""
            )
            lines.append(f"receives {', '.join(self.kinds)}{packed}")
        for name, shape in (("json", self.json), ("text", self.text), ("bytes", self.blob)):
            if shape:
                lines += shape.describe(name)
        for event in self.events:
            lines += event.describe()
        if self.chunks:
            lines.append(f"bytes compared with {', '.join(map(repr, self.chunks[:12]))}")
        if self.layouts:
            unpacked = [layout.format for layout in self.layouts if not layout.whole]
            lines += [f"unpacks {', '.join(unpacked)}"] if unpacked else []
            lines += [line for layout in self.layouts if layout.whole for line in layout.describe()]
        if self.trailer is not None:
            lines += self.trailer.fields[0].describe(f"frames end with {self.trailer.format}")
        if self.models:
            lines.append(f"validates with {', '.join(model.__qualname__ for model in self.models)}")
        for where, names in (
            ("query", self.query),
            ("header", self.headers),
            ("cookie", self.cookies),
            ("path", self.path),
        ):
            lines += [line for asked in names if asked.shape or where != "path" for line in asked.describe(where)]
        for known, told in (
            (self.subprotocols, f"speaks {', '.join(self.subprotocols)}"),
            (self.waits, f"waits {', '.join(f'{seconds:g}' for seconds in self.waits)} s"),
            (self.grammars, f"reads texts as {', '.join(self.grammars)}"),
            (self.words, f"words of the dictionary: {_listed(self.words)}"),
        ):
            lines += [told] if known else []
        return tuple(lines)


def _listed(values: tuple[Scalar, ...]) -> str:
    return ", ".join([repr(value) for value in values[:12]] + ["..."] * (len(values) > 12))
