"""What a framework's file reads from an app: a table of routes, inner apps and leaves, each at its place.

Values only. Nothing here knows a framework or walks an app.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TypeAlias

from wsreplay.discovery.handlers import description, handler_of
from wsreplay.model import Endpoint, Parameter, Route

_HOLE = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the target an app is reached: the template in front of its own paths (no trailing slash), the
    parameters in that template, and the Host header that leads there.
    """

    path: str = ""
    parameters: tuple[Parameter, ...] = ()
    host: str | None = None

    def below(self, path: str, parameters: tuple[Parameter, ...] = ()) -> Place:
        """The place of an app that is mounted here under the template `path`."""
        place = self.exactly(path, parameters)
        return replace(place, path=place.path.rstrip("/"))

    def exactly(self, path: str, parameters: tuple[Parameter, ...] = ()) -> Place:
        """The place under the template `path`, a trailing slash kept.

        Frameworks let a mounted route repeat a parameter's name; a template of ours has each name once.
        """
        taken = {parameter.name for parameter in self.parameters}
        names: dict[str, str] = {}
        for parameter in parameters:
            name, number = parameter.name, 2
            while name in taken:
                name, number = f"{parameter.name}_{number}", number + 1
            names[parameter.name] = name
            taken.add(name)
        renamed = tuple(replace(parameter, name=names[parameter.name]) for parameter in parameters)
        template = _HOLE.sub(lambda hole: "{" + names.get(hole[1], hole[1]) + "}", path)
        return replace(self, path=self.path + template, parameters=self.parameters + renamed)

    def endpoint(
        self,
        framework: str,
        path: str,
        parameters: tuple[Parameter, ...] = (),
        *,
        handler: object | None,
        host: str | None = None,
        subprotocols: tuple[str, ...] = (),
        dependencies: Iterable[object] = (),
    ) -> Endpoint:
        """The endpoint that answers here under the template `path`. `handler` may still wear its wrappers, and so may
        its `dependencies`.
        """
        place = self.exactly(path, parameters)
        found = handler_of(handler)
        route = Route(
            path=place.path or "/",
            framework=framework,
            parameters=place.parameters,
            handler=description(found),
            host=host or self.host,
            subprotocols=subprotocols,
        )
        needed = (handler_of(dependency) for dependency in dependencies)
        return Endpoint(route, found, tuple(one for one in needed if one is not None))


@dataclass(frozen=True, slots=True)
class Inner:
    """An app inside an app. `otherwise` is the endpoint that it is when it has no table of its own."""

    app: object
    place: Place
    otherwise: Endpoint | None = None


@dataclass(frozen=True, slots=True)
class Leaf:
    """An app without a table, so that nobody can say which paths it answers. `suggestion` is a path that it is likely
    to answer; `handler` is the user's code in it, if there is any to read.
    """

    app: object
    place: Place
    suggestion: str = ""
    handler: object | None = None


TableEntry: TypeAlias = Endpoint | Inner | Leaf


@dataclass(frozen=True, slots=True)
class Table:
    """What one framework's file saw in one app, in the order in which the app tries it. `size` counts its routes of
    every kind.
    """

    framework: str
    entries: tuple[TableEntry, ...] = ()
    size: int = 0
