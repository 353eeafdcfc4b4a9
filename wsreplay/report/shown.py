"""An entry as `wsreplay show` prints it: all of it, and the same on every machine, so that git can show differences."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from wsreplay.corpus import scenario_id
from wsreplay.model import Entry
from wsreplay.report.exchange import exchange
from wsreplay.report.finding import body
from wsreplay.report.source import source
from wsreplay.report.text import Line, counted, sentence, visible


def shown(path: Path, entry: Entry) -> Iterator[Line]:
    """The lines of an entry. `path` tells its name only where that is not what its content says."""
    name = scenario_id(entry.scenario)
    also = f" (in a file called {visible(path.name)})" if not path.name.endswith(f"{name}.msgpack") else ""
    yield Line(f"entry {name}{also}", "title")
    yield Line(f"route {visible(entry.scenario.route)}")
    yield Line(f"verdict {entry.verdict}", "failure" if entry.verdict == "fail" else "good")
    if entry.state.name != "open":
        until = f" until {visible(entry.state.until)}" if entry.state.until else ""
        reason = f": {sentence(entry.state.reason)}" if entry.state.reason else ""
        yield Line(f"state {entry.state.name}{until}{reason}")
    yield Line(_provenance(entry), "dim")
    if entry.scenario.profile.sends != "immediate":
        yield Line("network: the app's sends suspend, as under backpressure", "dim")
    yield Line()
    for line in exchange(entry.scenario, entry.transcript, whole=True):
        yield Line(f"  {line.text}", line.style)
    for finding in entry.findings:
        yield Line()
        yield from body(finding, entry.transcript)
        yield from source(finding.location, None)


def _provenance(entry: Entry) -> str:
    provenance = entry.provenance
    parts = [f"source {provenance.source}"]
    if provenance.seed is not None:
        parts.append(f"seed {provenance.seed}")
    if provenance.sequences:
        parts.append(f"after {counted(provenance.sequences, 'sequence')}")
    if provenance.earlier:
        parts.append(f"with {counted(provenance.earlier, 'earlier client')} that it depends on")
    tools = (("wsreplay", provenance.wsreplay), ("Python", provenance.python), ("Hypothesis", provenance.hypothesis))
    parts += [f"{tool} {visible(number)}" for tool, number in tools if number]
    return ", ".join(parts)
