"""What the settings ask of generation."""

from __future__ import annotations

from wsreplay.config import Settings
from wsreplay.generation.options import Options

MAX_MESSAGES, LONGEST = 10, 40
"""Messages of a sequence where nobody has said how many: of any, and of one that repeats a message."""


def drawing_options(settings: Settings) -> Options:
    """The options of generation that the settings ask for."""
    return Options(
        max_messages=settings.max_messages or MAX_MESSAGES,
        longest=settings.max_messages or LONGEST,
        max_clients=settings.max_clients,
        max_message_size=settings.max_message_size,
        close_codes=tuple(settings.close_codes),
        headers=tuple(settings.headers),
        graphql_schema=settings.graphql_schema,
        samples=settings.samples,
        dictionary=settings.dictionary,
    )
