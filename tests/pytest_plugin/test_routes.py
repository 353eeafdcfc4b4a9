"""The commands of pytest-routes run as they are, where it is not installed; each flag does what it says."""

from __future__ import annotations

import json
import re

import pytest

HTTP = "wsreplay tests WebSocket routes only; what --routes would do with HTTP routes is not done."
COMMAND = ("--routes", "--routes-app", "shop:app", "--routes-websocket")
SEEDED = (*COMMAND, "--routes-seed", "1", "--routes-max-examples", "30")


def test_the_documented_command_tests_each_websocket_route(bare):
    ran = bare.pytest(*COMMAND, "-v")
    assert ran.code == 1
    assert ran.outcomes() == {
        "wsreplay::test_websocket[/orders]": "FAILED",
        "wsreplay::test_websocket[/ticker]": "PASSED",
    }
    assert "Sequences tested: 100\n" in ran.out
    assert ran.out.count(HTTP) == 1
    assert "--routes-websocket to have those tested" not in ran.out
    for field in ("Error Type", "Message", "Failed at message index", "Sent (text)", "Expected", "Actual",
                  "Connection State", "Close Code", "Additional Context", "  total_messages_sent", "  last_response",
                  "  elapsed_time_ms"):  # fmt: skip
        assert f"\n{field}:" in ran.out
    assert bare.files() == {}


def test_the_seed_repeats_the_run_and_the_command_says_so(bare):
    ran = bare.pytest(*SEEDED, "-k", "orders")
    assert "WebSocket test failed (seed: 1)" in ran.out
    command = re.search(r"Reproduce: pytest (.*)", ran.out)
    assert command is not None
    assert command[1] == f"{' '.join(SEEDED)} -k orders --routes-ws-include /orders"
    again = bare.pytest(*command[1].split())
    cut = slice(ran.out.index("WEBSOCKET TEST FAILURE"), ran.out.index("Reproduce"))
    assert ran.out[cut] in again.out


def test_without_websocket_it_says_that_http_is_not_our_business(bare):
    bare.write("test_own.py", "def test_own(): pass\n")
    ran = bare.pytest("--routes", "--routes-app", "shop:app")
    assert ran.counts == {"passed": 1}
    assert f"{HTTP} Add --routes-websocket to have those tested." in ran.out


def test_flags_that_concern_http_are_understood(bare):
    words = ("--routes-exclude", "/health", "--routes-methods", "GET", "--routes-stateful", "--routes-report-title=x")
    assert bare.pytest(*SEEDED, *words).counts == {"failed": 1, "passed": 1}


def test_include_and_exclude_take_globs_with_commas(bare):
    both = bare.pytest(*COMMAND, "--co", "-q", "--routes-ws-include", "/orders,/tick*")
    assert both.out.count("test_websocket[") == 2
    one = bare.pytest(*COMMAND, "--co", "-q", "--routes-ws-exclude", "/ord*,/internal/*")
    assert re.findall(r"test_websocket\[(.*)\]", one.out) == ["/ticker"]
    assert bare.pytest(*COMMAND, "--co", "-q", "-m", "routes", "--strict-markers").out.count("test_websocket[") == 2


def test_max_messages_and_verbose(bare):
    words = ("--routes-ws-max-messages", "1", "--routes-verbose", "--routes-ws-include", "/ticker")
    ran = bare.pytest(*SEEDED, *words)
    lines = re.findall(r"^  \d+\. (.*)$", ran.out, re.MULTILINE)
    assert len(lines) == 30
    for line in lines:
        assert line.count("-> app") - line.count("-> app  closes") <= 1


@pytest.mark.parametrize("flag", ["--routes-ws-timeout", "--routes-ws-message-timeout"])
def test_timeouts_are_heeded(bare, flag):
    bare.write("shop.py", """
        import asyncio

        async def app(scope, receive, send):
            assert scope["type"] == "websocket"
            await receive()
            await send({"type": "websocket.accept"})
            if (await receive())["type"] == "websocket.receive":
                await asyncio.sleep(60)
            await send({"type": "websocket.close"})
    """)  # fmt: skip
    bare.write("pyproject.toml", '[tool.wsreplay]\npaths = ["/ws"]\n')
    assert bare.pytest(*SEEDED).counts == {"failed": 1}
    assert bare.pytest(*SEEDED, flag, "55").counts == {"passed": 1}


def test_auth_is_sent_and_never_shown(bare):
    bare.write("shop.py", """
        async def app(scope, receive, send):
            assert scope["type"] == "websocket"
            await receive()
            if (b"authorization", b"Bearer gehei" + b"m") in scope["headers"]:
                raise ValueError("let in")
            await send({"type": "websocket.close", "code": 4001})
    """)  # fmt: skip
    bare.write("pyproject.toml", '[tool.wsreplay]\npaths = ["/ws"]\n')
    assert bare.pytest(*SEEDED, "--routes-auth", "bearer:falsch").counts == {"passed": 1}
    ran = bare.pytest(*SEEDED, "--routes-auth=bearer:geheim")
    assert "Message: ValueError: let in" in ran.out
    assert "geheim" not in ran.out
    assert "--routes-auth=bearer:..." in ran.out


def test_reports(bare):
    bare.pytest(*SEEDED, "--routes-report", "report.html", "--routes-report-json", "report.json")
    assert json.loads((bare.directory / "report.json").read_text())["seed"] == 1
    assert "KeyError" in (bare.directory / "report.html").read_text()


def test_a_wrong_value_is_refused_by_the_name_of_the_flag(bare):
    ran = bare.pytest(*COMMAND, "--routes-ws-timeout", "long")
    assert ran.code == 4
    assert "--routes-ws-timeout: expected a positive number of seconds, got 'long'" in ran.err


TABLES = """
    [tool.pytest-routes]
    app = "shop:app"
    max_examples = 7
    seed = 5

    [tool.pytest-routes.websocket]
    enabled = true
    include = ["/tick*"]
"""


def test_its_tables_are_read(bare):
    bare.write("pyproject.toml", TABLES)
    ran = bare.pytest("--routes", "-v")
    assert list(ran.outcomes()) == ["wsreplay::test_websocket[/ticker]"]
    assert "Sequences tested: 7\n" in ran.out
    assert "Seed: 5\n" in ran.out
    assert bare.pytest("--routes", "--routes-max-examples", "2").out.count("Sequences tested: 2\n") == 1
    assert "Sequences tested: 3\n" in bare.pytest("--routes", WSREPLAY_MAX_EXAMPLES="3").out


def test_tables_without_enabled_leave_it_to_the_flag(bare):
    bare.write("pyproject.toml", TABLES.replace("enabled = true", "").replace("max_examples = 7", ""))
    assert bare.pytest("--routes").code == 5
    assert "Sequences tested: 4\n" in bare.pytest("--routes", "--routes-websocket", WSREPLAY_MAX_EXAMPLES="4").out
    bare.write("pyproject.toml", "[tool.pytest-routes]\nwebsocket = 3\n[tool.wsreplay]\napp = 'shop:app'\n")
    assert bare.pytest("--routes").code == 5


def test_an_app_fixture_will_do_for_the_app(bare):
    bare.write("tests/conftest.py", """
        import pytest, shop

        @pytest.fixture(scope="module")
        def app():
            return shop.app
    """)  # fmt: skip
    bare.write("tests/test_own.py", "def test_own(): pass\n")
    ran = bare.pytest("--routes", "--routes-websocket", "--routes-seed", "1", "-v")
    assert ran.outcomes() == {
        "tests/test_own.py::test_own": "PASSED",
        "wsreplay::test_websocket[/orders]": "FAILED",
        "wsreplay::test_websocket[/ticker]": "PASSED",
    }


def test_where_pytest_routes_is_installed_its_flags_are_its_own(bare):
    bare.write("pytest_routes/__init__.py", "")
    ran = bare.pytest("-h")
    assert "--routes-websocket" not in ran.out
    assert "pytest-routes is installed, so its flags (--routes, --routes-...) are its own." in " ".join(ran.out.split())
    assert bare.pytest(*COMMAND).code == 4
    bare.write("conftest.py", "def pytest_addoption(parser): parser.addoption('--routes', action='store_true')\n")
    assert bare.pytest("--routes").code == 5
    assert bare.pytest("--routes", "--wsreplay-app", "shop:app", "--shard", "1/1").code == 5


def test_where_it_is_not_the_flags_are_told_to_be_understood(bare):
    ran = bare.pytest("-h")
    assert "wsreplay: the flags of pytest-routes, understood as ours" in ran.out
    assert "--routes-stateful" not in ran.out
