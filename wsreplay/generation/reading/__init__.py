"""Reads the source of a handler, and of the app's functions that it reaches, for what it expects of its clients.

Nothing of the app is run. A handler without source, or one that cannot be understood, gives empty knowledge; a wrong
guess costs some scenarios, never a finding.
"""

from wsreplay.generation.reading.reader import knowledge

__all__ = ["knowledge"]
