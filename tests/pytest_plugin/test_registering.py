"""Checks and strategies that a conftest.py registers are in force, whichever process runs the app."""

from __future__ import annotations

import pytest

CHECK = """
    from wsreplay import checks
    from wsreplay.model import Message

    def polite(scenario, transcript):
        for event in transcript.events:
            if isinstance(event, Message) and event.origin == "app" and event.data == "tick":
                return "It says tick."

    checks.register("polite", polite)
"""

STRATEGY = """
    from hypothesis import strategies as st
    from wsreplay.generation import register_message_strategy

    register_message_strategy("/tick*", "text", st.just("the protocol's own word"))
"""

VERBOSE = ("--wsreplay-fuzz", "--wsreplay-max-examples", "12", "--wsreplay-verbose", "--wsreplay-seed", "1")


@pytest.mark.parametrize("processes", [(), ("-n", "2")])
def test_a_check_of_conftest_judges_replay_and_search(project, processes):
    project.write("conftest.py", CHECK)
    ran = project.pytest(*processes)
    assert ran.counts == {"failed": 2, "passed": 2}
    assert "Changed: It says tick. The record says otherwise." in ran.out
    assert "Check polite to find nothing" in ran.out


def test_a_strategy_of_conftest_gives_the_messages(project):
    project.write("conftest.py", STRATEGY)
    ran = project.pytest(*VERBOSE)
    assert 'A -> app  "the protocol\'s own word"' in ran.out


def test_a_reset_of_conftest_runs_before_each_scenario(project):
    project.write("conftest.py", """
        from pathlib import Path

        import wsreplay

        @wsreplay.reset
        def forget():
            Path("reset").touch()
    """)  # fmt: skip
    project.pytest()
    assert (project.directory / "reset").exists()


def test_so_do_those_of_a_module_named_as_hooks_and_of_a_fixture_app(project):
    project.write("words.py", STRATEGY)
    project.write("pyproject.toml", '[tool.wsreplay]\nhooks = ["words"]\n')
    project.write("conftest.py", """
        import pytest, shop

        @pytest.fixture
        def app():
            return shop.app
    """)  # fmt: skip
    ran = project.pytest(*VERBOSE)
    assert ran.counts == {"failed": 1, "passed": 5}
    assert 'A -> app  "the protocol\'s own word"' in ran.out
