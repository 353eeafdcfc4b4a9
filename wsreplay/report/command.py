"""The command that replays an entry: what to copy into a shell. Says of the settings only what it must."""

from __future__ import annotations

from pathlib import Path

from wsreplay.config import Settings
from wsreplay.report.text import shell, shown_path

_DEFAULT = Settings()


def replay_command(path: str, settings: Settings) -> str:
    """The command that replays the entry at `path` as it was run: against the same target, with the limits, checks and
    credentials that are not the defaults.
    """
    shown = shown_path(path)
    words = ["wsreplay", "replay", f"./{shown}" if shown.startswith("-") else shown]
    if settings.target:
        words += ["--target", settings.target]
    if settings.factory:
        words.append("--factory")
    if settings.app_dir.resolve() != Path.cwd():
        words += ["--app-dir", shown_path(settings.app_dir)]
    for one in settings.paths:
        words += ["--path", one]
    if settings.checks:
        words += ["--checks", ",".join(settings.checks)]
    if settings.message_timeout != _DEFAULT.message_timeout:
        words += ["--message-timeout", repr(settings.message_timeout).removesuffix(".0")]
    if settings.connection_timeout != _DEFAULT.connection_timeout:
        words += ["--connection-timeout", repr(settings.connection_timeout).removesuffix(".0")]
    for flag, text in settings.credential_flags:
        words += [flag, text]
    return shell(words)
