"""How many ways there are through a function, and how many of them features tell of."""

from __future__ import annotations

import importlib.util
from types import CodeType

import pytest

from wsreplay.coverage import Reach, Ways

SAMPLE = '''\
import functools


def choose(value):
    if value > 1:
        result = "many"
    elif value == 1:
        result = "one"
    else:
        result = "none"
    return result


@functools.cache
def last(value):
    """Falls out of the end."""
    if value: value = 1
    if value:
        print(value)


def loops(limit):
    while True:
        for number in limit:
            if number:
                continue
            break
        else:
            return
        while limit:
            limit -= 1


async def listens(rows):
    async with rows:
        async for row in rows:
            if row:
                print(row)
    return rows


def tries(text):
    try:
        number = int(text)
        if number:
            number = 1
    except (TypeError,
            ValueError):
        number = 0
    else:
        if text:
            number = 2
    finally:
        text = None
    return number


def matches(message):
    match message:
        case {"type": "join"} if message:
            return 1
        case [first]: return first
        case 3:
            message = 4
        case _:
            return 2
    return message


def last_case(message):
    match message:
        case 1:
            message = 2


def outer():
    def inner():
        if outer:
            return 1
        return 2

    return inner
'''


@pytest.fixture
def functions(tmp_path):
    path = tmp_path / "sample_of_ways.py"
    path.write_text(SAMPLE)
    spec = importlib.util.spec_from_file_location("sample_of_ways", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    def named(name: str) -> CodeType:
        function = getattr(module, name)
        return getattr(function, "__wrapped__", function).__code__

    return named


def reach(code: CodeType, arcs: str) -> Reach:
    ways = Ways([code], lambda _: "a-b.py")
    ways.take(f"cov:a-b.py:{code.co_qualname}:{arc}" for arc in arcs.split())
    ways.take(["reply:text", "cov:a-b.py:elsewhere:1-2"])
    return ways.reach


@pytest.mark.parametrize(
    ("name", "arcs", "gone", "known"),
    [
        ("choose", "", 0, 5),
        ("choose", "0 1-2 1-3 3-4 3-6", 5, 5),
        ("choose", "0 1-3", 2, 5),
        # Lines count from the decorator. What is on one line, or leads out of the function, shows nowhere.
        ("last", "0 3-4 4-5", 3, 3),
        ("loops", "0 2-3 2-7 3-4 3-5 8-9 8-1", 7, 7),
        ("listens", "0 2-5 3-4 3-2", 4, 4),
        ("listens", "0 2-1", 2, 4),
        ("tries", "0 2-5 3-4 3-9 5-9 9-10 9-12", 6, 6),
        ("tries", "0 3-5", 2, 6),
        ("matches", "0 2-3 2-4 4-5 5-6 5-8", 6, 6),
        ("last_case", "0 2-3", 2, 2),
        ("outer", "0", 1, 1),
    ],
)
def test_ways_are_counted_as_features_tell_them(functions, name, arcs, gone, known):
    assert reach(functions(name), arcs) == Reach(gone, known)


def test_what_has_no_source_has_no_ways(tmp_path):
    code = compile("def made(): pass", str(tmp_path / "nowhere.py"), "exec")
    broken = tmp_path / "broken.py"
    broken.write_text("def (")
    assert Ways([code, compile("1", str(broken), "exec")], lambda _: "x.py").reach == Reach(0, 0)


def test_functions_add_up(functions):
    ways = Ways([functions("choose"), functions("outer")], lambda _: "x.py")
    ways.take(["cov:x.py:outer:0", "cov:x.py:choose:0"])
    assert ways.reach == Reach(2, 6)
