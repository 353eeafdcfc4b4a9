"""Entries as bytes and back: the format of a corpus file, see docs/format.md. Only this module knows msgpack.

A file is the array ["wsreplay", version, checksum, scenario, record]. Whatever is read may be hostile: every size is
capped before it is believed, there are no maps and no extension types, and every element is checked.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field

import msgpack  # type: ignore[import-untyped]  # it has no type hints

from wsreplay import rows
from wsreplay.corpus.compiling import Agreement
from wsreplay.corpus.faults import DamagedError, FaultyError, LimitError, NewerFormatError
from wsreplay.corpus.limits import MAX_ELEMENTS, MAX_FILE, MAX_FINDINGS, MAX_LIST, breach
from wsreplay.corpus.schema import WrongError, schema
from wsreplay.model import (
    Close,
    Connect,
    Drop,
    Entry,
    Finding,
    Message,
    Pause,
    Provenance,
    Resume,
    Scenario,
    Send,
    State,
    Transcript,
    Wait,
)

MAGIC = "wsreplay"

VERSION = 1
"""Of the format that is written. 1: the first (wsreplay 0.1.0)."""

_HEAD = b"\x95\xa8" + MAGIC.encode() + bytes([VERSION])
_MAGIC_END = 2 + len(MAGIC)
_UNSIGNED = {0xCC: 1, 0xCD: 2, 0xCE: 4, 0xCF: 8}
_WIDE = re.compile(rb"[\xdc\xdd]")
"""What an array begins with that may declare more elements than there are bytes."""

_SMALL = 1 << 20
"""Bytes from which on elements are counted while they are unpacked: the smallest take 64 times their size."""

_DAMAGE_HINT = "Restore the file from version control, or remove it."

TAGS: dict[type, str] = {
    Connect: "connect",
    Send: "send",
    Wait: "wait",
    Close: "close",
    Drop: "drop",
    Pause: "pause",
    Resume: "resume",
    **rows.TAGS,
}
"""The tags of steps and of events. A tag is never given a second meaning."""


# A message's data is bytes exactly when its kind says so.
_AGREEMENTS: dict[type, Agreement] = {cls: Agreement("kind", "bytes", "data", bytes) for cls in (Send, Message)}


@dataclass(frozen=True, slots=True)
class _Record:
    """What an entry holds beside its scenario."""

    transcript: Transcript
    findings: tuple[Finding, ...] = ()
    provenance: Provenance = field(default_factory=Provenance)
    state: State = field(default_factory=State)


_SCENARIO = schema(Scenario, TAGS, _AGREEMENTS)
_RECORD = schema(_Record, TAGS, _AGREEMENTS)


def encode_scenario(scenario: Scenario) -> bytes:
    """The canonical encoding of a scenario: equal scenarios give equal bytes. Raises DamagedError when it has a value
    that the format cannot hold.
    """
    try:
        return _pack(_SCENARIO.encode(scenario))
    except WrongError as wrong:
        raise DamagedError(f"the scenario cannot be stored: {wrong}") from None


def scenario_id(scenario: Scenario) -> str:
    """The id of the scenario's entry: the first 16 hex digits of SHA-256 over its canonical encoding."""
    return _id_of(encode_scenario(scenario))


def encode_entry(entry: Entry) -> bytes:
    """The bytes of the entry's file: equal entries give equal bytes, and `decode_entry` accepts what is returned.

    Raises DamagedError for a value that the format cannot hold, LimitError for one beyond the limits.
    """
    scenario = encode_scenario(entry.scenario)
    try:
        record = _pack(
            _RECORD.encode(_Record(entry.transcript, entry.findings, entry.provenance, entry.state)),
        )
    except WrongError as wrong:
        raise DamagedError(f"the entry cannot be stored: {wrong}") from None
    data = _pack([MAGIC, VERSION, _checksum(scenario, record), scenario, record])
    decode_entry(data)
    return data


def decode_entry(data: bytes) -> Entry:
    """The entry that `data`, the content of a file, holds.

    Raises NewerFormatError, LimitError or DamagedError (all EntryError) when it holds none.
    """
    return decode_with_id(data)[0]


def decode_with_id(data: bytes) -> tuple[Entry, str]:
    """As `decode_entry`, with the id of the entry."""
    if not data.startswith(_HEAD):
        raise _foreign(data)
    if len(data) > MAX_FILE:
        raise LimitError(f"{len(data)} bytes, at most {MAX_FILE} are read", _DAMAGE_HINT)
    parts = _unpack(data, 5, "the file")
    _, _, checksum, packed_scenario, packed_record = parts
    if type(packed_scenario) is not bytes or type(packed_record) is not bytes:
        raise DamagedError("scenario and record are no byte strings", _DAMAGE_HINT)
    if checksum != _checksum(packed_scenario, packed_record):
        raise DamagedError("the checksum does not fit what follows", _DAMAGE_HINT)
    scenario = _scenario(packed_scenario)
    try:
        record = _RECORD.decode(_unpack(packed_record, MAX_LIST, "the record"))
    except WrongError as wrong:
        raise DamagedError(str(wrong.inside("record")), _DAMAGE_HINT) from None
    if len(record.findings) > MAX_FINDINGS:
        told = f"{len(record.findings)} findings, at most {MAX_FINDINGS} are read"
        raise LimitError(told, "Nothing that wsreplay writes has so many.")
    entry = Entry(scenario, record.transcript, record.findings, record.provenance, record.state)
    return entry, _id_of(packed_scenario)


def _scenario(packed: bytes) -> Scenario:
    raw = _unpack(packed, MAX_LIST, "the scenario")
    try:
        scenario: Scenario = _SCENARIO.decode(raw)
    except WrongError as wrong:
        raise DamagedError(str(wrong.inside("scenario")), _DAMAGE_HINT) from None
    if beyond := breach(scenario):
        raise LimitError(f"the scenario cannot be replayed: {beyond}", "Nothing that wsreplay writes goes that far.")
    # The id is taken over these bytes: a second encoding of the same scenario would be a second entry.
    if _pack(raw) != packed:
        raise DamagedError("the scenario is not in its canonical encoding", _DAMAGE_HINT)
    return scenario


def _id_of(packed_scenario: bytes) -> str:
    return hashlib.sha256(packed_scenario).hexdigest()[:16]


def _checksum(scenario: bytes, record: bytes) -> int:
    return zlib.crc32(record, zlib.crc32(scenario))


def _foreign(data: bytes) -> FaultyError:
    """Say what a file is that does not begin as ours do."""
    head = data[:_MAGIC_END]
    if not data:
        return DamagedError("the file is empty", _DAMAGE_HINT)
    if head[1:] != _HEAD[1:_MAGIC_END] or head[0] >> 4 != 9:
        return DamagedError(f"no wsreplay entry: it begins with {head!r}", _DAMAGE_HINT)
    version = _version(data[_MAGIC_END:])
    if version > VERSION:
        what = f"format version {version}, this wsreplay reads up to {VERSION}"
        return NewerFormatError(what, "Upgrade wsreplay to read it.")
    return DamagedError("no format version that there has been", _DAMAGE_HINT)


def _version(data: bytes) -> int:
    """The unsigned integer that `data` begins with, or 0. Read without msgpack, since what follows it is unknown."""
    first = data[0] if data else 0
    if first < 0x80:
        return first
    width = _UNSIGNED.get(first, 0)
    return int.from_bytes(data[1 : 1 + width], "big") if len(data) > width else 0


# --- msgpack ---------------------------------------------------------------------------------------------------------


def _pack(parts: list[object]) -> bytes:
    try:
        packed: bytes = msgpack.packb(parts, use_bin_type=True, unicode_errors="surrogatepass")
    except (ValueError, TypeError, OverflowError) as error:
        raise WrongError(f"{type(error).__name__}: {error}") from None
    return packed


def _unpack(data: bytes, longest: int, what: str) -> list[object]:
    """Unpack one array of at most `longest` elements, of which none is a map or an extension type."""
    try:
        if _WIDE.search(data):
            _skim(data)
        parts = msgpack.unpackb(
            data,
            raw=False,
            unicode_errors="surrogatepass",
            # msgpack makes room for what is declared; an element takes at least a byte.
            max_array_len=min(longest, len(data)),
            max_map_len=0,
            max_ext_len=0,
            list_hook=None if len(data) < _SMALL else _counting(what),
        )
    except (ValueError, MemoryError, RecursionError, msgpack.UnpackException) as error:
        # Some of msgpack's errors have no words.
        raise DamagedError(f"{what} cannot be unpacked: {str(error) or type(error).__name__}", _DAMAGE_HINT) from None
    if type(parts) is not list:
        raise DamagedError(f"{what} is no array", _DAMAGE_HINT)
    return parts


def _skim(data: bytes) -> None:
    """Pass over one value without making anything of it. Raises what `unpackb` would raise if there is less of it than
    is declared: room for arrays in arrays would be made before that is noticed.
    """
    unpacker = msgpack.Unpacker(max_buffer_size=len(data))
    unpacker.feed(data)
    unpacker.skip()


def _counting(what: str) -> Callable[[list[object]], list[object]]:
    """A hook that is given every array, the inner first, and raises LimitError when there are too many elements."""
    room = MAX_ELEMENTS

    def hook(parts: list[object]) -> list[object]:
        nonlocal room
        room -= len(parts) + 1
        if room < 0:
            told = f"{what} has more than {MAX_ELEMENTS} elements"
            raise LimitError(told, "Nothing that wsreplay writes has so many.")
        return parts

    return hook
