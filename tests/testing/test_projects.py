"""Projects of users: their tests are run by pytest, with the plugins for asynchronous tests installed."""

from __future__ import annotations

import pytest

ASYNC_INI = """
    [tool.pytest.ini_options]
    filterwarnings = ["error"]
    asyncio_default_fixture_loop_scope = "function"
"""

INVARIANT = """
    import asyncio
    import pytest
    from hypothesis import HealthCheck, settings
    from shop import app, baskets
    from wsreplay.testing import LiveTarget, run, scenario, scenarios

    QUICK = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

    MARK
    async def test_one_scenario():
        before = asyncio.current_task()
        result = run(app, scenario("/basket").send_text("tea").wait(60))
        assert result.json()[0]["tea"] >= 1
        await asyncio.sleep(0)
        assert asyncio.current_task() is before

    MARK
    async def test_the_tasks_of_a_test_go_on():
        task = asyncio.create_task(asyncio.sleep(0, "done"))
        with LiveTarget(app) as target:
            target.run(scenario("/basket").send_text("tea"))
            assert await task == "done"
            target.run(scenario("/basket").send_text("tea"))

    MARK
    @QUICK
    @scenarios(app, "/basket")
    async def test_an_invariant(transcript):
        await asyncio.sleep(0)
        assert transcript.events
"""


def test_asynchronous_tests_of_pytest_asyncio(project, passed):
    project.write(pyproject=ASYNC_INI, test_basket=INVARIANT.replace("MARK", "@pytest.mark.asyncio"))
    passed(project.pytest("-p", "no:anyio"), 3)


def test_asynchronous_tests_of_anyio(project, passed):
    project.write(
        conftest="""
            import pytest

            @pytest.fixture
            def anyio_backend():
                return "asyncio"
        """,
        test_basket=INVARIANT.replace("MARK", "@pytest.mark.anyio"),
    )
    passed(project.pytest("-p", "no:asyncio", "-W", "error"), 3)


def test_asynchronous_tests_on_trio(project, passed):
    project.write(
        api="""
            import anyio
            from starlette.applications import Starlette
            from starlette.routing import WebSocketRoute

            async def handler(websocket):
                await websocket.accept()
                async with anyio.create_task_group() as group:
                    group.start_soon(websocket.send_text, await anyio.to_thread.run_sync(str, 5))
                    await anyio.sleep(1)
                await websocket.close()

            app = Starlette(routes=[WebSocketRoute("/ws", handler)])
        """,
        test_api="""
            import anyio
            import pytest
            from api import app
            from wsreplay.testing import run, scenario

            @pytest.mark.anyio
            async def test_it(anyio_backend_name):
                await anyio.sleep(0)
                assert run(app, scenario("/ws").wait(2)).replies() == ["5"]
                await anyio.sleep(0)
        """,
    )
    passed(project.pytest("-p", "no:asyncio"), 2)


def test_methods_and_fixtures(project, passed):
    project.write(
        pyproject=ASYNC_INI,
        test_basket="""
            import pytest
            from hypothesis import settings
            from shop import app, baskets
            from wsreplay.testing import scenarios

            @pytest.fixture(scope="module")
            def most():
                return 1000

            class TestBasket:
                @settings(max_examples=20, deadline=None)
                @scenarios(app, "/basket", reset=baskets.clear)
                def test_what_is_counted(self, most, result):
                    counts = [number for reply in result.json() for number in reply.values()]
                    assert all(1 <= number < most for number in counts)
        """,
    )
    passed(project.pytest(), 1)


def test_state_is_reset_by_a_fixture_and_by_a_hook(project, passed):
    project.write(
        pyproject='[tool.wsreplay]\napp = "shop:app"\n',
        conftest="""
            import pytest
            import wsreplay
            from shop import baskets

            pytest_plugins = ["wsreplay.fixtures"]
            called = []

            @pytest.fixture
            def wsreplay_reset():
                return baskets.clear

            @wsreplay.reset
            def count():
                called.append(1)
        """,
        test_basket="""
            from hypothesis import settings
            from shop import baskets
            from wsreplay.testing import scenarios

            def test_the_first(wsreplay_target):
                told = wsreplay_target.scenario("/basket").send_text("tea")
                assert [wsreplay_target.run(told).json() for _ in range(3)] == [[{"tea": 1}]] * 3

            @settings(max_examples=5, deadline=None)
            @scenarios(None, "/basket", reset=baskets.clear)
            def test_the_third(result):
                assert result.accepted()

            def test_the_second(wsreplay_target):
                assert wsreplay_target.run(wsreplay_target.scenario("/basket").send_text("tea")).json() == [{"tea": 1}]
        """,
    )
    passed(project.pytest("-p", "no:asyncio"), 3)


def test_dependencies_are_overridden_by_a_fixture_and_checks_are_found_in_conftest(project, passed):
    project.write(
        api="""
            from fastapi import Depends, FastAPI, WebSocket

            app = FastAPI()

            def database():
                raise RuntimeError("no database in a test")

            @app.websocket("/names")
            async def names(websocket: WebSocket, known: dict = Depends(database)):
                await websocket.accept()
                async for name in websocket.iter_text():
                    await websocket.send_text(known.get(name, "?"))
        """,
        conftest="""
            import pytest
            import wsreplay
            from api import app, database

            @pytest.fixture(autouse=True)
            def fake_database():
                app.dependency_overrides[database] = lambda: {"a": "Alice"}
                yield
                app.dependency_overrides.clear()

            @wsreplay.check
            def never_says_eve(transcript):
                assert "Eve" not in str(transcript.events)
        """,
        test_names="""
            from hypothesis import settings
            from api import app
            from wsreplay import run, scenario, scenarios

            def test_a_name():
                assert run(app, scenario("/names").send_text("a")).replies() == ["Alice"]

            def test_the_check_of_conftest():
                (finding,) = run(app, scenario("/names").send_text("Eve")).failures
                assert finding.check == "never_says_eve"

            @settings(max_examples=10, deadline=None)
            @scenarios(app, "/names")
            def test_nobody_else_is_known(result):
                assert set(result.replies()) <= {"Alice", "?"}
        """,
    )
    passed(project.pytest("-p", "no:asyncio"), 3)


def test_the_fixture_says_what_is_missing_without_a_configured_target(project):
    project.write(
        conftest='pytest_plugins = ["wsreplay.fixtures"]\n',
        test_basket="def test_it(wsreplay_target):\n    pass\n",
    )
    done = project.pytest("-p", "no:asyncio")
    assert done.returncode == 1
    assert "expected a key 'app' in [tool.wsreplay]" in done.stdout


@pytest.mark.parametrize("name", ["wsreplay.fixtures", "wsreplay"])
def test_what_a_plugin_imports_is_light(project, name):
    project.write(
        test_light=f"""
            import subprocess, sys

            def test_it():
                heavy = ("hypothesis", "msgpack", "starlette")
                code = f"import sys, {name}; print([one for one in {{heavy}} if one in sys.modules])"
                done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
                assert done.stdout.strip() == "[]"
        """
    )
    done = project.pytest("-p", "no:asyncio")
    assert done.returncode == 0, done.stdout
