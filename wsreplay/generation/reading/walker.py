# ruff: noqa: D102, N815 - the names and the meaning of `visit_` methods are those of `ast.NodeVisitor`.
"""Follows messages through the syntax tree of one function, and notes what is done with them.

It is a reading, not an execution: both branches of every `if` are followed, loops once, and what cannot be told is
None. What calls mean is in `calls`.
"""

from __future__ import annotations

import ast
import types

from wsreplay.generation.knowledge import DATED
from wsreplay.generation.reading import calls, commands, framing, grammars, handshake, matching, models, objects
from wsreplay.generation.reading.arguments import given_to
from wsreplay.generation.reading.branches import opcodes, opcodes_of_case, opcodes_past
from wsreplay.generation.reading.code import (
    Definition,
    Live,
    Unit,
    attribute,
    definer,
    kept_in_state,
    member,
    named,
    names_of,
)
from wsreplay.generation.reading.comparisons import compare
from wsreplay.generation.reading.comprehensions import comprehension, turns
from wsreplay.generation.reading.expressions import is_beginning, tells_time
from wsreplay.generation.reading.nodes import Node
from wsreplay.generation.reading.places import at, bounds_of, part_of
from wsreplay.generation.reading.roles import Reader
from wsreplay.generation.reading.values import (
    Inner,
    Length,
    OneOf,
    Parts,
    Rows,
    Several,
    Stream,
    Tail,
    This,
    Value,
    Variables,
    Written,
    computed,
    constant_of,
    first_of,
    is_flag,
    is_unknown,
    live,
    named_parts,
    owner_of,
    pair_of,
    shifted,
    texts_of,
    weaker,
)

_DEEPEST = 4
_SEVEN_BITS = 0x7F
_TYPES = (type, types.UnionType)


class Walker(ast.NodeVisitor):
    """Walks one function. Every `visit_` of an expression gives what it stands for."""

    def __init__(self, reader: Reader, unit: Unit, variables: Variables, depth: int = 0) -> None:
        self.reader = reader
        self.notes = reader.notes
        self.unit = unit
        self.variables = variables
        self.result: Value = None
        self._depth = depth
        self._sides: dict[ast.Compare, tuple[Value, Value]] = {}

    def walk(self, body: list[ast.stmt]) -> Value:
        """Walk statements; gives what the function returns."""
        around = self.notes.opened_by
        for statement in body:
            self.visit(statement)
            if isinstance(statement, ast.If):
                self.notes.opened_by = opcodes_past(self, statement) or self.notes.opened_by
        self.notes.opened_by = around
        return self.result

    def value(self, expression: ast.AST | None) -> Value:
        """What an expression stands for."""
        found: Value = self.visit(expression) if expression is not None else None
        return found

    def sides(self, comparison: ast.Compare) -> tuple[Value, Value]:
        """What the first two things that a comparison compares stood for: to look twice may be to read twice."""
        return self._sides.get(comparison, (None, None))

    # --- names and places ---

    def visit_Constant(self, node: ast.Constant) -> Value:
        return Live(node.value)

    def visit_Name(self, node: ast.Name) -> Value:
        if node.id in self.variables:
            return self.variables[node.id]
        return named(self.unit.function, node.id)

    def visit_Attribute(self, node: ast.Attribute) -> Value:
        asked = handshake.part(self.notes, node)
        if asked is not None and not self._own(node):
            return asked
        if (kept := kept_in_state(self.unit.function, node)) is not None:
            return kept
        base = self.value(node.value)
        if (place := self._place(base, node.attr)) is not None:
            return place
        if isinstance(base, This):
            known = self.reader.field(base.owner, node.attr)
            return known if known is not None else member(base.owner, node.attr)
        if isinstance(base, Live):
            known = self.reader.field(type(base.value), node.attr)
            return known if known is not None else attribute(base.value, node.attr)
        if isinstance(base, OneOf):
            return objects.attribute_of(self, base, node.attr)
        if isinstance(base, Node) and node.attr == "year" and not DATED.isdisjoint(base.uses):
            # What it is compared with is a number that the date depends on.
            return base
        if is_unknown(base):
            return self.reader.method_named(self.unit, node.attr)
        return base.key(node.attr) if isinstance(base, Node) and base.modelled and node.attr[0] != "_" else None

    def _place(self, base: Value, name: str) -> Live | None:
        """How far an object has read a message, which it knows under this name."""
        owner, cuts = owner_of(base), self.notes.cuts
        key = (definer(owner, self.unit.function), name) if owner is not None else None
        return Live(cuts.places[key]) if cuts is not None and key in cuts.places else None

    def _own(self, node: ast.Attribute) -> bool:
        """Whether it is an attribute of a message that the app has made an object of, whatever its name."""
        holder = self.value(node.value)
        return isinstance(holder, This) and self.reader.field(holder.owner, node.attr) is not None

    def visit_Subscript(self, node: ast.Subscript) -> Value:
        base, index = self.value(node.value), self.value(node.slice)
        if isinstance(node.ctx, ast.Load):
            return self.at(base, index, required=True)
        return None

    def at(self, base: Value, index: Value, required: bool) -> Value:
        """What is in `base` at `index`; `required` when it breaks without it."""
        return at(self.notes, base, index, required)

    def visit_Slice(self, node: ast.Slice) -> Value:
        start, end = values = [self.value(bound) for bound in (node.lower, node.upper)]
        if isinstance(start, Node):
            # From here on, to the end or to somewhere: what begins at 0 may be all that there is.
            start.compared(0)
        if isinstance(node.upper, ast.BinOp) and end is start:
            # `data[offset : offset + length]`
            end = self.value(node.upper.right)
        if isinstance(end, Node):
            end.measures = True
        return Live(bounds_of(values, begun=node.lower is None))

    # --- expressions that hand on what is in them ---

    def visit_Await(self, node: ast.Await | ast.Starred) -> Value:
        return self.value(node.value)

    visit_Starred = visit_Await

    def visit_NamedExpr(self, node: ast.NamedExpr) -> Value:
        value = self.value(node.value)
        self.bind(node.target, value)
        return value

    def visit_BoolOp(self, node: ast.BoolOp) -> Value:
        found, around = [], self.notes.opened_by
        for part in node.values:
            found.append(self.value(part))
            if self.notes.cuts is not None and isinstance(node.op, ast.And):
                # What comes after it is read of messages for which this holds.
                self.notes.opened_by = opcodes(self, part) or self.notes.opened_by
        self.notes.opened_by = around
        return first_of(found)

    def visit_IfExp(self, node: ast.IfExp) -> Value:
        self.value(node.test)
        return first_of([self.value(node.body), self.value(node.orelse)])

    def visit_BinOp(self, node: ast.BinOp) -> Value:
        left, right = self.value(node.left), self.value(node.right)
        grammars.computed(self, node, left)
        known, other = constant_of(left), constant_of(right)
        number = computed(known, node.op, other)
        if number is not None:
            return Live(number)
        if (framed := framing.computed(self, node.op, left, right)) is not None:
            return framed
        if isinstance(node.op, ast.BitOr) and isinstance(known, _TYPES) and isinstance(other, _TYPES):
            return Live(known | other)
        if tells_time(node.left):
            # `time.monotonic() + 60`, `now - 60`
            self.notes.waited(other)
        if isinstance(left, Parts) and isinstance(right, Parts):
            # `[words[0].upper()] + words[1:]` are the parts still.
            return left
        if isinstance(left, Length):
            return shifted(left, node.op, other)
        if isinstance(node.op, ast.BitAnd) and other == _SEVEN_BITS and isinstance(left, Node):
            self.notes.varint = self.notes.varint or framing.is_byte(self.notes, left)
        if isinstance(node.op, ast.BitAnd) and isinstance(left, Node) and is_flag(other):
            left.compared(other)
        if isinstance(left, Node) and isinstance(node.op, ast.RShift) and isinstance(other, int) and 0 < other < 8:
            return left.shifted(other)
        part = first_of([one for one in (left, right) if isinstance(one, Node)])
        if isinstance(part, Node) and isinstance(node.op, ast.Div | ast.FloorDiv | ast.Sub | ast.Mult | ast.Pow):
            part.used("int")
        return part

    def visit_JoinedStr(self, node: ast.JoinedStr) -> Value:
        self.generic_visit(node)
        return Written("".join(str(part.value) for part in node.values if isinstance(part, ast.Constant)))

    def visit_UnaryOp(self, node: ast.UnaryOp) -> Value:
        value = self.value(node.operand)
        number = constant_of(value)
        negative = isinstance(node.op, ast.USub) and isinstance(number, int | float)
        return Live(-number) if negative else value  # type: ignore[operator]

    def visit_Tuple(self, node: ast.Tuple) -> Value:
        return Several(tuple(self.value(item) for item in node.elts))

    visit_List = visit_Set = visit_Tuple  # type: ignore[assignment]

    def visit_Dict(self, node: ast.Dict) -> Value:
        members = [(self.value(key), self.value(value)) for key, value in zip(node.keys, node.values, strict=True)]
        table = {constant_of(key): value for key, value in members if isinstance(constant_of(key), str | int | type)}
        spread = [value for key, (_, value) in zip(node.keys, members, strict=True) if key is None]
        if spread and isinstance(spread[-1], Node):
            # `{"limit": 10, **message}` is the message, with what stands for what it has not.
            return objects.completed(spread[-1], table)
        return Live({key: live(value) for key, value in table.items()})

    def visit_Compare(self, node: ast.Compare) -> Value:
        values = [self.value(part) for part in (node.left, *node.comparators)]
        self._sides[node] = (values[0], values[1])
        for operator, left, right in zip(node.ops, values[:-1], values[1:], strict=True):
            beginnings = [one for one in texts_of([right]) if is_beginning(node.left, one)]
            if isinstance(left, Node) and beginnings:
                left.prefixes.update(dict.fromkeys(beginnings))
            else:
                compare(self.notes, operator, left, right)
        if any(isinstance(part, ast.BinOp) and tells_time(part.left) for part in (node.left, *node.comparators)):
            # `time.monotonic() - since > 60`
            for value in values:
                self.notes.waited(constant_of(value))
        return None

    # --- statements ---

    def visit_Assign(self, node: ast.Assign) -> None:
        value = self.value(node.value)
        for target in node.targets:
            self.bind(target, value)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        value = self.value(node.value)
        annotation = self.value(node.annotation)
        if isinstance(value, Node) and isinstance(annotation, Live):
            models.learn(annotation.value, value, self.notes)
        self.bind(node.target, value)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        digest = framing.added(self, node.op, self.value(node.target), self.value(node.value))
        if digest is not None:
            self.bind(node.target, digest)
        elif self.notes.cuts is not None and isinstance(self.value(node.target), Live):
            # A place in a message, after something was read: known as long as sizes are.
            known, more = [constant_of(self.value(part)) for part in (node.target, node.value)]
            self.bind(node.target, Live(computed(known, node.op, more)))

    def bind(self, target: ast.expr, value: Value) -> None:
        """What an assignment does; what comes from a client outlives an assignment of anything else."""
        match target:
            case ast.Name(id=name):
                if self.notes.is_blob(value) and self.variables.get(name) is self.notes.text:
                    # Bytes are decoded where there is no text: the same is done with both.
                    return
                if name not in self.variables or not (value is None or weaker(value, self.variables[name])):
                    self.variables[name] = value
            case ast.Tuple(elts=targets) | ast.List(elts=targets):
                for number, part in enumerate(targets):
                    self._bind_part(part, value, number)
            case ast.Attribute(value=holder, attr=name):
                if (owner := owner_of(self.value(holder))) is not None:
                    # What a method of a base class sets is there in every class below it.
                    self.reader.keep(definer(owner, self.unit.function), name, value)
            case _:
                self.visit(target)
                self.filled(target.value, self.value(target.slice), value)  # type: ignore[attr-defined]

    def filled(self, table: ast.expr, key: Value, value: Value) -> None:
        """A table is given a value under a key; it is the text itself where both are parts of one."""
        if (named := named_parts(key, value)) is not None and isinstance(self.value(table), Live):
            self.bind(table, named)

    def _bind_part(self, target: ast.expr, value: Value, number: int) -> None:
        if isinstance(target, ast.Starred):
            rest: Value = None
            if isinstance(value, Parts):
                rest = Parts(value.text, value.separator, value.start + number)
            elif isinstance(value, Node):
                rest = Tail(value, number)
            self.bind(target.value, rest)
        else:
            self.bind(target, part_of(value, number))

    def visit_If(self, node: ast.If) -> None:
        self.visit(node.test)
        with (
            self.notes.branch(opcodes(self, node.test)),
            commands.narrowed(self.variables, *commands.chosen(self, node.test)),
        ):
            self.walk(node.body)
        with self.notes.branch(()):
            self.walk(node.orelse)

    def visit_For(self, node: ast.For | ast.AsyncFor) -> None:
        for one in turns(self, node.iter):
            self.bind(node.target, one)
            self.walk(node.body)
        self.walk(node.orelse)

    visit_AsyncFor = visit_For

    def visit_comprehension(self, node: ast.comprehension) -> None:
        for one in turns(self, node.iter):
            self.bind(node.target, one)
            for condition in node.ifs:
                self.visit(condition)

    def visit_ListComp(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> Value:
        return comprehension(self, node)

    visit_SetComp = visit_GeneratorExp = visit_DictComp = visit_ListComp

    def visit_With(self, node: ast.With | ast.AsyncWith) -> None:
        for item in node.items:
            value = self.value(item.context_expr)
            if item.optional_vars is not None:
                self.bind(item.optional_vars, value)
        self.walk(node.body)

    visit_AsyncWith = visit_With

    def visit_Return(self, node: ast.Return) -> None:
        self.result = first_of([self.result, self.value(node.value)])

    def visit_Yield(self, node: ast.Yield) -> None:
        value = self.value(node.value)
        listed = isinstance(value, This) or pair_of(value) is not None
        yielded = Stream(value) if isinstance(value, Node) else Rows(value) if listed else None
        self.result = first_of([self.result, yielded])

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self.variables[node.name] = Inner(node, self.variables)
        self.inner(node, self.variables, [], {})

    visit_AsyncFunctionDef = visit_FunctionDef

    def inner(self, tree: Definition, around: Variables, given: list[Value], by_name: Variables) -> Value:
        """Walk a function that is defined in this one; its own variables hide those around it."""
        if self._depth >= _DEEPEST:
            return None
        names = names_of(tree, bound=False)
        own = dict.fromkeys(names) | given_to(tree, names, given, by_name)
        return Walker(self.reader, self.unit, around | own, self._depth + 1).walk(tree.body)

    def visit_Match(self, node: ast.Match) -> None:
        subject = self.value(node.subject)
        for case in node.cases:
            by, names = commands.matched(self, case.pattern, subject)
            with (
                self.notes.branch(opcodes_of_case(self, case.pattern, subject)),
                commands.narrowed(self.variables, by, names),
            ):
                matching.match(self, case.pattern, commands.under(subject, by, names))
                self.value(case.guard)
                self.walk(case.body)

    def visit_Call(self, node: ast.Call) -> Value:
        return calls.called(self, node)
