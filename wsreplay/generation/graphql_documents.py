"""GraphQL operations as the JSON of a payload: built from a schema, or, without one, such as any server takes."""

from __future__ import annotations

from json.encoder import encode_basestring_ascii as quote

from wsreplay.generation.dice import Dice
from wsreplay.generation.graphql_schema import Argument, Field, Schema, Type
from wsreplay.generation.graphql_values import Values

_DEEPEST = 4
_WEIGHTS = {"query": 3, "mutation": 2, "subscription": 3}

GENERIC = (
    "{ __typename }",
    "query { __typename }",
    "subscription { __typename }",
    "mutation { __typename }",
    "query Named { __schema { queryType { name } } }",
    "{ __schema { types { name fields { name args { name } } } } }",
    '{ __type(name: "Query") { fields { name } } }',
    "{ a: __typename b: __typename }",
    "query ($a: Boolean = true) { __typename @include(if: $a) }",
    "query A { __typename } query B { __typename }",
)
"""Documents that are valid whatever the schema."""

ODD = (
    "",
    " ",
    "{",
    "{ }",
    "query",
    "{ nothingLikeThis }",
    "query { __typename",
    "subscription { nothingLikeThis }",
    "subscription { a: __typename b: __typename }",
    "query ($a: Int!) { __typename }",
    "query ($a: Unknown) { __typename @include(if: $a) }",
    "fragment F on Query { ...F } { ...F }",
    "query { ...Missing }",
    "{ __typename @unknown }",
    "type Query { a: Int }",
    "{ \u00e9 }",
    "{ __typename(a: 1) }",
    "# only a comment",
    "{a" * 60 + "}" * 60,
    "{ " + "a: __typename " * 200 + "}",
)
"""Documents that are not."""


class Documents:
    """Makes operations: with a schema mostly valid ones of it, subscriptions included."""

    def __init__(self, schema: Schema | None) -> None:
        self._schema = schema
        self._roots: list[tuple[str, Type]] = []
        if schema is not None:
            self._values = Values(schema)
            for operation, name in schema.roots:
                root = schema.types[name]
                self._roots += [(operation, root)] * (_WEIGHTS[operation] if root.fields else 0)

    def operation(self, dice: Dice) -> str:
        """The payload of an operation, as JSON."""
        if not self._roots or dice.one_in(12):
            query = dice.pick(ODD) if dice.one_in(3) else dice.pick(GENERIC)
            return _payload(query, [], "Missing" if dice.one_in(16) else "")
        operation, root = dice.pick(self._roots)
        return _Writing(self._schema, self._values, dice).payload(operation, root)


class _Writing:
    """One document while it is written."""

    def __init__(self, schema: Schema | None, values: Values, dice: Dice) -> None:
        assert schema is not None
        self._types = schema.types
        self._values = values
        self._dice = dice
        # All in variables, or all in the document: both are usual.
        self._in_variables = dice.one_in(2)
        self._declared: list[str] = []
        self._variables: list[str] = []

    def payload(self, operation: str, root: Type) -> str:
        dice = self._dice
        # A subscription has one field (GraphQL specification, 5.2.3.1).
        count = 1 if operation == "subscription" or not dice.one_in(4) else 2 + dice.below(2)
        fields = [self._field(dice.pick(root.fields), 0, f"f{number}: " if number else "") for number in range(count)]
        name = "Op" if self._declared or dice.one_in(4) else ""
        declared = f"({', '.join(self._declared)})" if self._declared else ""
        head = f"{operation} {name}{declared}".rstrip()
        return _payload(f"{head} {{ {' '.join(fields)} }}", self._variables, name if dice.one_in(2) else "")

    def _field(self, field: Field, depth: int, alias: str = "") -> str:
        arguments = [self._argument(one) for one in self._values.given(field.arguments, self._dice)]
        given = f"({', '.join(arguments)})" if arguments else ""
        return f"{alias}{field.name}{given}{self._selection(field.type.name, depth)}"

    def _argument(self, argument: Argument) -> str:
        if not self._in_variables:
            return f"{argument.name}: {self._values.value(argument.type, self._dice, literal=True)}"
        variable = f"v{len(self._declared)}"
        self._declared.append(f"${variable}: {argument.type.text}")
        if not self._dice.one_in(48):
            value = self._values.value(argument.type, self._dice, literal=False)
            self._variables.append(f"{quote(variable)}: {value}")
        return f"{argument.name}: ${variable}"

    def _selection(self, name: str, depth: int) -> str:
        """What is asked of a composite type; nothing for a leaf."""
        known = self._types.get(name)
        if known is None or known.kind not in ("object", "abstract"):
            return ""
        parts = self._selected(known, depth)
        for possible in known.possible:
            inner = self._types[possible]
            if self._dice.one_in(2):
                parts.append(f"... on {possible} {{ {' '.join(self._selected(inner, depth) or ['__typename'])} }}")
        if not parts or self._dice.one_in(16):
            parts.append("__typename")
        return f" {{ {' '.join(parts)} }}"

    def _selected(self, known: Type, depth: int) -> list[str]:
        fields = [field for field in known.fields if self._is_leaf(field) or depth < _DEEPEST]
        dice = self._dice
        # Every field half of the time, and one at least.
        chosen = [field for field in fields if dice.one_in(2) and (self._is_leaf(field) or not dice.one_in(3))]
        if not chosen and fields:
            chosen = [dice.pick(fields)]
        return [self._field(field, depth + 1) for field in chosen]

    def _is_leaf(self, field: Field) -> bool:
        known = self._types.get(field.type.name)
        return known is None or known.kind in ("scalar", "enum")


def _payload(query: str, variables: list[str], name: str) -> str:
    members = [f'"query": {quote(query)}']
    if variables:
        members.append('"variables": {' + ", ".join(variables) + "}")
    if name:
        members.append(f'"operationName": {quote(name)}')
    return "{" + ", ".join(members) + "}"
