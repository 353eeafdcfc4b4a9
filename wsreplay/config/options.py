"""The table of options: their names as field, flag, key of the configuration file and environment variable.

The command line, the reading of files and the reference pages are all made from it. No value is read here.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Final

from wsreplay.config.kinds import (
    BOOLEAN,
    CODES,
    LINES,
    MASKS,
    PATH,
    SECRETS,
    TEXT,
    WORDS,
    Kind,
    choice,
    seconds,
    whole,
)
from wsreplay.config.settings import Settings

PREFIX: Final = "WSREPLAY_"


@dataclass(frozen=True, slots=True)
class Option:
    """One option. `name` is the field of Settings (or of what becomes fields: `auth`); `flag` is its long flag without
    dashes, empty where it has none; `key` its key in the file, empty where a file may not say it; `per_route` whether
    a route block may.
    """

    name: str
    kind: Kind
    help: str
    flag: str = ""
    short: str = ""
    key: str = ""
    per_route: bool = False
    metavar: str = ""

    @property
    def variable(self) -> str:
        """The environment variable that mirrors the flag."""
        return PREFIX + (self.flag or self.name).upper().replace("-", "_")


def _option(name: str, kind: Kind, text: str, short: str = "", **rest: object) -> Option:
    """An option whose flag and key are its name, unless it says otherwise."""
    names: dict[str, object] = {"flag": name.replace("_", "-"), "key": name, **rest}
    return Option(name, kind, text, short=short, **names)  # type: ignore[arg-type]


OPTIONS: Final[tuple[Option, ...]] = (
    # --- the target
    _option("target", TEXT, "The app, as uvicorn names it: module:attribute.", key="app", metavar="MODULE:ATTR"),
    _option("factory", BOOLEAN, "The target is a function that makes the app; each scenario gets a fresh one."),
    _option("app_dir", PATH, "Put this directory first on the import path.", metavar="DIR"),
    _option(
        "paths", LINES, "Test this path, with its query string, where no route table tells it.", flag="path",
        metavar="/WS",
    ),
    _option("hooks", WORDS, "Modules to import first: strategies and checks are registered there.", flag=""),
    _option("include", WORDS, "Only routes whose path matches the glob.", metavar="GLOB"),
    _option("exclude", WORDS, "No routes whose path matches the glob.", metavar="GLOB"),
    # --- the corpus
    _option("corpus", PATH, "The directory of entries.", metavar="DIR"),
    # --- the search
    _option("seed", whole(), "Repeat the run that printed this seed."),
    _option("max_examples", whole(1),
            "Sequences per route. Without it until 1,000 in a row show nothing new, or the time is up.",
            short="n", per_route=True),
    _option("max_time", seconds(optional=True), "Seconds for the whole run, shrinking included."),
    _option("max_messages", whole(1), "Messages per sequence. Default: 10; 40 if one is repeated.",
            per_route=True),
    _option("max_clients", whole(1), "Clients per sequence.", per_route=True),
    _option("max_message_size", whole(), "Bytes per message.", per_route=True),
    _option("workers", whole(1, "auto"), "Processes that search a route at once; auto is one a processor.", short="w"),
    _option("graphql_schema", PATH, "The schema of a GraphQL route, as SDL or as introspection JSON, where the app "
            "does not give it.", flag="", per_route=True),
    _option("samples", PATH, "Messages to begin with: a file with one JSON value a line.", per_route=True,
            metavar="FILE"),
    _option("dictionary", PATH, 'Words that messages may hold: a file with one "word" or name="word" a line.',
            per_route=True, metavar="FILE"),
    _option("close_codes", CODES, "The codes that closing clients use most.", flag="", per_route=True),
    # --- what counts as a finding
    _option("checks", WORDS, "Run these checks only; `default` stands for those on by default.", short="c",
            per_route=True, metavar="CHECK"),
    _option("exclude_checks", WORDS, "Do not run these checks.", per_route=True, metavar="CHECK"),
    _option("message_timeout", seconds(), "Seconds that a handler may be busy with one message.", per_route=True),
    _option("connection_timeout", seconds(), "Seconds to accept a client, and to end once it has gone.",
            per_route=True),
    _option("block_limit", seconds(), "Real seconds for which app code may hold the event loop.", flag="",
            per_route=True),
    _option("slow_limit", seconds(optional=True), "Real seconds per message, beyond which a reply is slow.", flag="",
            per_route=True),
    _option("scenario_limit", seconds(), "Real seconds after which the rest of a scenario is left out.", flag="",
            per_route=True),
    _option("error_codes", CODES, "Close codes of the app that count as server errors.", flag="", per_route=True),
    _option("validate_subprotocols", BOOLEAN, "Whether accepting a subprotocol that was not offered is a finding.",
            flag="", per_route=True),
    _option("clock", choice("auto", "virtual", "real"),
            "The simulation's clock; auto is virtual, but real while real I/O is under way.", flag="", per_route=True),
    # --- credentials
    _option("headers", SECRETS, "A header of every client; $NAME is taken from the environment.", short="H",
            flag="header", per_route=True, metavar="NAME:VALUE"),
    _option("auth", SECRETS, "A credential of every client, such as bearer:$TOKEN; also basic, header, query, cookie, "
            "subprotocol, message, json.", per_route=True, metavar="SPEC"),
    # --- replay
    _option("match", choice("close", "shape", "exact"), "How closely a passing entry must match what was recorded."),
    _option("masks", MASKS, "What replies may differ in, under --match shape or exact: a key of JSON (id, user.id), or "
            "a /regular expression/ for texts.", per_route=True, metavar="MASK"),
    _option("update", BOOLEAN, "Record anew what changed.", key=""),
    # --- output
    _option("report_json", PATH, "Write a report for programs.", metavar="PATH"),
    _option("report_junit", PATH, "Write a JUnit XML report.", metavar="PATH"),
    _option("report_html", PATH, "Write a page for people (needs wsreplay[html]).", metavar="PATH"),
    _option("quiet", BOOLEAN, "Only one line a finding, and the last.", short="q", key=""),
    _option("verbose", whole(), "Tell more; twice: show each sequence, and what the app prints.", short="v", key=""),
)  # fmt: skip

BY_NAME: Final = {option.name: option for option in OPTIONS}
BY_KEY: Final = {option.key: option for option in OPTIONS if option.key}

_FIELDS: Final = {field.name: field for field in dataclasses.fields(Settings)}


def default_of(option: Option) -> object:
    """The value where nobody says anything; None where there is none."""
    field = _FIELDS.get(option.name)
    if field is None or field.default is dataclasses.MISSING:
        return None
    return field.default
