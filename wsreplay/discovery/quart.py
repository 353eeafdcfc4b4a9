"""Quart: one werkzeug map with all blueprints in it."""

from __future__ import annotations

import re

from wsreplay.discovery import graphql
from wsreplay.discovery.handlers import is_a
from wsreplay.discovery.parameters import alternatives
from wsreplay.discovery.tables import Place, Table
from wsreplay.model import Endpoint, Parameter

_CONVERTERS = {"IntegerConverter": "int", "FloatConverter": "float", "UUIDConverter": "uuid", "PathConverter": "path"}
_HOLE = re.compile(r"<(?:[a-zA-Z_]\w*(?:\(.*?\))?:)?([a-zA-Z_]\w*)>")
_ANY_TEXT = ("[^/]+", "[^/]{1,}")


def read(app: object, place: Place) -> Table | None:
    """The table of a Quart app."""
    if not is_a(app, "quart", "Quart"):
        return None
    rules = list(app.url_map.iter_rules())  # type: ignore[attr-defined]
    return Table("quart", tuple(_endpoint(app, rule, place) for rule in rules if rule.websocket), len(rules))


def _endpoint(app: object, rule: object, place: Place) -> Endpoint:
    view = app.view_functions.get(rule.endpoint)  # type: ignore[attr-defined]
    text = rule.rule  # type: ignore[attr-defined]
    converters = rule._converters  # type: ignore[attr-defined]
    parameters = tuple(_parameter(name, converters[name]) for name in _HOLE.findall(text))
    return place.endpoint(
        "quart",
        _HOLE.sub(r"{\1}", text),
        parameters,
        handler=getattr(view, "view_class", view),
        host=_host(app, rule),
        subprotocols=graphql.subprotocols(getattr(view, "view_class", view)),
        schema=graphql.schema(view),
    )


def _parameter(name: str, converter: object) -> Parameter:
    if is_a(converter, "werkzeug", "AnyConverter"):
        return alternatives(Parameter(name), sorted(getattr(converter, "items", ())))
    own = type(converter).__module__.startswith("werkzeug.")
    known = _CONVERTERS.get(type(converter).__name__) if own else None
    digits = getattr(converter, "fixed_digits", 0)
    if known is not None and not digits:
        return Parameter(name, known)
    pattern = rf"\d{{{digits}}}" if digits else str(getattr(converter, "regex", "[^/]+"))
    return Parameter(name) if pattern in _ANY_TEXT else Parameter(name, "regex", pattern)


def _host(app: object, rule: object) -> str | None:
    """The Host header that the rule asks for: its own, or SERVER_NAME with its subdomain."""
    if app.url_map.host_matching:  # type: ignore[attr-defined]
        return _HOLE.sub(r"\1", rule.host or "") or None  # type: ignore[attr-defined]
    server = app.config.get("SERVER_NAME")  # type: ignore[attr-defined]
    if not server:
        return None
    subdomain = _HOLE.sub(r"\1", rule.subdomain or "")  # type: ignore[attr-defined]
    matched = getattr(app, "subdomain_matching", False) and subdomain
    return f"{subdomain}.{server}" if matched else str(server)
