"""Fuzzes the decoder of entries: random and damaged bytes, more cleverly than by chance, in little memory and time.

    python tests/corpus/fuzzing.py [--seconds N] [--count N] [--seed N] [--keep]

Prints what was seen and exits 1 at the first input that is neither an entry nor an EntryError; the input is left in
tests/corpus/inputs/, which the suite replays. With --keep inputs that are answered in a new way are left there too.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import re
import resource
import signal
import struct
import sys
import time
import zlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgpack

from wsreplay.corpus.codec import VERSION, decode_entry, encode_entry
from wsreplay.errors import EntryError

INPUTS = Path(__file__).with_name("inputs")
SUFFIX = ".bin"

LONGEST = 1_000
"""Bytes of an input that is kept."""

ROOM = 512 * 2**20
"""Bytes of address space that decoding may take beside what there is when it begins."""

PATIENCE = 10
"""Seconds for one input."""

CORPUS = Path(__file__).parents[2] / "corpus"
SEEDS = [path.read_bytes() for path in sorted(CORPUS.rglob("*.msgpack"))]

_HEADERS = [bytes([first]) for first in range(0x80, 0xE0)]
_SIZES = [0, 1, 31, 255, 256, 65_535, 65_536, 100_000, 100_001, 2**31 - 1, 2**31, 2**32 - 1]
_STRANGE: list[Any] = [
    *(None, True, False, 0, -1, 1, 2**63, 2**64 - 1, -(2**63), 0.0, -0.0, 1e308, float("nan"), float("inf")),
    *("", "x", b"", b"x", "\ud800", "\x1b[31m", "\u202e"),
    *("0", "-0", "007", str(2**64), str(-(2**70)), "9" * 1000, "9" * 1001, "9" * 5000),
    *([], [[]], [None], ["connect", 0], ["send", 0, "text", "x"], ["wait", 1.0], ["wait", -1.0], ["close", 0, 1000]),
    *(["opened", 0.0, 0, 0], {}, {"a": 1}, {1: 2}, {"a": {"a": {}}}),
    *(msgpack.ExtType(1, b"x"), msgpack.ExtType(127, bytes(12)), msgpack.Timestamp(5, 6)),
]


def file_of(scenario: bytes, record: bytes) -> bytes:
    """A file with a right checksum around any content."""
    return msgpack.packb(["wsreplay", VERSION, zlib.crc32(scenario + record), scenario, record])


def packed(value: object) -> bytes:
    return msgpack.packb(value, unicode_errors="surrogatepass")


def parts_of(data: bytes) -> list[bytes]:
    """The packed scenario and record of a file; of one that has none those of a whole one."""
    try:
        parts = msgpack.unpackb(data, unicode_errors="surrogatepass", strict_map_key=False)
        return [bytes(parts[3]), bytes(parts[4])]
    except Exception:
        return parts_of(SEEDS[0])


# --- damage ----------------------------------------------------------------------------------------------------------


def noise(chance: random.Random, data: bytes) -> bytes:
    """Nothing but random bytes."""
    return chance.randbytes(chance.choice([0, 1, 5, 40, 300]))


def after_the_head(chance: random.Random, data: bytes) -> bytes:
    """Random bytes where a file's begin to differ."""
    return data[: chance.choice([9, 10, 11, 12])] + noise(chance, data)


def altered(chance: random.Random, data: bytes) -> bytes:
    """Some bytes changed, removed, doubled, or cut off."""
    made = bytearray(data)
    for _ in range(chance.choice([1, 1, 2, 5])):
        at = chance.randrange(len(made) + 1)
        match chance.randrange(5):
            case 0 if at < len(made):
                made[at] ^= 1 << chance.randrange(8)
            case 1 if at < len(made):
                made[at] = chance.randrange(256)
            case 2:
                del made[at : at + chance.choice([1, 2, 9])]
            case 3:
                made[at:at] = made[at : at + chance.choice([1, 4, 30])]
            case _:
                del made[at:]
    return bytes(made)


def claiming(chance: random.Random, data: bytes) -> bytes:
    """Headers of msgpack that declare anything, at any place, once or a thousand times."""
    at = chance.randrange(len(data) + 1)
    size = chance.choice(_SIZES)
    width = chance.choice([">B", ">H", ">I"])
    declared = struct.pack(width, size % 2 ** (8 * struct.calcsize(width)))
    claim = (chance.choice(_HEADERS) + declared) * chance.choice([1, 1, 3, 1_100])
    return data[:at] + claim + data[at + chance.choice([0, len(claim)]) :]


def rebuilt(chance: random.Random, data: bytes) -> bytes:
    """A value of the content replaced, added or removed, wherever it stands, or all of it put deep down."""
    try:
        content = msgpack.unpackb(data, unicode_errors="surrogatepass", strict_map_key=False)
    except Exception:
        return altered(chance, data)
    if chance.randrange(20) == 0:
        depth = chance.choice([1, 30, 1_000, 5_000])
        return b"\x91" * depth + data
    lists = lists_in(content)
    for _ in range(chance.choice([1, 1, 1, 3])):
        if not lists:
            return packed(chance.choice(_STRANGE))
        parts = chance.choice(lists)
        at = chance.randrange(len(parts) + 1)
        match chance.randrange(4):
            case 0:
                parts.insert(at, chance.choice(_STRANGE))
            case 1:
                del parts[at : at + 1]
            case 2:
                parts[at : at + 1] = [chance.choice(_STRANGE)]
            case _:
                parts[at : at + 1] = [chance.choice(chance.choice(lists) or [None])]
    try:
        return packed(content)
    except (ValueError, RecursionError):
        # It holds itself.
        return altered(chance, data)


def lists_in(value: object) -> list[list[Any]]:
    found = [value] if isinstance(value, list) else []
    for one in found:
        found.extend(inner for inner in one if isinstance(inner, list))
    return found


def inside(damage: Callable[[random.Random, bytes], bytes]) -> Callable[[random.Random, bytes], bytes]:
    """The same damage behind a checksum that fits."""

    def made(chance: random.Random, data: bytes) -> bytes:
        parts = parts_of(data)
        which = chance.randrange(2)
        parts[which] = damage(chance, parts[which])
        return file_of(*parts)

    made.__name__ = f"{damage.__name__} inside"
    return made


DAMAGES = [noise, after_the_head, altered, claiming, inside(noise), inside(altered), inside(claiming)]
DAMAGES += [inside(rebuilt)] * 4


# --- what becomes of it ----------------------------------------------------------------------------------------------


class BrokenError(Exception):
    """An input was not answered as it should be."""


def answer(data: bytes) -> tuple[str, str]:
    """The kind of the answer to an input, and its shape. Raises BrokenError for one that is neither entry nor error."""
    try:
        entry = decode_entry(data)
    except EntryError as error:
        if not error.message or not error.message.isprintable() or len(error.message) > 2_000:
            raise BrokenError(f"no clear message: {error.message[:2_000]!r}") from error
        return type(error).__name__, _shape(error.message)
    except BaseException as error:
        raise BrokenError(f"{type(error).__name__}: {error}") from error
    again = encode_entry(entry)
    if encode_entry(decode_entry(again)) != again or (decode_entry(again) != entry and "nan" not in repr(entry)):
        raise BrokenError("an entry that is another one once it is written")
    return "Entry", "entry"


def _shape(message: str) -> str:
    """What kind of complaint it is: not about what, nor where."""
    text = re.sub(r"^(record|scenario)[\w.\[\]]*: ", r"\1: ", re.split(", found| begins with", message)[0])
    text = re.sub(r"'[^']*'|b?\"[^\"]*\"|byte 0x\w\w|-?\d+(\.\d+)?", "#", text)
    return re.sub(r"one of [\w, ]+|^\w+: (\w+ has)", "one of", text)


def too_long(*_: object) -> None:
    raise TimeoutError(f"it took more than {PATIENCE} seconds")


def limited() -> None:
    """Let this process have little memory, and interrupt what takes long."""
    signal.signal(signal.SIGALRM, too_long)
    size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (size + ROOM, size + ROOM))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def leave(data: bytes, kind: str) -> Path:
    INPUTS.mkdir(exist_ok=True)
    path = INPUTS / f"{kind}-{hashlib.sha256(data).hexdigest()[:12]}{SUFFIX}"
    path.write_bytes(data)
    return path


def fuzz(seed: int, count: int, seconds: float, keep: bool) -> int:
    chance = random.Random(seed)
    pool = [*SEEDS, *(path.read_bytes() for path in sorted(INPUTS.glob(f"*{SUFFIX}")))]
    # What is small is the easier to read.
    pool.sort(key=len)
    shapes = {answer(data) for data in pool}
    answers: Counter[str] = Counter()
    end = time.monotonic() + seconds if seconds else float("inf")
    tried = 0
    while (tried < count or not count) and time.monotonic() < end:
        tried += 1
        damage = chance.choice(DAMAGES)
        data = damage(chance, chance.choice(pool))
        signal.alarm(PATIENCE)
        try:
            shape = answer(data)
        except BrokenError as broken:
            print(f"input {tried} of seed {seed} ({damage.__name__}): {broken}; left in {leave(data, 'broken')}")
            return 1
        finally:
            signal.alarm(0)
        answers[shape[0]] += 1
        if shape not in shapes or (shape[0] == "Entry" and len(pool) < 2_000 and chance.randrange(10) == 0):
            if keep and shape not in shapes and len(data) <= LONGEST:
                leave(data, shape[0])
            shapes.add(shape)
            pool.append(data)
    told = ", ".join(f"{number} {kind}" for kind, number in sorted(answers.items()))
    print(f"{tried} inputs of seed {seed}, {len(shapes)} different answers: {told}")
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=0.0)
    parser.add_argument("--count", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", action="store_true")
    given = parser.parse_args()
    limited()
    return fuzz(given.seed, given.count or (0 if given.seconds else 10_000), given.seconds, given.keep)


if __name__ == "__main__":
    sys.exit(main())
