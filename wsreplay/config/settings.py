"""Everything that flags, environment and configuration file can say, as one frozen value that goes to every worker."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Literal, TypeAlias

from wsreplay.identity import Identity
from wsreplay.model import Match
from wsreplay.redaction import Pairs, pairs_of

_TELLING = re.compile(r"(?i)auth|cookie|token|key|secret|session|password")
"""Names of headers that tell who a client is."""

Clock: TypeAlias = Literal["auto", "virtual", "real"]


@dataclass(frozen=True, slots=True)
class RouteBlock:
    """What holds for the routes whose path matches the glob `path`: new values of fields of Settings, by name."""

    path: str
    changes: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Settings:
    """How to run. Times are in seconds, sizes in bytes; paths that `read` gives are absolute.

    `headers` are sent by every client, `identity` says who it is; their values are placeholders, which `secrets` maps
    to what they stand for: no credential is in the repr. `credential_flags` are the flags to type for the same
    credentials, without their values where these did not come from the environment. `websockets` is False where
    pytest-routes was told not to test them. `blocks` change the settings of single routes: ask `for_route`.
    """

    target: str = ""
    factory: bool = False
    app_dir: Path = Path()
    paths: tuple[str, ...] = ()
    hooks: tuple[str, ...] = ()
    corpus: Path = Path("corpus")
    seed: int | None = None
    max_examples: int | None = None
    max_time: float | None = None
    max_messages: int | None = None
    max_clients: int = 3
    max_message_size: int = 65536
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    workers: int = 1
    checks: tuple[str, ...] = ()
    exclude_checks: tuple[str, ...] = ()
    message_timeout: float = 10.0
    connection_timeout: float = 30.0
    block_limit: float = 0.5
    slow_limit: float | None = None
    scenario_limit: float = 300.0
    clock: Clock = "auto"
    close_codes: tuple[int, ...] = (1000, 1001)
    error_codes: tuple[int, ...] = (1011, 4500)
    validate_subprotocols: bool = True
    graphql_schema: Path | None = None
    samples: Path | None = None
    dictionary: Path | None = None
    headers: tuple[tuple[str, str], ...] = ()
    identity: Identity = Identity()  # noqa: RUF009 - a frozen value
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    credential_flags: tuple[tuple[str, str], ...] = ()
    match: Match = "close"
    masks: tuple[str, ...] = ()
    update: bool = False
    report_json: Path | None = None
    report_junit: Path | None = None
    report_html: Path | None = None
    quiet: bool = False
    verbose: int = 0
    websockets: bool = True
    blocks: tuple[RouteBlock, ...] = ()

    @property
    def credentials(self) -> tuple[str, ...]:
        """The placeholders of what shows who a client is: the identity's, or those of headers that are known to."""
        return self.identity.placeholders or tuple(value for name, value in self.headers if _TELLING.search(name))

    @property
    def hidden(self) -> Pairs:
        """Every credential, whichever route it is for: what reports and entries must not hold."""
        blocks = (pairs_of(block.changes.get("secrets", {})) for block in self.blocks)
        return tuple(dict.fromkeys((*pairs_of(self.secrets), *(pair for block in blocks for pair in block))))

    def for_route(self, path: str) -> Settings:
        """The settings for the route called `path`: those of every matching block, a later one winning."""
        changes: dict[str, Any] = {}
        for block in self.blocks:
            if block.path == path or fnmatchcase(path, block.path):
                changes.update(block.changes)
        return replace(self, **changes) if changes else self
