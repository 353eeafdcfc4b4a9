"""`--routes-auth`."""

from __future__ import annotations

COMMAND = ("--routes", "--routes-app", "shop:app", "--routes-websocket")
SEEDED = (*COMMAND, "--routes-seed", "1", "--routes-max-examples", "30")


def test_auth_is_sent_and_never_shown(bare):
    bare.write("shop.py", """
        async def app(scope, receive, send):
            assert scope["type"] == "websocket"
            await receive()
            if (b"authorization", b"Bearer gehei" + b"m") in scope["headers"]:
                raise ValueError("let in")
            await send({"type": "websocket.close", "code": 4001})
    """)  # fmt: skip
    bare.write("pyproject.toml", '[tool.wsreplay]\npaths = ["/ws"]\n')
    assert bare.pytest(*SEEDED, "--routes-auth", "bearer:falsch").counts == {"passed": 1}
    ran = bare.pytest(*SEEDED, "--routes-auth=bearer:geheim")
    assert "Message: ValueError: let in" in ran.out
    assert "geheim" not in ran.out
    assert "--routes-auth=bearer:..." in ran.out
