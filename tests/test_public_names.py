"""The names that the package offers: documented, and there."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from pathlib import Path

import pytest

import wsreplay
from wsreplay import testing

PAGE = (Path(__file__).parents[1] / "docs" / "reference" / "testing.md").read_text(encoding="utf-8")
PUBLIC = [(module, name) for module in (wsreplay, testing) for name in module.__all__]


@pytest.mark.parametrize(("module", "name"), PUBLIC)
def test_a_public_name_is_there_and_documented(module, name):
    thing = getattr(module, name)
    assert inspect.getdoc(thing), f"{name} says nothing of itself"
    assert f"`{name}" in PAGE, f"docs/reference/testing.md does not speak of {name}"


@pytest.mark.parametrize("owner", [testing.LiveTarget, testing.Script, testing.Result])
def test_every_public_method_is_documented(owner):
    for name, member in vars(owner).items():
        if not name.startswith("_") and (callable(member) or isinstance(member, property)):
            assert f"`{name}" in PAGE or f".{name}" in PAGE, f"docs/reference/testing.md does not speak of {name}"


def test_the_root_offers_what_its_modules_define():
    for name in wsreplay.__all__:
        assert name in dir(wsreplay)
        if name in testing.__all__:
            assert getattr(wsreplay, name) is getattr(testing, name)
    with pytest.raises(AttributeError, match="no attribute 'unheard_of'"):
        wsreplay.unheard_of  # noqa: B018


def test_every_module_can_be_imported_by_itself():
    # Coverage knows of a module only when it was imported.
    modules = [module.name for module in pkgutil.walk_packages(wsreplay.__path__, "wsreplay.")]
    assert len(modules) > 100
    for name in modules:
        if not name.endswith("__main__"):
            importlib.import_module(name)
