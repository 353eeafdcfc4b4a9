"""What GraphQL servers log: errors of clients and of resolvers alike, all at ERROR and with a traceback.

An error of a client (a document that does not parse, a variable of the wrong type) is a GraphQLError by birth. An
exception that left a resolver is what a GraphQLError was made of.
"""

from __future__ import annotations

SERVERS = ("ariadne", "strawberry")
"""Packages that log the errors of a result."""

_DEEPEST = 20


def resolver_exception(logged: BaseException) -> BaseException | None:
    """The exception that left a resolver, behind what was logged; None when there is none."""
    found: BaseException | None = logged
    for _ in range(_DEEPEST):
        if not _is_graphql_error(found):
            break
        found = getattr(found, "original_error", None)
    return None if _is_graphql_error(found) else found


def _is_graphql_error(exception: BaseException | None) -> bool:
    return any(
        cls.__name__ == "GraphQLError" and cls.__module__.startswith("graphql.") for cls in type(exception).__mro__
    )
