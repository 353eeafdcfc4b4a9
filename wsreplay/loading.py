"""From the target string to the app: imports hooks and module, finds the attribute, checks that it can be served.

Whatever goes wrong in the user's code on the way becomes a TargetError. Nothing here runs an app or reads its routes.
"""

from __future__ import annotations

import difflib
import importlib
import importlib.util
import inspect
import os
import pkgutil
import sys
import sysconfig
import traceback
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, TypeAlias

from wsreplay.errors import TargetError
from wsreplay.model import Target

App: TypeAlias = Callable[..., Any]

_USUAL = ("app", "application", "asgi_app")
_LIBRARIES = tuple({os.path.realpath(sysconfig.get_path(name)) + os.sep for name in ("stdlib", "purelib", "platlib")})
_OURS = str(Path(__file__).resolve().parent) + os.sep


@dataclass(frozen=True, slots=True)
class Loaded:
    """A target that was imported. `app` is the ASGI app, or, if `factory`, what makes a new one at each call and
    raises TargetError when it cannot. `module_file` is the absolute path of the module, None when it has no file.
    """

    app: App
    factory: bool
    module_file: str | None
    module: str

    def make(self) -> App:
        """The app: for a factory a new one. Raises TargetError when the factory fails."""
        made: App = self.app() if self.factory else self.app
        return made


@dataclass(frozen=True, slots=True)
class _Factory:
    """The user's factory, with its failures turned into TargetErrors."""

    name: str
    call: App
    app_dir: str

    def __call__(self) -> App:
        try:
            app = self.call()
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            raise TargetError(
                f"The factory {self.name!r} failed: {_failure(error, self.app_dir)}",
                "It is called without arguments, once for each fresh app.",
            ) from error
        if inspect.iscoroutine(app):
            app.close()
            raise TargetError(
                f"The factory {self.name!r} is a coroutine function; expected a plain function that returns the app.",
                "Build the app in a plain function and leave asynchronous set-up to its lifespan.",
            )
        _check_app(app, f"What the factory {self.name!r} returned", factory=True)
        made: App = app
        return made


def load(target: Target) -> Loaded:
    """Import the target, its hooks first, with `app_dir` put at the head of the import path, as uvicorn does.

    A hook is a module, or a file that ends in `.py`, such as a conftest.py (relative to `app_dir`).

    A target without `:attr` is looked for as `app`, `application` and `asgi_app`. Raises TargetError for a module that
    cannot be imported (whatever its import raises, SystemExit too), an attribute that is not there, and an object that
    is no ASGI app. KeyboardInterrupt is passed on. A factory is not called here.
    """
    module_name, attribute = _parts(target.name)
    app_dir = os.path.realpath(target.app_dir)
    if not Path(app_dir).is_dir():
        raise TargetError(f"--app-dir {target.app_dir}: there is no such directory.")
    if sys.path[:1] != [app_dir]:
        sys.path.insert(0, app_dir)
    importlib.invalidate_caches()
    for hook in target.hooks:
        if hook.endswith(".py"):
            _execute(hook, app_dir)
        else:
            _import(hook, "hooks module", app_dir)
    module = _import(module_name, "target", app_dir)
    name, found = _find(module, attribute, app_dir)
    file = getattr(module, "__file__", None)
    module_file = os.path.realpath(file) if file else None
    if not target.factory:
        _check_app(found, f"{name!r}", factory=False)
        return Loaded(found, False, module_file, module_name)
    if not callable(found) or not _takes(found, 0):
        raise TargetError(
            f"{name!r} cannot be a factory: expected a callable without required arguments, got {_kind(found)}.",
            "Leave out --factory if it is the app itself.",
        )
    return Loaded(_Factory(name, found, app_dir), True, module_file, module_name)


def given(app: App, target: Target) -> Loaded:
    """An app that is there already, for which only the hooks of `target` are imported. Raises TargetError for an object
    that is no ASGI app, and for hooks that cannot be imported.
    """
    _check_app(app, "The app", factory=False)
    for hook in target.hooks:
        _import(hook, "hooks module", os.path.realpath(target.app_dir))
    module = sys.modules.get(getattr(app, "__module__", None) or type(app).__module__)
    file = getattr(module, "__file__", None)
    module_file = os.path.realpath(file) if file and not os.path.realpath(file).startswith(_LIBRARIES) else None
    return Loaded(app, False, module_file, module.__name__ if module is not None and module_file else "")


def _parts(name: str) -> tuple[str, str]:
    module, colon, attribute = name.strip().partition(":")
    if os.sep in module or module.endswith(".py"):
        dotted = ".".join(Path(module.removesuffix(".py")).parts).strip("./") or "module"
        raise TargetError(
            f"The target {name!r} names a file; expected an importable module as 'module:attribute'.",
            f"Write {dotted}:{attribute or 'app'}, with --app-dir for the directory to import from.",
        )
    if not module or (colon and not attribute) or not all(part.isidentifier() for part in module.split(".")):
        raise TargetError(
            f"The target {name!r} is not of the form 'module:attribute'.", "Write it as for uvicorn: myapp.main:app"
        )
    return module, attribute


# --- importing -------------------------------------------------------------------------------------------------------


def _import(name: str, role: str, app_dir: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except KeyboardInterrupt:
        raise
    except ModuleNotFoundError as error:
        missing = error.name or ""
        if f"{name}.".startswith(f"{missing}.") and missing:
            raise TargetError(
                f"There is no module {missing!r} ({role} {name!r}).", _nearby(missing, app_dir)
            ) from error
        hint = f"Install {missing.split('.')[0]!r} into the environment that wsreplay runs in, or correct the import."
        raise TargetError(f"Importing the {role} {name!r} failed: {_failure(error, app_dir)}", hint) from error
    except BaseException as error:
        hint = "The module must be importable without side effects: python -c 'import " + name + "' shows the same."
        raise TargetError(f"Importing the {role} {name!r} failed: {_failure(error, app_dir)}", hint) from error


def _execute(file: str, app_dir: str) -> None:
    """Run a hooks file that is no importable module: pytest's conftest.py files are none."""
    path = Path(app_dir, file).resolve()
    if not path.is_file():
        raise TargetError(f"There is no hooks file {file!r}.", "Files of `hooks` are relative to --app-dir.")
    # By its place, so that a directory of such files does not give each the same name.
    name = f"wsreplay_hooks_{zlib.crc32(os.fsencode(path)):08x}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None, "it ends in .py"
    assert spec.loader is not None, "it ends in .py"
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        del sys.modules[name]
        raise TargetError(f"Importing the hooks file {file!r} failed: {_failure(error, app_dir)}") from error


def _nearby(missing: str, app_dir: str) -> str:
    """What the import path offers in place of a module that is not there."""
    parent, _, last = missing.rpartition(".")
    places = list(getattr(sys.modules.get(parent), "__path__", ())) if parent else [app_dir]
    names = sorted(info.name for info in pkgutil.iter_modules(places))
    close = difflib.get_close_matches(last, names, n=1)
    meant = f"Did you mean '{parent}{'.' if parent else ''}{close[0]}'? " if close else ""
    return f"{meant}Modules are imported from --app-dir (by default the current directory) first."


def _failure(error: BaseException, app_dir: str) -> str:
    """The error in one line, with the innermost place in the user's code."""
    name = type(error).__name__
    text = str(error) if not isinstance(error, SyntaxError) else error.msg
    said = f"{name}: {text}" if text else name
    where = _place(error, app_dir)
    return f"{said}, at {where}" if where else said


def told(error: BaseException, directory: str) -> str:
    """An error of the user's code in one line, with the innermost place in that code, relative to `directory`."""
    return _failure(error, os.path.realpath(directory))


def _place(error: BaseException, app_dir: str) -> str:
    if isinstance(error, SyntaxError) and error.filename:
        return f"{_relative(error.filename, app_dir)}:{error.lineno}"
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if not frame.filename.startswith(("<frozen ", _OURS)) and Path(frame.filename).parent.name != "importlib"
    ]
    users = [frame for frame in frames if not os.path.realpath(frame.filename).startswith(_LIBRARIES)]
    if not frames:
        return ""
    frame = (users or frames)[-1]
    return f"{_relative(frame.filename, app_dir)}:{frame.lineno} in {frame.name}"


def _relative(file: str, app_dir: str) -> str:
    path = os.path.realpath(file)
    return os.path.relpath(path, app_dir) if path.startswith(app_dir.rstrip(os.sep) + os.sep) else Path(path).name


# --- finding and checking the object ---------------------------------------------------------------------------------


def _find(module: ModuleType, attribute: str, app_dir: str) -> tuple[str, Any]:
    """The object and its name as `module:attr`."""
    module_name = module.__name__
    if not attribute:
        for usual in _USUAL:
            if hasattr(module, usual):
                return f"{module_name}:{usual}", getattr(module, usual)
        raise TargetError(
            f"The target {module_name!r} names no attribute, and the module has none of {', '.join(_USUAL)}.",
            _candidates(module, "app"),
        )
    found: Any = module
    for part in attribute.split("."):
        try:
            found = getattr(found, part)
        except AttributeError as error:
            message = f"There is no attribute {part!r} in {_kind(found)} (target '{module_name}:{attribute}')."
            raise TargetError(message, _candidates(found, part)) from error
        except Exception as error:
            raise TargetError(f"Reading {attribute!r} of {module_name!r} failed: {_failure(error, app_dir)}") from error
    return f"{module_name}:{attribute}", found


def _candidates(owner: object, missing: str) -> str:
    names = [name for name in getattr(owner, "__dict__", {}) if not name.startswith("_")]
    close = difflib.get_close_matches(missing, names, n=1)
    meant = f"Did you mean {close[0]!r}? " if close else ""
    apps = [name for name in names if not inspect.isclass(owner.__dict__[name]) and _is_app(owner.__dict__[name])]
    has = f"It has {', '.join(map(repr, apps))}. " if apps else ""
    return f"{meant}{has}Without ':attribute' these are tried: {', '.join(_USUAL)}."


def _is_app(found: object) -> bool:
    try:
        _check_app(found, "", factory=False)
    except TargetError:
        return False
    return True


def _check_app(found: object, what: str, *, factory: bool) -> None:
    """Raise TargetError unless `found` can be called with scope, receive and send."""
    if not callable(found):
        raise TargetError(
            f"{what} is no ASGI app: expected a callable with (scope, receive, send), got {_kind(found)}.",
            "Name the app object itself, as for uvicorn: myapp.main:app",
        )
    if _takes(found, 3) and (not inspect.isclass(found) or hasattr(found, "__await__")):
        return
    raise TargetError(f"{what} is no ASGI app: {_kind(found)} {_complaint(found)}", _advice(found, factory=factory))


def _complaint(found: App) -> str:
    if _double(found):
        return "takes one argument, the scope, as an ASGI 2 app does; expected ASGI 3: (scope, receive, send)."
    if inspect.isclass(found):
        return "is a class; expected an instance of one."
    if _takes(found, 2):
        return "takes two arguments, as a WSGI app does; expected (scope, receive, send)."
    return "does not take the three arguments (scope, receive, send)."


def _advice(found: App, *, factory: bool) -> str:
    if _double(found):
        return "Wrap it: asgiref.compatibility.guarantee_single_callable(app)."
    if inspect.isclass(found):
        return "Make an instance and name that."
    if _takes(found, 0) and not factory:
        return "If it makes the app, add --factory."
    if _takes(found, 2):
        return "WSGI has no WebSockets: name the ASGI app that serves them."
    return "Name the app object itself, as for uvicorn: myapp.main:app"


def _double(found: App) -> bool:
    """ASGI 2: a class made with the scope whose instances take (receive, send), or a function that returns such."""
    if not inspect.isclass(found):
        return _takes(found, 1) and not _takes(found, 0) and not _takes(found, 2)
    call = inspect.getattr_static(found, "__call__", None)
    return inspect.isfunction(call) and _takes(found, 1) and _takes(call, 3) and not _takes(found, 0)


def _takes(call: App, count: int) -> bool:
    try:
        inspect.signature(call).bind(*[None] * count)
    except TypeError:
        return False
    except ValueError:  # no signature to be had: a callable from C
        return True
    return True


def _kind(found: object) -> str:
    if inspect.isclass(found):
        return f"the class {found.__name__}"
    if isinstance(found, ModuleType):
        return f"the module {found.__name__}"
    name = getattr(found, "__qualname__", None)
    return f"the function {name}" if name else f"an object of type {type(found).__name__}"
