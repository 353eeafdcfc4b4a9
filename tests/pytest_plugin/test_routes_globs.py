"""`--routes-ws-include`, `--routes-ws-exclude`."""

from __future__ import annotations

import re

COMMAND = ("--routes", "--routes-app", "shop:app", "--routes-websocket")


def test_include_and_exclude_take_globs_with_commas(bare):
    both = bare.pytest(*COMMAND, "--co", "-q", "--routes-ws-include", "/orders,/tick*")
    assert both.out.count("test_websocket[") == 2
    one = bare.pytest(*COMMAND, "--co", "-q", "--routes-ws-exclude", "/ord*,/internal/*")
    assert re.findall(r"test_websocket\[(.*)\]", one.out) == ["/ticker"]
    assert bare.pytest(*COMMAND, "--co", "-q", "-m", "routes", "--strict-markers").out.count("test_websocket[") == 2
