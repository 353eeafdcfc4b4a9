"""Credentials of every kind on a real app: they open doors, and their values are nowhere to be found afterwards."""

from __future__ import annotations

import base64
import re

import pytest

from wsreplay.corpus import Store

MARK = "sEsAmE"
"""In every value; nothing else in a project contains it."""

VALUES = {
    "T_BEARER": f"{MARK}-bearer/\"é'\\1<&>",
    "T_PASSWORD": f"{MARK}-pass:word",
    "T_KEY": f"{MARK}-key-12345",
    "T_QUERY": f'{MARK} query&=%"\\+ü',
    "T_COOKIE": f"{MARK}-cookie-1234",
    "T_PROTOCOL": f"{MARK}.proto_12",
    "T_MESSAGE": f'{MARK}-msg"\n\\x é',
    "T_ROUTE": f"{MARK}-of-a-route",
}

FORMS = """
    [tool.wsreplay]
    app = "echo:app"
    headers = ["x-api-key: $T_KEY"]
    auth = [
        "bearer:$T_BEARER", "basic:ann:$T_PASSWORD", "query:token:$T_QUERY", "cookie:session:$T_COOKIE",
        "subprotocol:bearer,$T_PROTOCOL", 'json:{"type": "auth", "token": "$T_MESSAGE"}',
    ]
    [[tool.wsreplay.routes]]
    path = "/other"
    auth = ["header:x-route:$T_ROUTE", "message:I am $T_MESSAGE"]
"""

ECHO = """
    import json, os, sys, urllib.parse
    from starlette.applications import Starlette
    from starlette.routing import WebSocketRoute

    WANTED = os.environ
    print("at import:", WANTED["T_BEARER"], file=sys.stderr)

    def shown(ws):
        "What the app knows of a client, in some of the ways in which it may say so."
        known = {"headers": dict(ws.headers), "query": dict(ws.query_params), "cookies": ws.cookies,
                 "offered": ws.scope["subprotocols"], "raw": ws.scope["query_string"].decode()}
        text = json.dumps(known)
        return [text, json.dumps(known, ensure_ascii=False), repr(known), ascii(known), repr(ws.headers.raw),
                urllib.parse.quote(text), urllib.parse.urlencode(known["query"])]

    def invited(ws):
        raw = [value.decode() for name, value in ws.headers.raw if name == b"authorization"]
        return (
            f"Bearer {WANTED['T_BEARER']}" in raw
            and any(value.startswith("Basic ") for value in raw)
            and ws.headers.get("x-api-key") == WANTED["T_KEY"]
            and ws.query_params.get("token") == WANTED["T_QUERY"]
            and ws.cookies.get("session") == WANTED["T_COOKIE"]
            and ws.scope["subprotocols"][:2] == ["bearer", WANTED["T_PROTOCOL"]]
        )

    async def echo(ws):
        print("connects:", *shown(ws), flush=True)
        if not invited(ws):
            return await ws.close(4401, ascii(dict(ws.headers))[:100])
        accepting = [(b"x-you-are", shown(ws)[0].encode())]
        await ws.accept(subprotocol=ws.scope["subprotocols"][1], headers=accepting)
        try:
            first = {"token": None} | json.loads(await heard(ws))
        except (ValueError, TypeError, RecursionError):
            return await ws.close(4400)
        if first["token"] != WANTED["T_MESSAGE"]:
            return await ws.close(4401, str(first["token"])[:60])
        for text in shown(ws):
            await ws.send_text(text)
            await ws.send_bytes(text.encode())
        await ws.send_text(first["token"])
        await serve(ws, first["token"], spoken=True)

    async def heard(ws):
        message = await ws.receive()
        ws.scope["gone"] = message["type"] == "websocket.disconnect"
        return message.get("text") or '{"token": null}'

    async def serve(ws, secret, spoken):
        text = await heard(ws)
        while not ws.scope["gone"]:
            await ws.send_json({"first": secret})
            if spoken and text.isdigit():
                raise ValueError(f"{ascii(text)} of {secret}: {shown(ws)}")
            if not spoken and text.startswith("["):
                raise RuntimeError("long: " + "x" * (2000 - 6 - 15) + secret)
            if spoken and text == '{"token": null}':
                return await ws.close(1011, secret + ", " + (ws.headers.get("x-api-key") or ""))
            text = await heard(ws)

    async def other(ws):
        if ws.headers.get("x-route") != WANTED["T_ROUTE"]:
            return await ws.close(4401)
        await ws.accept()
        greeting = await heard(ws)
        if greeting != "I am " + WANTED["T_MESSAGE"]:
            return await ws.close(4401, greeting[:20])
        # What belongs to another route is a secret here too.
        await serve(ws, WANTED["T_KEY"] + WANTED["T_ROUTE"], spoken=False)

    app = Starlette(routes=[WebSocketRoute("/echo", echo), WebSocketRoute("/other", other)])
"""

REPORTS = ("--report-json", "r.json", "--report-junit", "r.xml", "--report-html", "r.html")


@pytest.fixture(scope="module")
def leaky(tmp_path_factory, fuzzed):
    """A project whose app tells everybody all that it knows, fuzzed in the noisiest way, then replayed."""
    made = type(fuzzed)(tmp_path_factory.mktemp("leaky"))
    made.write("echo.py", ECHO)
    made.write("pyproject.toml", FORMS)
    made.environment |= VALUES
    made.first = made.run("fuzz", "-n", "40", "--seed", "3", "-vv", *REPORTS, timeout=240)
    return made


def leaks(text: str) -> list[str]:
    """Where something of a credential stands in a text, whatever writes it."""
    coded = [base64.b64encode(f"ann:{VALUES['T_PASSWORD']}".encode()).decode()]
    return [text[max(0, at.start() - 60) : at.end() + 30] for at in re.finditer("|".join([MARK, *coded]), text)]


def failures(project) -> list:
    entries = [entry for _, entry in Store(project.directory / "corpus").entries()]
    return [entry for entry in entries if entry.verdict == "fail"]


def test_clients_are_let_in_and_bugs_behind_the_door_are_found(leaky):
    assert leaky.first.code == 1, leaky.first.err
    found = {(entry.scenario.route, finding.exception) for entry in failures(leaky) for finding in entry.findings}
    assert found >= {("/echo", "ValueError"), ("/other", "RuntimeError")}


def test_the_values_are_in_no_output_and_no_file(leaky):
    ran = leaky.first
    assert leaks(ran.out) == []
    assert leaks(ran.err) == []
    assert "connects:" in ran.err
    for name in ("r.json", "r.xml", "r.html"):
        assert leaks((leaky.directory / name).read_text()) == []
    for path, entry in Store(leaky.directory / "corpus").entries():
        assert leaks(path.read_bytes().decode("latin-1")) == []
        assert leaks(repr(entry)) == []


def test_entries_say_which_credential_stood_where(leaky):
    told = {name for entry in failures(leaky) for name in re.findall(r"\{\{[^{}]+\}\}", repr(entry.scenario))}
    assert told == {
        "{{header:x-api-key}}",
        "{{header:authorization}}",
        "{{header:authorization#2}}",
        "{{query:token}}",
        "{{cookie:session}}",
        "{{subprotocol:token}}",
        "{{message:secret}}",
        "{{header:x-route}}",
    }


def test_a_replay_with_the_credentials_shows_the_bugs_again_and_tells_no_value(leaky):
    ran = leaky.run("replay", "-vv")
    assert ran.code == 1
    assert "fail" in ran.out
    assert not re.search(r"\b(error|changed|flaky)\b +corpus", ran.out)
    assert leaks(ran.out + ran.err) == []
    show = leaky.run("show", failures_id(leaky))
    assert leaks(show.out) == []


def failures_id(project) -> str:
    return next(line.split()[0] for line in project.run("corpus", "ls").out.splitlines() if " fail" in line)


def test_a_replay_with_other_credentials_gives_them_and_shows_the_same(leaky):
    changed = {name: value.replace(MARK, "oTheR") for name, value in VALUES.items()}
    before = leaky.entries()
    ran = leaky.run("replay", "--match", "exact", environment=changed)
    assert ran.code == 1
    assert not re.search(r"\b(error|changed|flaky)\b +corpus", ran.out), ran.out
    assert leaky.entries() == before


def test_a_replay_without_them_says_which_are_missing_and_is_exit_code_2(leaky):
    ran = leaky.run("replay", "/echo", "--auth", "bearer:x", "-H", "x-other: 1")
    assert ran.code == 2
    assert "the replay needs the credentials" in ran.err
    for name in ("{{header:x-api-key}}", "{{query:token}}", "{{cookie:session}}", "{{subprotocol:token}}"):
        assert name in ran.err
    assert "--auth 'query:token:$VALUE'" in ran.err
    ran = leaky.run("fuzz", "-n", "1", "--include", "/echo", "--auth", "bearer:x")
    assert ran.code == 2
    assert "{{query:token}}" in ran.err


def test_a_variable_that_is_not_set_is_named_where_credentials_are_needed_and_nowhere_else(leaky):
    environment = {name: value for name, value in leaky.environment.items() if name != "T_COOKIE"}
    bare = type(leaky)(leaky.directory)
    bare.environment = environment
    for command in (("fuzz",), ("replay",)):
        ran = bare.run(*command)
        assert (ran.code, ran.out) == (2, "")
        assert "the environment variable T_COOKIE is not set" in ran.err
    for command in (("corpus", "ls"), ("corpus", "check"), ("show", failures_id(leaky)), ("routes",)):
        assert bare.run(*command).code == 0


def test_a_target_that_dies_of_a_credential_does_not_tell_it(leaky):
    leaky.write("dying.py", "import os\nraise RuntimeError('cannot use ' + os.environ['T_KEY'])\n")
    ran = leaky.run("fuzz", "dying:app")
    assert ran.code == 2
    assert "cannot use {{header:x-api-key}}" in ran.err
    assert leaks(ran.out + ran.err) == []
