"""`--wsreplay-path`."""

from __future__ import annotations

FEW = ("--wsreplay-fuzz", "--wsreplay-max-examples", "30", "--wsreplay-seed", "1")


def test_a_path_may_be_named_where_no_table_tells_it(bare):
    bare.write("raw.py", "async def app(scope, receive, send):\n    raise ValueError('no')\n")
    words = (*FEW, "--wsreplay-app", "raw:app", "--wsreplay-path", "/live")
    ran = bare.pytest(*words)
    assert ran.counts == {"failed": 1}
    assert "WEBSOCKET TEST FAILURE: /live" in ran.out
    assert "Message: ValueError: no" in ran.out
