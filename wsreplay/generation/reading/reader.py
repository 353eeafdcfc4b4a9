"""The whole reading: from a handler to its functions, from these to the functions they call, twice over."""

from __future__ import annotations

import inspect
import re
import types
import typing
from contextlib import suppress
from types import CellType

from wsreplay.generation.knowledge import Asked, Heard, Knowledge
from wsreplay.generation.reading import models
from wsreplay.generation.reading.annotations import annotated, annotations_of, unmarked
from wsreplay.generation.reading.arguments import given_to
from wsreplay.generation.reading.code import Code, Live, Unit, member
from wsreplay.generation.reading.cuts import Cuts, Places
from wsreplay.generation.reading.nodes import Node
from wsreplay.generation.reading.notes import Notes
from wsreplay.generation.reading.sharing import reached_by
from wsreplay.generation.reading.values import Callees, OneOf, This, Value, Variables, constant_of, identity
from wsreplay.generation.reading.walker import Walker
from wsreplay.model import Endpoint, Kind, Listener

_MOST_UNITS = 200
_MOST_WALKS = 600
_MOST_CALLS = 20
"""Times that one function is read, each with other arguments: a helper says something else of each value."""
_DEEPEST = 25
_PASSES = 2

_HOOKS = ("on_receive", "receive", "receive_json", "on_message")
"""Methods that a framework calls with each message."""

_FOREIGN = re.compile("accept|close|put|set|start|(send|receive|iter)(_.*)?")
"""Methods of objects that frameworks and the standard library hand out."""

_KINDS: tuple[Kind, ...] = ("text", "json", "bytes")


def knowledge(endpoint: Endpoint) -> Knowledge:
    """What the source of an endpoint's handler shows; empty when there is none to read."""
    if endpoint.handler is None:
        return Knowledge()
    try:
        found = _read(endpoint, Notes(cuts=Cuts()))
        # Formats of `struct` say how fields follow each other, if nothing is read by itself.
        return found if any(layout.whole for layout in found.layouts) else _read(endpoint, Notes())
    except Exception:  # noqa: BLE001 - code that cannot be read is no reason not to test it
        return Knowledge()


def _read(endpoint: Endpoint, notes: Notes) -> Knowledge:
    reading = Reading(endpoint, notes)
    with suppress(Exception):
        # What was read until then is of use all the same.
        reading.read()
    return reading.knowledge()


class Reading:
    """One reading of one handler."""

    def __init__(self, endpoint: Endpoint, notes: Notes) -> None:
        self.notes = notes
        self._endpoint = endpoint
        self._handler = endpoint.handler
        self._code = Code(endpoint.handler)
        self._fields: dict[tuple[type, str], Value] = {}
        self._results: dict[types.CodeType, Value] = {}
        self._known: dict[types.CodeType, dict[object, Value]] = {}
        self._ends: dict[tuple[types.CodeType, object], Places] = {}
        self._units: dict[types.CodeType, Unit] = {}
        self._active: list[types.CodeType] = []
        self._walks = 0

    # --- what walkers ask for ---

    def owns(self, thing: object) -> bool:
        """Whether a function or method is the app's own."""
        return self._code.unit(thing) is not None

    def owns_class(self, cls: type) -> bool:
        """Whether a class is the app's own."""
        return self._code.owns_class(cls)

    def returned(self, thing: object, given: list[Value], by_name: Variables) -> Value:
        """Read a called function, too, with these arguments; give what it returns as far as is known."""
        unit = self._code.unit(thing)
        if unit is None:
            return None
        arguments = given_to(unit.tree, unit.parameters(), given, by_name)
        message = by_name.get("")
        if isinstance(message, Node):
            annotated(unit.function, arguments, message, self.notes)
        return self._walk(unit, {name: value for name, value in arguments.items() if value is not None})

    def method_named(self, unit: Unit, name: str) -> Live | None:
        """The method that an object of which nothing is known must have: when but one class around has it."""
        if _FOREIGN.fullmatch(name):
            return None
        owners = {
            id(cls): cls
            for cls in unit.function.__globals__.values()
            if isinstance(cls, type) and self.owns_class(cls) and isinstance(vars(cls).get(name), types.FunctionType)
        }
        return member(next(iter(owners.values())), name) if len(owners) == 1 else None

    def field(self, owner: type, name: str) -> Value:
        """What is known of an attribute of the objects of a class."""
        return next((self._fields[cls, name] for cls in owner.__mro__ if (cls, name) in self._fields), None)

    def keep(self, owner: type, name: str, value: Value) -> None:
        """Remember what an object's attribute was set to; what comes from a client outlives anything else."""
        if self.notes.cuts is not None:
            self.notes.cuts.moved(owner, name, constant_of(value))
        known = self._fields.get((owner, name))
        if isinstance(known, Node) and not isinstance(value, Node):
            return
        empty = isinstance(value, Callees) and not value.functions
        if isinstance(known, This) and (empty or constant_of(value) is None):
            # It is gone then, or from a table that is still empty.
            return
        if isinstance(known, OneOf) and (value is None or isinstance(value, Live)):
            return
        if isinstance(known, Live) and known.value is not None and _differs(value, known):
            # It is one thing now and another then.
            self._fields[owner, name] = OneOf((known.value,))
        elif value is not None:
            self._fields[owner, name] = value

    # --- the reading ---

    def read(self) -> None:
        """Read the handler twice: the second time it is known what its fields hold and its functions return."""
        handler = self._handler
        for _ in range(_PASSES):
            self._walks = 0
            self._known.clear()
            for dependency in self._endpoint.dependencies:
                if (needed := self._code.unit(dependency)) is not None:
                    self._walk(needed, self._entry(needed))
            if self._endpoint.listeners:
                for listener in self._endpoint.listeners:
                    self._listen(listener)
            elif inspect.isclass(handler):
                self._class(handler)
            elif (unit := self._code.unit(handler)) is not None:
                self._walk(unit, self._entry(unit))
                if unit.owner is not None:
                    self._rest(unit.owner)

    def _listen(self, listener: Listener) -> None:
        """A function that is called with the session's identifier, and with what a client sends."""
        unit = self._code.unit(listener.function)
        if unit is None:
            return
        names = unit.parameters()[1:]
        if listener.name == "connect":
            # After what the server knows of the connection comes what the client says of itself.
            names = names[1:]
        nodes = self.notes.listened(listener.namespace, listener.name, len(names))
        self._walk(unit, dict(zip(names, nodes, strict=False)))

    def _class(self, owner: type) -> None:
        units = self._code.methods(owner)
        for unit in sorted(units, key=lambda unit: unit.tree.name != "__init__"):
            if unit.tree.name in _HOOKS:
                self._walk(unit, self._hooked(unit, owner))
        self._rest(owner)

    def _rest(self, owner: type) -> None:
        """The methods that nothing was seen to call: a framework may."""
        for unit in self._code.methods(owner):
            if unit.function.__code__ not in self._known:
                self._walk(unit, {})

    def _walk(self, unit: Unit, arguments: Variables) -> Value:
        code = unit.function.__code__
        known = self._known.get(code)
        # What a decorator has made shares its code with others: it is what it holds.
        held = [id(cell.cell_contents) for cell in unit.function.__closure__ or () if cell != CellType()]
        call = frozenset([*((name, identity(value)) for name, value in arguments.items()), *held])
        call |= {self.notes.opened_by, self.notes.placed()}
        if known is not None and (call in known or not (arguments or self.notes.placed())):
            self.notes.move(self._ends.get((code, call)))
            return known.get(call, self._results.get(code))
        many = len(self._known) >= _MOST_UNITS if known is None else len(known) >= _MOST_CALLS
        if many or code in self._active or len(self._active) >= _DEEPEST or self._walks >= _MOST_WALKS:
            return self._results.get(code)
        self._walks += 1
        self._known.setdefault(code, {})[call] = None
        self._units.setdefault(code, unit)
        self._active.append(code)
        try:
            own: Variables = dict.fromkeys(unit.parameters()) | _defaults(unit.function) | arguments
            own |= self._annotated(unit, own)
            if unit.owner is not None and unit.tree.args.args:
                itself: Value = This(unit.owner) if unit.instance is None else Live(unit.instance)
                if isinstance(inspect.getattr_static(unit.owner, unit.tree.name, None), classmethod):
                    itself = Live(unit.owner)
                own[unit.tree.args.args[0].arg] = itself
            result = Walker(self, unit, own).walk(unit.tree.body)
        finally:
            self._active.pop()
        self._known[code][call] = result
        self._ends[code, call] = self.notes.placed()
        self._results[code] = result if result is not None else self._results.get(code)
        return result if result is not None else self._results[code]

    def _annotated(self, unit: Unit, own: Variables) -> Variables:
        """Parameters of which nothing is known but that they are objects of a class of the app's: it has methods."""
        hints = annotations_of(unit.function) if None in own.values() else {}
        plain = {name: unmarked(hints.get(name)) for name, value in own.items() if value is None}
        return {
            name: This(cls)
            for name, cls in plain.items()
            if inspect.isclass(cls) and self.owns_class(cls) and not models.validates(cls)
        }

    # --- what a framework passes to a handler ---

    def _entry(self, unit: Unit) -> Variables:
        """The arguments of a handler that is a function: messages of a listener, query parameters, headers."""
        entry: Variables = {}
        hints = annotations_of(unit.function)
        path = {parameter.name for parameter in self._endpoint.route.parameters}
        for name, parameter in inspect.signature(unit.function).parameters.items():
            hint = hints.get(name)
            if name in path:
                entry[name] = self.notes.path.key(name)
            elif self._endpoint.route.framework == "litestar" and name == "data":
                entry[name] = self._data(hint)
            elif (dependency := self._depends(parameter, hint)) is not None:
                entry[name] = self._walk(dependency, self._entry(dependency))
            elif self._asks(parameter, hint):
                entry[name] = self._parameter(name, parameter, hint)
        return entry

    def _data(self, hint: object) -> Node:
        """The message of a listener, by its annotation."""
        if hint is str:
            self.notes.kinds["text"] = None
            return self.notes.text
        if hint is bytes:
            self.notes.kinds["bytes"] = None
            return self.notes.blob
        self.notes.kinds["json"] = None
        models.learn(hint, self.notes.json, self.notes)
        return self.notes.json

    def _hooked(self, unit: Unit, owner: type) -> Variables:
        """The arguments of a method that is called with each message."""
        names = unit.parameters()
        name = unit.tree.name
        encoding = getattr(owner, "encoding", None)
        if name == "receive_json":
            self.notes.kinds["json"] = None
            return dict.fromkeys(names[:1], self.notes.json)
        if "text_data" in names:
            return {"text_data": self.notes.text, "bytes_data": self.notes.blob}
        if not names:
            return {}
        data = "data" if "data" in names else names[-1]
        decode = member(owner, "decode") if name == "on_receive" else None
        if decode is not None and self.owns(decode.value):
            # Starlette's endpoints let the app read the event by itself.
            return {data: self.returned(decode.value, [None, self.notes.event], {}) or self.notes.event}
        if isinstance(encoding, str):
            self.notes.kinds[encoding] = None
            return {data: {"json": self.notes.json, "bytes": self.notes.blob}.get(encoding, self.notes.text)}
        if self._endpoint.route.framework == "litestar":
            return {data: self._data(annotations_of(unit.function).get(data))}
        return {data: self.notes.event}

    def _asks(self, parameter: inspect.Parameter, hint: object) -> bool:
        """Whether a framework fills a parameter from the query string or a header."""
        marks = [type(parameter.default).__name__, *(type(mark).__name__ for mark in typing.get_args(hint)[1:])]
        if "Depends" in marks:
            return False
        if not {"Query", "Header", "Cookie", "ParameterKwarg"}.isdisjoint(marks):
            return True
        return self._endpoint.route.framework in ("fastapi", "litestar") and unmarked(hint) in (str, int, float, bool)

    def _depends(self, parameter: inspect.Parameter, hint: object) -> Unit | None:
        """The function whose result FastAPI passes for a parameter."""
        for mark in (parameter.default, *typing.get_args(hint)[1:]):
            unit = self._code.unit(getattr(mark, "dependency", None))
            if unit is not None:
                return unit
        return None

    def _parameter(self, name: str, parameter: inspect.Parameter, hint: object) -> Node:
        marks = [parameter.default, *typing.get_args(hint)[1:]]
        node = self._asked_for(name, marks)
        # `Query("1,2")` holds it, as fields of a model do.
        for default in (parameter.default, getattr(parameter.default, "default", None)):
            node.stands(default)
        if node in self.notes.query.keys.values():
            models.learn(unmarked(hint), node, self.notes)
        return node

    def _asked_for(self, name: str, marks: list[typing.Any]) -> Node:
        """What a parameter is filled with, by its marks."""
        notes = self.notes
        alias = next((mark.alias for mark in marks if isinstance(getattr(mark, "alias", None), str)), None)
        for place, where in (("header", notes.headers), ("cookie", notes.cookies)):
            # Litestar's Parameter says by its fields where it is found.
            called = next((getattr(mark, place) for mark in marks if isinstance(getattr(mark, place, None), str)), None)
            if called is not None:
                return where.key(called)
        if any(type(mark).__name__ == "Cookie" for mark in marks):
            return notes.cookies.key(alias or name)
        if any(type(mark).__name__ == "Header" for mark in marks):
            return notes.headers.key(alias or name.replace("_", "-"))
        return notes.query.key(alias or name)

    # --- the result ---

    def knowledge(self) -> Knowledge:
        """What was read, as one value."""
        notes = self.notes
        _merge(notes)
        return Knowledge(
            kinds=tuple(kind for kind in _KINDS if kind in notes.kinds),
            json=notes.json.frozen(),
            text=notes.text.frozen(),
            blob=notes.blob.frozen(),
            chunks=tuple(notes.blob.chunks),
            codes=tuple(notes.codes),
            layouts=notes.unpacked(),
            varint=notes.varint,
            trailer=notes.trailer(),
            json_in_bytes=notes.json_in_bytes,
            packed=notes.packed,
            models=tuple(notes.models),
            query=_asked(notes.query),
            headers=_asked(notes.headers),
            cookies=_asked(notes.cookies),
            path=_asked(notes.path),
            subprotocols=_offered(notes),
            waits=tuple(notes.waits),
            events=tuple(
                Heard(namespace, name, tuple(node.frozen() for node in nodes))
                for (namespace, name), nodes in notes.events.items()
            ),
            grammars=tuple(notes.grammars),
            functions=tuple(self._known),
            reached=reached_by(self._units.values(), self.owns_class),
        )


def _differs(value: Value, known: Live) -> bool:
    return value is None or (isinstance(value, Live) and value.value is not known.value and value.value is not None)


def _merge(notes: Notes) -> None:
    """A message that was received without saying which kind is text, as far as it was treated as text."""
    event, text = notes.event, notes.text
    for known in ("constants", "prefixes", "patterns", "lengths", "samples", "grammars"):
        getattr(text, known).update(getattr(event, known))
    text.words = text.words or event.words
    text.variants = text.variants or event.variants
    text.separator = text.separator or event.separator
    if "json" in notes.kinds and text.frozen():
        # `if raw == "ping"` before the JSON is parsed.
        notes.kinds["text"] = None
    if "bytes" in notes.asked:
        notes.kinds["bytes"] = None
    if "text" in notes.asked and "json" not in notes.kinds:
        notes.kinds["text"] = None
    if not notes.kinds:
        for kind, node in (("text", text), ("json", notes.json), ("bytes", notes.blob)):
            if node.frozen():
                notes.kinds[kind] = None


def _offered(notes: Notes) -> tuple[str, ...]:
    """The subprotocols that a handler accepts, or looks for among those that are offered; where it looks for a
    beginning, one that goes on.
    """
    shape = notes.offers.frozen()
    shapes = (shape,) if shape.item is None else (shape, shape.item)
    looked_for = [one for each in shapes for one in (*each.constants, *(f"{start}1" for start in each.prefixes))]
    return tuple(dict.fromkeys((*notes.subprotocols, *(one for one in looked_for if isinstance(one, str) and one))))


def _asked(node: Node) -> tuple[Asked, ...]:
    found = []
    for name, asked in node.keys.items():
        # `parse_qs` gives lists.
        found.append(Asked(name, (asked.items or (asked.places or [asked])[0]).frozen()))
    return tuple(found)


def _defaults(function: types.FunctionType) -> Variables:
    """Texts and numbers that parameters stand for where nothing is given."""
    parameters = inspect.signature(function).parameters.values()
    return {one.name: Live(one.default) for one in parameters if type(one.default) in (str, int, float)}
