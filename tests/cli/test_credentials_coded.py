"""Credentials that an app repeats in other letters, encoded and escaped, everywhere where it can say something."""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys

import pytest

MARK = "sEsAmE"
"""In every value; nothing else in a project contains it."""

VALUES = {
    "T_BEARER": f"{MARK}-bearer/12345",
    "T_PASSWORD": f"{MARK}-pass:word",
    "T_QUERY": f'{MARK} query&=%"\\+12',
    "T_COOKIE": f"{MARK}-cookie-1234",
    "T_PROTOCOL": f"{MARK}.proto_12",
    "T_MESSAGE": f'{MARK}-message "1"',
}

FORMS = """
    [tool.wsreplay]
    app = "telling:app"
    auth = [
        "bearer:$T_BEARER", "basic:ann:$T_PASSWORD", "query:token:$T_QUERY", "cookie:session:$T_COOKIE",
        "subprotocol:bearer,$T_PROTOCOL", 'json:{"token": "$T_MESSAGE"}',
    ]
"""

TELLING = """
    import asyncio, base64, json, logging, sys, urllib.parse, warnings
    from starlette.applications import Starlette
    from starlette.routing import WebSocketRoute

    WAITING = []

    def ways(text):
        data = text.encode()
        yield from (text, text.upper(), text.lower(), text.swapcase(), urllib.parse.quote(text), data.hex())
        for number in range(3):
            yield base64.b64encode(b"x" * number + data).decode()
            yield base64.urlsafe_b64encode(b"x" * number + data).decode()
        yield "".join("\\\\u%04x" % ord(one) for one in text)
        yield "".join(f"%{one:02X}" for one in data)
        yield "".join(f"&#{ord(one)};" for one in text)

    async def die(told):
        raise LookupError(f"in the background: {told}")

    async def tell(ws):
        known = {"headers": [(one.decode(), other.decode()) for one, other in ws.headers.raw],
                 "query": dict(ws.query_params), "cookies": ws.cookies}
        await ws.accept(subprotocol=ws.scope["subprotocols"][1])
        async for text in ws.iter_text():
            for way in ways(json.dumps({**known, "said": text})):
                print(way, flush=True)
                print(way, file=sys.stderr, flush=True)
                logging.getLogger("shop").error("%s", way)
                await ws.send_text(way)
                await ws.send_bytes(way.encode())
            warnings.warn(json.dumps(known), stacklevel=1)
            if text.isdigit():
                WAITING.append(asyncio.create_task(die("; ".join(ways(json.dumps(known["query"]))))))
            if text.startswith("["):
                raise ValueError("; ".join(ways(known["headers"][-1][1])))
            if text.startswith('"'):
                await ws.close(1011, "".join(list(ways(known["cookies"]["session"]))[6:8])[:123])
                return

    app = Starlette(routes=[WebSocketRoute("/tell", tell)])
"""

REPORTS = ("--report-json", "r.json", "--report-junit", "r.xml", "--report-html", "r.html")


def leaks(text: str) -> list[str]:
    """Where something of a credential stands in a text, however it is written."""
    coded = [MARK.encode().hex(), base64.b64encode(f"ann:{VALUES['T_PASSWORD']}".encode()).decode()]
    for value in VALUES.values():
        for before in range(3):
            whole = base64.b64encode(bytes(before) + json.dumps(value)[1:-1].encode())
            coded += [
                whole.decode()[before + 1 : -4],
                base64.urlsafe_b64encode(base64.b64decode(whole)).decode()[before + 1 : -4],
            ]
    forms = (r"\\+u{:04x}", "%{:02x}", "&#{};")
    escaped = ["".join(f"(?:{form.format(ord(one))})" for one in MARK) for form in forms]
    found = [
        *re.finditer("|".join([MARK, *escaped]), text, re.IGNORECASE),
        *re.finditer("|".join(map(re.escape, coded)), text),
    ]
    return [text[max(0, at.start() - 60) : at.end() + 30] for at in found]


@pytest.fixture(scope="module")
def telling(tmp_path_factory, fuzzed):
    """A project whose app tells all it knows in many ways, fuzzed in the noisiest way."""
    made = type(fuzzed)(tmp_path_factory.mktemp("telling"))
    made.write("telling.py", TELLING)
    made.write("pyproject.toml", FORMS)
    made.environment |= VALUES
    made.first = made.run("fuzz", "-n", "12", "--seed", "1", "-vv", *REPORTS, timeout=240)
    return made


def files_of(project) -> list[str]:
    """All that lies in the project, but for its own sources."""
    left_out = ("telling.py", ".pyc")
    paths = [path for path in project.directory.rglob("*") if path.is_file() and not path.name.endswith(left_out)]
    assert len(paths) > 4
    return [path.read_bytes().decode("latin-1") for path in paths]


def test_what_would_be_a_leak_is_seen():
    for value in VALUES.values():
        assert leaks(f"a {value} b") != []
        assert leaks(value.upper()) != []
        assert leaks(base64.b64encode(f"12{json.dumps(value)}".encode()).decode()) != []
        assert leaks("".join(f"\\u{ord(one):04x}" for one in value)) != []


def test_the_search_found_what_tells_them(telling):
    assert telling.first.code == 1
    listed = telling.run("corpus", "ls").out
    for check in ("handler_crash", "background_task_crash"):
        assert check in listed


def test_no_output_and_no_file_tells_them_in_any_way(telling):
    assert leaks(telling.first.out) == []
    assert leaks(telling.first.err) == []
    assert "said" in telling.first.err
    for text in files_of(telling):
        assert leaks(text) == []


def test_what_is_made_of_entries_does_not_tell_them(telling):
    ids = [line.split()[0] for line in telling.run("corpus", "ls").out.splitlines() if " fail" in line]
    told = [telling.run("replay", "-vv", *REPORTS), telling.run("show", ids[0]), telling.run("export", ids[0])]
    told += [telling.run("export", ids[0], "--format", "script")]
    for ran in told:
        assert ran.code in (0, 1)
        assert leaks(ran.out + ran.err) == []
    for text in files_of(telling):
        assert leaks(text) == []


@pytest.mark.slow
def test_pytest_does_not_tell_them(telling):
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-vv",
        "-p",
        "no:cacheprovider",
        "-rA",
        "--showlocals",
        "--junitxml",
        "p.xml",
    ]
    command += ["--wsreplay-fuzz", "--wsreplay-max-examples", "5", "--wsreplay-seed", "3", "corpus"]
    ran = subprocess.run(
        command, cwd=telling.directory, env=telling.environment, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert "ValueError" in ran.stdout
    assert leaks(ran.stdout + ran.stderr) == []
    for text in files_of(telling):
        assert leaks(text) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("-H", "{}"),
        ("-H", "Bearer {}: x"),
        ("-H", "x-key: a\n{}"),
        ("--auth", "{}"),
        ("--auth", "bearer {}"),
        ("--auth", "header:Bearer {}:x"),
        ("--auth", "cookie:session={}:x"),
        ("--auth", "cookie:session:{};"),
        ("--auth", "subprotocol:a,{} x"),
        ("--auth", "basic:{}"),
        ("--auth", "basic:ann:pa${}"),
        ("--auth", "message:{}"),
        ("--auth", "json:{}"),
    ],
    ids=" ".join,
)
def test_a_credential_that_cannot_be_used_is_not_told(telling, arguments):
    flag, form = arguments
    ran = telling.run("fuzz", "-n", "1", flag, form.replace("{}", VALUES["T_COOKIE"]))
    assert ran.code == 2
    assert ran.err.startswith("error: -")
    assert leaks(ran.out + ran.err) == []


@pytest.mark.parametrize("line", ['auth = {{ bearer = "{}" }}', 'wsreplay = "{}"', 'auth = "bearer:{}', "auth = [{}]"])
def test_a_file_that_cannot_be_used_does_not_tell_them(tmp_path, telling, line):
    made = type(telling)(tmp_path)
    made.write("telling.py", TELLING)
    table = "[tool]" if line.startswith("wsreplay") else "[tool.wsreplay]"
    made.write("pyproject.toml", f"{table}\n{line.format(VALUES['T_COOKIE'])}\n")
    ran = made.run("fuzz", "telling:app", "-n", "1")
    assert ran.code == 2
    assert leaks(ran.out + ran.err) == []
