"""`--routes-ws-timeout`, `--routes-ws-message-timeout`."""

from __future__ import annotations

import pytest

COMMAND = ("--routes", "--routes-app", "shop:app", "--routes-websocket")
SEEDED = (*COMMAND, "--routes-seed", "1", "--routes-max-examples", "30")


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
