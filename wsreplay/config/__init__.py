"""Configuration: flags, environment and pyproject.toml become one frozen Settings.

`options` is the table of all options, from which the command line and the reference pages are made too.
"""

from __future__ import annotations

from wsreplay.config.options import BY_NAME, OPTIONS, Option, default_of
from wsreplay.config.reading import read
from wsreplay.config.settings import Settings

__all__ = ["BY_NAME", "OPTIONS", "Option", "Settings", "default_of", "read"]
