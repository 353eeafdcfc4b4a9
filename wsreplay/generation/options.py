"""What the user decides about generation, as one frozen value."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from wsreplay.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Options:
    """Bounds and constants of the scenarios of one route.

    `longest` is how many messages a scenario may have in which one is repeated (None: `max_messages`, as any).
    `max_messages` and `max_clients` are per scenario, `max_message_size` is in bytes of what goes over the wire,
    `close_codes` are the codes that closing clients use most, `headers` are sent by every client, in order (values may
    hold credential placeholders), `graphql_schema` is the file of the schema that the route serves, `samples` one
    of messages, `dictionary` one of words. Raises ConfigError for a number that bounds nothing.
    """

    max_messages: int = 10
    max_clients: int = 3
    max_message_size: int = 65536
    close_codes: tuple[int, ...] = (1000, 1001)
    headers: tuple[tuple[str, str], ...] = ()
    graphql_schema: Path | None = None
    samples: Path | None = None
    dictionary: Path | None = None
    longest: int | None = None

    def __post_init__(self) -> None:
        for name, least in (("max_messages", 1), ("max_clients", 1), ("max_message_size", 0)):
            value = getattr(self, name)
            if value < least:
                raise ConfigError(f"{name} must be at least {least}, but is {value}", f"Set {name} to {least} or more.")

    @property
    def most_messages(self) -> int:
        """Messages of a scenario in which one is repeated, at most."""
        return self.longest or self.max_messages
