"""docs/format.md says what the code does: every record, tag, word and limit is in it."""

from __future__ import annotations

import dataclasses
import json
import re
import typing
from pathlib import Path

import pytest

from wsreplay import model
from wsreplay.corpus import encode_entry, limits
from wsreplay.corpus.codec import MAGIC, TAGS, VERSION, encode_scenario
from wsreplay.model import Client, Close, Connect, Scenario

PAGE = (Path(__file__).parents[2] / "docs" / "format.md").read_text(encoding="utf-8")

RECORDS = {
    "scenario": model.Scenario,
    "client": model.Client,
    "profile": model.Profile,
    "transcript": model.Transcript,
    "finding": model.Finding,
    "provenance": model.Provenance,
    "state": model.State,
    "frame": model.Frame,
    "raised": model.Raised,
}


def described(cls: type) -> str:
    """The fields as a row of the page lists them."""
    fields = []
    for field in dataclasses.fields(cls):  # type: ignore[arg-type]
        default = field.default
        if default is dataclasses.MISSING:
            fields.append(f"`{field.name}`")
        elif isinstance(default, bytes):
            fields.append(f'`{field.name}` = `b""`')
        else:
            shown = [] if dataclasses.is_dataclass(default) else default
            fields.append(f"`{field.name}` = `{json.dumps(shown)}`")
    return ", ".join(fields)


@pytest.mark.parametrize("name", RECORDS)
def test_every_record_is_on_the_page_with_its_fields_and_defaults(name: str) -> None:
    assert f"| {name} | {described(RECORDS[name])} |" in PAGE


@pytest.mark.parametrize("cls", TAGS)
def test_every_tag_is_on_the_page_with_its_fields_and_defaults(cls: type) -> None:
    assert f"| `{TAGS[cls]}` | {described(cls)} |" in PAGE


def test_every_word_is_on_the_page() -> None:
    for cls in (*RECORDS.values(), *TAGS):
        for hint in typing.get_type_hints(cls).values():
            if typing.get_origin(hint) is typing.Literal:
                assert all(f"`{word}`" in PAGE for word in typing.get_args(hint))


def test_every_limit_is_on_the_page() -> None:
    for name, value in vars(limits).items():
        if name.startswith("MAX_"):
            assert f"{value:,.0f}" in PAGE


def test_the_versions_are_on_the_page() -> None:
    rows = re.findall(r"^\| (\d+) \| wsreplay ", PAGE, re.MULTILINE)
    assert rows == [str(number) for number in range(1, VERSION + 1)]


def test_the_first_bytes_are_those_on_the_page(entry: typing.Any) -> None:
    assert encode_entry(entry())[:11].hex(" ") in PAGE
    assert f"`{MAGIC}`" in PAGE


def test_the_example_is_what_the_page_says() -> None:
    data = encode_scenario(Scenario("/", (Client("/"),), (Connect(0), Close(0))))
    assert f"the {len(data)} bytes `{data.hex(' ')}`" in PAGE
