"""The GraphQL servers that people mount: strawberry's and ariadne's, the subprotocols they speak, their schemas."""

from __future__ import annotations

import inspect
import types

from wsreplay.discovery.handlers import is_a
from wsreplay.discovery.tables import Place, Table
from wsreplay.discovery.wrappers import cells

NEW = "graphql-transport-ws"
OLD = "graphql-ws"


def read(app: object, place: Place) -> Table | None:
    """One route, the place of the app itself: it answers every path below, the trailing slash is Starlette's."""
    for framework in ("strawberry", "ariadne"):
        if is_a(app, framework, "GraphQL"):
            route = place.endpoint(
                framework, "/", handler=type(app), subprotocols=subprotocols(app), schema=schema(app)
            )
            return Table(framework, (route,), size=1)
    return None


def subprotocols(endpoint: object, options: object = None) -> tuple[str, ...]:
    """What a GraphQL app, or a route handler that one of them installed, speaks; () for every other handler.

    `options` are the keyword arguments of a handler that is made anew for each connection.
    """
    if is_a(endpoint, "ariadne", "GraphQL"):
        handler = getattr(endpoint, "websocket_handler", None)
        return (NEW,) if is_a(handler, "ariadne", "GraphQLTransportWSHandler") else (OLD,)
    if not any(package == "strawberry" for package in _packages(endpoint)):
        return ()
    if isinstance(options, dict):
        owners: list[object] = [types.SimpleNamespace(**options)]
    else:
        owners = [endpoint, getattr(endpoint, "__self__", None)]
        owners += cells(endpoint) if isinstance(endpoint, types.FunctionType) else []
    for owner in owners:
        known = getattr(owner, "protocols", None) or getattr(owner, "subscription_protocols", None)
        if isinstance(known, list | tuple):
            return tuple(name for name in known if name in (NEW, OLD))
    return (NEW, OLD)


def schema(endpoint: object, options: object = None) -> object | None:
    """The graphql-core schema behind a GraphQL app, or a route handler that one of them installed; None for others.

    Looks where `subprotocols` looks, and in what a handler's closure holds.
    """
    # Ariadne's app gives its schema to its handlers.
    things = [endpoint, getattr(endpoint, "__self__", None), getattr(endpoint, "websocket_handler", None), options]
    things += cells(endpoint) if isinstance(endpoint, types.FunctionType) else []
    for thing in things:
        found = thing.get("schema") if isinstance(thing, dict) else getattr(thing, "schema", None)
        # Strawberry's own schema is around graphql-core's.
        core = getattr(found, "_schema", found)
        if is_a(core, "graphql", "GraphQLSchema"):
            return core
    return None


def _packages(endpoint: object) -> list[str]:
    owner = getattr(endpoint, "__self__", endpoint)
    if inspect.isfunction(owner):
        return [(owner.__module__ or "").split(".")[0]]
    lineage = owner.__mro__ if inspect.isclass(owner) else type(owner).__mro__
    return [cls.__module__.split(".")[0] for cls in lineage]
