"""The fuzzing loop: replay first, then route by route generate, run, judge, shrink, confirm, save.

`campaign` runs in a worker, everything else in the parent.
"""

from __future__ import annotations

from wsreplay.fuzzing.run import Search, fuzz, fuzz_route

__all__ = ["Search", "fuzz", "fuzz_route"]
