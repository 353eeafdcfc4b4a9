"""Entries from a stranger: whatever stands in them, they are shown and replayed, and that is all that they do."""

from __future__ import annotations

import ast
import dataclasses
import re
import subprocess
import sys
import typing
from typing import Any

import pytest

from wsreplay.corpus import Store, encode_entry, scenario_id
from wsreplay.escaping import is_visible
from wsreplay.model import (
    Accepted,
    Blocked,
    Client,
    Close,
    Closed,
    Connect,
    Consumed,
    Crashed,
    Denied,
    Died,
    Drop,
    Dropped,
    Ended,
    Entry,
    Finding,
    Frame,
    Hung,
    Leaked,
    Message,
    Opened,
    Pause,
    Profile,
    Provenance,
    Raised,
    Resume,
    Scenario,
    Send,
    Slow,
    State,
    Told,
    Transcript,
    Violation,
    Wait,
)

MARK = "sTrAnGeR"

EVIL = (
    f"{MARK}\x1b]0;title\x07\x1b[2J\x9b31m\r\nFORGED\u2028FORGED\x85FORGED\u202e\u2066\u200b\u3164\ufe0f\U000e0041\x00\x7f"
    "\"\"\"'''\\N{DASH}\\\n#' + __import__('os').system('id') + '{0}%s%(x)s$(id)`id`${IFS}<script>]]>&amp;%0A::error::"
    "@about@ @steps@ @name@\ud800[bold]/../../../../etc/passwd"
)

APP = """
    import os, sys
    from starlette.applications import Starlette
    from starlette.routing import WebSocketRoute

    if "AUDIT" in os.environ:
        import audit

    async def anything(websocket):
        await websocket.accept()
        async for text in websocket.iter_text():
            await websocket.send_text(text)
            if "crash" in text:
                raise ValueError(text)

    app = Starlette(routes=[WebSocketRoute("/ws/{rest:path}", anything)])
"""

ROUTE = "/ws/{rest}"


def everything(text: str, route: str, path: str) -> Entry:
    """An entry with all kinds of steps and events, and this text in every place that holds any."""
    frame = Frame(f"{text}.py", 7, text, text)
    outside = Frame(f"/etc/passwd/../{text}", 1, "f", text)
    raised = Raised(text, text, text, (frame, outside), "error", 0, True)
    client = Client(path, text, ((text, text), ("x-a", text)), (text, text))
    steps = (Connect(0), Pause(0), Resume(0), Send(0, "text", text), Send(0, "json", text), Wait(2.0))
    steps += (Send(0, "bytes", text.encode("utf-8", "surrogatepass")), Close(0, 1000, text), Connect(1), Drop(1))
    events = (
        Opened(0.0, 0, 0),
        Accepted(0.0, 0, 0, text, ((text, text),)),
        Message(0.0, 3, 0, "client", "text", text),
        Consumed(0.0, 3, 0, 3),
        Message(0.0, 3, 0, "app", "text", text),
        Message(0.0, 3, 0, "app", "text", f'["{text}"]'),
        Message(0.0, 3, 0, "app", "bytes", text.encode("utf-8", "surrogatepass")),
        Denied(float("nan"), 4, 1, 10**30, text.encode("utf-8", "surrogatepass")),
        Violation(float("inf"), 5, 0, text, text, (frame,)),
        Crashed(3.0, -5, 0, "task", raised, text),
        Hung(3.0, 10**40, 10**30, "message", True, (frame,)),
        Blocked(3.0, 6, 0, float("nan"), (frame,)),
        Slow(-4.0, 6, 0, float("inf")),
        Leaked(3.0, 6, -1, (text, text)),
        Closed(3.0, 7, 0, "app", 1011, text, raised),
        Dropped(3.0, 7, 1),
        Told(3.0, 7, 0),
        Ended(3.0, 7, 0, "raised", None, raised),
        Died(3.0, 7, -1, text, (frame,)),
    )
    finding = Finding(text, "failure", route, text, text, text, text, outside, 3, 0, 1006, (frame,))
    plain = Finding("handler_crash", "failure", route, text, text, None, text, frame)
    return Entry(
        Scenario(route, (client, client), steps, Profile("suspend")),
        Transcript(events, (text,)),
        (finding, plain),
        Provenance("import", 5, 6, text, text, text, 7),
        State("accepted", text, text),
    )


def texts_in(value: Any, hint: Any = str) -> list[tuple[type, str]]:
    """The places of text in a value, other than words of ours."""
    if dataclasses.is_dataclass(value):
        hints = typing.get_type_hints(type(value))
        named = ((field.name, getattr(value, field.name)) for field in dataclasses.fields(value))
        fields = [(name, one) for name, one in named if typing.get_origin(hints[name]) is not typing.Literal]
        inner = [place for name, one in fields for place in texts_in(one) if not isinstance(one, str)]
        return inner + [(type(value), name) for name, one in fields if isinstance(one, str)]
    if isinstance(value, tuple):
        return [place for one in value for place in texts_in(one)]
    return []


def text_fields(cls: type) -> set[tuple[type, str]]:
    """The fields of the model, from `cls` on, that may hold text."""
    found: set[tuple[type, str]] = set()
    for name, hint in typing.get_type_hints(cls).items():
        for part in flat(hint):
            if part is str:
                found.add((cls, name))
            elif dataclasses.is_dataclass(part):
                found |= text_fields(typing.cast(type, part))
    return found


def flat(hint: Any) -> list[Any]:
    arguments = () if typing.get_origin(hint) is typing.Literal else typing.get_args(hint)
    return [hint, *(inner for one in arguments for inner in flat(one))]


def test_no_place_that_holds_text_was_forgotten() -> None:
    lists = {(Accepted, "headers"), (Client, "headers"), (Client, "subprotocols"), (Leaked, "tasks")}
    lists |= {(Transcript, "features")}
    assert set(texts_in(everything("x", "x", "x"))) == text_fields(Entry) - lists
    entry = everything(EVIL, EVIL, EVIL)
    assert repr(entry).count(MARK) > 60


def unfit(text: str) -> list[str]:
    """The lines that a terminal would not print as they are, or that a stranger has begun."""
    return [line for line in text.split("\n") if not is_visible(line) or line.lstrip(" #").startswith("FORGED")]


@pytest.fixture(scope="module")
def guest(tmp_path_factory, fuzzed):
    """A project with a stranger's entries: one of a route that there is, which crashes, one of another route."""
    made = type(fuzzed)(tmp_path_factory.mktemp("guest"))
    made.write("visited.py", APP)
    made.write("pyproject.toml", '[tool.wsreplay]\napp = "visited:app"\n')
    store = Store(made.directory / "corpus")
    made.evil = [
        store.save(everything(f"crash {EVIL}", ROUTE, f"/ws/{EVIL}")),
        store.save(everything(EVIL, EVIL, EVIL)),
    ]
    return made


REPORTS = ("--report-json", "r.json", "--report-junit", "r.xml", "--report-html", "r.html")


COMMANDS = [
    ("corpus", "ls"),
    ("corpus", "check"),
    ("replay", "-vv", "--match", "exact", *REPORTS),
]

MORE_COMMANDS = [
    ("corpus", "stats"),
    ("corpus", "min", "--dry-run"),
    ("corpus", "merge", "corpus", "--corpus", "other"),
    ("corpus", "prune", "--dry-run"),
    ("replay",),
    ("replay", "-v"),
    ("replay", "-q"),
    ("fuzz", "-n", "3", "--seed", "1", *REPORTS),
]


@pytest.mark.parametrize(
    "arguments", [*COMMANDS, *(pytest.param(one, marks=pytest.mark.slow) for one in MORE_COMMANDS)], ids=" ".join
)
def test_no_command_prints_what_a_terminal_would_obey(guest, arguments):
    ran = guest.run(*arguments)
    assert ran.code in (0, 1, 2)
    assert unfit(ran.out) == []
    assert unfit(ran.err) == []
    assert re.search(r"\d|sTrAnGeR", ran.out)


@pytest.mark.parametrize("which", [0, 1])
def test_show_prints_nothing_that_a_terminal_would_obey(guest, which):
    ran = guest.run("show", str(guest.evil[which]))
    assert ran.code == 0
    assert unfit(ran.out) == []
    assert ran.out.count(MARK) > 20
    if which:
        return
    coloured = guest.run("show", str(guest.evil[which]), environment={"FORCE_COLOR": "1", "NO_COLOR": ""})
    assert unfit(re.sub(r"\x1b\[[0-9;]*m", "", coloured.out)) == []


def test_no_report_holds_what_its_reader_would_obey(guest):
    guest.run("replay", *REPORTS, environment={"GITHUB_ACTIONS": "true"})
    for name in ("r.json", "r.xml", "r.html"):
        text = (guest.directory / name).read_text()
        assert unfit(text) == []
        assert "<script" not in text
    assert MARK in (guest.directory / "r.xml").read_text()


def test_pytest_prints_nothing_that_a_terminal_would_obey(guest):
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-vv",
        "-p",
        "no:cacheprovider",
        "--color=no",
        "-rA",
        "--junitxml",
        "p.xml",
        "corpus",
    ]
    ran = subprocess.run(
        command, cwd=guest.directory, env=guest.environment, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert MARK in ran.stdout
    assert unfit(ran.stdout) == []
    assert unfit(ran.stderr) == []
    assert unfit((guest.directory / "p.xml").read_text()) == []


# --- exported source -------------------------------------------------------------------------------------------------


def skeleton(source: str) -> str:
    """What a program does: its syntax tree, without the values of its literals and the names of its tests."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant):
            node.value = 0
        elif isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            node.name = "test"
    return ast.dump(tree)


@pytest.mark.parametrize("which", [0, pytest.param(1, marks=pytest.mark.slow)])
@pytest.mark.parametrize("form", ["pytest", "script"])
def test_an_exported_program_does_what_that_of_a_plain_entry_does(guest, tmp_path, form, which):
    ran = guest.run("export", str(guest.evil[which]), "--format", form)
    assert ran.code == 0
    assert unfit(ran.out) == []
    plain = tmp_path / "plain.msgpack"
    plain.write_bytes(encode_entry(everything("x", ROUTE, "/ws/x")))
    assert skeleton(ran.out) == skeleton(guest.run("export", str(plain), "--format", form).out)


# --- names of files --------------------------------------------------------------------------------------------------

NAMES = [
    "\x1b[31m.msgpack",
    "a\nFORGED.msgpack",
    "\u202egnp.msgpack",
    "-rf.msgpack",
    "0123456789abcdef\u200b.msgpack",
    "$A$(touch pwned)`touch pwned`.msgpack",
    "passed::x.msgpack",
]


@pytest.fixture
def named(guest, tmp_path, fuzzed):
    """A corpus in which files, and a directory, have been given names."""
    made = type(fuzzed)(tmp_path)
    made.write("visited.py", APP)
    made.write("pyproject.toml", '[tool.wsreplay]\napp = "visited:app"\n')
    entry = everything("crash", ROUTE, "/ws/x")
    inner = tmp_path / "corpus" / "$A$(touch pwned)\x1b[1m\nFORGED"
    inner.mkdir(parents=True)
    for name in (*NAMES, f"{scenario_id(entry.scenario)}.msgpack"):
        (inner / name).write_bytes(encode_entry(entry))
    return made


NAMING = [("corpus", "check"), ("replay", "-v", *REPORTS), ("corpus", "accept", "corpus", "--reason", "x")]
MORE_NAMING = [("corpus", "ls"), ("corpus", "min"), ("show", "corpus")]


@pytest.mark.parametrize(
    "arguments", [*NAMING, *(pytest.param(one, marks=pytest.mark.slow) for one in MORE_NAMING)], ids=" ".join
)
def test_no_name_of_a_file_is_printed_as_it_is(named, arguments):
    ran = named.run(*arguments)
    assert unfit(ran.out) == []
    assert unfit(ran.err) == []
    assert "FORGED" in ran.out + ran.err
    for command in re.findall(r"Replay: +(.*)", ran.out):
        words = subprocess.run(
            ["bash", "-c", f"printf '%s\\n' {command}"], cwd=named.directory, capture_output=True, check=True
        )
        assert b"$A$(touch pwned)" in words.stdout
    assert not (named.directory / "pwned").exists()


def test_pytest_stops_at_a_name_that_it_would_print_as_it_is(named):
    command = [sys.executable, "-m", "pytest", "-v", "-p", "no:cacheprovider", "--color=no", "-rA", "corpus"]
    ran = subprocess.run(
        command, cwd=named.directory, env=named.environment, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 4
    assert unfit(ran.stdout + ran.stderr) == []
    assert "has characters that no terminal shows: rename the file, or remove it" in ran.stdout + ran.stderr


def test_pytest_says_that_a_corpus_is_no_directory(named):
    named.write("pyproject.toml", '[tool.wsreplay]\napp = "visited:app"\ncorpus = "visited.py"\n')
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "."]
    ran = subprocess.run(
        command, cwd=named.directory, env=named.environment, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 4
    assert "A file stands where a directory should be" in ran.stdout + ran.stderr


# --- what an entry can make us do ------------------------------------------------------------------------------------

AUDIT = """
    import os, sys

    _fd = os.open(os.environ["AUDIT"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    _WATCHED = ("open", "import", "exec", "compile", "os.", "socket.", "subprocess.", "ctypes.", "shutil.", "pty.",
                "urllib.", "webbrowser.", "pickle.find_class", "code.", "cpython.run", "glob.", "tempfile.")

    def _hook(event, arguments):
        if event.startswith(_WATCHED):
            os.write(_fd, (event + " " + ascii(arguments[:1]) + "\\n").encode())

    sys.addaudithook(_hook)
"""

AUDITED = """
    import audit, sys
    from wsreplay.cli import main
    sys.exit(main())
"""


def audited(project, *arguments: str) -> set[str]:
    """What is opened, imported, run or connected to while a command runs, in all its processes."""
    log = project.directory / "audit.log"
    log.write_text("")
    command = [sys.executable, "audited.py", *arguments]
    subprocess.run(
        command,
        cwd=project.directory,
        env={**project.environment, "AUDIT": str(log), "TMPDIR": "/tmp"},
        capture_output=True,
        check=False,
    )
    # What measures this suite writes its own files, and the import system lists a directory when it has changed.
    lines = [line for line in log.read_text().splitlines() if ".coverage" not in line]
    lines = [line for line in lines if MARK in line or not line.startswith("os.listdir")]
    assert len(lines) > 100
    lines = [re.sub(r"/tmp/[a-z0-9_]{8}'", "/tmp/#'", line) for line in lines]
    lines = [re.sub(r"0x[0-9a-f]+|(?<=handle )[0-9a-f]+|[0-9a-f]{16}|\d+", "#", line) for line in lines]
    return set(lines)


@pytest.mark.parametrize(
    "command", ["replay", *(pytest.param(one, marks=pytest.mark.slow) for one in ("show", "export"))]
)
def test_an_entry_makes_us_do_nothing_but_play_it(guest, tmp_path, fuzzed, command):
    """Every audited event of a run with a stranger's entry is one of a run with a plain entry, too."""
    made = type(fuzzed)(tmp_path)
    made.write("visited.py", APP)
    made.write("audit.py", AUDIT)
    made.write("audited.py", AUDITED)
    made.write("pyproject.toml", '[tool.wsreplay]\napp = "visited:app"\n')
    path = tmp_path / "corpus" / "entry.msgpack"
    path.parent.mkdir()
    seen = []
    for text in ("crash x", "crash x", f"crash {EVIL}"):
        entry = everything(text, ROUTE, f"/ws/{text}")
        name = path.with_name(f"{scenario_id(entry.scenario)}.msgpack")
        name.write_bytes(encode_entry(entry))
        seen.append(audited(made, command, str(name)))
        name.unlink()
    _, plain, strange = seen
    assert [line for line in strange if MARK in line] == []
    assert strange - plain == set()
