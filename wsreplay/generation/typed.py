"""Messages that are values of a model which a handler names: pydantic, msgspec, dataclass, TypedDict."""

from __future__ import annotations

import dataclasses
import json
import sys
from typing import Any

from hypothesis import strategies as st
from hypothesis.errors import UnsatisfiedAssumption
from hypothesis.strategies import SearchStrategy

from wsreplay.generation.dice import Dice
from wsreplay.generation.handshakes import Draw


class Models:
    """Draws values of models by `st.from_type`, with the constraints that it knows."""

    def __init__(self, models: tuple[type, ...]) -> None:
        self._strategies = tuple(strategy for model in models if (strategy := _strategy(model)) is not None)

    def __bool__(self) -> bool:
        return bool(self._strategies)

    def text(self, dice: Dice, draw: Draw) -> str | None:
        """A value of one of the models as JSON text; None where none can be made after all."""
        try:
            return _encoded(draw(dice.pick(self._strategies)))
        except UnsatisfiedAssumption:
            raise
        except Exception:  # noqa: BLE001 - a model's own validators and encoders can raise anything
            return None


def _strategy(model: type) -> SearchStrategy[Any] | None:
    try:
        strategy: SearchStrategy[Any] = st.from_type(model)
        strategy.validate()
    except Exception:  # noqa: BLE001 - a type that Hypothesis cannot build is known by its fields all the same
        return None
    return strategy


def _encoded(value: object) -> str:
    dump = getattr(value, "model_dump_json", None)
    if dump is not None:
        return str(dump())
    if hasattr(value, "__struct_fields__"):
        encoded: bytes = sys.modules["msgspec"].json.encode(value)
        return encoded.decode()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        value = dataclasses.asdict(value)
    return json.dumps(value, default=str)
