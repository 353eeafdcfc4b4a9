from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wsreplay.corpus.naming import MAX_SLUG, slug

ROUTES = st.text(st.sampled_from("/ab-_.{}AB\\: \0é\ud800"), max_size=12).map(lambda text: f"/{text}")
quickly = settings(max_examples=300, deadline=None, database=None)


@pytest.mark.parametrize(
    ("route", "expected"),
    [
        ("/ws/chat", "ws-chat"),
        ("/ws", "ws"),
        ("/v1/order_items", "v1-order_items"),
        ("/", "root.8a5edab2"),
        ("/chat/{room}", "chat-room.d0ad1cb4"),
        ("/ws-chat", "ws-chat.a60cf79d"),
    ],
)
def test_slugs_are_stable(route: str, expected: str) -> None:
    assert slug(route) == expected


@given(st.lists(ROUTES, min_size=2, max_size=2, unique=True))
@quickly
def test_two_routes_never_share_a_directory(routes: list[str]) -> None:
    assert slug(routes[0]) != slug(routes[1])


@pytest.mark.parametrize(
    "other", ["/WS/chat", "/ws-chat", "/ws/chat/", "//ws/chat", "/ws/{chat}", "ws/chat", "/ws/chàt"]
)
def test_routes_that_look_alike_are_kept_apart(other: str) -> None:
    assert slug(other) != slug("/ws/chat")


@given(st.text(st.characters(), max_size=80) | ROUTES)
@quickly
def test_any_route_gives_a_name_that_every_file_system_takes(route: str) -> None:
    name = slug(route)
    assert re.fullmatch(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[0-9a-f]{8})?", name)
    assert len(name) <= MAX_SLUG + 16


@pytest.mark.parametrize("device", ["con", "prn", "aux", "nul", "com1", "lpt9"])
def test_names_of_windows_devices_are_avoided(device: str) -> None:
    assert re.fullmatch(rf"route-{device}\.[0-9a-f]{{8}}", slug(f"/{device}"))
    assert slug(f"/{device}/") != slug(f"/{device}")
