"""What the clients of a scenario do, step by step: arrivals, messages, silence, pauses, goodbyes.

A `Stage` only writes steps that are well formed: a client connects once before anything else, does nothing once it has
gone, and resumes only after a pause.
"""

from __future__ import annotations

from collections.abc import Callable

from wsreplay.generation import edges
from wsreplay.generation.dice import Dice
from wsreplay.generation.payloads import Payload
from wsreplay.model import Close, Connect, Drop, Pause, Resume, Send, Step, Wait

REASONS = (
    "",
    "bye",
    "going away",
    "é" * 61,
    "x" * 123,
    "\x00",
    "{}",
    "😀",
    "\n",
)
"""Reasons of a close frame, at most 123 bytes of UTF-8."""

CLOSE_CODES: tuple[int | None, ...] = (
    1000,
    None,
    1001,
    1002,
    1003,
    1007,
    1008,
    1009,
    1010,
    1011,
    1012,
    1013,
    1014,
    3000,
    3001,
    3008,
    3999,
    4000,
    4001,
    4400,
    4401,
    4403,
    4404,
    4500,
    4999,
)
"""A code of each kind that a client may send (RFC 6455, 7.4, and the IANA registry)."""

_TOGETHER, _STAGGERED, _IN_TURN = range(3)

Say = Callable[[], Payload]
"""Gives the next message."""

Turn = Callable[[int], Payload]
"""Gives the next message of a client, by its number."""


class Stage:
    """Who is there, who reads, and what has been done so far. `first` comes before the others; where clients are
    `restless`, more of them leave in the middle.
    """

    def __init__(
        self,
        dice: Dice,
        clients: int,
        close_codes: tuple[int, ...],
        waits: tuple[float, ...],
        first: int = 0,
        restless: bool = False,
    ) -> None:
        self._dice = dice
        self._clients = clients
        self._close_codes = close_codes
        self._waits = waits
        self._restless = restless
        self._arrived = 0
        # Who comes first; then the others, as they are numbered.
        self._order = (first, *(number for number in range(clients) if number != first))
        self._present: list[int] = []
        self._paused: list[int] = []
        self.steps: list[Step] = []

    def perform(self, messages: int, turn: Turn) -> tuple[Step, ...]:
        """Write the steps of a scenario with at most `messages` messages; all clients arrive."""
        dice = self._dice
        order = dice.below(3) if self._clients > 1 else _TOGETHER
        for _ in range(self._clients if order == _TOGETHER else 1):
            self._arrive()
        for _ in range(messages):
            if self._expected and ((order == _STAGGERED and dice.odds(96)) or not self._present):
                self._arrive()
            self._incident()
            client = self._someone()
            self.steps.append(Send(client, *turn(client)))
            if order == _IN_TURN and self._expected and dice.odds(112):
                self._leave(self._present[0])
        while self._expected:
            self._arrive()
        self._finish()
        return tuple(self.steps)

    @property
    def _expected(self) -> bool:
        return self._arrived < self._clients

    def _arrive(self) -> None:
        client = self._order[self._arrived]
        self.steps.append(Connect(client))
        self._present.append(client)
        self._arrived += 1

    def _someone(self) -> int:
        present = self._present
        return present[0] if len(present) == 1 else self._dice.pick(present)

    def _incident(self) -> None:
        """Before a message: mostly nothing; else a wait, a pause, or someone leaves while others stay."""
        dice = self._dice
        if self._paused and dice.one_in(4):
            client = dice.pick(self._paused)
            self._paused.remove(client)
            self.steps.append(Resume(client))
        shape = dice.byte()
        if shape < (208 if self._waits else 224):
            return
        if shape < (232 if self._restless else 240):
            self.steps.append(Wait(seconds(dice, self._waits)))
        elif shape < (236 if self._restless else 247):
            client = self._someone()
            if client not in self._paused:
                self._paused.append(client)
                self.steps.append(Pause(client))
        elif len(self._present) > 1:
            self._leave(self._someone())

    def _leave(self, client: int) -> None:
        self._present.remove(client)
        if client in self._paused:
            self._paused.remove(client)
        self.steps.append(Drop(client) if self._dice.one_in(3) else goodbye(self._dice, client, self._close_codes))

    def _finish(self) -> None:
        """Everyone who is left says goodbye, drops, or stays for the driver to close."""
        dice = self._dice
        if dice.one_in(6 if self._waits else 16):
            self.steps.append(Wait(seconds(dice, self._waits)))
        while self._present:
            client = self._someone()
            if dice.below(8) < 3:
                self._present.remove(client)
            else:
                self._leave(client)


def seconds(dice: Dice, waits: tuple[float, ...]) -> float:
    """How long a silence lasts: half of the time as long as the handler waits for something, where that is known."""
    if waits and dice.one_in(2):
        # Just as long, or so long that it is over.
        return dice.pick(waits) + dice.pick((0.0, 1.0))
    return dice.pick(edges.WAITS)


def goodbye(dice: Dice, client: int, close_codes: tuple[int, ...]) -> Close:
    """A close frame: half of the time with a configured code, else with any code that a client may send."""
    code = dice.pick(close_codes) if close_codes and not dice.one_in(2) else dice.pick(CLOSE_CODES)
    # A frame without a code has no room for a reason (RFC 6455, 5.5.1).
    reason = dice.pick(REASONS) if code is not None and dice.one_in(4) else ""
    return Close(client, code, reason)
