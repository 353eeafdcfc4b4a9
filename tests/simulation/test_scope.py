"""What a client of the simulation looks like to the app."""

from __future__ import annotations

import pickle
from contextlib import asynccontextmanager

import pytest
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute

from wsreplay.errors import CredentialError, ScenarioError
from wsreplay.model import Accepted, Client, Connect, Denied, Message, Send, Violation
from wsreplay.simulation.scope import MAX_TEMPLATES, Scopes, put_back

SECRET = {"{{TOKEN}}": "s3cret"}


@pytest.fixture
def scopes_of(run):
    def take(*clients, **options):
        taken = []

        async def app(scope, receive, send):
            if scope["type"] == "websocket":
                taken.append(scope)
                await send({"type": "websocket.close"})

        run(app, clients=clients, **options)
        return taken

    return take


def test_a_scope_has_the_keys_and_types_that_uvicorn_gives(scopes_of):
    (scope,) = scopes_of(Client("/chat/tea room", "a=1&b=%20", subprotocols=("v2", "v1")))
    headers = scope.pop("headers")
    assert scope == {
        "type": "websocket",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "scheme": "ws",
        "server": ("127.0.0.1", 8000),
        "client": ("127.0.0.1", 50000),
        "root_path": "",
        "path": "/chat/tea room",
        "raw_path": b"/chat/tea%20room",
        "query_string": b"a=1&b=%20",
        "subprotocols": ["v2", "v1"],
        "state": {},
        "extensions": {"websocket.http.response": {}},
    }
    assert dict(headers) == {
        b"host": b"127.0.0.1:8000",
        b"upgrade": b"websocket",
        b"connection": b"Upgrade",
        b"sec-websocket-key": b"d3NyZXBsYXkgd3NyZXBsYXk=",
        b"sec-websocket-version": b"13",
        b"user-agent": b"wsreplay",
        b"sec-websocket-protocol": b"v2, v1",
    }


def test_a_client_s_own_headers_are_lowercase_bytes_in_its_order_and_replace_the_usual_ones(scopes_of):
    (scope,) = scopes_of(Client("/", headers=(("X-Tag", "é"), ("User-Agent", "phone"), ("x-tag", "2"))))
    assert scope["headers"][-3:] == [(b"x-tag", "é".encode()), (b"user-agent", b"phone"), (b"x-tag", b"2")]
    assert [name for name, _ in scope["headers"]].count(b"user-agent") == 1


def test_each_client_has_an_address_of_its_own(scopes_of):
    first, second = scopes_of(Client("/"), Client("/"))
    assert first["client"] != second["client"]


def test_what_one_client_s_handler_does_to_its_scope_is_not_seen_by_the_next(said):
    async def app(scope, receive, send):
        if scope["type"] == "websocket":
            seen = "spoilt" in scope or "spoilt" in scope["state"] or "spoilt" in scope["extensions"]
            scope["spoilt"] = scope["state"]["spoilt"] = scope["extensions"]["spoilt"] = True
            seen = seen or len(scope["headers"]) != 6 or scope["subprotocols"] != []
            scope["headers"].clear()
            scope["subprotocols"].append("spoilt")
            await send({"type": "websocket.accept"})
            await send({"type": "websocket.send", "text": str(seen)})

    assert said(app, clients=2) == [(0, "False"), (1, "False")]


def test_state_that_the_lifespan_made_is_shared_and_its_dictionary_is_not(said):
    @asynccontextmanager
    async def lifespan(app):
        yield {"visits": [], "name": "desk"}

    async def desk(websocket):
        await websocket.accept()
        websocket.state.visits.append(1)
        await websocket.send_json([len(websocket.state.visits), websocket.state.name])
        websocket.state.name = "mine"

    app = Starlette(routes=[WebSocketRoute("/", desk)], lifespan=lifespan)
    assert said(app, clients=2) == [(0, '[1,"desk"]'), (1, '[2,"desk"]')]


def test_paths_and_queries_that_are_no_unicode_still_reach_the_app(scopes_of):
    (scope,) = scopes_of(Client("/\ud800/ü", "q=\udfff", headers=(("x", "\ud800"), ("ŵ", "1"))))
    assert scope["raw_path"] == b"/%ED%A0%80/%C3%BC"
    assert scope["query_string"] == b"q=\xed\xbf\xbf"
    assert scope["headers"][-2:] == [(b"x", b"\xed\xa0\x80"), (b"?", b"1")]


def test_a_subprotocol_is_negotiated(events):
    async def app(scope, receive, send):
        await send({"type": "websocket.accept", "subprotocol": scope["subprotocols"][-1]})

    (accepted,) = events(app, clients=(Client("/", subprotocols=("a", "b")),), only=Accepted)
    assert accepted.subprotocol == "b"


def test_the_denial_extension_answers_with_an_http_response(events):
    async def app(scope, receive, send):
        assert "websocket.http.response" in scope["extensions"]
        headers = [(b"content-type", b"text/plain")]
        await send({"type": "websocket.http.response.start", "status": 401, "headers": headers})
        await send({"type": "websocket.http.response.body", "body": b"who ", "more_body": True})
        await send({"type": "websocket.http.response.body", "body": b"are you?"})

    assert events(app, only=(Accepted, Denied)) == [Denied(0.0, 0, 0, 401, b"who are you?")]


def test_credentials_are_put_back_for_the_app_and_never_reach_the_transcript(run, scenario):
    seen = []

    async def app(scope, receive, send):
        if scope["type"] != "websocket":
            return
        token = dict(scope["headers"])[b"authorization"]
        seen.extend([token, scope["query_string"]])
        await send({"type": "websocket.accept", "headers": [(b"x-echo", token)]})
        await send({"type": "websocket.send", "text": token.decode()})
        await send({"type": "websocket.send", "bytes": scope["query_string"]})
        raise ValueError(f"bad token {token.decode()}")

    client = Client("/", "token={{TOKEN}}", (("Authorization", "Bearer {{TOKEN}}"),))
    transcript = run(app, clients=(client,), secrets=SECRET)
    assert seen == [b"Bearer s3cret", b"token=s3cret"]
    assert "s3cret" not in repr(transcript.events)
    messages = [event.data for event in transcript.events if isinstance(event, Message)]
    assert messages == ["Bearer {{TOKEN}}", b"token={{TOKEN}}"]
    assert transcript.events[-1].raised.message == "bad token Bearer {{TOKEN}}"


@pytest.mark.parametrize(
    ("kind", "data", "given"),
    [
        ("text", "login {{TOKEN}}", "login s3cret"),
        ("json", '{"token": "{{TOKEN}}"}', '{"token": "s3cret"}'),
        ("bytes", b"\xfflogin {{TOKEN}}", b"\xfflogin s3cret"),
        ("text", "Dear {{name}}, ", "Dear {{name}}, "),
        ("text", "plain", "plain"),
        ("bytes", b"plain", b"plain"),
    ],
)
def test_credentials_in_messages_are_put_back_too(run, kind, data, given):
    seen = []

    async def app(scope, receive, send):
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.accept"})
            seen.append(await receive())

    transcript = run(app, Send(0, kind, data), secrets=SECRET)
    assert [seen[0].get("text", seen[0].get("bytes"))] == [given]
    assert [event.data for event in transcript.events if isinstance(event, Message)] == [data]


def test_a_placeholder_without_its_credential_is_an_error_that_names_it(run):
    async def app(scope, receive, send):
        await send({"type": "websocket.accept"})

    client = Client("/", headers=(("Authorization", "Bearer {{TOKEN}}"),))
    with pytest.raises(ScenarioError, match=r"the header 'Authorization' needs the credential \{\{TOKEN\}\}"):
        run(app, clients=(client,))


def test_braces_that_are_no_placeholder_stay():
    assert put_back("a {{}} {{b", {}, "the query") == "a {{}} {{b"


def test_a_credential_that_looks_like_a_placeholder_is_taken_as_it_is():
    secrets = {"{{A}}": "{{B}}", "{{B}}": "b"}
    assert put_back("{{A}} {{B}}", secrets, "the query") == "{{B}} b"


def test_any_number_of_different_clients_is_served():
    scopes = Scopes({})
    built = [scopes.build(Client("/", f"n={number}"), 0)["query_string"] for number in range(MAX_TEMPLATES + 2)]
    assert built == [f"n={number}".encode() for number in range(MAX_TEMPLATES + 2)]
    assert scopes.build(Client("/", "n=0"), 7)["client"] == ("127.0.0.1", 50007)


def test_a_client_that_connects_later_is_built_like_the_first(scopes_of):
    first, second = scopes_of(Client("/a", "x=1"), Client("/a", "x=1"))
    assert {**first, "client": None} == {**second, "client": None}
    assert Connect(0) != Connect(1)


def test_a_credential_may_be_a_subprotocol_which_the_app_may_choose(run):
    seen = []

    async def app(scope, receive, send):
        if scope["type"] == "websocket":
            seen.append((scope["subprotocols"], dict(scope["headers"])[b"sec-websocket-protocol"]))
            await send({"type": "websocket.accept", "subprotocol": scope["subprotocols"][1]})
            await receive()

    client = Client("/", subprotocols=("bearer", "{{subprotocol:token}}"))
    transcript = run(
        app, clients=(client, Client("/", subprotocols=("v1", "v2"))), secrets={"{{subprotocol:token}}": "abc"}
    )
    assert seen[0] == (["bearer", "abc"], b"bearer, abc")
    accepted = [event.subprotocol for event in transcript.events if isinstance(event, Accepted)]
    assert accepted == ["{{subprotocol:token}}", "v2"]
    assert not any(isinstance(event, Violation) for event in transcript.events)


def test_all_that_is_missing_is_named_at_once_with_the_flags_that_give_it():
    names = (
        "{{header:authorization}}",
        "{{header:x-key#2}}",
        "{{cookie:s}}",
        "{{subprotocol:token}}",
        "{{message:secret}}",
        "{{message:secret#2}}",
    )
    with pytest.raises(CredentialError) as caught:
        put_back(" ".join(names), {}, "the query")
    error = pickle.loads(pickle.dumps(caught.value))
    assert error.missing == names
    assert error.told == str(caught.value).replace("\n", ". ")
    assert "--auth 'bearer:$TOKEN' (or basic), --auth 'header:x-key:$VALUE', --auth 'cookie:s:$VALUE'" in error.hint
    assert error.hint.count("message:") == 1
