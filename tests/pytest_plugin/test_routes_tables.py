"""`[tool.pytest-routes]` and the tables below it."""

from __future__ import annotations

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
