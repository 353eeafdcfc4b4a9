"""The fuzzing loop: replay first, then route by route generate, run, judge, shrink, confirm, save.

`campaign` runs in a worker, everything else in the parent.
"""

from __future__ import annotations

from wsreplay.fuzzing.run import FUNCTIONS, Search, fuzz, fuzz_route

__all__ = ["FUNCTIONS", "Search", "fuzz", "fuzz_route"]
