"""What a failing entry prints: fields, the exchange, the place, and how to see it again."""

from __future__ import annotations

SHOWN = """
============================================================
WEBSOCKET TEST FAILURE: /orders
============================================================
Error Type: handler_crash (KeyError)
Message: KeyError: 'price'
Failed at message index: 1
Sent (text):
  "\\"tea\\""
Expected:
  Connection to remain open
Actual:
  Connection closed with code 1011
Connection State: closed
Close Code: 1011
Additional Context:
  total_messages_sent: 1
  last_response: None
  elapsed_time_ms: 0.0

    A connects to /orders, accepted
    A -> app  "\\"tea\\""
    !! A's handler raises KeyError: 'price'

  shop.py:9 in orders
        8   if (message.get("text") or "").startswith('"'):
        9 >     raise KeyError("price")

Seed: 4711
Reproduce: pytest {path}
============================================================
"""


def test_it_shows_the_exchange_the_fields_the_seed_and_the_command(project):
    ran = project.pytest()
    path = project.failing().relative_to(project.directory)
    assert SHOWN.format(path=path) in ran.out
    again = project.pytest(str(path))
    assert again.counts == {"failed": 1}
    assert f"FAILED {path}::handler_crash KeyError - handler_crash on /orders" in again.out


def test_in_colour_it_says_the_same(project):
    ran = project.pytest("--color=yes")
    assert "\x1b[31m\x1b[1mWEBSOCKET TEST FAILURE: /orders" in ran.out


def test_an_entry_whose_route_is_gone_fails_with_what_to_do(project):
    project.change("shop.py", '"/ticker"', '"/ticks"')
    ran = project.pytest()
    assert ran.counts == {"failed": 3, "passed": 1}
    assert "the target has no route '/ticker'" in ran.out
    assert "If the route is gone for good: wsreplay corpus prune." in ran.out
    assert "1 pass, 1 fail, 2 stale" in ran.out


def test_one_that_fails_in_another_way_says_so(project):
    project.change("shop.py", 'KeyError("price")', 'ValueError("price")')
    ran = project.pytest()
    assert "Changed: ValueError: price. The record says otherwise." in ran.out
    assert "Message: ValueError: price" in ran.out


def test_a_target_that_cannot_be_loaded_is_told_in_full_once(project):
    project.write("shop.py", "import nowhere\n")
    ran = project.pytest()
    assert ran.counts == {"failed": 4}
    assert ran.out.count("Install 'nowhere' into the environment") == 1
    assert ran.out.count("(see the first item that says so)") >= 3
    assert "Traceback" not in ran.out


def test_without_a_target_it_says_how_to_name_one(project):
    project.write("pyproject.toml", "[tool.wsreplay]\nmax_messages = 3\n")
    ran = project.pytest()
    assert ran.counts == {"failed": 4}
    assert "no target: expected module:attribute, as for uvicorn, or a fixture called 'app'" in ran.out


def test_a_configuration_that_is_wrong_is_refused_at_once(project):
    project.write("pyproject.toml", "[tool.wsreplay]\nap = 'shop:app'\n")
    ran = project.pytest()
    assert ran.code == 4
    assert "Did you mean 'app'?" in ran.err


def test_what_goes_wrong_in_a_hook_of_the_users_is_shown_as_ever(project):
    project.write("conftest.py", """
        import pytest

        @pytest.hookimpl(tryfirst=True)
        def pytest_runtest_call(item):
            raise ValueError("a hook of mine")
    """)  # fmt: skip
    ran = project.pytest()
    assert ran.counts == {"failed": 4}
    assert "ValueError: a hook of mine" in ran.out
    assert "conftest.py:6" in ran.out


def test_an_entry_that_is_removed_after_it_was_collected_fails(project):
    path = project.failing()
    project.write("conftest.py", f"def pytest_collection_finish():\n    __import__('os').unlink({str(path)!r})\n")
    ran = project.pytest()
    assert ran.counts == {"failed": 1, "passed": 3}
    assert f"corpus/orders/{path.name} has been removed since it was collected" in ran.out
