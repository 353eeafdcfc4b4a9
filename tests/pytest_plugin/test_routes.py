"""The commands of pytest-routes run as they are, where it is not installed; each flag does what it says."""

from __future__ import annotations

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


def test_without_websocket_it_says_that_http_is_not_our_business(bare):
    bare.write("test_own.py", "def test_own(): pass\n")
    ran = bare.pytest("--routes", "--routes-app", "shop:app")
    assert ran.counts == {"passed": 1}
    assert f"{HTTP} Add --routes-websocket to have those tested." in ran.out


def test_flags_that_concern_http_are_understood(bare):
    words = ("--routes-exclude", "/health", "--routes-methods", "GET", "--routes-stateful", "--routes-report-title=x")
    assert bare.pytest(*SEEDED, *words).counts == {"failed": 1, "passed": 1}


def test_a_wrong_value_is_refused_by_the_name_of_the_flag(bare):
    ran = bare.pytest(*COMMAND, "--routes-ws-timeout", "long")
    assert ran.code == 4
    assert "--routes-ws-timeout: expected a positive number of seconds, got 'long'" in ran.err


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
