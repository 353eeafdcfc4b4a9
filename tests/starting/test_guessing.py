"""Which app a directory holds."""

from __future__ import annotations

import textwrap

import pytest

from wsreplay.starting import guessing
from wsreplay.starting.guessing import App, guess
from wsreplay.starting.job import ci_job


@pytest.fixture
def write(tmp_path):
    def write(name: str, code: str) -> None:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(code))

    return write


@pytest.mark.parametrize(
    "code",
    [
        "app = Starlette(routes=[])",
        "app: FastAPI = fastapi.FastAPI()",
        "app = application = Litestar([])",
        "app = falcon.asgi.App()",
        "async def app(scope, receive, send): ...",
        "app = create_app()",
        "app = get_asgi_application()",
    ],
)
def test_an_app_of_any_framework_is_found(write, tmp_path, code):
    write("shop.py", code)
    assert guess(tmp_path)[0] == App("shop:app")


@pytest.mark.parametrize(
    "code",
    [
        "app = 3",
        "app: int",
        "app = make()()",
        "x.app = Starlette()",
        "def f(): app = Starlette()",
        "async def app(a, b): ...",
        "def create_app(settings): ...",
        "def create_app(*, settings): ...",
        "def other(): ...",
        "def other() -> 'Starlette': ...",
        "def (",
    ],
)
def test_what_is_no_app_is_not(write, tmp_path, code):
    write("shop.py", code)
    assert guess(tmp_path) == ()


@pytest.mark.parametrize(
    "code",
    [
        "def create_app(): ...",
        "def create_app(settings=None, *, debug=False): ...",
        "def shop() -> Starlette: ...",
        "def shop() -> fastapi.FastAPI: ...",
    ],
)
def test_a_factory_is_one_if_it_can_be_called(write, tmp_path, code):
    write("shop.py", code)
    (app,) = guess(tmp_path)
    assert (app.factory, app.app_dir) == (True, ".")


def test_the_likeliest_comes_first(write, tmp_path):
    write("zoo.py", "def create_app(): ...\napi = FastAPI()\napp = FastAPI()")
    write("main.py", "server = FastAPI()")
    write("deep/er/main.py", "app = FastAPI()")
    write(".hidden/main.py", "app = FastAPI()")
    write("venv/main.py", "app = FastAPI()")
    write("test_main.py", "app = FastAPI()")
    write("conftest.py", "app = FastAPI()")
    write("a/b/c/d/e/main.py", "app = FastAPI()")
    assert [app.target for app in guess(tmp_path)] == [
        "main:server",
        "zoo:app",
        "zoo:api",
        "deep.er.main:app",
        "zoo:create_app",
    ]


def test_a_package_is_named_without_its_init_and_src_is_where_it_is_imported_from(write, tmp_path):
    write("src/shop/__init__.py", "app = FastAPI()")
    write("src/shop/asgi.py", "app = FastAPI()")
    assert guess(tmp_path) == (App("shop.asgi:app", app_dir="src"), App("shop:app", app_dir="src"))


def test_no_more_is_read_than_a_person_would_wait_for(write, tmp_path, monkeypatch):
    write("a.py", "app = FastAPI()")
    write("b.py", "app = FastAPI()")
    monkeypatch.setattr(guessing, "MOST_FILES", 1)
    assert [app.target for app in guess(tmp_path)] == ["a:app"]
    monkeypatch.setattr(guessing, "_LARGEST", 3)
    assert guess(tmp_path) == ()


def test_a_file_that_is_no_text_makes_a_project_no_package(tmp_path):
    (tmp_path / "pyproject.toml").write_bytes(b"\xff[project]")
    assert "pip install wsreplay\n" in ci_job(tmp_path, "shop:app")
