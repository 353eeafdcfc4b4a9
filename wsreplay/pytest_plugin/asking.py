"""Whether anybody has asked for us. No other module of ours but the flags is imported here, and little is read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from wsreplay.pytest_plugin import flags


def given(config: pytest.Config, flag: flags.Flag) -> object:
    """The value of a flag; None where it was not given, or is not ours to declare."""
    value: object = getattr(config.option, flag.dest, None)
    return value if value not in (False, []) else None


def asked(config: pytest.Config) -> bool:
    """Whether the plugin has anything to do in this run."""
    if config.option.no_wsreplay:
        return False
    theirs = () if flags.predecessor_is_installed() else flags.ROUTES[:1]
    if any(given(config, flag) is not None for flag in (*flags.OURS, *theirs)):
        return True
    return bool(os.environ.get("WSREPLAY_TARGET")) or configured(config)


def start_of(config: pytest.Config) -> Path:
    """The directory from which our configuration is looked for, upwards."""
    here = config.invocation_params.dir
    return here if here.is_relative_to(config.rootpath) else config.rootpath


def configured(config: pytest.Config) -> bool:
    """Whether the nearest pyproject.toml that could be ours is."""
    start = start_of(config)
    for directory in (start, *start.parents):
        try:
            data = (directory / "pyproject.toml").read_bytes()
        except OSError:
            continue
        if b"tool.wsreplay" in data:
            return True
    return False
