"""A GraphQL schema as plain frozen data: what can be asked for, and what it takes.

Read from graphql-core's object, or from a file. graphql-core (the extra `wsreplay[graphql]`) is needed for files only,
and imported only then: of an object the attributes are read.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, TypeAlias

from wsreplay.errors import ConfigError

TypeKind: TypeAlias = Literal["scalar", "enum", "input", "object", "abstract"]

OPERATIONS = ("query", "mutation", "subscription")


@dataclass(frozen=True, slots=True)
class Ref:
    """A type as a field or an argument names it: `text` as in `[Int!]!`, `name` the type inside, `lists` how many
    lists are around it, `required` whether null is refused.
    """

    text: str
    name: str
    lists: int = 0
    required: bool = False


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument of a field, or a field of an input object. Without `needed` it may be left out."""

    name: str
    type: Ref
    needed: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """A field of an object type."""

    name: str
    type: Ref
    arguments: tuple[Argument, ...] = ()


@dataclass(frozen=True, slots=True)
class Type:
    """A named type: the members of an enum, the `inputs` of an input object, the `fields` of an object or interface,
    the object types that an interface or union stands for.
    """

    kind: TypeKind
    name: str
    members: tuple[str, ...] = ()
    inputs: tuple[Argument, ...] = ()
    fields: tuple[Field, ...] = ()
    possible: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Schema:
    """`roots` are the operations that the schema has, each with the name of its type, in the order of `OPERATIONS`."""

    roots: tuple[tuple[str, str], ...]
    types: Mapping[str, Type]


def read_schema(schema: Any) -> Schema:
    """Read a schema object of graphql-core."""
    types = {name: _type(schema, known) for name, known in schema.type_map.items() if not name.startswith("__")}
    roots = [(operation, getattr(schema, f"{operation}_type", None)) for operation in OPERATIONS]
    return Schema(tuple((operation, root.name) for operation, root in roots if root is not None), types)


@lru_cache(maxsize=8)
def read_file(path: Path) -> Schema:
    """Read a schema from a file: SDL, or the result of an introspection query as JSON.

    Raises ConfigError for a file that cannot be read or is neither, and where graphql-core is not installed.
    """
    try:
        import graphql
    except ImportError:
        raise ConfigError(
            f"graphql_schema = {str(path)!r} needs graphql-core, which is not installed",
            "Install it: pip install 'wsreplay[graphql]'.",
        ) from None
    try:
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".json":
            document = json.loads(text)
            return read_schema(graphql.build_client_schema(document.get("data", document)))
        return read_schema(graphql.build_schema(text))
    except OSError as error:
        raise ConfigError(f"graphql_schema: {path} cannot be read: {error.strerror}", "Name the schema file.") from None
    except Exception as error:
        raise ConfigError(
            f"graphql_schema: {path} holds no GraphQL schema: {error}",
            "Expected SDL, or the result of an introspection query in a file that ends in .json.",
        ) from error


def _type(schema: Any, known: Any) -> Type:
    name, kind = known.name, type(known).__name__
    if kind == "GraphQLEnumType":
        return Type("enum", name, members=tuple(known.values))
    if kind == "GraphQLInputObjectType":
        return Type("input", name, inputs=_arguments(known.fields))
    if kind == "GraphQLObjectType":
        return Type("object", name, fields=_fields(known))
    if kind in ("GraphQLInterfaceType", "GraphQLUnionType"):
        possible = tuple(one.name for one in schema.get_possible_types(known))
        return Type("abstract", name, fields=_fields(known) if hasattr(known, "fields") else (), possible=possible)
    return Type("scalar", name)


def _fields(known: Any) -> tuple[Field, ...]:
    return tuple(Field(name, _ref(field.type), _arguments(field.args)) for name, field in known.fields.items())


def _arguments(known: Mapping[str, Any]) -> tuple[Argument, ...]:
    made = []
    for name, argument in known.items():
        type_ = _ref(argument.type)
        # graphql-core 3.2 marks 'no default' with a value of its own; since 3.3 a default may be kept as written.
        written = getattr(argument, "default", None)
        optional = written is not None or type(argument.default_value).__name__ != "UndefinedType"
        made.append(Argument(name, type_, type_.required and not optional))
    return tuple(made)


def _ref(type_: Any) -> Ref:
    text, lists = str(type_), 0
    required = text.endswith("!")
    while hasattr(type_, "of_type"):
        lists += type(type_).__name__ == "GraphQLList"
        type_ = type_.of_type
    return Ref(text, type_.name, lists, required)
