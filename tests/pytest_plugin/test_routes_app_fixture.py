"""A fixture `app` in the place of `--routes-app`."""

from __future__ import annotations


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
