"""What GraphQL servers keep from the outside: bugs of the app, errors of clients, and what is their own."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Callable
from pathlib import Path

import ariadne
import pytest
import strawberry
from ariadne.asgi import GraphQL as AriadneGraphQL
from graphql import GraphQLError
from strawberry.asgi import GraphQL as StrawberryGraphQL
from strawberry.exceptions import ConnectionRejectionError

from wsreplay.model import Finding
from wsreplay.simulation.graphql_errors import resolver_exception
from wsreplay.testing import LiveTarget, Result, scenario


def deliberately(what: str) -> None:
    raise PermissionError(f"{what} is not for you")


def ask(name: str) -> int:
    """Does what its name says."""
    if name == "refuse":
        raise ValueError("no")
    if name == "helper":
        deliberately(name)
    if name == "graphql":
        raise GraphQLError("no")
    if name == "library":
        json.loads(name)
    return {"a": 1}[name]


@strawberry.type
class Query:
    @strawberry.field
    def ask(self, name: str) -> int:
        return ask(name)


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def ask(self, name: str) -> AsyncGenerator[int, None]:
        yield 1
        yield ask(name)


class Guarded(StrawberryGraphQL):
    async def on_ws_connect(self, context: object) -> object:
        raise ConnectionRejectionError


def by_ariadne() -> AriadneGraphQL:
    query = ariadne.QueryType()
    query.set_field("ask", lambda _root, _info, name: ask(name))
    return AriadneGraphQL(ariadne.make_executable_schema("type Query { ask(name: String!): Int }", query))


Told = Callable[..., Result]


@pytest.fixture
def told() -> Told:
    def perform(app: object, *messages: object, protocol: str = "graphql-transport-ws", init: bool = True) -> Result:
        script = scenario("/").connect(subprotocols=[protocol])
        if init:
            script = script.send_json({"type": "connection_init"})
        for message in messages:
            script = script.send_json(message)
        return LiveTarget(app).run(script.wait(1))

    return perform


def starting(query: str, word: str = "subscribe") -> dict[str, object]:
    return {"id": "1", "type": word, "payload": {"query": query}}


def exceptions(findings: tuple[Finding, ...]) -> list[str | None]:
    return [finding.exception for finding in findings]


STRAWBERRY = StrawberryGraphQL(strawberry.Schema(Query, subscription=Subscription))


@pytest.mark.parametrize("kind", ["query", "subscription"])
@pytest.mark.parametrize(
    ("name", "expected"),
    [("a", []), ("x", ["KeyError"]), ("library", ["JSONDecodeError"]), ("refuse", []), ("helper", []), ("graphql", [])],
)
def test_a_bug_is_what_no_statement_of_the_apps_raised(told, kind, name, expected):
    result = told(STRAWBERRY, starting(f'{kind} {{ ask(name: "{name}") }}'))
    assert exceptions(result.failures) == expected
    assert result.json()[-1]["type"] in ("complete", "next")


@pytest.mark.parametrize(("name", "expected"), [("a", []), ("x", ["KeyError"]), ("refuse", []), ("graphql", [])])
def test_ariadne_is_seen_through_as_well(told, name, expected):
    result = told(by_ariadne(), starting(f'{{ ask(name: "{name}") }}', "start"), protocol="graphql-ws")
    assert exceptions(result.failures) == expected
    assert result.json()[-1]["type"] == "data"


def test_the_sentence_says_who_saw_it(told):
    (finding,) = told(STRAWBERRY, starting('{ ask(name: "x") }')).failures
    assert finding.detail == "KeyError left a resolver, and strawberry gave it to client 0 as an error."
    assert finding.location.file.endswith(Path(__file__).name)


@pytest.mark.parametrize("query", ["", "{", "{ nothing }", "{ ask }", "{ ask(name: 5) }", "subscription { a b }"])
def test_errors_of_clients_are_theirs(told, query):
    for app, word, protocol in (
        (STRAWBERRY, "subscribe", "graphql-transport-ws"),
        (by_ariadne(), "start", "graphql-ws"),
    ):
        assert told(app, starting(query, word), protocol=protocol).failures == ()


@pytest.mark.parametrize(
    "message", [[], None, 5, {"type": []}, {"type": "subscribe", "id": [], "payload": {"query": "{a}"}}]
)
def test_what_the_servers_cannot_take_is_a_warning(told, message):
    for app, protocol in ((STRAWBERRY, "graphql-transport-ws"), (by_ariadne(), "graphql-ws")):
        assert told(app, message, protocol=protocol).failures == ()
    assert told(STRAWBERRY, []).warnings


def test_a_subprotocol_that_ariadne_was_not_offered_is_its_own_affair(told):
    assert told(by_ariadne(), protocol="unknown.v0", init=False).failures == ()


def test_a_refusal_of_the_old_protocol_is_no_server_error(told):
    guarded = Guarded(strawberry.Schema(Query))
    result = told(guarded, protocol="graphql-ws")
    assert result.close_code() == 1011
    assert result.failures == ()


def test_an_exception_is_found_however_often_it_was_wrapped():
    inner = KeyError("a")
    wrapped: BaseException = inner
    for _ in range(3):
        wrapped = GraphQLError("error", original_error=wrapped)  # type: ignore[arg-type]
    assert resolver_exception(wrapped) is inner
    assert resolver_exception(GraphQLError("client")) is None
    assert resolver_exception(inner) is inner
    endless = GraphQLError("endless")
    endless.original_error = endless
    assert resolver_exception(endless) is None
