"""What the settings ask of generation."""

from __future__ import annotations

from wsreplay.config import Settings
from wsreplay.generation.options import Options


def drawing_options(settings: Settings) -> Options:
    """The options of generation that the settings ask for."""
    return Options(
        max_messages=settings.max_messages,
        max_clients=settings.max_clients,
        max_message_size=settings.max_message_size,
        close_codes=tuple(settings.close_codes),
        headers=tuple(settings.headers),
        graphql_schema=settings.graphql_schema,
        samples=settings.samples,
        dictionary=settings.dictionary,
    )
