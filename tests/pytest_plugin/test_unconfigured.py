"""A project that does not use us sees no change."""

from __future__ import annotations

import pytest

LOADED = """
    import sys

    def pytest_unconfigure(config):
        ours = sorted(name for name in sys.modules if name.startswith("wsreplay"))
        names = {"hypothesis", "msgpack", "starlette", "typer"}
        # From Python 3.14 on pytest itself loads it.
        names |= {"asyncio"} if sys.version_info < (3, 14) else set()
        heavy = sorted(names & set(sys.modules))
        print("\\nloaded:", *ours, *heavy)
"""

LIGHT = "loaded: wsreplay wsreplay.pytest_plugin wsreplay.pytest_plugin.asking wsreplay.pytest_plugin.flags\n"


@pytest.fixture
def unconfigured(project):
    project.write("pyproject.toml", "[tool.other]\nname = 'x'\n")
    project.write("test_own.py", "def test_own(): pass\n")
    project.write("conftest.py", LOADED)
    return project


def plain(project, *arguments):
    # Other plugins, Hypothesis's among them, would load what we must not.
    return project.pytest(*arguments, plugins=False)


def test_nothing_is_collected_nothing_said_and_nothing_imported_beyond_light_modules(unconfigured):
    ran = plain(unconfigured, "-v")
    assert ran.code == 0
    assert ran.counts == {"passed": 1}
    assert ran.out.count("wsreplay") == LIGHT.count("wsreplay")
    assert LIGHT in ran.out


def test_our_markers_are_not_registered(unconfigured):
    assert "wsreplay" not in plain(unconfigured, "--markers").out.replace(LIGHT, "")


def test_the_tables_of_the_predecessor_alone_ask_for_nothing(unconfigured):
    unconfigured.write("pyproject.toml", "[tool.pytest-routes]\napp = 'shop:app'\n")
    ran = plain(unconfigured)
    assert ran.counts == {"passed": 1}
    assert LIGHT in ran.out


def test_a_pyproject_that_cannot_be_read_is_not_ours(unconfigured):
    (unconfigured.directory / "pyproject.toml").unlink()
    (unconfigured.directory / "below" / "pyproject.toml").mkdir(parents=True)
    unconfigured.write("below/test_below.py", "def test_below(): pass\n")
    assert unconfigured.pytest(cwd="below").counts == {"passed": 1}


def test_no_wsreplay_switches_off_what_is_configured(project):
    project.write("test_own.py", "def test_own(): pass\n")
    project.write("conftest.py", LOADED)
    ran = plain(project, "--no-wsreplay", "--wsreplay-fuzz", "--shard", "1/2")
    assert ran.counts == {"passed": 1}
    assert LIGHT in ran.out


def test_the_plugin_is_found_without_being_named(project):
    assert sum(project.pytest("-q", plugins=True).counts.values()) == len(project.ids())
