"""What is asked of a handshake: headers, cookies, the query string, subprotocols, by the names that frameworks have."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from wsreplay.generation.knowledge import Use
from wsreplay.generation.reading.code import Live
from wsreplay.generation.reading.nodes import Node
from wsreplay.generation.reading.notes import Notes
from wsreplay.generation.reading.values import OneOf, Value, constant_of, texts_of

_PARAMETERS: Mapping[str, Use] = {
    # How Falcon's requests are asked for a parameter of the query string.
    "get_param": "str",
    "get_param_as_int": "int",
    "get_param_as_float": "float",
    "get_param_as_bool": "bool",
    "get_param_as_uuid": "uuid",
    "get_param_as_datetime": "datetime",
}


def part(notes: Notes, node: ast.Attribute) -> Node | None:
    """A part of the handshake, by the name that frameworks give it."""
    match node:
        case ast.Attribute(attr="query_params") | ast.Attribute(value=ast.Name(id="websocket"), attr="args"):
            return notes.query
        case ast.Attribute(attr="headers"):
            return notes.headers
        case ast.Attribute(attr="cookies"):
            return notes.cookies
        case ast.Attribute(attr="path_params"):
            return notes.path
        case ast.Attribute(attr="requested_subprotocols" | "subprotocols"):
            return notes.offers
    return None


def accepted(notes: Notes, given: list[Value]) -> None:
    """A bare ASGI app sends the event that accepts a client."""
    event = constant_of(given[0]) if given else None
    if isinstance(event, dict) and event.get("type") == "websocket.accept":
        value = event.get("subprotocol")
        notes.subprotocols.update(texts_of([value if isinstance(value, OneOf) else Live(value)]))


def asked(notes: Notes, name: str, given: list[Value]) -> Node | None:
    """A request is asked for a part of its handshake by a method."""
    key = constant_of(given[0]) if given else None
    if not isinstance(key, str):
        return None
    if name in _PARAMETERS:
        node = notes.query.key(key)
        node.used(_PARAMETERS[name])
        return node
    if name == "get_header":
        return notes.headers.key(key)
    return notes.cookies.key(key) if name == "get_cookie_values" else None
