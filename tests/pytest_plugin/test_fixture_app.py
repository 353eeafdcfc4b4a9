"""An app that a fixture gives: it runs in processes that are forked from pytest's, with whatever was changed in it."""

from __future__ import annotations

import pytest

OVERRIDDEN = """
    from fastapi import Depends, FastAPI, WebSocket

    def prices():
        raise RuntimeError("the production database")

    app = FastAPI()

    @app.websocket("/orders")
    async def orders(websocket: WebSocket, known: dict = Depends(prices)):
        await websocket.accept()
        async for item in websocket.iter_text():
            await websocket.send_json(known[item])
"""

FIXTURE = """
    import pytest, shop

    @pytest.fixture
    def app():
        shop.app.dependency_overrides[shop.prices] = lambda: {"tea": 3}
        yield shop.app
        shop.app.dependency_overrides.clear()
"""


@pytest.fixture
def overridden(bare):
    bare.write("shop.py", OVERRIDDEN)
    bare.write("pyproject.toml", "[tool.wsreplay]\nmax_examples = 15\n")
    bare.keep("/orders", "tea")
    return bare


def test_dependency_overrides_hold_in_replay_and_search(overridden):
    overridden.write("conftest.py", FIXTURE)
    overridden.write("test_own.py", "import shop\ndef test_own(): assert not shop.app.dependency_overrides\n")
    ran = overridden.pytest("--wsreplay-fuzz", "--wsreplay-seed", "1", "--wsreplay-update")
    assert "the production database" not in ran.out
    assert "Message: KeyError:" in ran.out
    assert ran.counts == {"failed": 1, "passed": 2}
    assert overridden.pytest("corpus").counts == {"passed": 1}
    assert overridden.pytest("-n", "2", "--wsreplay-fuzz", "--wsreplay-seed", "1").counts == {"failed": 1, "passed": 2}


@pytest.mark.parametrize(
    "conftest",
    [
        'import shop\nshop.app.dependency_overrides[shop.prices] = lambda: {"tea": 3}\n',
        FIXTURE.replace("@pytest.fixture\n", "@pytest.fixture(autouse=True)\n") + "\n    import shop\n",
    ],
)
def test_a_named_app_that_conftest_has_imported_runs_as_it_was_changed(overridden, conftest):
    overridden.write("conftest.py", conftest)
    overridden.write("pyproject.toml", '[tool.wsreplay]\napp = "shop:app"\n')
    assert overridden.pytest("--wsreplay-update").counts == {"passed": 1}
    assert overridden.pytest("--wsreplay-match", "exact").counts == {"passed": 1}


def test_what_the_app_does_to_the_process_does_not_reach_pytest(overridden):
    overridden.write("shop.py", """
        import logging, os, sys, warnings

        async def app(scope, receive, send):
            assert scope["type"] == "websocket"
            await receive()
            print("printed by the app")
            logging.getLogger("shop").error("logged by the app")
            warnings.warn("warned by the app")
            await send({"type": "websocket.accept"})
            while (message := await receive())["type"] == "websocket.receive":
                os._exit(3)
    """)  # fmt: skip
    overridden.write("pyproject.toml", "[tool.wsreplay]\npaths = ['/orders']\n")
    overridden.write("conftest.py", """
        import pytest, shop

        @pytest.fixture
        def app():
            return shop.app
    """)  # fmt: skip
    ran = overridden.pytest("-p", "no:asyncio", "-W", "error", "--log-cli-level=INFO", "-s")
    assert ran.counts == {"failed": 1}
    assert "process_crash" in ran.out
    assert "by the app" not in ran.out + ran.err


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("return 3", "the fixture 'app' gave an object of type int, which is no ASGI app"),
        ("return lambda: None", "no ASGI app"),
        ("raise ValueError('no app today')", "ValueError: no app today"),
        ("pytest.skip('not here')", "not here"),
    ],
)
def test_a_fixture_that_gives_no_app_is_told(overridden, body, said):
    overridden.write("conftest.py", f"import pytest\n\n@pytest.fixture\ndef app():\n    {body}\n")
    ran = overridden.pytest("--wsreplay-fuzz", "-rs")
    assert said in ran.out
    assert ran.code == (0 if "skip" in body else 2)


def test_a_fixture_that_the_corpus_cannot_see_is_told(overridden):
    overridden.write("tests/conftest.py", FIXTURE)
    ran = overridden.pytest()
    assert ran.counts == {"failed": 1}
    assert "in a conftest.py that is in a directory above the corpus" in ran.out
