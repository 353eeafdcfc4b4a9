"""Hypothesis strategies for scenarios: random ones, ones informed by a handler's source, and mutations of known ones.

What lives here knows scenarios and routes, never how one is run or judged.
"""

from wsreplay.generation.dice import Dice
from wsreplay.generation.dictionary import with_words
from wsreplay.generation.knowledge import Knowledge
from wsreplay.generation.openings import openings
from wsreplay.generation.options import Options
from wsreplay.generation.reading import knowledge
from wsreplay.generation.registry import register_message_strategy, register_scenario_strategy
from wsreplay.generation.strategy import Author, scenarios, shrinkable_scenarios
from wsreplay.generation.well import Well

__all__ = [
    "Author",
    "Dice",
    "Knowledge",
    "Options",
    "Well",
    "knowledge",
    "openings",
    "register_message_strategy",
    "register_scenario_strategy",
    "scenarios",
    "shrinkable_scenarios",
    "with_words",
]
