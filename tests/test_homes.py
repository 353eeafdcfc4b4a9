"""To which route a client belongs is told by its path, and a finding belongs where its client does."""

from __future__ import annotations

from wsreplay.homes import apart, attributed, fits, home, moved, same_bug, values, visitors
from wsreplay.model import NOBODY, Client, Connect, Finding, Parameter, Route, Scenario

ROOM, TOWN = Parameter("room"), Parameter("town")
CHAT = Route("/{town}/chat/{room}", parameters=(TOWN, ROOM))
WATCH = Route("/{town}/watch", parameters=(TOWN,))
ADMIN = Route("/admin")
ROUTES = (CHAT, WATCH, ADMIN)


def finding(client: int, route: str = CHAT.path) -> Finding:
    return Finding("handler_crash", "failure", route, "raised", "", client=client)


def scenario(*paths: str, route: Route = CHAT) -> Scenario:
    return Scenario(route.path, tuple(Client(path) for path in paths), tuple(Connect(n) for n in range(len(paths))))


def test_a_path_is_the_route_s_whatever_its_parameters():
    assert fits(CHAT, "/a/chat/b c")
    assert not fits(CHAT, "/a/chat/")
    assert not fits(CHAT, "/a/chat/b/c")
    assert fits(ADMIN, "/admin")


def test_some_parameters_take_slashes():
    assert fits(Route("/files/{name}", parameters=(Parameter("name", "path"),)), "/files/a/b")
    assert fits(Route("/files/{name}", parameters=(Parameter("name", "str", "[a/]+"),)), "/files/a/a")
    assert fits(Route("/files/{name}"), "/files/a/b")


def test_a_client_is_at_home_unless_its_path_is_another_route_s():
    assert home("/a/chat/b", CHAT, ROUTES[1:]) is CHAT
    assert home("/a/watch", CHAT, ROUTES[1:]) is WATCH
    assert home("/nowhere", CHAT, ROUTES[1:]) is CHAT
    assert visitors(scenario("/a/watch", "/a/chat/b", "/admin"), CHAT, ROUTES[1:]) == (0, 2)


def test_routes_are_apart_if_their_paths_tell_them_apart():
    assert apart(CHAT, WATCH)
    assert not apart(Route("/rooms/{room}", parameters=(ROOM,)), Route("/rooms/lobby"))
    assert not apart(Route("/rooms/lobby"), Route("/rooms/{room}", parameters=(ROOM,)))


def test_values_are_known_by_their_names_and_by_their_places():
    assert values(CHAT, "/a/chat/b") == {
        ("name", "town"): "a",
        ("place", "/"): "a",
        ("name", "room"): "b",
        ("place", "/{}/chat/"): "b",
    }
    assert values(CHAT, "/admin") == {}


def test_clients_move_by_the_values_that_they_have_in_common():
    old = {("name", "town"): "a", ("place", "/"): "a"}
    assert moved(CHAT, "/a/chat/a", old, "new") == "/new/chat/a"
    assert moved(WATCH, "/a/watch", old, "new") == "/new/watch"
    assert moved(WATCH, "/b/watch", old, "new") == "/b/watch"
    assert moved(WATCH, "/admin", old, "new") == "/admin"
    assert moved(Route("/{city}/x", parameters=(Parameter("city"),)), "/a/x", old, "new") == "/new/x"


def test_a_finding_is_of_the_route_of_its_client():
    mixed = scenario("/a/chat/b", "/a/watch")
    found = attributed((finding(0), finding(1), finding(NOBODY)), mixed, ROUTES)
    assert [one.route for one in found] == [CHAT.path, WATCH.path, CHAT.path]
    (lone,) = attributed((finding(NOBODY),), scenario("/a/watch"), ROUTES)
    assert lone.route == WATCH.path


def test_where_all_are_at_home_nothing_changes():
    plain = (finding(0), finding(NOBODY))
    assert attributed(plain, scenario("/a/chat/b"), ROUTES) == plain
    assert attributed(plain, scenario("/elsewhere"), ROUTES) == plain
    assert attributed(plain, scenario("/a/watch"), ()) == plain
    assert attributed((), scenario("/a/watch"), ROUTES) == ()


def test_one_bug_may_be_attributed_to_two_routes():
    assert same_bug(finding(0), finding(0, WATCH.path))
    assert not same_bug(finding(0), Finding("hang", "failure", WATCH.path, "reply", ""))
