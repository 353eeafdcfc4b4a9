"""An entry as Python source: a pytest test that replays it in the simulation, or a script that needs only the app.

The source contains the scenario's own values as literals and nothing else that an entry says, save in comments.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path

from wsreplay.config import Settings
from wsreplay.model import Client, Entry, Finding, Scenario, Send, Step
from wsreplay.report.exchange import exchange
from wsreplay.report.finding import headline
from wsreplay.report.text import visible

_TEMPLATES = Path(__file__).with_name("templates")


def as_test(entry: Entry, settings: Settings) -> str:
    """A pytest test: it fails as long as the checks find anything of severity failure, and guards from then on."""
    name = re.sub(r"\W+", "_", entry.scenario.route.lower(), flags=re.ASCII).strip("_") or "root"
    checks = [finding.check for finding in _failures(entry)]
    suffix = f"_{checks[0]}" if checks and checks[0].isidentifier() else ""
    return _filled("test.py.txt", entry, settings, name=f"test_{name}{suffix}")


def as_script(entry: Entry, settings: Settings) -> str:
    """A script that plays the clients' part against the app on a plain asyncio loop and prints what it sees."""
    return _filled("script.py.txt", entry, settings)


def _filled(template: str, entry: Entry, settings: Settings, **more: str) -> str:
    module, _, attribute = settings.target.partition(":")
    values = {
        "about": _comment(_about(entry)),
        "exchange": _comment(line.text for line in exchange(entry.scenario, entry.transcript)),
        "version": version("wsreplay"),
        "target": repr(settings.target),
        "module": repr(module),
        "attribute": repr(attribute or "app"),
        "factory": repr(settings.factory),
        "checks": repr(settings.checks),
        "exclude_checks": repr(settings.exclude_checks),
        "limits": f"message={settings.message_timeout!r}, connection={settings.connection_timeout!r}",
        "scenario": _scenario(entry.scenario),
        "clients": _listed((_client(client) for client in entry.scenario.clients), "    "),
        "steps": _listed((_plain_step(step) for step in entry.scenario.steps), "    "),
        "imports": ", ".join(_names(entry.scenario)),
        **more,
    }
    text = (_TEMPLATES / template).read_text(encoding="utf-8")
    return re.sub(r"@(\w+)@", lambda found: values[found[1]], text)


def _failures(entry: Entry) -> list[Finding]:
    return [finding for finding in entry.findings if finding.severity == "failure"]


def _about(entry: Entry) -> Iterable[str]:
    for finding in entry.findings:
        yield headline(finding, entry.transcript)
    if not entry.findings:
        yield f"A scenario of {visible(entry.scenario.route)} without a finding."


def _comment(lines: Iterable[str]) -> str:
    return "\n".join(f"# {line}".rstrip() for line in lines)


def _scenario(scenario: Scenario) -> str:
    """The scenario as an expression over the classes of `wsreplay.model`."""
    clients = _listed((repr(client) for client in scenario.clients), "        ")
    steps = _listed((repr(step) for step in scenario.steps), "        ")
    route = visible(repr(scenario.route))
    return (
        f"Scenario(\n    route={route},\n    clients=(\n{clients}    ),\n    steps=(\n{steps}    ),\n"
        f"    profile={scenario.profile!r},\n)"
    )


def _names(scenario: Scenario) -> list[str]:
    used = {"Client", "Limits", "Profile", "Scenario", "Target", *(type(step).__name__ for step in scenario.steps)}
    return sorted(used)


def _listed(items: Iterable[str], indent: str) -> str:
    # Between quotes an escape stands for what it replaces.
    return "".join(f"{indent}{visible(item)},\n" for item in items)


def _client(client: Client) -> str:
    return repr((client.path, client.query, client.headers, client.subprotocols))


def _plain_step(step: Step) -> str:
    """A step as a tuple of plain values: its name, then its fields."""
    if type(step) is Send:
        return repr(("send", step.client, step.data))
    fields = [getattr(step, name) for name in type(step).__slots__]
    return repr((type(step).__name__.lower(), *fields))
