"""What differs from run to run and is not to count when replies are compared: identifiers, times, counters."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any, Final

MASKED: Final = "<masked>"

_TEXTS: Final = (
    r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}",
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?",
    r"\d+(?:\.\d+)?",
    r"\b[0-9a-fA-F]{8,}\b",
    r"\b[\w-]{16,}",
)
"""What may differ in a text, the most particular first: uuids, times, numbers, hexadecimal and other tokens."""


@dataclass(frozen=True, slots=True)
class Masks:
    """What to hide. `places` are ends of paths into JSON, as parts (`("user", "id")`), each a glob; `patterns` are
    regular expressions that are looked for in texts.
    """

    places: tuple[tuple[str, ...], ...] = ()
    patterns: tuple[str, ...] = ()

    @staticmethod
    def parse(masks: Iterable[str]) -> Masks:
        """Read masks as a user writes them: `id`, `user.id`, `id,at`, or `/regular expression/`. Raises ValueError."""
        places, patterns = [], []
        for mask in masks:
            if len(mask) > 2 and mask[0] == mask[-1] == "/":
                try:
                    re.compile(mask[1:-1])
                except re.error as error:
                    raise ValueError(f"{mask} is no regular expression: {error}") from None
                patterns.append(mask[1:-1])
            else:
                places += [tuple(place.strip().split(".")) for place in mask.split(",") if place.strip()]
        return Masks(tuple(places), tuple(patterns))

    def __bool__(self) -> bool:
        return bool(self.places or self.patterns)

    def hide(self, data: str | bytes) -> str | bytes:
        """A message without what is to be hidden."""
        if isinstance(data, bytes):
            # One character a byte, so that patterns apply to bytes too.
            return self._replaced(data.decode("latin-1")).encode("latin-1")
        document = parsed(data) if self.places else None
        if isinstance(document, dict | list):
            hidden = self.value(document)
            data = data if hidden == document else json.dumps(hidden)
        return self._replaced(data)

    def value(self, document: Any, path: tuple[str, ...] = ()) -> Any:
        """A JSON document without what is to be hidden in it."""
        if path and self._hides(path):
            return MASKED
        if isinstance(document, dict):
            return {key: self.value(value, (*path, key)) for key, value in document.items()}
        if isinstance(document, list):
            return [self.value(value, (*path, str(place))) for place, value in enumerate(document)]
        return document

    def _hides(self, path: tuple[str, ...]) -> bool:
        return any(
            len(place) <= len(path) and all(map(fnmatchcase, path[-len(place) :], place)) for place in self.places
        )

    def _replaced(self, text: str) -> str:
        for pattern in self.patterns:
            text = _compiled(pattern).sub(MASKED, text)
        return text


_compiled = lru_cache(maxsize=256)(re.compile)
NO_MASKS: Final = Masks()


def parsed(data: str) -> Any:
    """A message's JSON, None where it is none."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def suggested(runs: Sequence[Sequence[str | bytes]]) -> tuple[str, ...]:
    """Masks, as a user writes them, for what differs between the messages of several runs of one scenario; none where
    the runs differ in more than values.
    """
    masks: dict[str, None] = {}
    for said in zip(*runs, strict=False):
        texts = [data for data in said if isinstance(data, str)]
        if len(texts) < len(said) or len(set(texts)) == 1:
            continue
        documents = [parsed(text) for text in texts]
        found = _places(documents) if isinstance(documents[0], dict | list) else _pattern(texts)
        masks.update(dict.fromkeys(found))
    return tuple(masks)


def _places(documents: Sequence[Any]) -> list[str]:
    """The places whose values differ, each as the last key that leads to it."""
    leaves = [dict(_leaves(document)) for document in documents]
    return [
        _written(path)
        for path in leaves[0]
        if any(path in other and other[path] != leaves[0][path] for other in leaves)
    ]


def _leaves(document: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], object]]:
    items: Iterable[tuple[str | int, Any]] = ()
    if isinstance(document, dict):
        items = document.items()
    elif isinstance(document, list):
        items = enumerate(document)
    else:
        yield path, document
    for key, value in items:
        yield from _leaves(value, (*path, key))


def _written(path: tuple[str | int, ...]) -> str:
    parts: list[str] = []
    for part in reversed(path):
        parts.append(part if isinstance(part, str) else "*")
        if isinstance(part, str):
            break
    return ".".join(reversed(parts))


def _pattern(texts: Sequence[str]) -> list[str]:
    for pattern in _TEXTS:
        if len({re.sub(pattern, MASKED, text) for text in texts}) == 1:
            return [f"/{pattern}/"]
    return []
