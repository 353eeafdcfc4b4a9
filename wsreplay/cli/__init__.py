"""The command line: parses, wires the engine to reports, prints, exits. It decides nothing.

Commands import what they need when they run, so that `wsreplay --help` answers at once.
"""

from __future__ import annotations

from wsreplay.cli.application import app, main

__all__ = ["app", "main"]
