"""The plugin's flags as tables: ours, each with the option of `wsreplay.config` that it sets, and our predecessor's.

No other module of ours is imported here: this one is loaded in every run of pytest.
"""

from __future__ import annotations

import argparse
import importlib.util
from dataclasses import dataclass
from typing import Any, Final

import pytest


@dataclass(frozen=True)
class Flag:
    """A flag of pytest. `option` is the option of `wsreplay.config` that it sets, empty where it is the plugin's own;
    `switch` takes no value, `many` may be repeated. A flag without help is understood, and says nothing to us.
    """

    name: str
    help: str = ""
    option: str = ""
    metavar: str = ""
    switch: bool = False
    many: bool = False

    @property
    def dest(self) -> str:
        """Where pytest keeps the value."""
        return self.name.lstrip("-").replace("-", "_")


_SEQUENCES: Final = "Sequences per route. Without it until 1,000 in a row show nothing new, or the time is up."

OURS: Final = (
    Flag("--no-wsreplay", "Collect nothing of wsreplay, whatever is configured.", switch=True),
    Flag("--wsreplay-app", "The app, as uvicorn names it: module:attribute.", "target", "MODULE:ATTR"),
    Flag("--wsreplay-factory", "The target is a function that makes the app; each scenario gets a fresh one.",
         "factory", switch=True),
    Flag("--wsreplay-app-dir", "Put this directory first on the import path.", "app_dir", "DIR"),
    Flag("--wsreplay-path", "Test this path, with its query string, where no route table tells it.", "paths", "/WS",
         many=True),
    Flag("--wsreplay-include", "Only routes whose path matches the glob.", "include", "GLOB", many=True),
    Flag("--wsreplay-exclude", "No routes whose path matches the glob.", "exclude", "GLOB", many=True),
    Flag("--wsreplay-corpus", "The directory of entries. Default: corpus.", "corpus", "DIR"),
    Flag("--wsreplay-match", "How closely a passing entry must match what was recorded. Default: close.", "match",
         "close|shape|exact"),
    Flag("--wsreplay-update", "Record anew what changed.", "update", switch=True),
    Flag("--wsreplay-fuzz", "Search each route, too: one more item a route, after the replay.", switch=True),
    Flag("--wsreplay-save", "Keep in the corpus what the search finds.", switch=True),
    Flag("--wsreplay-max-examples", _SEQUENCES, "max_examples", "N"),
    Flag("--wsreplay-seed", "Repeat the run that printed this seed.", "seed", "N"),
    Flag("--wsreplay-max-time", "Seconds for the search of all routes, in equal parts.", "max_time", "S"),
    Flag("--wsreplay-max-messages", "Messages per sequence. Default: 10; 40 if one is repeated.", "max_messages", "N"),
    Flag("--wsreplay-max-clients", "Clients per sequence. Default: 3.", "max_clients", "N"),
    Flag("--wsreplay-max-message-size", "Bytes per message. Default: 65536.", "max_message_size", "N"),
    Flag("--wsreplay-checks", "Run these checks only; `default` stands for those on by default.", "checks", "CHECK",
         many=True),
    Flag("--wsreplay-exclude-checks", "Do not run these checks.", "exclude_checks", "CHECK", many=True),
    Flag("--wsreplay-message-timeout", "Seconds that a handler may be busy with one message. Default: 10.",
         "message_timeout", "S"),
    Flag("--wsreplay-connection-timeout", "Seconds to accept a client, and to end once it has gone. Default: 30.",
         "connection_timeout", "S"),
    Flag("--wsreplay-header", "A header of every client; $NAME is taken from the environment.", "headers", "NAME:VALUE",
         many=True),
    Flag("--wsreplay-auth", "Credentials of every client, as for `wsreplay fuzz --auth`.", "auth", "SPEC", many=True),
    Flag("--wsreplay-report-json", "Write a report for programs.", "report_json", "PATH"),
    Flag("--wsreplay-report-html", "Write a page for people (needs wsreplay[html]).", "report_html", "PATH"),
    Flag("--wsreplay-verbose", "Show each sequence that the search has tried.", switch=True),
    Flag("--shard", "Run the i-th of n parts of all collected items, as in 1/4.", metavar="I/N"),
)  # fmt: skip

ROUTES: Final = (
    Flag("--routes", "Test routes; of wsreplay it means nothing without --routes-websocket.", switch=True),
    Flag("--routes-app", "The app: --wsreplay-app.", "target", "MODULE:ATTR"),
    Flag("--routes-websocket", "Search the WebSocket routes: --wsreplay-fuzz.", switch=True),
    Flag("--routes-ws-max-messages", "Messages per sequence: --wsreplay-max-messages.", "max_messages", "N"),
    Flag("--routes-ws-timeout", "Seconds to accept a client: --wsreplay-connection-timeout.", "connection_timeout",
         "S"),
    Flag("--routes-ws-message-timeout", "Seconds for one message: --wsreplay-message-timeout.", "message_timeout", "S"),
    Flag("--routes-ws-include", "Globs with commas between them: --wsreplay-include.", "include", "GLOBS"),
    Flag("--routes-ws-exclude", "Globs with commas between them: --wsreplay-exclude.", "exclude", "GLOBS"),
    Flag("--routes-max-examples", "Sequences per route, 100 by default: --wsreplay-max-examples.", "max_examples", "N"),
    Flag("--routes-seed", "Repeat the run that printed this seed: --wsreplay-seed.", "seed", "N"),
    Flag("--routes-verbose", "Show each sequence: --wsreplay-verbose.", switch=True),
    Flag("--routes-auth", "Credentials of every client: --wsreplay-auth.", "auth", "SPEC"),
    Flag("--routes-report", "Write a page for people: --wsreplay-report-html.", "report_html", "PATH"),
    Flag("--routes-report-json", "Write a report for programs: --wsreplay-report-json.", "report_json", "PATH"),
)  # fmt: skip
"""The predecessor's flags that say something about WebSockets."""

HTTP: Final = (
    Flag("--routes-exclude"),
    Flag("--routes-include"),
    Flag("--routes-methods"),
    Flag("--routes-schemathesis", switch=True),
    Flag("--routes-schemathesis-schema-path"),
    Flag("--routes-report-title"),
    Flag("--routes-stateful", switch=True),
    Flag("--routes-stateful-step-count"),
    Flag("--routes-stateful-max-examples"),
    Flag("--routes-stateful-seed"),
)
"""Those that do not: commands that hold them run all the same."""

CREDENTIALS: Final = frozenset({"--wsreplay-header", "--wsreplay-auth", "--routes-auth"})


def predecessor_is_installed() -> bool:
    """Whether pytest-routes is there, and with it the owner of its flags."""
    return importlib.util.find_spec("pytest_routes") is not None


def declare(parser: pytest.Parser) -> None:
    """Add the flags to pytest's parser."""
    theirs = predecessor_is_installed()
    note = "pytest-routes is installed, so its flags (--routes, --routes-...) are its own." if theirs else ""
    ours = parser.getgroup("wsreplay", " ".join(filter(None, ("wsreplay: WebSocket regression tests.", note))))
    for flag in OURS:
        _add(ours, flag)
    if not theirs:
        old = parser.getgroup("routes", "wsreplay: the flags of pytest-routes, understood as ours")
        for flag in (*ROUTES, *HTTP):
            _add(old, flag)


def _add(group: pytest.OptionGroup, flag: Flag) -> None:
    more: dict[str, Any] = {"dest": flag.dest, "help": flag.help or argparse.SUPPRESS, "default": None}
    if flag.switch:
        more["action"] = "store_true"
    else:
        more["metavar"] = flag.metavar or "VALUE"
        more["action"] = "append" if flag.many else "store"
    group.addoption(flag.name, **more)
