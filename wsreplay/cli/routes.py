"""`wsreplay routes`: what there is to test."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import typer

from wsreplay.cli.engine import needs_target, settings_of
from wsreplay.cli.flags import TARGET, flagged
from wsreplay.cli.output import write
from wsreplay.model import Route
from wsreplay.report.text import Line, counted, visible


@flagged(*TARGET, "include", "exclude", "dictionary", "verbose")
def routes(
    target: Annotated[
        str | None,
        typer.Argument(
            metavar="TARGET", help="The app as module:attribute; without it [tool.wsreplay] app.", show_default=False
        ),
    ] = None,
    **flags: object,
) -> None:
    """List the WebSocket routes of TARGET; with -v also what is known of what their handlers expect."""
    settings = settings_of(flags, target=target)
    needs_target(settings)
    from wsreplay.workers import Launcher

    with Launcher(settings) as launcher:
        found = launcher.routes
        known = launcher.worker().result(knowledge_in_worker) if settings.verbose else {}
        closed = launcher.worker().result(opaque_in_worker) if not settings.paths else ()
    write([*_lines(found, known), *(Line(_closed(place), "warning") for place in closed)])


def knowledge_in_worker(bench: Any) -> dict[str, tuple[str, ...]]:
    """What generation knows of each route's handler, in sentences. Runs where the target is imported."""
    from wsreplay.generation import knowledge, with_words

    known = {endpoint.route.path: knowledge(endpoint) for endpoint in bench.endpoints}
    told: dict[str, tuple[str, ...]] = {}
    for path, own in known.items():
        shared = [other for other, its in known.items() if other != path and own.reached.shares(its.reached)]
        sharing = (f"shares state with {', '.join(shared)}",) if shared else ()
        told[path] = (*with_words(own, bench.settings.for_route(path).dictionary).describe(), *sharing)
    return told


def opaque_in_worker(bench: Any) -> tuple[str, ...]:
    """The mounts that could not be looked into. Runs where the target is imported."""
    from wsreplay.discovery import opaque

    return opaque(bench.loaded.make())


def _closed(place: str) -> str:
    return f"not looked into: {visible(place)}, which has no route table: test a path of it with --path"


def _lines(found: tuple[Route, ...], known: Mapping[str, tuple[str, ...]]) -> Iterator[Line]:
    paths = [visible(f"{route.path}?{route.query}" if route.query else route.path) for route in found]
    width = max(len(path) for path in paths)
    for route, path in zip(found, paths, strict=True):
        yield Line(f"{path:{width}}  {route.framework:10}  {visible(route.handler)}".rstrip())
        for parameter in route.parameters:
            if known or parameter.converter != "str":
                pattern = f" {visible(parameter.pattern)}" if parameter.pattern else ""
                yield Line(f"    {visible(parameter.name)}: {visible(parameter.converter)}{pattern}", "dim")
        for sentence in known.get(route.path, ()):
            yield Line(f"    {visible(sentence)}", "dim")
    yield Line(counted(len(found), "route"), "dim")
