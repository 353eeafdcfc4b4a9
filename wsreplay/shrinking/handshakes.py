"""Passes over how clients introduce themselves: paths, queries, headers, cookies, subprotocols."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache

from wsreplay.model import Client, Scenario
from wsreplay.shrinking.chunks import fewest
from wsreplay.shrinking.numbers import simplify_int
from wsreplay.shrinking.search import Search
from wsreplay.shrinking.texts import simplify_text

_PARAMETER = re.compile(r"\{[^{}]*\}")
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_NO_UUID = "00000000-0000-0000-0000-000000000000"


def plainer_handshakes(search: Search) -> None:
    """Say nothing that is not needed, and the rest simply. What stands for a credential is left out or left alone."""
    bare = tuple(Client(client.path) for client in search.best.clients)
    if not search.accepts(replace(search.best, clients=bare)):
        for number in range(len(bare)):
            _fewer_parts(search, number)
            _plainer_values(search, number)
    _plainer_paths(search)


def _fewer_parts(search: Search, number: int) -> None:
    def client() -> Client:
        return search.best.clients[number]

    if search.accepts_client(number, Client(client().path)):
        return
    fewest(client().headers, lambda kept: search.accepts_client(number, replace(client(), headers=kept)))
    fewest(client().subprotocols, lambda kept: search.accepts_client(number, replace(client(), subprotocols=kept)))
    parts = tuple(client().query.split("&")) if client().query else ()
    fewest(parts, lambda kept: search.accepts_client(number, replace(client(), query="&".join(kept))))
    for place, (name, value) in enumerate(client().headers):
        if name.lower() == "cookie":
            _fewer_cookies(value, _header(search, number, place))


def _fewer_cookies(value: str, attempt: Callable[[str], bool]) -> None:
    fewest(tuple(value.split(";")), lambda kept: attempt(";".join(kept).strip()))


def _plainer_values(search: Search, number: int) -> None:
    for place, (_, value) in enumerate(search.best.clients[number].headers):
        if "{{" not in value:
            simplify_text(value, _header(search, number, place))
    parts = search.best.clients[number].query.split("&")
    for place, part in enumerate(parts):
        name, equals, value = part.partition("=")
        if "{{" not in part:

            def attempt(new: str, place: int = place, name: str = name, equals: str = equals) -> bool:
                query = "&".join((*parts[:place], f"{name}{equals}{new}", *parts[place + 1 :]))
                return search.accepts_client(number, replace(search.best.clients[number], query=query))

            parts[place] = f"{name}{equals}{simplify_text(value, attempt)}"


def _header(search: Search, number: int, place: int) -> Callable[[str], bool]:
    def attempt(value: str) -> bool:
        client = search.best.clients[number]
        header = (client.headers[place][0], value)
        headers = (*client.headers[:place], header, *client.headers[place + 1 :])
        return search.accepts_client(number, replace(client, headers=headers))

    return attempt


# --- paths -----------------------------------------------------------------------------------------------------------


def parameters(route: str, path: str) -> tuple[str, ...]:
    """The values of the route's parameters in a path; none when the path is not one of the route's."""
    found = _template(route).fullmatch(path)
    return found.groups() if found else ()


def with_parameters(route: str, path: str, values: Sequence[str]) -> str:
    """The path with other values for its parameters, in their order; the path as it is when it has none."""
    rest = iter(values)
    return _PARAMETER.sub(lambda _: next(rest), route) if values else path


def path_values(scenario: Scenario, path: str) -> tuple[str, ...]:
    """What may be another value in a path of one of the clients: the route's parameters; every segment where the path
    is not the route's, but other clients' are.
    """
    route = scenario.route
    if _template(route).fullmatch(path):
        return parameters(route, path)
    mixed = any(_template(route).fullmatch(client.path) for client in scenario.clients)
    return tuple(path.split("/")[1:]) if mixed else ()


def with_path_values(scenario: Scenario, path: str, values: Sequence[str]) -> str:
    """The path with others in the place of its `path_values`, in their order."""
    if parameters(scenario.route, path):
        return with_parameters(scenario.route, path, values)
    return "/".join(("", *values)) if values else path


@lru_cache(maxsize=16)
def _template(route: str) -> re.Pattern[str]:
    literals = [re.escape(literal) for literal in _PARAMETER.split(route)]
    return re.compile("(.+?)".join(literals), re.DOTALL)


def _plainer_paths(search: Search) -> None:
    """Simplify the values in paths, the same value in all clients at once; then let a client go where another does.

    Whether a value still suits its converter shows in that the scenario still fails.
    """
    for number in range(len(search.best.clients)):
        for place in range(len(path_values(search.best, search.best.clients[number].path))):
            _plainer_parameter(search, number, place)
        for other in search.best.clients[:number]:
            client = search.best.clients[number]
            search.accepts_client(number, replace(client, path=other.path))


def _plainer_parameter(search: Search, number: int, place: int) -> None:
    path = search.best.clients[number].path
    value = path_values(search.best, path)[place]
    own = bool(parameters(search.best.route, path))

    def attempt(new: str) -> bool:
        nonlocal value
        best = search.best
        clients = tuple(_elsewhere(best, client, own, place, value, new) for client in best.clients)
        accepted = bool(new) and search.accepts(replace(best, clients=clients))
        value = new if accepted else value
        return accepted

    if not own:
        # A segment of another route's path, more likely its name than a value.
        _ = attempt("a") or attempt("0")
    elif _UUID.fullmatch(value) and (value == _NO_UUID or attempt(_NO_UUID)):
        return
    elif re.fullmatch(r"-?[0-9]{1,40}", value) and not attempt("a"):
        simplify_int(int(value), lambda number: attempt(str(number)))
    else:
        simplify_text(value, attempt)


def _elsewhere(scenario: Scenario, client: Client, own: bool, place: int, old: str, new: str) -> Client:
    """The client with another value in its path: in the same place, or anywhere in a path of another route."""
    values = list(path_values(scenario, client.path))
    same_route = bool(parameters(scenario.route, client.path)) is own
    for number, value in enumerate(values):
        if value == old and (number == place or not same_route):
            values[number] = new
    return replace(client, path=with_path_values(scenario, client.path, values))
