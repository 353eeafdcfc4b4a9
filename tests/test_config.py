"""Settings from flags, environment, pyproject.toml and defaults, and what is said of those that cannot be used."""

from __future__ import annotations

import dataclasses
import json
import os
import pickle
import textwrap
import tomllib
from pathlib import Path

import jsonschema
import pytest

from wsreplay.config import OPTIONS, Settings, default_of, read
from wsreplay.config.schema import schema
from wsreplay.config.variables import filled
from wsreplay.errors import ConfigError
from wsreplay.identity import Identity


@pytest.fixture
def project(tmp_path):
    """Writes a pyproject.toml and reads settings from beside it."""

    class Project:
        directory = tmp_path

        def write(self, text: str) -> None:
            (tmp_path / "pyproject.toml").write_text(textwrap.dedent(text))

        def read(self, *, below: str = "", environ=None, **flags: object) -> Settings:
            start = tmp_path / below
            start.mkdir(parents=True, exist_ok=True)
            return read(flags, environ or {}, start)

        def error(self, **rest: object) -> str:
            with pytest.raises(ConfigError) as caught:
                self.read(**rest)
            return str(caught.value)

    return Project()


# --- where values come from ------------------------------------------------------------------------------------------


def test_without_any_word_the_defaults_hold(project):
    settings = project.read()
    assert settings == dataclasses.replace(Settings(), app_dir=project.directory, corpus=project.directory / "corpus")
    assert (settings.max_examples, settings.max_messages, settings.max_clients) == (None, None, 3)
    assert (settings.message_timeout, settings.connection_timeout, settings.max_time) == (10.0, 30.0, None)


def test_a_flag_wins_over_the_environment_and_that_over_a_route_block_and_that_over_the_file(project):
    project.write("""
        [tool.wsreplay]
        max_examples = 1
        max_messages = 1
        max_clients = 1
        max_message_size = 1

        [[tool.wsreplay.routes]]
        path = "/ws/*"
        max_messages = 2
        max_clients = 2
        max_message_size = 2
    """)
    environ = {"WSREPLAY_MAX_CLIENTS": "3", "WSREPLAY_MAX_MESSAGE_SIZE": "3"}
    settings = project.read(environ=environ, max_message_size="4").for_route("/ws/chat")
    assert (settings.max_examples, settings.max_messages, settings.max_clients, settings.max_message_size) == (
        1, 2, 3, 4,
    )  # fmt: skip


def test_a_route_block_leaves_other_routes_alone_and_a_later_one_wins(project):
    project.write("""
        [[tool.wsreplay.routes]]
        path = "/ws/*"
        max_messages = 2
        [[tool.wsreplay.routes]]
        path = "/ws/{room}"
        max_messages = 3
    """)
    settings = project.read()
    assert settings.for_route("/other") is settings
    assert settings.for_route("/ws/chat").max_messages == 2
    assert settings.for_route("/ws/{room}").max_messages == 3


def test_the_nearest_file_with_a_table_of_ours_is_read(project):
    project.write("[tool.wsreplay]\nmax_examples = 7\n")
    inner = project.directory / "a" / "b"
    inner.mkdir(parents=True)
    (inner / "pyproject.toml").write_text("[tool.other]\nx = 1\n")
    assert project.read(below="a/b").max_examples == 7
    (inner / "pyproject.toml").write_text("tool = 3\n")
    assert project.read(below="a/b").max_examples == 7
    (inner / "pyproject.toml").write_text("[tool.wsreplay]\nmax_examples = 8\n")
    assert project.read(below="a/b").max_examples == 8


def test_paths_in_the_file_are_relative_to_the_file_and_flags_to_where_one_stands(project):
    project.write("[tool.wsreplay]\napp_dir = 'src'\nreport_json = 'out/report.json'\n")
    settings = project.read(below="inner", report_junit="junit.xml", environ={"WSREPLAY_REPORT_HTML": "page.html"})
    assert settings.app_dir == project.directory / "src"
    assert settings.report_json == project.directory / "out" / "report.json"
    assert settings.report_junit == project.directory / "inner" / "junit.xml"
    assert settings.report_html == project.directory / "inner" / "page.html"


def test_an_app_that_the_file_names_is_imported_from_beside_the_file_and_one_on_the_command_line_from_here(project):
    project.write("[tool.wsreplay]\napp = 'shop:app'\n")
    assert (project.read(below="inner").target, project.read(below="inner").app_dir) == ("shop:app", project.directory)
    named = project.read(below="inner", target="mine:app")
    assert (named.target, named.app_dir) == ("mine:app", project.directory / "inner")
    assert named.corpus == project.directory / "corpus"


def test_values_of_the_environment_are_texts_of_every_kind(project):
    environ = {
        "WSREPLAY_FACTORY": "yes",
        "WSREPLAY_UPDATE": "0",
        "WSREPLAY_INCLUDE": "/a/*, /b",
        "WSREPLAY_PATH": "/x?a=1,2\n/y",
        "WSREPLAY_CLOSE_CODES": "1000,4000",
        "WSREPLAY_MAX_TIME": "none",
        "WSREPLAY_SLOW_LIMIT": "0.5",
        "WSREPLAY_MATCH": "exact",
        "WSREPLAY_SEED": "1_000",
        "WSREPLAY_CORPUS": "",
        "WSREPLAY_TOKEN": "not ours",
        "HOME": "elsewhere",
    }
    settings = project.read(environ=environ)
    assert settings.factory is True
    assert settings.update is False
    assert settings.include == ("/a/*", "/b")
    assert settings.paths == ("/x?a=1,2", "/y")
    assert settings.close_codes == (1000, 4000)
    assert (settings.max_time, settings.slow_limit) == (None, 0.5)
    assert (settings.match, settings.seed) == ("exact", 1000)
    assert settings.corpus == project.directory / "corpus"


def test_globs_may_be_repeated_or_separated_by_commas(project):
    assert project.read(include=["/a,/b", "/c"]).include == ("/a", "/b", "/c")
    assert project.read(include=[]).include == ()


def test_workers_may_be_as_many_as_there_are_processors(project):
    assert project.read(workers="auto").workers == os.cpu_count()
    assert project.read(workers="3").workers == 3


def test_settings_survive_the_way_to_a_worker(project):
    project.write("[[tool.wsreplay.routes]]\npath = '/a'\nauth = 'bearer:x'\n")
    settings = project.read(headers=["a: b"])
    assert pickle.loads(pickle.dumps(settings)) == settings


# --- the predecessor -------------------------------------------------------------------------------------------------

PREDECESSOR = """
    [tool.pytest-routes]
    app = "shop:app"
    max_examples = 50
    methods = ["GET"]
    include = ["/api/*"]

    [tool.pytest-routes.auth]
    bearer_token = "$API_TOKEN"

    [tool.pytest-routes.websocket]
    enabled = true
    max_messages = 20
    connection_timeout = 5
    test_close_codes = [1000, 1001]
    validate_subprotocols = false
    include = ["/ws/*"]
"""


def test_what_pytest_routes_was_told_is_understood(project):
    project.write(PREDECESSOR)
    settings = project.read(environ={"API_TOKEN": "t"})
    assert (settings.target, settings.max_examples, settings.max_messages) == ("shop:app", 50, 20)
    assert (settings.connection_timeout, settings.close_codes) == (5.0, (1000, 1001))
    assert (settings.include, settings.validate_subprotocols) == (("/ws/*",), False)
    assert settings.secrets == {"{{header:authorization}}": "Bearer t"}
    assert settings.corpus == project.directory / "corpus"


def test_ours_wins_over_what_pytest_routes_was_told(project):
    project.write(PREDECESSOR + "\n[tool.wsreplay]\nmax_messages = 3\nauth = 'bearer:mine'\n")
    settings = project.read()
    assert (settings.max_messages, settings.max_examples) == (3, 50)
    assert settings.secrets == {"{{header:authorization}}": "Bearer mine"}


def test_a_value_of_pytest_routes_that_cannot_be_used_is_refused(project):
    project.write("[tool.pytest-routes.websocket]\nmax_messages = 'many'\n")
    assert "[tool.pytest-routes.websocket]: max_messages: expected a whole number" in project.error()
    project.write("[tool]\npytest-routes = 3\n")
    assert project.read().max_messages is None


# --- credentials -----------------------------------------------------------------------------------------------------


def test_header_values_become_placeholders_and_never_show(project):
    settings = project.read(
        headers=["X-Token: abc123", "x-token:other", "X-Home: ${SECRET}"],
        auth=["bearer:$SECRET", "basic:user:hunter22", "header:X-Key:k$$1"],
        environ={"SECRET": "hunter22"},
    )
    assert settings.headers == (
        ("x-token", "{{header:x-token}}"),
        ("x-token", "{{header:x-token#2}}"),
        ("x-home", "{{header:x-home}}"),
    )
    assert settings.identity.headers == (
        ("authorization", "{{header:authorization}}"),
        ("authorization", "{{header:authorization#2}}"),
        ("x-key", "{{header:x-key}}"),
    )
    assert dict(settings.secrets) == {
        "{{header:x-token}}": "abc123",
        "{{header:x-token#2}}": "other",
        "{{header:x-home}}": "hunter22",
        "{{header:authorization}}": "Bearer hunter22",
        "{{header:authorization#2}}": "Basic dXNlcjpodW50ZXIyMg==",
        "{{header:x-key}}": "k$1",
    }
    for value in ("abc123", "other", "hunter22", "k$1", "dXNlcjp"):
        assert value not in repr(settings)
    assert settings.credential_flags == (
        ("-H", "X-Token:..."),
        ("-H", "x-token:..."),
        ("-H", "X-Home:${SECRET}"),
        ("--auth", "bearer:$SECRET"),
        ("--auth", "basic:..."),
        ("--auth", "header:X-Key:..."),
    )


def test_a_route_may_have_credentials_of_its_own(project):
    project.write("""
        [tool.wsreplay]
        headers = ["x-shop: 1"]
        [[tool.wsreplay.routes]]
        path = "/admin"
        auth = "bearer:$ADMIN"
    """)
    settings = project.read(environ={"ADMIN": "root1"})
    assert settings.headers == (("x-shop", "{{header:x-shop}}"),)
    admin = settings.for_route("/admin")
    assert admin.secrets == {"{{header:x-shop}}": "1", "{{header:authorization}}": "Bearer root1"}
    assert "root1" not in repr(settings) + repr(admin)


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ({"headers": ["secretvalue"]}, "-H: expected NAME:VALUE, got a text without a colon"),
        ({"headers": ["na me: secretvalue"]}, "-H: what stands before the colon cannot be a header's name"),
        ({"headers": ["name: secretvalue\nx: y"]}, "-H: the value for 'name' contains a control character"),
        ({"headers": ["name: secretvalue\ud800"]}, "-H: the value for 'name' contains a control character"),
        ({"headers": ["name: $GONE"]}, "-H: the environment variable GONE is not set"),
        ({"auth": ["bearer: $GONE"]}, "--auth: the environment variable GONE is not set"),
        ({"auth": ["bearer:"]}, "what follows 'bearer:' is not complete"),
        ({"auth": ["basic:secretvalue"]}, "what follows 'basic:' is not complete"),
        ({"auth": ["basic:"]}, "what follows 'basic:' is not complete"),
        ({"auth": ["header:secretvalue"]}, "what follows 'header:' is not complete"),
        ({"auth": ["secretvalue"]}, "its form is none of the known"),
        ({"auth": [""]}, "--auth: expected a text or a list of texts"),
    ],
)
def test_a_credential_that_cannot_be_used_is_refused_without_showing_it(project, flags, expected):
    text = project.error(**flags)
    assert expected in text
    assert "secretvalue" not in text


# --- what cannot be used ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ({"max_examples": "many"}, "--max-examples: expected a whole number of at least 1, got 'many'"),
        ({"max_examples": "0"}, "--max-examples: expected a whole number of at least 1, got '0'"),
        ({"max_time": "-1"}, "--max-time: expected a positive number of seconds or 'none', got '-1'"),
        ({"max_time": "nan"}, "got 'nan'"),
        ({"message_timeout": "inf"}, "--message-timeout: expected a positive number of seconds, got 'inf'"),
        ({"match": "fuzzy"}, "--match: expected one of 'close', 'shape', 'exact', got 'fuzzy'"),
        ({"workers": "some"}, "--workers: expected a whole number of at least 1 or 'auto', got 'some'"),
        ({"corpus": ""}, "--corpus: expected a path, got ''"),
        ({"include": [7]}, "--include: expected a list of texts, got [7]"),
        ({"include": 7}, "--include: expected a list of texts, got 7"),
        ({"factory": "perhaps"}, "--factory: expected true or false, got 'perhaps'"),
        ({"factory": 3}, "--factory: expected true or false, got 3"),
        ({"hooks": ["x" * 100]}, None),
        ({"clock": "x" * 100}, "clock: expected one of 'auto', 'virtual', 'real', got '" + "x" * 76 + "..."),
    ],
)
def test_a_value_that_cannot_be_used_is_refused_with_what_was_expected(project, flags, expected):
    if expected is None:
        assert project.read(**flags).hooks == ("x" * 100,)
    else:
        assert expected in project.error(**flags)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("max_examples = true", "max_examples: expected a whole number of at least 1, got True"),
        ("max_time = false", "max_time: expected a positive number of seconds or 'none', got False"),
        ("close_codes = [999]", "close_codes: expected a list of close codes from 1000 to 4999, got [999]"),
        ("close_codes = [true]", "close_codes: expected a list of close codes"),
        ("app = 3", "app: expected a text, got 3"),
        ("max_mesages = 3", "the key 'max_mesages' is unknown\nDid you mean 'max_messages'?"),
        ("zzz = 3", "the key 'zzz' is unknown\nKnown are: app,"),
        ("update = true", "the key 'update' is unknown"),
        ("routes = 3", "expected [[tool.wsreplay.routes]] to be an array of tables"),
        ("routes = [3]", "[[tool.wsreplay.routes]] number 1: expected a table, got 3"),
        ("routes = [{}]", "number 1: expected a key 'path' with a glob"),
        ("routes = [{path = '/a', max_mesages = 3}]", "number 1: the key 'max_mesages' is unknown\nDid you mean"),
        ("routes = [{path = '/a', corpus = 'x'}]", "number 1: 'corpus' cannot differ by route"),
        ("= 3", "expected TOML"),
    ],
)
def test_a_line_of_the_file_that_cannot_be_used_is_refused_with_file_and_key(project, line, expected):
    project.write(f"[tool.wsreplay]\n{line}\n")
    text = project.error()
    assert expected in text
    assert str(project.directory / "pyproject.toml") in text


def test_a_table_that_is_none_is_refused(project):
    project.write("[tool]\nwsreplay = 3\n")
    assert "[tool.wsreplay]: expected a table, got 3" in project.error()


def test_a_file_that_is_no_text_or_cannot_be_read_is_refused(project, monkeypatch):
    path = project.directory / "pyproject.toml"
    path.write_bytes(b"\xff\xfe")
    assert "expected TOML" in project.error()
    monkeypatch.setattr(Path, "is_file", lambda self: self.name == "pyproject.toml")
    path.unlink()
    path.mkdir()
    assert "cannot be read: Is a directory" in project.error()


def test_a_misspelt_variable_is_refused(project):
    text = project.error(environ={"WSREPLAY_MAX_EXAMPELS": "3"})
    assert "the environment variable WSREPLAY_MAX_EXAMPELS is unknown" in text
    assert "Did you mean 'WSREPLAY_MAX_EXAMPLES'?" in text


# --- the table of options --------------------------------------------------------------------------------------------


def test_every_option_is_a_setting_and_every_setting_has_an_option():
    fields = {field.name for field in dataclasses.fields(Settings)}
    names = {option.name for option in OPTIONS}
    assert names - fields == {"auth"}
    assert fields - names == {"secrets", "credential_flags", "blocks", "identity", "websockets"}


def test_every_option_has_a_help_and_a_variable_of_its_own():
    assert all(option.help.endswith(".") or option.help.endswith(")") for option in OPTIONS)
    assert len({option.variable for option in OPTIONS}) == len(OPTIONS)


def test_defaults_are_those_of_the_settings():
    defaults = {option.name: default_of(option) for option in OPTIONS}
    assert (defaults["max_examples"], defaults["factory"]) == (None, False)
    assert (defaults["auth"], defaults["seed"]) == (None, None)


# --- credentials of every kind ---------------------------------------------------------------------------------------


def test_a_credential_may_be_a_parameter_a_cookie_a_subprotocol_or_a_first_message(project):
    environ = {"Q": "a b&c", "C": "c00kie", "S": "pr0to", "T": 'to"ken', "U": "ann"}
    auth = [
        "query:access token:$Q",
        "cookie:session:$C",
        "subprotocol:bearer, $S",
        'json:{"user": "$U", "token": "${T}", "b": "$T$$"}',
        "message:I am $U",
    ]
    settings = project.read(auth=auth, environ=environ)
    assert settings.headers == ()
    assert settings.identity == Identity(
        query=(("access token", "{{query:access%20token}}"),),
        cookies=(("session", "{{cookie:session}}"),),
        subprotocols=("bearer", "{{subprotocol:token}}"),
        messages=(
            (
                "json",
                '{"user": "{{message:secret}}", "token": "{{message:secret#2}}", "b": "{{message:secret#2}}$"}',
            ),
            ("text", "I am {{message:secret#3}}"),
        ),
    )
    assert dict(settings.secrets) == {
        "{{query:access%20token}}": "a%20b%26c",
        "{{cookie:session}}": "c00kie",
        "{{subprotocol:token}}": "pr0to",
        "{{message:secret}}": "ann",
        "{{message:secret#2}}": 'to\\"ken',
        "{{message:secret#3}}": "ann",
    }
    assert settings.credentials == settings.identity.placeholders
    assert [text for _, text in settings.credential_flags] == [*auth[:2], "subprotocol:bearer,$S", *auth[3:]]
    assert dict(project.read(auth=["subprotocol:abc"]).credential_flags) == {"--auth": "subprotocol:..."}


def test_what_the_file_gives_need_not_be_typed_again(project):
    project.write("[tool.wsreplay]\nauth = 'bearer:abc'\nheaders = 'x-a: 1'\n")
    assert project.read().credential_flags == ()
    assert project.read(headers=["x-b: $B"], environ={"B": "1"}).credential_flags == (("-H", "x-b:$B"),)
    assert project.read(environ={"WSREPLAY_AUTH": "bearer:$B", "B": "1"}).credential_flags == (("--auth", "bearer:$B"),)


def test_headers_by_name_are_credentials_unless_there_are_better_ones(project):
    headers = ["X-Api-Key: 1", "x-page: 2", "cookie: a=b"]
    assert project.read(headers=headers).credentials == ("{{header:x-api-key}}", "{{header:cookie}}")
    assert project.read(headers=headers, auth=["bearer:x"]).credentials == ("{{header:authorization}}",)


def test_what_is_to_be_hidden_is_every_credential_of_every_route(project):
    project.write("""
        [tool.wsreplay]
        auth = "bearer:one"
        [[tool.wsreplay.routes]]
        path = "/a"
        auth = "bearer:two"
        [[tool.wsreplay.routes]]
        path = "/b"
        max_messages = 3
    """)
    assert project.read().hidden == (
        ("{{header:authorization}}", "Bearer one"),
        ("{{header:authorization}}", "Bearer two"),
    )


@pytest.mark.parametrize(
    ("auth", "expected"),
    [
        ("query:secretvalue", "what follows 'query:' is not complete"),
        ("subprotocol:", "what follows 'subprotocol:' is not complete"),
        ("subprotocol:a,secret value", "one of them has a character that is not allowed"),
        ("subprotocol:a b,secretvalue", "one of them has a character that is not allowed"),
        ("cookie:a:secret value", "the cookie 'a' cannot be sent"),
        ("cookie:a b:secretvalue", "a cookie cannot be sent"),
        ("message:secretvalue", "expected the secret of a first message as $NAME"),
        ("message:$$secretvalue", "expected the secret of a first message as $NAME"),
        ("message:$GONE secretvalue", "the environment variable GONE is not set"),
        ('json:{"a": $A}', "what follows 'json:' is no JSON once the variables are filled in"),
        ("message:", "what follows 'message:' is not complete"),
    ],
)
def test_a_credential_of_another_kind_that_cannot_be_used_is_refused_without_showing_it(project, auth, expected):
    text = project.error(auth=[auth], environ={"A": "secretvalue"})
    assert expected in text
    assert "secretvalue" not in text.replace(auth, "")


def test_who_needs_no_credentials_does_without_those_that_cannot_be_had(project):
    project.write("""
        [tool.wsreplay]
        headers = ["x-a: $A", "x-b: $B"]
        auth = ["bearer:$A", "query:token:$B"]
    """)
    start, environ = project.directory, {"B": "known"}
    settings = read({}, environ, start, needs_credentials=False)
    assert dict(settings.secrets) == {"{{header:x-b}}": "known", "{{query:token}}": "known"}
    assert "the environment variable A is not set" in project.error(environ=environ)


# --- variables in the file -------------------------------------------------------------------------------------------


def test_values_of_the_file_may_come_from_the_environment(project):
    project.write("""
        [tool.wsreplay]
        app = "$PACKAGE.asgi:app"
        corpus = "${DIR}/corpus"
        max_examples = "$N"
        include = ["/$$a", "/$PACKAGE/*"]
        [[tool.wsreplay.routes]]
        path = "/$literal"
        message_timeout = "$N"
    """)
    settings = project.read(environ={"PACKAGE": "shop", "DIR": "out", "N": "7"})
    assert (settings.target, settings.max_examples) == ("shop.asgi:app", 7)
    assert settings.corpus == project.directory / "out" / "corpus"
    assert settings.include == ("/$a", "/shop/*")
    assert settings.for_route("/$literal").message_timeout == 7.0
    text = project.error(environ={"PACKAGE": "shop", "N": "7"})
    assert f"{project.directory / 'pyproject.toml'}: [tool.wsreplay]: corpus: the environment variable DIR" in text


def test_of_a_variable_that_may_be_part_of_a_password_the_name_is_not_told():
    assert filled("auth", "bearer:$$a${B}", {"B": "c"}, secret=True) == "bearer:$ac"
    with pytest.raises(ConfigError) as told:
        filled("auth", "bearer:pa$sword", {}, secret=True)
    assert "auth: an environment variable is not set" in str(told.value)
    assert "sword" not in str(told.value)
    with pytest.raises(ConfigError, match="the environment variable TOKEN is not set"):
        filled("auth", "bearer:$TOKEN", {}, secret=True)


# --- more of the predecessor -----------------------------------------------------------------------------------------


def test_an_api_key_of_pytest_routes_may_be_in_the_query_or_in_both_and_is_a_header_otherwise(project):
    for table, identity in (
        ("api_key = 'k', query_param = 'key'", Identity(query=(("key", "{{query:key}}"),))),
        (
            "api_key = 'k', query_param = 'key', header_name = 'X-Key'",
            Identity(headers=(("x-key", "{{header:x-key}}"),), query=(("key", "{{query:key}}"),)),
        ),
        ("api_key = 'k'", Identity(headers=(("x-api-key", "{{header:x-api-key}}"),))),
        ("none = 1", Identity()),
    ):
        project.write(f"[tool.pytest-routes]\nauth = {{{table}}}\n")
        assert project.read().identity == identity


def test_a_dollar_means_to_pytest_routes_what_it_meant_there(project):
    project.write("""
        [tool.pytest-routes]
        app = "shop:app"
        auth = {bearer_token = "a$b"}
        [tool.pytest-routes.websocket]
        include = ["/$a"]
        exclude = "/$b"
    """)
    settings = project.read()
    assert settings.secrets == {"{{header:authorization}}": "Bearer a$b"}
    assert (settings.include, settings.exclude) == (("/$a",), ("/$b",))


def test_blocks_of_pytest_routes_are_blocks_and_what_it_skips_is_left_out(project):
    theirs = """
        [[tool.pytest-routes.routes]]
        pattern = "/admin/*"
        max_examples = 5
        auth = {bearer_token = "$ADMIN"}
        [[tool.pytest-routes.routes]]
        pattern = "/internal/*"
        skip = true
        [[tool.pytest-routes.routes]]
        pattern = "/timeout"
        timeout = 3
        [[tool.pytest-routes.routes]]
        max_examples = 9
    """
    project.write(theirs)
    settings = project.read(environ={"ADMIN": "root"})
    assert settings.for_route("/admin/x").max_examples == 5
    assert settings.for_route("/admin/x").secrets == {"{{header:authorization}}": "Bearer root"}
    assert settings.exclude == ("/internal/*",)
    assert len(settings.blocks) == 1
    project.write(theirs + "\n[tool.pytest-routes.websocket]\nexclude = ['/x']\n[tool.wsreplay]\nmax_messages = 2\n")
    settings = project.read(environ={"ADMIN": "root"})
    assert settings.exclude == ("/x", "/internal/*")
    assert settings.for_route("/admin/x").max_examples == 5
    project.write(theirs + "\n[[tool.wsreplay.routes]]\npath = '/a'\n")
    assert project.read().for_route("/admin/x").max_examples is None


def test_masks_are_keys_and_regular_expressions(project):
    project.write("[tool.wsreplay]\nmasks = ['id', '/[0-9]+/']\n")
    assert project.read().masks == ("id", "/[0-9]+/")
    project.write("[tool.wsreplay]\nmasks = '/(/'\n")
    assert "masks: expected keys of JSON such as id or user.id, or /regular expressions/" in project.error()


def test_pytest_routes_may_have_been_told_to_leave_websockets_alone(project):
    assert project.read().websockets
    project.write("[tool.pytest-routes.websocket]\nenabled = false\n")
    assert not project.read().websockets
    project.write("[tool.pytest-routes.websocket]\nenabled = false\n[tool.wsreplay]\nmax_messages = 2\n")
    assert not project.read().websockets
    project.write("[tool.pytest-routes.websocket]\nenabled = 'no'\n")
    assert "[tool.pytest-routes.websocket]: enabled: expected true or false, got 'no'" in project.error()


# --- the schema ------------------------------------------------------------------------------------------------------

SCHEMA = Path(__file__).parents[1] / "docs" / "reference" / "wsreplay.schema.json"


def test_the_schema_in_the_documentation_is_what_the_code_says():
    assert json.loads(SCHEMA.read_text()) == json.loads(json.dumps(schema())), (
        "wsreplay config schema > docs/reference/wsreplay.schema.json"
    )
    jsonschema.Draft7Validator.check_schema(schema())


def test_the_schema_knows_every_key_and_no_other_with_its_help_and_default():
    table, route = schema()["definitions"]["wsreplay"]["properties"], schema()["definitions"]["route"]["properties"]
    assert set(table) == {option.key for option in OPTIONS if option.key} | {"routes"}
    assert set(route) == {option.key for option in OPTIONS if option.per_route} | {"path"}
    assert table["max_clients"]["default"] == 3
    assert table["close_codes"]["default"] == [1000, 1001]
    assert all(key["description"] for key in (*table.values(), *route.values()))


@pytest.mark.parametrize(
    "text",
    [
        "app = 'shop:app'\nfactory = true\nclose_codes = [1000, 4000]\nmax_time = 'none'\nworkers = 'auto'",
        "max_examples = 5\nmessage_timeout = 0.5\nauth = ['bearer:x']\nheaders = 'x-a: b'\nmatch = 'exact'",
        "max_examples = '$N'\nfactory = '$YES'\nclose_codes = '$CODES'\nmatch = '$MATCH'\ninclude = '$N'",
        "[[tool.wsreplay.routes]]\npath = '/a'\nmax_messages = 5\nauth = 'bearer:x'",
        "max_mesages = 5",
        "max_examples = 0",
        "max_examples = true",
        "max_time = 0",
        "match = 'fuzzy'",
        "close_codes = [999]",
        "app = 3",
        "corpus = ''",
        "include = [7]",
        "factory = 'perhaps'",
        "routes = 3",
        "update = true",
        "[[tool.wsreplay.routes]]\nmax_messages = 5",
        "[[tool.wsreplay.routes]]\npath = '/a'\ncorpus = 'x'",
    ],
)
def test_the_schema_and_the_reader_take_and_refuse_the_same(project, text):
    project.write(f"[tool.wsreplay]\n{text}\n")
    document = tomllib.loads((project.directory / "pyproject.toml").read_text())
    valid = jsonschema.Draft7Validator(schema()).is_valid(document)
    environ = {"N": "5", "YES": "yes", "CODES": "1000,4000", "MATCH": "exact"}
    try:
        project.read(environ=environ)
    except ConfigError:
        assert not valid
    else:
        assert valid
