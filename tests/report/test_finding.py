"""A finding as people read it, for each kind of finding, over small real apps."""

from __future__ import annotations

import textwrap
from dataclasses import replace

from wsreplay.model import Client, Drop, Finding, Send
from wsreplay.report.finding import body, described, detail, headline, one_liner


def golden(expected: str) -> str:
    return textwrap.dedent(expected).strip("\n")


def test_a_crash_is_told_with_its_exchange_its_place_and_the_command(crashing, text):
    event = crashing.found(Send(0, "json", '{"item": "tea"}'), Send(0, "json", '{ "amount": 2 }'))
    assert text(described(event, crashing.settings())) == golden("""
        FAILURE handler_crash on /ws: KeyError: 'item'
          KeyError left the handler of client A, and the server ends the connection.
          The client sees close code 1011.

            A connects to /ws, accepted
            A -> app  {"item":"tea"}
            A <- app  {"price":3}
            A -> app  {"amount":2}
            !! A's handler raises KeyError: 'item'

          shop.py:10 in orders
                9   async for order in websocket.iter_json():
               10 >     price = {"tea": 3}[order["item"]]

          Found after 12 sequences, shrunk from 3 messages to 2.
          Saved as corpus/ws/0123.msgpack
          Replay:  wsreplay replay corpus/ws/0123.msgpack --target shop:app
    """)


def test_of_what_was_not_to_be_saved_nothing_is_said_after_how_it_was_found(crashing, text):
    event = crashing.found(Send(0, "json", "{}"), path=None)
    assert text(described(event, crashing.settings())).splitlines()[-1].strip().startswith("Found after 12 sequences")


def test_a_hang_tells_how_long_and_where_the_handler_waits(shop, text):
    shop.write("""
        async def stuck(websocket):
            await websocket.accept()
            await websocket.receive_text()
            await asyncio.Event().wait()

        app = Starlette(routes=[WebSocketRoute("/ws", stuck)])
    """)
    event = shop.found(Send(0, "text", "hello"))
    headline_, *rest = text(described(event, shop.settings())).splitlines()
    assert headline_.startswith("FAILURE hang on /ws: The handler of client A went silent over a message")
    assert textwrap.dedent("\n".join(rest).strip("\n")) == golden("""
            A connects to /ws, accepted
            A -> app  "hello"
            ... 10 s pass
            !! A's handler has a message and neither sends, reads nor ends, at shop.py:10 in stuck
            A -> app  closes with 1000
            !! A's handler does not end, although its client has gone, at shop.py:10 in stuck

          shop.py:10 in stuck
                9   await websocket.receive_text()
               10 > await asyncio.Event().wait()

          Found after 12 sequences, shrunk from 3 messages to 1.
          Saved as corpus/ws/0123.msgpack
          Replay:  wsreplay replay corpus/ws/0123.msgpack --target shop:app
    """)


CHAT = """
    members = []

    async def chat(websocket):
        await websocket.accept()
        members.append(websocket)
        async for said in websocket.iter_text():
            for member in members:
                await member.send_text(said)

    app = Starlette(routes=[WebSocketRoute("/ws", chat)])
"""


def test_a_broadcast_to_a_client_that_dropped_names_both_clients(shop, text):
    shop.write(CHAT)
    event = shop.found(Drop(0), Send(1, "text", "anybody?"), clients=2)
    assert text(described(event, shop.settings())) == golden("""
        FAILURE handler_crash on /ws: WebSocketDisconnect
          The handler of client B, which was still connected, died because client A had gone.
          The client sees close code 1011.

            A connects to /ws, accepted
            B connects to /ws, accepted
            A is gone without a close frame
            B -> app  "anybody?"
            !! B's handler raises WebSocketDisconnect

          shop.py:14 in chat
               13   for member in members:
               14 >     await member.send_text(said)

          Found after 12 sequences, shrunk from 3 messages to 1; it takes 2 clients.
          Saved as corpus/ws/0123.msgpack
          Replay:  wsreplay replay corpus/ws/0123.msgpack --target shop:app
    """)


def test_a_refused_handshake_and_what_each_client_brings_are_told(shop, text):
    shop.write("""
        async def picky(websocket):
            if websocket.query_params.get("token") != "right":
                await websocket.close(1008, "no such token")
                return
            await websocket.accept(subprotocol="chat")
            raise RuntimeError

        app = Starlette(routes=[WebSocketRoute("/ws", picky)])
    """)
    clients = (Client("/ws", "token=wrong"), Client("/ws", "token=right", (("x-shop", "1"),), ("chat", "v2")))
    event = shop.found(clients=clients)
    assert text(described(event, shop.settings())) == golden("""
        FAILURE handler_crash on /ws: RuntimeError
          RuntimeError left the handler of client B, and the server ends the connection.
          The client sees close code 1011.

            A connects to /ws?token=wrong
            A <- app  closes with 1008 "no such token" before accepting: refused with HTTP 403
            B connects to /ws?token=right  (x-shop: 1; offers "chat", "v2"), accepted as "chat"
            !! B's handler raises RuntimeError

          shop.py:12 in picky
               11   await websocket.accept(subprotocol="chat")
               12 > raise RuntimeError

          Found after 12 sequences, shrunk from 3 messages to 0; it takes 2 clients.
          Saved as corpus/ws/0123.msgpack
          Replay:  wsreplay replay corpus/ws/0123.msgpack --target shop:app
    """)


def test_a_violation_is_told_with_the_line_that_commits_it(shop, text):
    shop.write("""
        async def wordy(websocket):
            await websocket.accept()
            await websocket.receive_text()

            await websocket.close(1000, "x" * 124)

        app = Starlette(routes=[WebSocketRoute("/ws", wordy)])
    """)
    event = shop.found(Send(0, "text", ""))
    assert text(described(event, shop.settings())) == golden("""
        FAILURE protocol_violation on /ws: A close reason is at most 123 bytes, the app sent 124.
          The client sees close code 1011.

            A connects to /ws, accepted
            A -> app  ""
            !! A's handler: a close reason is at most 123 bytes, the app sent 124, at shop.py:11 in wordy
            !! A's handler raises ProtocolError: a close reason is at most 123 bytes, the app sent 124

          shop.py:11 in wordy
                9   await websocket.receive_text()
               11 > await websocket.close(1000, "x" * 124)

          Found after 12 sequences, shrunk from 3 messages to 1.
          Saved as corpus/ws/0123.msgpack
          Replay:  wsreplay replay corpus/ws/0123.msgpack --target shop:app
    """)


BACKGROUND = """
    async def work(data):
        struct.unpack(">I", data)

    async def upload(websocket):
        await websocket.accept()
        async for data in websocket.iter_bytes():
            asyncio.create_task(work(data))

    app = Starlette(routes=[WebSocketRoute("/ws", upload)])
"""


def test_a_background_crash_is_told_and_an_exception_called_error_has_its_module(shop, text):
    shop.write(BACKGROUND)
    event = shop.found(Send(0, "bytes", b"\x00\xff"))
    assert event.finding.exception == "error"
    assert text(described(event, shop.settings())) == golden(r"""
        FAILURE background_task_crash on /ws: struct.error: unpack requires a buffer of 4 bytes
          The task work died of struct.error, and nothing retrieved the exception.

            A connects to /ws, accepted
            A -> app  b'\x00\xff'
            A -> app  closes with 1000
            !! a task that the app started dies of struct.error: unpack requires a buffer of 4 bytes

          shop.py:8 in work
                7   async def work(data):
                8 >     struct.unpack(">I", data)

          Found after 12 sequences, shrunk from 3 messages to 1.
          Saved as corpus/ws/0123.msgpack
          Replay:  wsreplay replay corpus/ws/0123.msgpack --target shop:app
    """)


def test_an_exceptions_name_keeps_its_first_letter_wherever_the_sentence_has_it(shop):
    shop.write(BACKGROUND)
    entry = shop.entry(Send(0, "bytes", b""))
    finding = replace(entry.findings[0], detail="Error left the handler of client 27, and died of error.")
    assert detail(finding, entry.transcript) == "struct.error left the handler of client B1, and died of struct.error."
    assert detail(finding) == "error left the handler of client B1, and died of error."
    assert headline(finding).endswith(": error: unpack requires a buffer of 4 bytes")


def test_how_it_was_found_is_told_as_it_was(crashing, text):
    event = crashing.found(Send(0, "json", "{}"))

    def how(**changes):
        lines = text(described(replace(event, **changes), crashing.settings())).splitlines()
        return next(line.strip() for line in lines if "Found after" in line)

    assert how(found_after=1, original=1) == "Found after 1 sequence, with 1 message."
    assert how(confirmed=False).endswith("Seen once: a fresh process did not show it again.")
    earlier = replace(event.entry, provenance=replace(event.entry.provenance, earlier=1))
    assert how(entry=earlier).endswith("It depends on what 1 earlier client left behind.")
    silent = replace(event.entry, scenario=replace(event.entry.scenario, steps=()))
    assert how(entry=silent, original=0) == "Found after 12 sequences, without a message."


def test_a_finding_that_could_not_be_saved_says_why_and_has_no_command(crashing, text):
    event = replace(crashing.found(Send(0, "json", "{}"), path=None), unsaved="the disk is full")
    told = text(described(event, crashing.settings()))
    assert "  Not saved: the disk is full" in told
    assert "Replay:" not in told
    assert one_liner(event).text == "failure: handler_crash on /ws: KeyError: 'item' at shop.py:10 in orders"


def test_a_terse_report_has_the_entry_on_the_same_line(crashing):
    line = one_liner(replace(crashing.found(Send(0, "json", "{}"), path="corpus/ws/\x1b[2J.msgpack")))
    assert line.style == "failure"
    assert line.text.endswith("  corpus/ws/\\x1b[2J.msgpack")


def test_an_exception_with_a_name_without_end_is_told_in_part():
    finding = Finding("hang", "failure", "/", "raised", "E" * 100_000 + " leaves", "E" * 100_000)
    assert all(len(line.text) < 2_000 for line in body(finding))
