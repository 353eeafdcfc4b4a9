"""The target: what is tested, and what is known of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Parameter:
    """One path parameter of a route: its name, its converter (`str`, `int`, `float`, `uuid`, `path`, `date`,
    `datetime`, `time`, `timedelta`, `decimal`, `regex`, or the framework's own name) and, for `regex`, the pattern.
    """

    name: str
    converter: str = "str"
    pattern: str | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """One WebSocket route of the target.

    `path` is the template as `/chat/{room}` (converters stripped), with the mount prefixes in it; it is the route's
    name everywhere. `handler` is `module:qualname` (or a description, for a bare app). `query` is the query string that
    every client of this route sends, without `?`. `host` is a Host pattern, `subprotocols` what the handler is known to
    speak.
    """

    path: str
    framework: str = "asgi"
    parameters: tuple[Parameter, ...] = ()
    handler: str = ""
    query: str = ""
    host: str | None = None
    subprotocols: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Listener:
    """A function of the app's that a framework calls for each event of a name, in a namespace, that a client sends."""

    namespace: str
    name: str
    function: object


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A discovered route with its live handler: a function, a class, or None when it cannot be had; and the functions
    that the framework calls before it. `schema` is the GraphQL schema (graphql-core's) that it serves, where it serves
    one; `listeners` are those of a Socket.IO server. Never stored.
    """

    route: Route
    handler: object | None = None
    dependencies: tuple[object, ...] = ()
    schema: object | None = None
    listeners: tuple[Listener, ...] = ()


@dataclass(frozen=True, slots=True)
class Target:
    """How to get the app: `name` is `module:attr`, `factory` calls it for each scenario, `app_dir` is put first on the
    import path, `paths` are WebSocket paths (with query) to test where no route table exists, `hooks` are modules to
    import first.
    """

    name: str
    factory: bool = False
    app_dir: str = "."
    paths: tuple[str, ...] = ()
    hooks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one simulation. Seconds are of the simulation's clock, save `block`, `slow` and `scenario`, which
    are real.

    `message` bounds how long a handler may be busy with one message, `connection` how long it may take to accept and,
    once its client has gone, to end. `block` bounds one uninterrupted run of app code, `slow` one message (None: no
    limit). `scenario` is the real time after which no further step of a scenario is begun. `clock` is `auto` (virtual,
    but real while real I/O is under way), `virtual` or `real`.
    """

    message: float = 10.0
    connection: float = 30.0
    block: float = 0.5
    slow: float | None = None
    scenario: float = 300.0
    clock: Literal["auto", "virtual", "real"] = "auto"
