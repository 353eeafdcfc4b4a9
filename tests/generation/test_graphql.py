"""GraphQL scenarios: conversations that follow the protocol and break it, documents that fit the schema."""

from __future__ import annotations

import json
import random
import sys
from collections import Counter
from collections.abc import Iterator

import graphql
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from wsreplay.errors import ConfigError
from wsreplay.generation import Options, register_message_strategy, scenarios
from wsreplay.generation.dice import BLOCK_SIZE, Dice
from wsreplay.generation.graphql_documents import GENERIC, ODD, Documents
from wsreplay.generation.graphql_schema import read_file, read_schema
from wsreplay.generation.registry import forget_all
from wsreplay.model import Endpoint, Route, Scenario, Send, Wait

SDL = """
type Query {
  price(item: String!, count: Int! = 1, unit: Unit): Float
  find(filter: Filter!, at: DateTime, id: ID): [Thing!]!
  node: Node
}
type Mutation { place(orders: [[Filter]!]!, dry: Boolean!): Int }
type Subscription { ticks(upto: Int!): Tick! }
interface Node { id: ID! }
type Tick implements Node { id: ID! at: DateTime next(by: Int!): Tick }
type Book { title: String author(first: Boolean!): String }
union Thing = Tick | Book
input Filter { text: String! = "a", sizes: [Float!], inner: Filter, unit: Unit! }
enum Unit { GRAM KILO }
scalar DateTime
scalar Anything
type Empty { nothing(a: Anything!, d: Decimal!): String }
scalar Decimal
"""
SCHEMA = graphql.build_schema(SDL)


@pytest.fixture(autouse=True)
def empty_registry() -> Iterator[None]:
    forget_all()
    yield
    forget_all()


def drawn(route: Route, options: Options | None = None, schema: object = SCHEMA, count: int = 400) -> list[Scenario]:
    found: list[Scenario] = []

    @seed(5)
    @settings(
        database=None,
        phases=[Phase.generate],
        deadline=None,
        max_examples=count,
        suppress_health_check=list(HealthCheck),
    )
    @given(scenarios(Endpoint(route, None, schema), options or Options()))
    def collect(scenario: Scenario) -> None:
        found.append(scenario)

    collect()
    return found


def messages(scenario: Scenario) -> list[dict]:
    """The JSON objects that the first client sends."""
    found = []
    for step in scenario.steps:
        if isinstance(step, Send) and step.client == 0 and step.kind == "json":
            try:
                value = json.loads(step.data)
            except (ValueError, RecursionError):
                continue
            if isinstance(value, dict):
                found.append(value)
    return found


def operations(number: int = 1500, schema: object = SCHEMA) -> list[dict]:
    chance = random.Random(1)
    documents = Documents(read_schema(schema) if schema is not None else None)
    return [json.loads(documents.operation(Dice(chance.randbytes(BLOCK_SIZE)))) for _ in range(number)]


# --- documents -------------------------------------------------------------------------------------------------------


def errors(query: str, schema: graphql.GraphQLSchema = SCHEMA) -> list[graphql.GraphQLError]:
    try:
        return graphql.validate(schema, graphql.parse(query))
    except graphql.GraphQLError as error:
        return [error]


def test_most_documents_are_valid_and_use_every_operation_field_and_way_to_give_arguments():
    made = operations()
    valid = [one["query"] for one in made if not errors(one["query"])]
    assert len(valid) > 0.75 * len(made)
    text = "\n".join(valid)
    for part in ("price(", "find(", "node {", "place(", "ticks(", "subscription", "mutation", "... on Book", "author("):
        assert part in text
    assert any(one.get("variables") for one in made)
    assert any(one.get("operationName") == "Op" for one in made)
    assert 'item: "' in text
    assert "item: $v0" in text


def test_a_subscription_has_one_field():
    for one in operations(500):
        if one["query"].startswith("subscription Op"):
            assert len(graphql.parse(one["query"]).definitions[0].selection_set.selections) == 1


def test_an_argument_with_a_default_may_be_left_out_and_a_needed_one_hardly_ever_is():
    prices = [one["query"] for one in operations() if "price(" in one["query"]]
    assert any("count:" not in query for query in prices)
    assert sum("item:" not in query for query in prices) < len(prices) / 10


def test_without_a_schema_documents_are_such_as_every_server_takes():
    queries = {one["query"] for one in operations(800, None)}
    assert queries <= {*GENERIC, *ODD}
    assert queries > set(GENERIC)


def test_generic_documents_are_valid_and_odd_ones_are_not():
    schema = graphql.build_schema("type Query { a: Int } type Mutation { a: Int } type Subscription { a: Int }")
    assert [query for query in GENERIC if errors(query, schema) and not query.startswith("subscription")] == []
    # graphql-core 3.3 takes an empty selection.
    odd = {query for query in ODD if not errors(query, schema)} - {"{ }"}
    assert odd == {"{ " + "a: __typename " * 200 + "}"}


def test_an_input_object_that_needs_itself_comes_to_an_end():
    schema = graphql.build_schema("type Query { f(a: A!): Int } input A { b: B } input B { a: A c: [B!]! }")
    assert len(operations(300, schema)) == 300


# --- schemas ---------------------------------------------------------------------------------------------------------


def test_a_schema_is_read_from_sdl_and_from_introspection(tmp_path):
    sdl, introspected = tmp_path / "schema.graphql", tmp_path / "schema.json"
    sdl.write_text(SDL)
    introspected.write_text(json.dumps({"data": graphql.introspection_from_schema(SCHEMA)}))
    assert read_file(sdl) == read_schema(SCHEMA)
    assert dict(read_file(introspected).roots) == {
        "query": "Query",
        "mutation": "Mutation",
        "subscription": "Subscription",
    }


def test_a_configured_file_comes_before_the_apps_schema(tmp_path):
    file = tmp_path / "schema.graphql"
    file.write_text("type Query { onlyInTheFile: Int }")
    found = drawn(Route("/graphql", subprotocols=("graphql-ws",)), Options(graphql_schema=file), count=50)
    text = str(found)
    assert "onlyInTheFile" in text
    assert "price(" not in text


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("missing.graphql", None, "cannot be read: No such file"),
        ("odd.graphql", "type Query {", "holds no GraphQL schema"),
        ("odd.json", "[]", "holds no GraphQL schema"),
        ("empty.json", "", "holds no GraphQL schema"),
    ],
)
def test_a_file_that_holds_no_schema_is_named(tmp_path, name, text, message):
    if text is not None:
        (tmp_path / name).write_text(text)
    with pytest.raises(ConfigError, match=message) as raised:
        read_file(tmp_path / name)
    assert name in raised.value.message


def test_a_file_without_graphql_core_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "graphql", None)
    with pytest.raises(ConfigError, match="needs graphql-core") as raised:
        read_file(tmp_path / "unread.graphql")
    assert "wsreplay[graphql]" in raised.value.hint


# --- conversations ---------------------------------------------------------------------------------------------------

NEW = Route("/graphql", subprotocols=("graphql-transport-ws",))
OLD = Route("/graphql", subprotocols=("graphql-ws",))


@pytest.mark.parametrize(("route", "begin", "end"), [(NEW, "subscribe", "complete"), (OLD, "start", "stop")])
def test_most_conversations_follow_the_protocol(route, begin, end):
    found = [messages(scenario) for scenario in drawn(route)]
    spoken = [said for said in found if said]
    greeted = sum(said[0].get("type") == "connection_init" for said in spoken)
    assert 0.7 < greeted / len(spoken) < 1
    kinds = Counter(str(message.get("type")) for said in spoken for message in said)
    assert kinds.most_common(1)[0][0] == begin
    assert kinds[end]
    if route is NEW:
        assert kinds["ping"]
        assert kinds["pong"]
    else:
        assert kinds["connection_terminate"]


@pytest.mark.parametrize(("route", "begin", "end"), [(NEW, "subscribe", "complete"), (OLD, "start", "stop")])
def test_the_protocol_is_broken_in_every_way(route, begin, end):
    def ids(said: list[dict], kind: str) -> list[str]:
        return [json.dumps(message.get("id")) for message in said if message.get("type") == kind]

    seen: set[str] = set()
    for said in map(messages, drawn(route, count=600)):
        kinds = [str(message.get("type")) for message in said]
        if begin in kinds and "connection_init" not in kinds[: kinds.index(begin)]:
            seen.add("an operation before init")
        if kinds.count("connection_init") > 1:
            seen.add("a second init")
        if '"nobody"' in ids(said, end):
            seen.add("the end of an unknown operation")
        if max(Counter(ids(said, begin)).values(), default=0) > 1:
            seen.add("the same id twice")
        if max(Counter(ids(said, end)).values(), default=0) > 1:
            seen.add("the same end twice")
        if any(not isinstance(message.get("id"), str) for message in said if message.get("type") == begin):
            seen.add("an odd id")
        if any(message.get("payload", 0) is None for message in said if message.get("type") == begin):
            seen.add("an odd payload")
        if "unknown" in kinds:
            seen.add("an unknown type")
        if any(message.get("payload") == [] for message in said if message.get("type") == "connection_init"):
            seen.add("an odd init")
    assert len(seen) == 9, seen


def test_not_everything_is_json_and_some_follow_no_script():
    found = drawn(NEW)
    kinds = Counter(step.kind for scenario in found for step in scenario.steps if isinstance(step, Send))
    assert kinds["json"] > 0.8 * kinds.total()
    assert kinds["bytes"]
    assert kinds["text"]


def test_time_passes_after_the_beginning_of_an_operation():
    pairs = Counter(
        type(after)
        for scenario in drawn(NEW)
        for before, after in zip(scenario.steps, scenario.steps[1:], strict=False)
        if isinstance(before, Send) and '"subscribe"' in str(before.data)
    )
    assert pairs[Wait] > pairs.total() / 6


def test_clients_mostly_offer_what_they_speak():
    both = Route("/graphql", subprotocols=("graphql-transport-ws", "graphql-ws"))
    offers = Counter(client.subprotocols for scenario in drawn(both) for client in scenario.clients)
    spoken = sum(count for offer, count in offers.items() if "graphql-ws" in offer or "graphql-transport-ws" in offer)
    assert 0.9 < spoken / offers.total() < 1
    assert {(), ("unknown.v0",), ("graphql-ws",), both.subprotocols} <= set(offers)
    for scenario in drawn(both, count=200):
        said = messages(scenario)
        if scenario.clients[0].subprotocols == ("graphql-ws",) and said and said[-1].get("type") == "complete":
            break
    # Only against the protocol does one say the other's words.
    assert sum(message.get("type") == "start" for one in drawn(NEW) for message in messages(one)) < 60


def test_bounds_hold():
    for scenario in drawn(NEW, Options(max_messages=3, max_clients=2)):
        assert scenario.messages <= 3
        assert len(scenario.clients) <= 2
    assert all(len(scenario.clients) == 1 for scenario in drawn(NEW, Options(max_clients=1), count=100))


def test_registered_operations_are_started_as_the_protocol_wants_it():
    register_message_strategy("/graph*", "graphql", st.just({"query": "{ ours }"}))
    said = [message for scenario in drawn(OLD) for message in messages(scenario) if message.get("type") == "start"]
    ours = sum(message.get("payload") == {"query": "{ ours }"} for message in said)
    assert 0.6 < ours / len(said) < 1


def test_a_route_with_registered_operations_speaks_graphql_whatever_else_is_known():
    register_message_strategy("/unknown", "graphql", st.just("{ ours }"))
    found = drawn(Route("/unknown"), schema=None, count=60)
    assert any(client.subprotocols == ("graphql-transport-ws",) for scenario in found for client in scenario.clients)
    assert "{ ours }" in str(found)
