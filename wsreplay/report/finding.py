"""One finding as people read it: what happened, the exchange, the place in the source, how it was found, what to type.

Reads the application's source to show a line of it, and nothing else.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

from wsreplay.config import Settings
from wsreplay.events import FindingFound
from wsreplay.model import Finding, Frame
from wsreplay.report.exchange import exchange, letter
from wsreplay.report.text import Line, Style, counted, place, sentence, shell, shown_path, visible

_CLIENT = re.compile(r"\bclient (\d{1,4})\b")

_LARGEST_SOURCE = 4_000_000


def headline(finding: Finding) -> str:
    """A finding on one line: its check, its route, and what it is."""
    return f"{visible(finding.check)} on {visible(finding.route)}: {what(finding)}"


def what(finding: Finding) -> str:
    """The exception, or the sentence that tells what happened."""
    if finding.exception is None:
        return detail(finding)
    message = sentence(finding.message)
    return f"{visible(finding.exception)}: {message}" if message else visible(finding.exception)


def detail(finding: Finding) -> str:
    """The sentence that tells what happened, with the clients named as in the exchange."""
    return _CLIENT.sub(lambda found: f"client {letter(int(found[1]))}", sentence(finding.detail))


def one_liner(event: FindingFound) -> Line:
    """A finding for a terse report."""
    where = f" at {place(event.finding.location)}" if event.finding.location else ""
    entry = f"  {shown_path(event.path)}" if event.path else ""
    return Line(f"{event.finding.severity}: {headline(event.finding)}{where}{entry}", event.finding.severity)


def described(event: FindingFound, settings: Settings) -> Iterator[Line]:
    """A finding as a block of lines."""
    yield from body(event.finding)
    yield Line()
    for line in exchange(event.entry.scenario, event.entry.transcript):
        yield Line(f"    {line.text}", line.style)
    yield Line()
    yield from source(event.finding.location, settings.app_dir)
    yield Line(f"  {_how(event)}")
    if event.path is None:
        yield Line(f"  Not saved: {sentence(event.unsaved)}", "failure")
    else:
        yield Line(f"  Saved as {shown_path(event.path)}")
        yield Line(f"  Replay:  {replay_command(event.path, settings)}", "strong")


def body(finding: Finding) -> Iterator[Line]:
    """What was found, without the exchange: headline, sentence, and what the client sees."""
    style: Style = finding.severity
    yield Line(f"{finding.severity.upper()} {headline(finding)}", style)
    if finding.exception is not None and finding.detail:
        yield Line(f"  {detail(finding)}")
    if finding.close_code is not None:
        yield Line(f"  The client sees close code {finding.close_code}.")


def source(frame: Frame | None, app_dir: Path | None) -> Iterator[Line]:
    """The innermost application frame with two lines of its source: of its file below `app_dir`, where that still has
    them, else with the one line that was recorded.
    """
    if frame is None:
        return
    yield Line(f"  {place(frame)}", "strong")
    lines = _source_lines(frame, app_dir) if app_dir is not None else []
    shown = lines[max(frame.line - 2, 0) : frame.line] or ([frame.source] if frame.source else [])
    for index, text in enumerate(textwrap.dedent("\n".join(line.expandtabs(4) for line in shown)).split("\n")):
        if shown:
            here = index == len(shown) - 1
            yield Line(f"    {frame.line - len(shown) + 1 + index:5} {'>' if here else ' '} {visible(text)}", "code")
    yield Line()


def _source_lines(frame: Frame, app_dir: Path) -> list[str]:
    """The lines of the frame's file, if it lies below `app_dir` and still has the recorded line where it was.

    An entry may come from a stranger: no other file is opened to be shown, whatever a frame is called.
    """
    root = app_dir.resolve()
    path = (root / frame.file).resolve() if "\0" not in frame.file else root
    if root not in path.parents or path.suffix != ".py":
        return []
    try:
        if path.stat().st_size > _LARGEST_SOURCE:
            return []
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    here = lines[frame.line - 1] if 0 < frame.line <= len(lines) else None
    return lines if frame.source and here is not None and here.strip() == frame.source.strip() else []


def _how(event: FindingFound) -> str:
    """How it was found and made small."""
    text = f"Found after {counted(event.found_after, 'sequence')}"
    now = event.entry.scenario.messages
    if now < event.original:
        text += f", shrunk from {counted(event.original, 'message')} to {now}"
    elif event.original:
        text += f", with {counted(now, 'message')}"
    else:
        text += ", without a message"
    clients = len(event.entry.scenario.clients)
    if clients > 1:
        text += f" and {clients} clients"
    text += "."
    earlier = event.entry.provenance.earlier
    if earlier:
        text += f" It depends on what {counted(earlier, 'earlier client')} left behind."
    if not event.confirmed:
        text += " Seen once: a fresh process did not show it again."
    return text


def replay_command(path: str, settings: Settings) -> str:
    """The command that replays an entry against the same target."""
    words = ["wsreplay", "replay", shown_path(path)]
    if settings.target:
        words += ["--target", settings.target]
    if settings.factory:
        words.append("--factory")
    if settings.app_dir.resolve() != Path.cwd():
        words += ["--app-dir", shown_path(settings.app_dir)]
    for one in settings.paths:
        words += ["--path", one]
    for flag, text in settings.credential_flags:
        words += [flag, text]
    return shell(words)
