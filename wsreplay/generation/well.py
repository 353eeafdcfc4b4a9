"""Values of Hypothesis strategies, drawn in advance, a bucket at a time.

A search decides by dice (`dice`), which costs a tenth of what an example of Hypothesis's costs, and does not change
with its releases. Strategies that users register, models and patterns are Hypothesis's: what they give is fetched here.
It depends on the seed and on how many values were drawn before, and on nothing else.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis.strategies import SearchStrategy

BUCKET = 50
"""Values that are drawn at once."""


@dataclass(slots=True)
class _Bucket:
    strategy: SearchStrategy[Any]
    number: int
    values: deque[Any] = field(default_factory=deque)
    fillings: int = 0
    endless: bool = True
    error: Exception | None = None


class Well:
    """Draws values; one well serves one search. Its `draw` can stand where Hypothesis's own is expected."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._buckets: dict[int, _Bucket] = {}

    def draw(self, strategy: SearchStrategy[Any]) -> Any:
        """The next value of `strategy`. Raises what the strategy raises, and Unsatisfiable where it gives nothing."""
        bucket = self._buckets.get(id(strategy))
        if bucket is None:
            # The bucket holds the strategy, so that its id is not given to another.
            bucket = self._buckets[id(strategy)] = _Bucket(strategy, len(self._buckets))
        if not bucket.values:
            self._refill(bucket)
        value = bucket.values.popleft()
        if not bucket.endless:
            bucket.values.append(value)
        return value

    def _refill(self, bucket: _Bucket) -> None:
        """Fill an empty bucket. One that stays empty is not tried again: every try costs a run of Hypothesis's."""
        if bucket.error is not None:
            raise bucket.error
        try:
            self._fill(bucket)
        except Exception as error:
            if not bucket.values:
                bucket.error = error
            raise
        finally:
            bucket.fillings += 1
        # Hypothesis ends early where it has seen all there is.
        bucket.endless = len(bucket.values) >= BUCKET

    def _fill(self, bucket: _Bucket) -> None:
        # Every setting is stated: the defaults differ on CI machines.
        @seed(self._number + (bucket.number << 64) + (bucket.fillings << 96))
        @settings(
            max_examples=BUCKET,
            database=None,
            deadline=None,
            derandomize=False,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
            verbosity=Verbosity.quiet,
            print_blob=False,
            report_multiple_bugs=False,
        )
        @given(bucket.strategy)
        def test(value: Any) -> None:
            bucket.values.append(value)

        test()
