"""One scenario against one app gives one transcript, on an event loop with a virtual clock and a simulated network.

This package is the only place that knows asyncio.
"""

from __future__ import annotations

from wsreplay.simulation.driver import Simulation
from wsreplay.simulation.resets import reset
from wsreplay.simulation.watchdog import POKE

__all__ = ["POKE", "Simulation", "reset"]
