"""One finding as people read it: what happened, the exchange, the place in the source, how it was found, and how to
replay it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from wsreplay.config import Settings
from wsreplay.events import FindingFound
from wsreplay.model import Finding, Transcript
from wsreplay.report.command import replay_command
from wsreplay.report.exchange import exceptions, exchange, letter
from wsreplay.report.rescue import unsaved
from wsreplay.report.source import source
from wsreplay.report.text import LONGEST_SENTENCE, Line, Style, counted, path_text, place, sentence, type_name, visible

_CLIENT = re.compile(r"\bclient (\d{1,4})\b")


def headline(finding: Finding, transcript: Transcript | None = None) -> str:
    """A finding on one line: its check, its route, and what it is. The transcript, here and below, tells the module of
    an exception whose bare name says nothing.
    """
    return f"{visible(finding.check)} on {visible(finding.route)}: {what(finding, transcript)}"


def what(finding: Finding, transcript: Transcript | None = None) -> str:
    """The exception, or the sentence that tells what happened."""
    if finding.exception is None:
        return detail(finding)
    message = sentence(finding.message)
    name = _exception(finding.exception, finding, transcript)
    return f"{name}: {message}" if message else name


def detail(finding: Finding, transcript: Transcript | None = None) -> str:
    """The sentence that tells what happened, with the clients named as in the exchange, and the exception's name as its
    class has it, even where the sentence begins with it.
    """
    text = finding.detail
    bare = finding.exception or ""
    if 0 < len(bare) <= LONGEST_SENTENCE:
        begin = bare[:1].upper() + bare[1:]
        name = _exception(bare, finding, transcript)
        text = f"{name}{text[len(begin) :]}" if text.startswith(f"{begin} ") else text
        later = re.compile(rf"\b(died of|because of|and) {re.escape(bare)}\b")
        text = later.sub(lambda found: f"{found[1]} {name}", text)
    return _CLIENT.sub(lambda found: f"client {letter(int(found[1]))}", sentence(text))


def _exception(bare: str, finding: Finding, transcript: Transcript | None) -> str:
    modules = (raised.module for raised in exceptions(transcript, bare, finding.message)) if transcript else iter(())
    return type_name(bare, next(modules, ""))


def one_liner(event: FindingFound) -> Line:
    """A finding for a terse report."""
    where = f" at {place(event.finding.location)}" if event.finding.location else ""
    entry = f"  {path_text(event.path)}" if event.path else ""
    return Line(
        f"{event.finding.severity}: {headline(event.finding, event.entry.transcript)}{where}{entry}",
        event.finding.severity,
    )


def described(event: FindingFound, settings: Settings) -> Iterator[Line]:
    """A finding as a block of lines."""
    yield from body(event.finding, event.entry.transcript)
    yield Line()
    for line in exchange(event.entry.scenario, event.entry.transcript):
        yield Line(f"    {line.text}", line.style)
    yield Line()
    yield from source(event.finding.location, settings)
    yield Line(f"  {_how(event)}")
    if event.path is None and event.unsaved:
        yield from unsaved(event.unsaved, event.entry, settings.corpus)
    elif event.path is not None:
        yield Line(f"  Saved as {path_text(event.path)}")
        yield Line(f"  Replay:  {replay_command(event.path, settings)}", "strong")


def body(finding: Finding, transcript: Transcript | None = None) -> Iterator[Line]:
    """What was found, without the exchange: headline, sentence, and what the client sees."""
    style: Style = finding.severity
    yield Line(f"{finding.severity.upper()} {headline(finding, transcript)}", style)
    if finding.exception is not None and finding.detail:
        yield Line(f"  {detail(finding, transcript)}")
    if finding.close_code is not None:
        yield Line(f"  The client sees close code {finding.close_code}.")


def _how(event: FindingFound) -> str:
    """How it was found and made small."""
    text = f"Found after {counted(event.found_after, 'sequence')}"
    now = event.entry.scenario.messages
    if now < event.original:
        text += f", shrunk from {counted(event.original, 'message')} to {now}"
    elif now:
        text += f", with {counted(now, 'message')}"
    else:
        text += ", without a message"
    clients = len(event.entry.scenario.clients)
    text += f"; it takes {clients} clients." if clients > 1 else "."
    earlier = event.entry.provenance.earlier
    if earlier:
        text += f" It depends on what {counted(earlier, 'earlier client')} left behind."
    if not event.confirmed:
        text += " Seen once: a fresh process did not show it again."
    return text
