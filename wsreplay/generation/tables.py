"""Texts that hold something else: rows of a table as CSV has them, values in some coding."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence

from wsreplay.generation.dice import Dice
from wsreplay.generation.knowledge import Coding

_MOST_ROWS = 3

_CODINGS: Mapping[Coding, Callable[[bytes], bytes]] = {
    "json": bytes,
    "base64": base64.b64encode,
    "urlsafe": base64.urlsafe_b64encode,
    "hex": lambda data: data.hex().encode(),
}


def coded(coding: Coding, data: bytes) -> str:
    """The bytes of a text, or any bytes that are none in JSON, as they are written in a coding."""
    return _CODINGS[coding](data).decode(errors="replace")


def table(dice: Dice, columns: Sequence[str], separator: str, cell: Callable[[int], str]) -> str:
    """A header and some rows; one in two tables is not as it should be. `cell` gives a value for a column. Any column
    may be the first: of short rows the last are missing.
    """
    first = dice.below(len(columns))
    order = [*range(first, len(columns)), *range(first)]
    header = [columns[column] for column in order]
    rows = [[cell(column) for column in order] for _ in range(dice.below(_MOST_ROWS + 1))]
    if dice.one_in(2):
        dice.pick(_FAULTS)(dice, header, rows)
    return "\n".join([separator.join(row) for row in (header, *rows)])


def _short_row(dice: Dice, header: list[str], rows: list[list[str]]) -> None:
    rows.append(header[: dice.below(len(header))] or ["1"])


def _long_row(_dice: Dice, header: list[str], rows: list[list[str]]) -> None:
    rows.append([*header, "1"])


def _short_header(dice: Dice, header: list[str], _rows: list[list[str]]) -> None:
    del header[dice.below(len(header))]


def _no_rows(_dice: Dice, _header: list[str], rows: list[list[str]]) -> None:
    rows.clear()


def _empty_cell(dice: Dice, header: list[str], rows: list[list[str]]) -> None:
    row = list(header)
    row[dice.below(len(row))] = ""
    rows.insert(0, row)


def _open_quote(_dice: Dice, header: list[str], rows: list[list[str]]) -> None:
    rows.append(['"' + header[0]])


_FAULTS: Sequence[Callable[[Dice, list[str], list[list[str]]], None]] = (
    _short_row,
    _long_row,
    _short_header,
    _no_rows,
    _empty_cell,
    _open_quote,
)
