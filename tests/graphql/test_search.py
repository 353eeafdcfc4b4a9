"""Bugs in resolvers are found on real servers, in either protocol; correct resolvers are left in peace."""

from __future__ import annotations

import importlib.util
import sys
from functools import partial
from pathlib import Path

import pytest

_spec = importlib.util.spec_from_file_location("graphql_shops", Path(__file__).with_name("shops.py"))
shops = importlib.util.module_from_spec(_spec)
sys.modules["graphql_shops"] = shops
_spec.loader.exec_module(shops)

SERVERS = {
    "strawberry": shops.by_strawberry,
    "strawberry-old": partial(shops.by_strawberry, subscription_protocols=["graphql-ws"]),
    "ariadne": shops.by_ariadne,
    "ariadne-old": partial(shops.by_ariadne, old=True),
}


# Over its old protocol strawberry serves subscriptions only.
@pytest.mark.parametrize("server", sorted(set(SERVERS) - {"strawberry-old"}))
def test_a_bug_in_an_argument_of_a_query_is_found(search, server):
    found = search(SERVERS[server](faulty=True), 400, lambda one: one.exception == "ZeroDivisionError")
    (finding,) = [one for one in found if one.exception == "ZeroDivisionError"]
    assert (finding.check, finding.location.function) == ("server_error_close", "share")
    assert "left a resolver" in finding.detail


@pytest.mark.parametrize("server", SERVERS)
def test_a_bug_in_a_subscription_is_found(search, server):
    found = search(SERVERS[server](faulty=True), 400, lambda one: one.exception == "IndexError")
    (finding,) = [one for one in found if one.exception == "IndexError"]
    assert (finding.check, finding.location.function) == ("server_error_close", "shelf")


@pytest.mark.parametrize("server", SERVERS)
def test_correct_resolvers_and_the_errors_of_clients_are_no_failures(search, server):
    assert search(SERVERS[server](faulty=False), 150) == []


@pytest.mark.slow
@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("server", SERVERS)
def test_correct_resolvers_stay_clean_over_two_thousand_sequences(search, server, number):
    assert search(SERVERS[server](faulty=False), 2000, number=number) == []
