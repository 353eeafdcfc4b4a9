"""What is said of a target that cannot be tested: exit code 2, what was expected, what came, what to do."""

from __future__ import annotations

import pytest

TARGETS = [
    ("absent", None, (), "There is no module 'absent'", "--app-dir"),
    ("shpo:app", None, (), "There is no module 'shpo'", "Did you mean 'shop'?"),
    ("shop:ap", None, (), "no attribute 'ap' in the module shop", "Did you mean 'app'?"),
    ("shop.py", None, (), "names a file", "Write shop:app"),
    ("./shop.py:app", None, (), "names a file", "Write shop:app"),
    (":app", None, (), "not of the form 'module:attribute'", "as for uvicorn"),
    ("bad:app", "def f(:", (), "SyntaxError: invalid syntax, at bad.py:1", "python -c 'import bad'"),
    ("bad:app", "import not_installed", (), "No module named 'not_installed', at bad.py:1", "Install 'not_installed'"),
    ("bad:app", "raise RuntimeError('no key')", (), "RuntimeError: no key, at bad.py:1", "python -c 'import bad'"),
    ("bad:app", "import sys; sys.exit(3)", (), "SystemExit: 3", "python -c 'import bad'"),
    ("bad:app", "app = 3", (), "is no ASGI app", "an object of type int"),
    ("bad:app", "def app(): raise ValueError('no db')", ("--factory",), "failed: ValueError: no db", "at bad.py:1"),
    ("bad:app", "def app(x): pass", ("--factory",), "cannot be a factory", "without required arguments"),
    ("bad:app", "def app(): return 3", ("--factory",), "is no ASGI app", "an object of type int"),
]


@pytest.mark.parametrize(("target", "source", "flags", "what", "hint"), TARGETS)
def test_a_target_that_cannot_be_loaded_is_explained(project, target, source, flags, what, hint):
    if source is not None:
        project.write("bad.py", source)
    ran = project.run("routes", target, *flags)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("error: ")
    assert what in ran.err
    assert hint in ran.err


def test_a_lifespan_that_fails_is_explained(project):
    project.write(
        "bad.py",
        """
        async def app(scope, receive, send):
            if scope["type"] == "lifespan":
                raise_it()

        def raise_it():
            raise RuntimeError("no redis")

        from starlette.applications import Starlette
        from starlette.routing import WebSocketRoute
        from contextlib import asynccontextmanager

        @asynccontextmanager
        async def lifespan(app):
            raise_it()
            yield

        async def handler(websocket): ...

        app = Starlette(routes=[WebSocketRoute("/ws", handler)], lifespan=lifespan)
        """,
    )
    ran = project.run("fuzz", "bad:app", "-n", "1")
    assert ran.code == 2
    assert "lifespan startup failed: RuntimeError: no redis" in ran.err


def test_where_no_route_is_found_it_says_what_was_looked_at(project):
    project.write("bare.py", "from starlette.applications import Starlette\napp = Starlette()\n")
    ran = project.run("fuzz", "bare:app")
    assert ran.code == 2
    assert "Looked at /: starlette.applications.Starlette (starlette, 0 routes)" in ran.err
    assert "--path /ws" in ran.err
    ran = project.run("routes", "shop:app", "--exclude", "/o*")
    assert ran.code == 2
    assert "The routes are: /orders" in ran.err


def test_without_a_target_it_says_how_to_name_one(project):
    for command in (("fuzz",), ("routes",), ("replay",), ("corpus", "prune"), ("export", "x")):
        ran = project.run(*command)
        assert ran.code == 2, command
        assert "no target: expected module:attribute" in ran.err
        assert "[tool.wsreplay]" in ran.err


def test_a_directory_to_import_from_and_a_factory(project):
    project.write(
        "src/inner/made.py",
        """
        def make():
            from starlette.applications import Starlette
            from starlette.routing import WebSocketRoute

            async def handler(websocket): ...

            return Starlette(routes=[WebSocketRoute("/made/{number:int}", handler)])
        """,
    )
    ran = project.run("routes", "--app-dir", "src", "--factory", "inner.made:make")
    assert ran.code == 0
    assert "/made/{number}" in ran.out
    assert "number: int" in ran.out
    ran = project.run("routes", "inner.made:make", "--app-dir", "srx")
    assert ran.code == 2
    assert "there is no such directory" in ran.err


def test_routes_tells_what_the_handlers_expect_if_asked(project):
    terse = project.run("routes", "shop:app")
    assert terse.out.splitlines()[-1] == "1 route"
    assert "shop:orders" in terse.out
    assert len(project.run("routes", "-v", "shop:app").out) > len(terse.out)


def test_routes_that_share_state_are_named(project):
    project.write(
        "rides.py",
        """
        from starlette.applications import Starlette
        from starlette.routing import WebSocketRoute

        riders = {}

        async def rider(websocket):
            riders[websocket] = await websocket.receive_text()

        async def driver(websocket):
            riders.get(await websocket.receive_text())

        async def other(websocket):
            await websocket.receive_text()

        handlers = {"/rider": rider, "/driver": driver, "/other": other}
        app = Starlette(routes=[WebSocketRoute(path, handler) for path, handler in handlers.items()])
    """,
    )
    told = project.run("routes", "-v", "rides:app").out
    assert told.count("shares state with") == 2
    assert "shares state with /driver" in told
    assert "shares state with /rider" in told


def test_a_path_may_have_a_query_and_credentials_come_from_the_environment(project):
    project.write(
        "bare.py",
        """
        async def app(scope, receive, send):
            if scope["type"] != "websocket":
                return
            await receive()
            headers = dict(scope["headers"])
            known = scope["path"], scope["query_string"], headers[b"authorization"], headers[b"x-shop"]
            assert known == ("/ws", b"EIO=4&t=1", b"Bearer s3cret", b"1"), known
            await send({"type": "websocket.accept"})
            while (await receive())["type"] != "websocket.disconnect":
                pass
        """,
    )
    words = ("fuzz", "-n", "3", "-H", "x-shop: 1", "--auth", "bearer:$SHOP_TOKEN", "--path", "/ws?EIO=4&t=1")
    ran = project.run(*words, "bare:app", environment={"SHOP_TOKEN": "s3cret"})
    assert ran.code == 0, ran.out
    assert all(b"s3cret" not in data for data in project.entries().values())
    ran = project.run(*words, "bare:app")
    assert ran.code == 2
    assert "the environment variable SHOP_TOKEN is not set" in ran.err


def test_what_the_target_prints_stays_out_of_the_results(project):
    project.write(
        "noisy.py",
        """
        import os
        print("NOISE at import")
        os.write(1, b"NOISE to the descriptor")

        async def app(scope, receive, send):
            print("NOISE per message")
            if scope["type"] == "websocket":
                await receive()
                await send({"type": "websocket.close"})
        """,
    )
    words = ("fuzz", "noisy:app", "--path", "/ws", "-n", "2")
    ran = project.run(*words)
    assert ran.code == 0
    assert "NOISE" not in ran.out + ran.err
    shown = project.run(*words, "-vv")
    assert "NOISE" not in shown.out
    for what in ("at import", "to the descriptor", "per message"):
        assert f"NOISE {what}" in shown.err


def test_a_mount_that_cannot_be_looked_into_is_named_beside_the_routes(project):
    project.write(
        "mounted.py",
        """
        from starlette.applications import Starlette
        from starlette.routing import Mount, WebSocketRoute

        async def inner(scope, receive, send):
            pass

        async def known(websocket):
            pass

        app = Starlette(routes=[WebSocketRoute("/known", known), Mount("/closed", inner)])
    """,
    )
    ran = project.run("routes", "mounted:app")
    assert ran.code == 0
    told = "not looked into: /closed (mounted.inner), which has no route table: test a path of it with --path"
    assert told in ran.out
    named = project.run("routes", "mounted:app", "--path", "/closed")
    assert "not looked into" not in named.out


def test_a_parameter_that_takes_any_text_is_not_worth_a_line(project):
    project.write(
        "rooms.py",
        """
        from starlette.applications import Starlette
        from starlette.routing import WebSocketRoute

        async def handler(websocket): ...

        app = Starlette(routes=[WebSocketRoute("/rooms/{room}/{number:int}", handler)])
        """,
    )
    ran = project.run("routes", "rooms:app")
    assert [line.split() for line in ran.out.splitlines()[1:]] == [["number:", "int"], ["1", "route"]]
