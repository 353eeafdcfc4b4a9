"""Hypothesis strategies for scenarios: random ones, ones informed by a handler's source, and mutations of known ones.

What lives here knows scenarios and routes, never how one is run or judged.
"""

from wsreplay.generation.dice import Dice
from wsreplay.generation.knowledge import Knowledge
from wsreplay.generation.options import Options
from wsreplay.generation.reading import knowledge
from wsreplay.generation.registry import register_message_strategy
from wsreplay.generation.strategy import Author, scenarios
from wsreplay.generation.well import Well

__all__ = ["Author", "Dice", "Knowledge", "Options", "Well", "knowledge", "register_message_strategy", "scenarios"]
