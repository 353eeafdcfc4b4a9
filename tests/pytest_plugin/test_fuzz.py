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


def test_save_keeps_what_is_found(bare):
    bare.write("pyproject.toml", '[tool.wsreplay]\napp = "shop:app"\n')
    ran = bare.pytest(*FEW, "--wsreplay-save")
    path = bare.failing().relative_to(bare.directory)
    assert f"Saved as {path}\n" in ran.out
    assert f"Reproduce: pytest {path}\n" in ran.out
    assert bare.pytest(str(path)).counts == {"failed": 1}


def test_without_a_seed_one_is_chosen_and_told(project):
    ran = project.pytest("--wsreplay-fuzz", "--wsreplay-max-examples", "1")
    assert re.search(r"^Seed: \d+$", ran.out, re.MULTILINE)


def test_verbose_shows_each_sequence(project):
    ran = project.pytest(*FEW[:2], "3", "--wsreplay-verbose", "--wsreplay-include", "/ticker")
    shown = re.search(r"Sequences of /ticker:\n(.*)wsreplay: WebSocket", ran.out, re.DOTALL)
    assert shown is not None
    lines = shown[1].splitlines()
    assert lines[0] == "  1. A connects to /ticker"
    assert [line.split(".")[0].strip() for line in lines] == ["1", "2", "3"]


def test_the_time_is_shared_by_the_routes(project):
    ran = project.pytest("--wsreplay-fuzz", "--wsreplay-max-time", "0.000001")
    assert ran.counts == {"failed": 1, "passed": 5}
    assert "WebSocket Test Summary" not in ran.out


def test_bounds_of_sequences_are_heeded(project):
    bounds = ("--wsreplay-max-messages", "1", "--wsreplay-max-clients", "1", "--wsreplay-max-message-size", "40")
    ran = project.pytest(*FEW[:2], "20", *bounds, "--wsreplay-verbose", "-k", "test_websocket and ticker")
    assert "  20. A connects" in ran.out
    assert "B connects" not in ran.out
    for line in re.findall(r"^  \d+\. .*$", ran.out, re.MULTILINE):
        assert line.count("A -> app") - line.count("A -> app  closes") <= 1


def test_checks_and_timeouts_are_heeded(project):
    words = ("--wsreplay-exclude-checks", "handler_crash", "--wsreplay-message-timeout", "5")
    ran = project.pytest(*FEW, *words, "--wsreplay-connection-timeout", "6")
    assert ran.counts == {"passed": 6}
    chosen = project.pytest(*FEW, "--wsreplay-checks", "hang", "--wsreplay-checks", "shutdown_hang")
    assert chosen.counts == {"passed": 6}


def test_reports_are_written_where_a_flag_asks_for_them(project):
    project.write("pyproject.toml", '[tool.wsreplay]\napp = "shop:app"\nreport_json = "cli.json"\n')
    ran = project.pytest(*FEW, "--wsreplay-report-json", "a/r.json", "--wsreplay-report-html", "r.html")
    assert ran.counts == {"failed": 1, "passed": 5}
    report = json.loads((project.directory / "a" / "r.json").read_text())
    assert report["seed"] == 1
    assert report["replay"] == {"pass": 3, "fail": 1, "changed": 0, "flaky": 0, "stale": 0, "error": 0}
    assert [len(route["failures"]) for route in report["routes"]] == [1, 0]
    assert "KeyError" in (project.directory / "r.html").read_text()
    assert not (project.directory / "cli.json").exists()


def test_a_report_that_cannot_be_written_is_refused_at_once(project):
    ran = project.pytest("--wsreplay-report-json", ".")
    assert ran.code == 4
    assert "expected the path of a file" in ran.err


def test_a_path_may_be_named_where_no_table_tells_it(bare):
    bare.write("raw.py", "async def app(scope, receive, send):\n    raise ValueError('no')\n")
    words = (*FEW, "--wsreplay-app", "raw:app", "--wsreplay-path", "/live")
    ran = bare.pytest(*words)
    assert ran.counts == {"failed": 1}
    assert "WEBSOCKET TEST FAILURE: /live" in ran.out
    assert "Message: ValueError: no" in ran.out


def test_the_target_may_be_a_factory_in_a_directory_of_its_own(bare):
    bare.write("src/made.py", "from shop import app\n\ndef make():\n    return app\n")
    (bare.directory / "shop.py").rename(bare.directory / "src" / "shop.py")
    words = ("--wsreplay-app", "made:make", "--wsreplay-factory", "--wsreplay-app-dir", "src", "--wsreplay-auth")
    ran = bare.pytest(*FEW, *words, "bearer:$TOKEN", TOKEN="geheim")
    assert ran.counts == {"failed": 1, "passed": 1}
    assert "--wsreplay-auth bearer:..." in ran.out


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
