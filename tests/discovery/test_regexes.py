"""Regular expressions over paths, as templates."""

from __future__ import annotations

import re

import pytest

from wsreplay.discovery.parameters import fits
from wsreplay.discovery.regexes import template
from wsreplay.model import Parameter, Route


@pytest.mark.parametrize(
    ("regex", "path", "parameters"),
    [
        (r"^ws/$", "ws/", []),
        (r"\Aws\Z", "ws", []),
        (r"ws/chat/(?P<room>\w+)/$", "ws/chat/{room}/", [("room", "regex", r"\w+")]),
        (r"(?P<a>[^/]+)/(?P<b>.*)", "{a}/{b}", [("a", "str", None), ("b", "path", None)]),
        (r"a\.b\-c\/d", "a.b-c/d", []),
        (
            r"year/([0-9]{4})/(\d+)",
            "year/{arg1}/{arg2}",
            [("arg1", "regex", "([0-9]{4})"), ("arg2", "regex", r"(\d+)")],
        ),
        (r"v[12]/\d+?/x", "v{arg1}/{arg2}/x", [("arg1", "regex", "[12]"), ("arg2", "regex", r"\d+?")]),
        (r"[]a]/[^]]", "{arg1}/{arg2}", [("arg1", "regex", "[]a]"), ("arg2", "regex", "[^]]")]),
        (r"ws/?$", "ws", []),
        (r"wss*/?", "ws", []),
        (r"a+b", "{arg1}b", [("arg1", "regex", "a+")]),
        (r"a{2}b", "{arg1}b", [("arg1", "regex", "a{2}")]),
        (r"ws(?:/(?P<id>\d+))?", "ws/{id}", [("id", "regex", r"\d+")]),
        (r"ws(?:/(?P<id>\d+))+", "ws{arg1}", [("arg1", "regex", r"(?:/(?P<id>\d+))+")]),
        (r"(?P<x>ab)?/(?P<y>cd){2}", "{x}/{y}", [("x", "regex", "ab"), ("y", "regex", "(?:cd){2}")]),
        (r"(?:red|blue)/", "{arg1}/", [("arg1", "regex", "(?:red|blue)")]),
        (r"(?P<c>red|(?:dark|light)-blue)/", "{c}/", [("c", "regex", "red|(?:dark|light)-blue")]),
        (r"(?!admin)(?=x)(?<!y)x", "x", []),
        (r"one/|two/(?P<x>\d)", "one/", []),
        (r"a.c", "a{arg1}c", [("arg1", "regex", ".")]),
    ],
)
def test_a_template_has_the_literals_and_a_parameter_for_the_rest(regex, path, parameters):
    assert template(regex) == (path, tuple(Parameter(*parameter) for parameter in parameters))


@pytest.mark.parametrize(
    ("regex", "text"),
    [
        (r"^ws/(?P<room>\w+)/(\d+)/[ab]x*$", "ws/lobby/12/ax"),
        (r"^ws(?:/(?P<id>\d+))?/(?:a|b)$", "ws/5/b"),
    ],
)
def test_what_fits_the_template_matches_the_expression(regex, text):
    path, parameters = template(regex)
    route = Route("/" + path, parameters=parameters)
    assert re.search(regex, text)
    assert fits(route, "/" + text) or fits(route, "/" + text.removesuffix("x"))


def test_an_expression_that_is_valid_only_in_its_place_fits_nothing():
    assert not fits(Route("/{x}", parameters=(Parameter("x", "regex", r"(?P=word)"),)), "/a")
