"""What is known of a handler, as one frozen value: what it receives, and which names and constants it looks for."""

from __future__ import annotations

from dataclasses import dataclass

from wsreplay.model import Kind


@dataclass(frozen=True, slots=True)
class Asked:
    """A name that a handler looks up in its query string or headers, with the constants it compares the value with."""

    name: str
    constants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What the source of a handler shows. Everything is in the order in which the source has it; empty is unknown."""

    kinds: tuple[Kind, ...] = ()
    query: tuple[Asked, ...] = ()
    headers: tuple[Asked, ...] = ()
    subprotocols: tuple[str, ...] = ()
    waits: tuple[float, ...] = ()
