"""One shop, by strawberry and by ariadne. `faulty` plants two bugs: in a query's argument, and in a subscription."""

from __future__ import annotations

import asyncio
import enum
from collections.abc import AsyncGenerator

import ariadne
import strawberry
from ariadne.asgi import GraphQL as AriadneGraphQL
from ariadne.asgi.handlers import GraphQLTransportWSHandler, GraphQLWSHandler
from starlette.applications import Starlette
from starlette.routing import Mount
from strawberry.asgi import GraphQL as StrawberryGraphQL

SHELF = ["tea", "coffee", "cocoa"]


def share(total: int, people: int, faulty: bool) -> int:
    """Divides by what a client says, unless somebody has thought of zero."""
    if not faulty and people == 0:
        raise ValueError("nobody to share with")
    return total // people


async def shelf(count: int, faulty: bool) -> AsyncGenerator[str, None]:
    """Gives one thing a second; the faulty one does not know when the shelf is empty."""
    for number in range(min(count, 5) if faulty else min(count, len(SHELF))):
        await asyncio.sleep(1)
        yield SHELF[number]


@strawberry.enum
class Unit(enum.Enum):
    GRAM = "g"
    KILO = "kg"


@strawberry.input
class Order:
    item: str
    count: int = 1
    unit: Unit | None = None


@strawberry.type
class Line:
    item: str
    total: float


def by_strawberry(faulty: bool, **options: object) -> Starlette:
    @strawberry.type
    class Query:
        @strawberry.field
        def share(self, total: int, people: int) -> int:
            return share(total, people, faulty)

        @strawberry.field
        def lines(self, orders: list[Order], scale: float = 1.0) -> list[Line]:
            return [Line(item=order.item, total=order.count * min(scale, 10.0)) for order in orders]

    @strawberry.type
    class Mutation:
        @strawberry.mutation
        async def place(self, order: Order) -> Line:
            await asyncio.sleep(0.1)
            return Line(item=order.item, total=1.0)

    @strawberry.type
    class Subscription:
        @strawberry.subscription
        async def shelf(self, count: int) -> AsyncGenerator[str, None]:
            async for item in shelf(count, faulty):
                yield item

    schema = strawberry.Schema(Query, Mutation, Subscription)
    return Starlette(routes=[Mount("/graphql", StrawberryGraphQL(schema, **options))])


SDL = """
type Query { share(total: Int!, people: Int!): Int  lines(orders: [Order!]!): [Line!]! }
type Mutation { place(order: Order!): Line }
type Subscription { shelf(count: Int!): String! }
type Line { item: String! total: Float! }
input Order { item: String!  count: Int = 1  unit: Unit }
enum Unit { GRAM KILO }
"""


def ariadne_schema(faulty: bool) -> object:
    query, mutation, subscription = ariadne.QueryType(), ariadne.MutationType(), ariadne.SubscriptionType()

    @query.field("share")
    def _share(_root: object, _info: object, total: int, people: int) -> int:
        return share(total, people, faulty)

    @query.field("lines")
    def _lines(_root: object, _info: object, orders: list[dict]) -> list[dict]:
        return [{"item": order["item"], "total": 1.0} for order in orders]

    @mutation.field("place")
    async def _place(_root: object, _info: object, order: dict) -> dict:
        await asyncio.sleep(0.1)
        return {"item": order["item"], "total": 1.0}

    @subscription.source("shelf")
    async def _shelf(_root: object, _info: object, count: int) -> AsyncGenerator[str, None]:
        async for item in shelf(count, faulty):
            yield item

    @subscription.field("shelf")
    def _item(item: str, _info: object, count: int) -> str:
        return item

    return ariadne.make_executable_schema(SDL, query, mutation, subscription)


def by_ariadne(faulty: bool, old: bool = False) -> Starlette:
    handler = GraphQLWSHandler() if old else GraphQLTransportWSHandler()
    return Starlette(routes=[Mount("/graphql", AriadneGraphQL(ariadne_schema(faulty), websocket_handler=handler))])
