"""`--wsreplay-fuzz` and its options: one more item a route, after the replay, which writes nothing unless asked."""

from __future__ import annotations

import json
import re

import pytest

FEW = ("--wsreplay-fuzz", "--wsreplay-max-examples", "30", "--wsreplay-seed", "1")


def test_it_reports_each_finding_with_seed_and_command_and_writes_nothing(bare):
    bare.write("pyproject.toml", '[tool.wsreplay]\napp = "shop:app"\n')
    ran = bare.pytest(*FEW, "-v", "--wsreplay-header", "x-token:geheim")
    assert ran.outcomes() == {
        "wsreplay::test_websocket[/orders]": "FAILED",
        "wsreplay::test_websocket[/ticker]": "PASSED",
    }
    assert "Error Type: handler_crash (KeyError)\nMessage: KeyError: 'price'\n" in ran.out
    assert "(seed: 1)" in ran.out
    command = re.search(r"^Seed: 1\nReproduce: pytest (.*)$", ran.out, re.MULTILINE)
    assert command is not None
    assert command[1] == f"{' '.join(FEW)} -v --wsreplay-header x-token:... --wsreplay-include /orders"
    assert "geheim" not in ran.out
    again = bare.pytest(*command[1].split())
    assert again.counts == {"failed": 1}
    assert "Message: KeyError: 'price'" in again.out
    assert bare.files() == {}


def test_the_summary_counts_route_by_route(project):
    ran = project.pytest(*FEW)
    assert ran.counts == {"failed": 1, "passed": 5}
    shown = re.search(r"wsreplay: WebSocket Test Summary\n=+\n(.*)^=+\nSeed: 1\n", ran.out, re.DOTALL | re.MULTILINE)
    assert shown is not None
    assert re.findall(r"Route: (.*)\n  Sequences tested: (\d+)\n", shown[1]) == [("/orders", "30"), ("/ticker", "30")]
    assert re.findall(r"Failures: (\d+)", shown[1]) == ["1", "0"]


def test_a_bug_that_the_replay_shows_is_not_told_twice(project):
    ran = project.pytest(*FEW)
    assert ran.out.count("WEBSOCKET TEST FAILURE") == 1


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("import nowhere", "There is no module 'nowhere'"),
        ("app = 3", "no ASGI app"),
        ("def app(): exit(3)", "no ASGI app"),
    ],
)
def test_a_target_that_cannot_be_used_is_an_error_of_collecting(bare, source, said):
    bare.write("broken.py", source)
    ran = bare.pytest(*FEW, "--wsreplay-app", "broken:app")
    assert ran.code == 2
    assert ran.counts == {"error": 1}
    assert said in ran.out or "Install 'nowhere'" in ran.out
    assert "Traceback" not in ran.out


def test_several_findings_of_a_route_are_all_told(bare):
    bare.change("shop.py", 'await websocket.send_text("tick")', "assert not message.get('bytes'), 'no bytes'")
    bare.change("shop.py", "'no bytes'", "'no bytes'\n        assert message.get('text') != '', 'not empty'")
    ran = bare.pytest(*FEW, "--wsreplay-app", "shop:app", "--wsreplay-include", "/ticker")
    assert "(and 1 more); WebSocket test failed (seed: 1)" in ran.out
    assert ran.out.count("WEBSOCKET TEST FAILURE: /ticker") == 2


def test_warnings_do_not_fail_and_are_told_in_a_line(bare):
    bare.write("raw.py", """
        async def app(scope, receive, send):
            assert scope["type"] == "websocket"
            await receive()
            await send({"type": "websocket.accept"})
    """)  # fmt: skip
    ran = bare.pytest(*FEW, "--wsreplay-app", "raw:app", "--wsreplay-path", "/live")
    assert ran.counts == {"passed": 1}
    assert "warning: missing_close on /live" in ran.out
    assert "  Warnings: 1\n" in ran.out


def test_without_a_target_it_says_how_to_name_one(bare):
    ran = bare.pytest("--wsreplay-fuzz")
    assert ran.code == 2
    assert "no target: expected module:attribute, as for uvicorn, or a fixture called 'app'" in ran.out


def test_ctrl_c_shows_what_was_found_so_far(bare):
    # What runs in the background of a shell ignores Ctrl-C, and so would what it starts.
    bare.write("conftest.py", """
        import os, signal

        os.environ["PYTEST_PID"] = str(os.getpid())
        signal.signal(signal.SIGINT, signal.default_int_handler)
    """)  # fmt: skip
    bare.change("shop.py", "if (message.get", "press_ctrl_c()\n        if (message.get")
    bare.write("shop.py", (bare.directory / "shop.py").read_text() + """
import os, pathlib, signal

def press_ctrl_c():
    # Once, when the first finding has been saved.
    if any(pathlib.Path("corpus").rglob("*.msgpack")) and not os.path.exists("pressed"):
        pathlib.Path("pressed").touch()
        os.kill(int(os.environ["PYTEST_PID"]), signal.SIGINT)
""")  # fmt: skip
    words = ("--wsreplay-fuzz", "--wsreplay-app", "shop:app", "--wsreplay-seed", "1", "--wsreplay-save")
    ran = bare.pytest(*words, "--wsreplay-max-examples", "100000", "-k", "orders", "--wsreplay-report-json", "r.json")
    assert ran.code == 2
    assert "Message: KeyError: 'price'" in ran.out
    assert len(json.loads((bare.directory / "r.json").read_text())["routes"][0]["failures"]) == 1
