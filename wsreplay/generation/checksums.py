"""Checksums as binary protocols have them, by the names under which Python's libraries know them."""

from __future__ import annotations

import binascii
import zlib
from collections.abc import Callable, Mapping
from functools import reduce
from operator import xor


def _modbus(data: bytes) -> int:
    """CRC-16 as Modbus has it."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return crc


CHECKSUMS: Mapping[str, Callable[[bytes], int]] = {
    "xor": lambda data: reduce(xor, data, 0),
    "sum": sum,
    "complement": lambda data: -sum(data),
    "crc_hqx": lambda data: binascii.crc_hqx(data, 0),
    "ccitt": lambda data: binascii.crc_hqx(data, 0xFFFF),
    "modbus": _modbus,
    "crc32": zlib.crc32,
    "adler32": zlib.adler32,
}

_BY_SIZE: Mapping[int, tuple[str, ...]] = {
    1: ("xor", "sum", "complement", "crc32"),
    2: ("sum", "crc_hqx", "ccitt", "modbus", "crc32"),
    4: ("crc32", "adler32", "sum"),
}
_KINDS: Mapping[str, tuple[str, ...]] = {"crc_hqx": ("crc_hqx", "ccitt")}


def candidates(names: tuple[str, ...], size: int) -> tuple[str, ...]:
    """The checksums that a field of `size` bytes may hold where the source mentions `names`; the usual ones where it
    says nothing.
    """
    known = tuple(kind for name in names for kind in _KINDS.get(name, (name,)) if kind in CHECKSUMS)
    return known or _BY_SIZE.get(size, ())


def checked(names: tuple[str, ...], text: str) -> str:
    """The checksum of a text as hexadecimal digits, as the lines of text protocols end with it."""
    name = next((one for one in names if one in CHECKSUMS), "xor")
    size = 4 if name in ("crc32", "adler32") else 2 if name in ("crc_hqx", "ccitt", "modbus") else 1
    return f"{checksum(name, text.encode(errors='replace'), size):0{2 * size}X}"


def checksum(name: str, data: bytes, size: int) -> int:
    """The checksum of some bytes, as an unsigned number of `size` bytes."""
    return CHECKSUMS[name](data) % (1 << 8 * size)
