"""The event loop around a test is put aside, and is itself again afterwards."""

from __future__ import annotations

import sys

import sniffio

from wsreplay.testing.surroundings import on_asyncio


def test_what_sniffio_says_is_put_back(monkeypatch):
    monkeypatch.setattr(sniffio.thread_local, "name", "trio")
    with on_asyncio():
        assert sniffio.current_async_library() == "asyncio"
    assert sniffio.current_async_library() == "trio"


def test_without_sniffio_nothing_is_said(monkeypatch):
    monkeypatch.delitem(sys.modules, "sniffio")
    with on_asyncio():
        assert "sniffio" not in sys.modules
