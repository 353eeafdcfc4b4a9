"""Which files are the application's own, how they are called, and what of a stack is told."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import sys
import sysconfig
from collections.abc import AsyncIterator, Callable, Coroutine, Generator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import starlette.websockets

import wsreplay.model
from wsreplay.protocol import State, judge
from wsreplay.sources import MAX_FRAMES, MAX_INNER, Sources

STDLIB = sysconfig.get_paths()["stdlib"]
SITE = sysconfig.get_paths()["purelib"]
PACKAGE = Path(wsreplay.model.__file__).parent


@pytest.fixture
def sources() -> Sources:
    return Sources(Path(__file__).parent)


def module(path: Path, source: str) -> ModuleType:
    path.write_text(source)
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def caught(function: Callable[[], object]) -> BaseException:
    with pytest.raises(BaseException) as info:
        function()
    return info.value


# --- whose a file is -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("filename", "owned"),
    [
        (__file__, True),
        ("/srv/shop/orders.py", True),
        ("orders.py", True),
        ("library/parsing.pyx", False),
        (json.__file__, False),
        (starlette.websockets.__file__, False),
        (f"{SITE}/anything/at_all.py", False),
        ("/elsewhere/site-packages/library/module.py", False),
        ("<string>", False),
        ("<frozen importlib._bootstrap>", False),
        (str(PACKAGE / "model.py"), False),
        (str(PACKAGE / "simulation" / "loop.py"), False),
        (f"{STDLIB}-of-another/module.py", True),
    ],
)
def test_application_code_is_neither_a_library_nor_this_tool(sources: Sources, filename: str, owned: bool) -> None:
    assert sources.owns(filename) is owned
    assert sources.owns(filename) is owned


def test_an_installed_target_owns_its_whole_package() -> None:
    sources = Sources(Path("/srv"), f"{SITE}/shop/web/app.py", "shop.web.app")
    assert sources.owns(f"{SITE}/shop/web/app.py")
    assert sources.owns(f"{SITE}/shop/orders.py")
    assert not sources.owns(f"{SITE}/shopping/orders.py")
    assert not sources.owns(f"{SITE}/starlette/routing.py")


def test_an_installed_target_that_is_a_package_owns_its_directory() -> None:
    sources = Sources(Path("/srv"), f"{SITE}/shop/__init__.py", "shop")
    assert sources.owns(f"{SITE}/shop/orders.py")
    assert not sources.owns(f"{SITE}/shopping.py")


def test_an_installed_target_in_a_subpackage_owns_from_the_top() -> None:
    sources = Sources(Path("/srv"), f"{SITE}/shop/web/__init__.py", "shop.web")
    assert sources.owns(f"{SITE}/shop/orders.py")


def test_an_installed_target_that_is_a_single_module_owns_only_itself() -> None:
    sources = Sources(Path("/srv"), f"{SITE}/shop.py", "shop")
    assert sources.owns(f"{SITE}/shop.py")
    assert not sources.owns(f"{SITE}/shop_tools.py")


def test_the_bundled_demo_is_application_code_when_it_is_the_target_and_nothing_else_of_this_tool() -> None:
    demo = str(PACKAGE / "demo.py")
    assert not Sources(Path("/srv")).owns(demo)
    sources = Sources(Path("/srv"), demo, "wsreplay.demo")
    assert sources.owns(demo)
    assert not sources.owns(str(PACKAGE / "model.py"))


# --- what it is called -----------------------------------------------------------------------------------------------


def test_a_file_below_the_root_is_named_from_there(tmp_path: Path) -> None:
    sources = Sources(tmp_path)
    assert sources.name(str(tmp_path / "shop" / "orders.py")) == "shop/orders.py"
    assert sources.name(str(tmp_path / "shop" / "orders.py")) == "shop/orders.py"


def test_a_library_file_is_named_from_its_package_on(sources: Sources) -> None:
    assert sources.name(starlette.websockets.__file__) == "starlette/websockets.py"
    assert sources.name(json.__file__) == "json/__init__.py"


def test_a_file_elsewhere_is_named_from_where_it_is_imported(
    tmp_path: Path, sources: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", ["", str(tmp_path), str(tmp_path / "deep")])
    assert sources.name(str(tmp_path / "shop" / "orders.py")) == "shop/orders.py"
    assert sources.name(str(tmp_path / "deep" / "shop" / "orders.py")) == "shop/orders.py"


def test_a_file_from_nowhere_is_named_by_its_last_part(sources: Sources, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [])
    assert sources.name("/srv/shop/orders.py") == "orders.py"


def test_code_without_a_file_keeps_its_name(sources: Sources) -> None:
    assert sources.name("<string>") == "<string>"


# --- frames ----------------------------------------------------------------------------------------------------------


def test_a_frame_shows_its_line_of_text_and_its_function(tmp_path: Path) -> None:
    made = module(tmp_path / "orders.py", "class Cart:\n    def total(self):\n        return {}['price']\n")
    exception = caught(made.Cart().total)
    frames = Sources(tmp_path).traceback(exception.__traceback__)
    frame = frames[-1]
    assert (frame.file, frame.line, frame.function) == ("orders.py", 3, "Cart.total")
    assert (frame.source, frame.app) == ("return {}['price']", True)


def test_the_text_of_library_code_is_not_told(sources: Sources) -> None:
    exception = caught(lambda: json.loads("{"))
    library = [frame for frame in sources.traceback(exception.__traceback__) if not frame.app]
    assert library
    assert {frame.source for frame in library} == {""}


def test_below_application_code_only_the_first_library_frames_are_told(sources: Sources) -> None:
    def nested() -> None:
        json.loads("[" * 3 + "x")

    frames = sources.traceback(caught(nested).__traceback__)
    assert [frame.function for frame in frames][-3:] == ["loads", "JSONDecoder.decode", "JSONDecoder.raw_decode"]
    assert sum(not frame.app for frame in frames) == MAX_INNER


def test_without_application_code_the_place_of_the_error_is_told() -> None:
    exception = caught(lambda: json.loads("{"))
    assert exception.__traceback__ is not None
    traceback = exception.__traceback__
    while traceback.tb_next is not None and "json" not in traceback.tb_frame.f_code.co_filename:
        traceback = traceback.tb_next
    frames = Sources(Path("/srv")).traceback(traceback)
    assert frames[-1].function == "JSONDecoder.raw_decode"
    assert len(frames) <= MAX_INNER
    assert not any(frame.app for frame in frames)


def test_library_frames_between_application_frames_are_left_out(sources: Sources) -> None:
    def hook(_: object) -> None:
        raise LookupError

    frames = sources.traceback(caught(lambda: json.loads("{}", object_hook=hook)).__traceback__)
    assert frames[-1].function.endswith("hook")
    assert all(frame.app for frame in frames)


def test_frames_of_this_tool_and_of_the_event_loop_are_left_out(sources: Sources) -> None:
    async def fail() -> None:
        async with asyncio.timeout("soon"):  # type: ignore[arg-type]
            pass

    files = [frame.file for frame in sources.traceback(caught(lambda: asyncio.run(fail())).__traceback__)]
    assert files
    assert not any(file.startswith("asyncio/") for file in files)
    inside = caught(lambda: wsreplay.model.Route.__new__(wsreplay.model.Route).key)  # type: ignore[attr-defined]
    assert not any("wsreplay" in frame.file for frame in sources.traceback(inside.__traceback__))


def test_of_a_deep_recursion_both_ends_are_told(sources: Sources) -> None:
    def descend(depth: int) -> int:
        if depth == 0:
            raise LookupError
        return descend(depth - 1)

    frames = sources.traceback(caught(lambda: descend(100)).__traceback__)
    assert len(frames) == MAX_FRAMES
    assert frames[0].function == "caught"
    assert frames[-1].source == "raise LookupError"


def test_no_traceback_has_no_frames(sources: Sources) -> None:
    assert sources.traceback(None) == ()
    assert sources.stack(None) == ()


def test_a_running_stack_is_told_from_the_outside_in(sources: Sources) -> None:
    def outer() -> tuple[str, ...]:
        return inner()

    def inner() -> tuple[str, ...]:
        return tuple(frame.function.rpartition(".")[2] for frame in sources.stack(sys._getframe()))

    assert outer()[-2:] == ("outer", "inner")


def test_a_running_stack_ends_where_this_tool_called_it(tmp_path: Path) -> None:
    sources = Sources(tmp_path)
    seen: list[tuple[str, ...]] = []

    class Event(dict[str, Any]):
        def get(self, *_: object) -> Any:
            seen.append(tuple(frame.function.rpartition(".")[2] for frame in sources.stack(sys._getframe())))
            return None

    judge(State.OPEN, Event())
    assert seen == [("get",)]


# --- what is suspended -----------------------------------------------------------------------------------------------


class _Ask:
    def __await__(self) -> Generator[None, None, None]:
        yield


async def _inner() -> None:
    await _Ask()


async def _outer() -> None:
    await _inner()


async def _numbers() -> AsyncIterator[int]:
    await _inner()
    yield 1


async def _each() -> None:
    async for _ in _numbers():
        pass


def _waiting(sources: Sources, coroutine: Coroutine[Any, Any, None]) -> list[str]:
    coroutine.send(None)
    try:
        return [frame.function for frame in sources.awaiting(coroutine)]
    finally:
        coroutine.close()


def test_a_suspended_coroutine_is_told_down_to_where_it_waits(sources: Sources) -> None:
    assert _waiting(sources, _outer()) == ["_outer", "_inner", "_Ask.__await__"]


def test_a_coroutine_that_is_over_waits_nowhere(sources: Sources) -> None:
    coroutine = _outer()
    coroutine.send(None)
    coroutine.close()
    assert sources.awaiting(coroutine) == ()
    assert sources.awaiting(None) == ()


def test_a_suspended_generator_is_told_too(sources: Sources) -> None:
    def numbers() -> Generator[int, None, None]:
        yield from (yes for yes in [1])

    generator = numbers()
    next(generator)
    assert [frame.function.rpartition(".")[2] for frame in sources.awaiting(generator)] == ["numbers", "<genexpr>"]


def test_a_loop_over_an_asynchronous_generator_shows_at_least_itself(sources: Sources) -> None:
    assert _waiting(sources, _each())[0] == "_each"


def test_a_circle_of_awaits_has_an_end(sources: Sources) -> None:
    class Circle:
        def __init__(self) -> None:
            self.cr_frame = sys._getframe()
            self.cr_await = self

    assert len(sources.awaiting(Circle())) == MAX_FRAMES
