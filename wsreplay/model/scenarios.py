"""What clients do: plain data that is generated, mutated, stored and replayed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["text", "json", "bytes"]
Sends: TypeAlias = Literal["immediate", "suspend"]


@dataclass(frozen=True, slots=True)
class Client:
    """One peer: the concrete `path` (percent-decoded) and raw `query` it opens, its extra headers in order (values may
    hold credential placeholders), the subprotocols it offers.
    """

    path: str
    query: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    subprotocols: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Connect:
    """Client number `client` opens its connection."""

    client: int


@dataclass(frozen=True, slots=True)
class Send:
    """A message of one client. `json` goes over the wire as a text frame; `data` is then the exact text sent."""

    client: int
    kind: Kind
    data: str | bytes


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing is sent for `seconds` of the simulation's clock."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Close:
    """A client says goodbye with a close frame. `code` None is a close frame without a code (1005)."""

    client: int
    code: int | None = 1000
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Drop:
    """A client is gone without a close frame (1006)."""

    client: int


@dataclass(frozen=True, slots=True)
class Pause:
    """A client stops reading: from its next message on the app's `send()` to it suspends."""

    client: int


@dataclass(frozen=True, slots=True)
class Resume:
    """A client that stopped reading reads again."""

    client: int


Step: TypeAlias = Connect | Send | Wait | Close | Drop | Pause | Resume


@dataclass(frozen=True, slots=True)
class Profile:
    """How the simulated network behaves: `sends` says whether the app's `send()` returns at once, or suspends for one
    turn of the loop, as it does under backpressure, so that other tasks run in between.
    """

    sends: Sends = "immediate"


@dataclass(frozen=True, slots=True)
class Scenario:
    """What one or more clients do, in the written order.

    Clients that are still connected after the last step leave with 1000, in the order of their numbers.
    """

    route: str
    clients: tuple[Client, ...]
    steps: tuple[Step, ...]
    profile: Profile = Profile()

    @property
    def messages(self) -> int:
        """How many messages the clients send."""
        return sum(1 for step in self.steps if type(step) is Send)
