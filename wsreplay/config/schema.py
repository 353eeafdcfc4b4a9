"""The configuration as a JSON Schema, for editors that complete and check pyproject.toml. Made from the options."""

from __future__ import annotations

from typing import Any

from wsreplay.config.file import TABLE
from wsreplay.config.options import OPTIONS, Option, default_of


def schema() -> dict[str, Any]:
    """A schema for pyproject.toml as a whole, which says something of our table only: `#/definitions/wsreplay`."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "pyproject.toml with a table of wsreplay",
        "type": "object",
        "properties": {
            "tool": {"type": "object", "properties": {"wsreplay": {"$ref": "#/definitions/wsreplay"}}},
        },
        "definitions": {"wsreplay": _table(), "route": _route()},
    }


def _table() -> dict[str, Any]:
    keys = {option.key: _key(option) for option in OPTIONS if option.key}
    routes = {
        "description": "Blocks for single routes; where several match, a later one wins.",
        "type": "array",
        "items": {"$ref": "#/definitions/route"},
    }
    return {
        "title": f"[{TABLE}]",
        "type": "object",
        "additionalProperties": False,
        "properties": {**keys, "routes": routes},
    }


def _route() -> dict[str, Any]:
    path = {"description": "The routes: a glob, or the very path of one.", "type": "string", "minLength": 1}
    keys = {option.key: _key(option) for option in OPTIONS if option.per_route}
    return {
        "title": f"[[{TABLE}.routes]]",
        "type": "object",
        "additionalProperties": False,
        "required": ["path"],
        "properties": {"path": path, **keys},
    }


def _key(option: Option) -> dict[str, Any]:
    """A key with what it says and, where it has one that is the same everywhere, its default."""
    default = default_of(option)
    shown = {} if default in (None, (), "") or option.kind.path else {"default": default}
    if isinstance(default, tuple) and default:
        shown = {"default": list(default)}
    return {"description": option.help, **option.kind.schema, **shown}
