"""Loading a target: what is found, and what is said when it is not."""

from __future__ import annotations

import asyncio
import itertools
import os
import sys
import textwrap

import pytest

from wsreplay.errors import TargetError
from wsreplay.loading import load
from wsreplay.model import Target

APP = """
async def app(scope, receive, send):
    await send({"type": "websocket.accept"})
"""
_numbers = itertools.count()


@pytest.fixture
def project(tmp_path, monkeypatch):
    """project(source) writes a module that no test has used before; project.target(...) makes a Target for it."""
    monkeypatch.setattr(sys, "path", [*sys.path])
    before = set(sys.modules)

    class Project:
        directory = tmp_path

        def __call__(self, source: str, name: str = "") -> str:
            name = name or f"wsreplay_target_{next(_numbers)}"
            file = tmp_path.joinpath(*name.split(".")).with_suffix(".py")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(textwrap.dedent(source))
            return name

        def load(self, name: str, **options):
            return load(Target(name, app_dir=str(tmp_path), **options))

        def error(self, name: str, **options) -> TargetError:
            with pytest.raises(TargetError) as caught:
                self.load(name, **options)
            assert caught.value.exit_code == 2
            return caught.value

    yield Project()
    for name in set(sys.modules) - before:
        if name.startswith("wsreplay_target_"):
            del sys.modules[name]


# --- what is found ---------------------------------------------------------------------------------------------------


def test_a_module_and_an_attribute(project):
    name = project(APP)
    loaded = project.load(f"{name}:app")
    assert loaded.app is sys.modules[name].app
    assert loaded.make() is loaded.app
    assert (loaded.factory, loaded.module) == (False, name)
    assert loaded.module_file == str(project.directory.resolve() / f"{name}.py")


def test_a_dotted_attribute_and_a_dotted_module(project):
    project("", "wsreplay_target_package.__init__")
    project(
        "class site:\n    @staticmethod\n    async def app(scope, receive, send): ...", "wsreplay_target_package.main"
    )
    loaded = project.load("wsreplay_target_package.main:site.app")
    assert asyncio.run(loaded.app(None, None, None)) is None
    assert loaded.module == "wsreplay_target_package.main"


@pytest.mark.parametrize("usual", ["app", "application", "asgi_app"])
def test_a_module_alone_means_its_app(project, usual):
    name = project(APP.replace("def app", f"def {usual}"))
    assert project.load(name).app is getattr(sys.modules[name], usual)


def test_a_factory_makes_a_new_app_at_each_call(project):
    name = project(
        """
        class App:
            async def __call__(self, scope, receive, send): ...
        def create_app(): return App()
        """
    )
    loaded = project.load(f"{name}:create_app", factory=True)
    assert loaded.factory
    assert loaded.make() is not loaded.make()
    assert type(loaded.app()).__name__ == "App"


def test_hooks_are_imported_before_the_target(project):
    hook = project("import builtins\nbuiltins.wsreplay_order = ['hook']")
    name = project(APP + "import builtins\nbuiltins.wsreplay_order.append('target')")
    project.load(f"{name}:app", hooks=(hook,))
    import builtins

    assert builtins.wsreplay_order == ["hook", "target"]
    del builtins.wsreplay_order


def test_the_app_dir_is_at_the_head_of_the_import_path_and_stays_there_once(project):
    name = project(APP)
    project.load(f"{name}:app")
    project.load(f"{name}:app")
    assert sys.path.count(str(project.directory.resolve())) == 1
    assert sys.path[0] == str(project.directory.resolve())


def test_a_module_that_was_written_a_moment_ago_is_seen(project):
    project.error("wsreplay_target_later:app")
    listed = project.directory.stat()
    project(APP, "wsreplay_target_later")
    # The import system remembers a directory's listing for as long as its time stamp stays the same.
    os.utime(project.directory, ns=(listed.st_atime_ns, listed.st_mtime_ns))
    assert project.load("wsreplay_target_later:app").module == "wsreplay_target_later"


def test_a_module_without_a_file_has_none(project):
    with pytest.raises(TargetError):
        project.load("builtins")
    assert project.load("sys:_clear_type_cache", factory=True).module_file is None


@pytest.mark.parametrize(
    "source",
    [
        "class App:\n    async def __call__(self, scope, receive, send): ...\napp = App()",
        "class app:\n    def __init__(self, scope, receive, send): ...\n    def __await__(self): yield",
        "import functools\nasync def f(x, scope, receive, send): ...\napp = functools.partial(f, 1)",
        "async def app(*args): ...",
        "app = __import__('operator').setitem",
        "app = min",
    ],
)
def test_every_form_of_asgi_3_is_an_app(project, source):
    name = project(source)
    assert project.load(f"{name}:app").app is sys.modules[name].app


# --- names that lead nowhere -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["", ":app", "mod:", "my-app:app", "a..b:app", "has space"])
def test_a_name_of_another_form_is_refused(project, name):
    assert "'module:attribute'" in project.error(name).message


@pytest.mark.parametrize(
    ("name", "proposal"),
    [("main.py", "main:app"), ("src/site/main.py:web", "src.site.main:web"), ("./main.py:app", "main:app")],
)
def test_a_file_name_is_answered_with_the_module_name(project, name, proposal):
    error = project.error(name)
    assert "names a file" in error.message
    assert f"Write {proposal}," in error.hint


def test_an_app_dir_that_is_not_there(project):
    with pytest.raises(TargetError, match="--app-dir nowhere: there is no such directory"):
        load(Target("app:app", app_dir="nowhere"))


def test_a_module_that_is_not_there_has_a_neighbour(project):
    name = project(APP, "wsreplay_target_orders")
    error = project.error("wsreplay_target_order:app")
    assert error.message == "There is no module 'wsreplay_target_order' (target 'wsreplay_target_order')."
    assert f"Did you mean '{name}'?" in error.hint
    assert "--app-dir" in error.hint


def test_a_submodule_that_is_not_there_has_a_neighbour(project):
    project("", "wsreplay_target_pack.__init__")
    project(APP, "wsreplay_target_pack.main")
    error = project.error("wsreplay_target_pack.mian:app")
    assert "There is no module 'wsreplay_target_pack.mian'" in error.message
    assert "Did you mean 'wsreplay_target_pack.main'?" in error.hint


def test_a_module_without_a_neighbour(project):
    assert "Did you mean" not in project.error("zzzzzzzz:app").hint


def test_a_hooks_module_that_is_not_there_is_called_one(project):
    name = project(APP)
    assert "hooks module 'no_hooks_here'" in project.error(f"{name}:app", hooks=("no_hooks_here",)).message


def test_an_attribute_that_is_not_there(project):
    name = project(APP.replace("def app", "def application") + "\nnumber = 1\nclass Other: ...")
    error = project.error(f"{name}:aplication")
    assert error.message == f"There is no attribute 'aplication' in the module {name} (target '{name}:aplication')."
    assert error.hint == (
        "Did you mean 'application'? It has 'application'. "
        "Without ':attribute' these are tried: app, application, asgi_app."
    )


def test_an_attribute_of_an_attribute_that_is_not_there(project):
    name = project("class site: web = 1\nsite = site()")
    error = project.error(f"{name}:site.web.app")
    assert "There is no attribute 'app' in an object of type int" in error.message


def test_a_module_without_any_of_the_usual_names(project):
    name = project(APP.replace("def app", "def chat_app"))
    error = project.error(name)
    assert "has none of app, application, asgi_app" in error.message
    assert "It has 'chat_app'" in error.hint


def test_an_attribute_that_cannot_be_read(project):
    name = project("def __getattr__(name): raise RuntimeError(f'no {name} today')")
    assert "RuntimeError: no web today" in project.error(f"{name}:web").message


# --- objects that are no ASGI app ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "said", "advice"),
    [
        ("app = 5", "an object of type int", "Name the app object itself"),
        ("import json as app", "the module json", "Name the app object itself"),
        ("class app: ...", "the class app is a class", "Make an instance"),
        ("class app:\n def __init__(self, a, b, c): ...", "the class app is a class", "Make an instance"),
        ("def app(): ...", "the function app does not take", "add --factory"),
        ("def app(environ, start_response): ...", "as a WSGI app does", "WSGI has no WebSockets"),
        ("def app(scope):\n async def inner(receive, send): ...\n return inner", "as an ASGI 2 app does", "Wrap it"),
        (
            "class app:\n def __init__(self, scope): ...\n async def __call__(self, receive, send): ...",
            "as an ASGI 2 app does",
            "Wrap it",
        ),
        ("def app(a, b, c, d): ...", "does not take the three arguments", "Name the app object itself"),
    ],
)
def test_an_object_that_is_no_asgi_app(project, source, said, advice):
    name = project(source)
    error = project.error(f"{name}:app")
    assert f"'{name}:app' is no ASGI app" in error.message
    assert said in error.message
    assert advice in error.hint


# --- factories that fail ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", ["create = 5", "def create(config): ..."])
def test_something_that_cannot_be_a_factory(project, source):
    name = project(source)
    error = project.error(f"{name}:create", factory=True)
    assert f"'{name}:create' cannot be a factory" in error.message


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("raise ValueError('no database')", "ValueError: no database, at {name}.py:2 in create"),
        ("raise SystemExit(3)", "SystemExit: 3, at {name}.py:2 in create"),
        ("return None", "What the factory '{name}:create' returned is no ASGI app"),
        ("return lambda: None", "does not take the three arguments"),
    ],
)
def test_a_factory_that_fails(project, body, said):
    name = project(f"def create():\n    {body}")
    loaded = project.load(f"{name}:create", factory=True)
    with pytest.raises(TargetError) as caught:
        loaded.make()
    assert said.format(name=name) in caught.value.message
    assert "--factory" not in caught.value.hint


def test_an_async_factory(project):
    name = project("async def create(): ...")
    with pytest.raises(TargetError, match="is a coroutine function"):
        project.load(f"{name}:create", factory=True).make()


def test_a_factory_that_is_interrupted(project):
    name = project("def create(): raise KeyboardInterrupt")
    with pytest.raises(KeyboardInterrupt):
        project.load(f"{name}:create", factory=True).make()


# --- imports that fail -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("import json\njson.loads('{')", "JSONDecodeError: Expecting property name"),
        ("x = 1\nraise SystemExit('bye')", "SystemExit: bye"),
        ("x = 1\nimport sys; sys.exit()", "SystemExit"),
        ("x = 1\nclass Odd(BaseException): pass\nraise Odd", "Odd"),
    ],
)
def test_an_import_that_raises_is_an_error_with_the_users_line(project, source, said):
    name = project(source)
    error = project.error(f"{name}:app")
    assert f"Importing the target '{name}' failed: {said}" in error.message
    assert f", at {name}.py:{len(source.splitlines())} in <module>" in error.message
    assert "Traceback" not in str(error)
    assert str(project.directory) not in str(error)


def test_the_place_is_the_innermost_of_the_users_frames(project):
    deep = project("import json\ndef start():\n    return json.loads('')")
    name = project(f"import {deep}\n\n{deep}.start()")
    assert f", at {deep}.py:3 in start" in project.error(f"{name}:app").message


def test_a_missing_dependency_is_not_a_missing_target(project):
    name = project("import os\nimport nosuchlibrary.sub")
    error = project.error(f"{name}:app")
    assert f"failed: ModuleNotFoundError: No module named 'nosuchlibrary', at {name}.py:2" in error.message
    assert "Install 'nosuchlibrary'" in error.hint


def test_a_nameless_missing_module_is_a_failure(project):
    name = project("raise ModuleNotFoundError")
    assert "failed: ModuleNotFoundError, at" in project.error(f"{name}:app").message


def test_a_syntax_error_has_its_line(project):
    name = project("x = 1\ndef (")
    assert f"SyntaxError: invalid syntax, at {name}.py:2" in project.error(f"{name}:app").message


def test_a_file_outside_of_the_app_dir_is_named_alone(project, tmp_path_factory, monkeypatch):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "wsreplay_target_outside.py").write_text("raise ValueError")
    monkeypatch.syspath_prepend(str(elsewhere))
    name = project("import wsreplay_target_outside")
    assert ", at wsreplay_target_outside.py:1 in" in project.error(f"{name}:app").message


def test_an_error_without_any_frame_of_the_user_has_the_librarys(project):
    name = project(
        "import json\ncreate = json.JSONDecoder().decode\ncreate = __import__('functools').partial(create, '{')"
    )
    with pytest.raises(TargetError, match=r"JSONDecodeError: .*, at decoder.py:\d+ in "):
        project.load(f"{name}:create", factory=True).make()


def test_an_error_without_any_frame_at_all_has_no_place(project):
    name = project("create = __import__('functools').partial(int, 'x')")
    with pytest.raises(TargetError) as caught:
        project.load(f"{name}:create", factory=True).make()
    assert caught.value.message.endswith("with base 10: 'x'")


def test_a_keyboard_interrupt_during_the_import_is_passed_on(project):
    name = project("raise KeyboardInterrupt")
    with pytest.raises(KeyboardInterrupt):
        project.load(f"{name}:app")


# --- hooks that are files --------------------------------------------------------------------------------------------


def test_a_hook_may_be_a_file_such_as_conftest(project):
    (project.directory / "conftest.py").write_text("import builtins\nbuiltins.wsreplay_conftest = __file__\n")
    (project.directory / "more").mkdir()
    (project.directory / "more" / "conftest.py").write_text("import builtins\nbuiltins.wsreplay_more = __file__\n")
    name = project(APP)
    project.load(f"{name}:app", hooks=("conftest.py", str(project.directory / "more" / "conftest.py")))
    import builtins

    assert builtins.wsreplay_conftest == str(project.directory / "conftest.py")
    assert builtins.wsreplay_more == str(project.directory / "more" / "conftest.py")
    for module in [one for one in sys.modules if one.startswith("wsreplay_hooks_")]:
        del sys.modules[module]


def test_a_hooks_file_that_is_not_there_is_named(project):
    name = project(APP)
    assert "no hooks file 'conftest.py'" in project.error(f"{name}:app", hooks=("conftest.py",)).message


def test_a_hooks_file_that_fails_is_told_with_its_line(project):
    (project.directory / "conftest.py").write_text("import os\nos.environ['NO_SUCH_VARIABLE']\n")
    name = project(APP)
    error = project.error(f"{name}:app", hooks=("conftest.py",))
    assert "hooks file 'conftest.py' failed: KeyError: 'NO_SUCH_VARIABLE', at conftest.py:2" in error.message
    assert not [one for one in sys.modules if one.startswith("wsreplay_hooks_")]


def test_ctrl_c_in_a_hooks_file_is_passed_on(project):
    (project.directory / "conftest.py").write_text("raise KeyboardInterrupt\n")
    name = project(APP)
    with pytest.raises(KeyboardInterrupt):
        project.load(f"{name}:app", hooks=("conftest.py",))
    for module in [one for one in sys.modules if one.startswith("wsreplay_hooks_")]:
        del sys.modules[module]
