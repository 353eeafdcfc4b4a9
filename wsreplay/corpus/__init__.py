"""The corpus: entries as files in a directory, their format, and what can be said about them.

What lives here reads and writes entries and never runs one. Only `codec` knows msgpack.
"""

from __future__ import annotations

from wsreplay.corpus.codec import decode_entry, encode_entry, scenario_id
from wsreplay.corpus.covering import cover, keep
from wsreplay.corpus.sketches import Sketch, sketches
from wsreplay.corpus.store import Store

__all__ = ["Sketch", "Store", "cover", "decode_entry", "encode_entry", "keep", "scenario_id", "sketches"]
