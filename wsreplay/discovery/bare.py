"""From an app without a table of routes to the paths that its own code looks for.

`scope["path"] == "/ws"` is all the table that many an app has. Only the application's own code is read, and none of it
is run.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
import types
from pathlib import Path

from wsreplay.discovery import regexes
from wsreplay.discovery.looking import Looking, Told
from wsreplay.discovery.naming import Names
from wsreplay.discovery.tables import Leaf
from wsreplay.model import Endpoint, Parameter
from wsreplay.sources import Sources

_MOST_FUNCTIONS = 200
_MOST_PATHS = 16


def endpoints(leaf: Leaf) -> list[Endpoint]:
    """The endpoints of an app without a table, one for each path that it looks for, in the order of its source; when it
    looks for none, the likeliest of its place.

    None at all when its source cannot be had, is a library's, or never speaks of `websocket`.
    """
    told = _read(leaf)
    if not told.websocket:
        return []
    above = leaf.place.path
    found: dict[str, tuple[Parameter, ...]] = {}
    for pattern in told.paths:
        path, parameters = regexes.template(pattern)
        # The scope's path may be the whole one, or what is left of it below the mount.
        path = "/" + path.lstrip("/").removeprefix(above.lstrip("/")).lstrip("/")
        found.setdefault(path, parameters)
    if not found:
        found[leaf.suggestion.removeprefix(above) if leaf.suggestion else "/"] = ()
    some = list(found.items())[:_MOST_PATHS]
    return [leaf.place.endpoint("asgi", path, parameters, handler=leaf.handler) for path, parameters in some]


def _read(leaf: Leaf) -> Told:
    """Read the functions that the app's own lead to, in the order in which they are named."""
    told, sources = Told(), Sources(Path())
    todo = _functions(leaf.handler)
    done: set[types.CodeType] = set()
    while todo and len(done) < _MOST_FUNCTIONS:
        function = todo.pop(0)
        if function.__code__ in done or not sources.owns(function.__code__.co_filename):
            continue
        done.add(function.__code__)
        looking = Looking(told, Names(function, leaf.app))
        looking.read(_tree(function))
        todo += [one for thing in looking.reached for one in _functions(thing)]
    return told


def _functions(thing: object) -> list[types.FunctionType]:
    """The functions that a name of the code leads to: the one that it is, or the methods of a class."""
    if inspect.isclass(thing):
        members = [member for cls in thing.__mro__ for member in vars(cls).values()]
    else:
        members = [thing.__func__ if isinstance(thing, types.MethodType) else thing]
    plain = (member.__func__ if isinstance(member, staticmethod | classmethod) else member for member in members)
    return [inspect.unwrap(member) for member in plain if isinstance(member, types.FunctionType)]


def _tree(function: types.FunctionType) -> ast.AST:
    """The function's syntax tree; an empty one when its source cannot be had."""
    try:
        return ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError, RecursionError):
        return ast.Module(body=[], type_ignores=[])
