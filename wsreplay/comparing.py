"""How closely a replay matches the record: by its end (`close`), by the shape of its replies (`shape`), or `exact`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from wsreplay.masks import MASKED, NO_MASKS, Masks, parsed, suggested
from wsreplay.model import Accepted, Denied, Ended, Event, Match, Message, Transcript

MAX_DEPTH = 12
"""Levels of a reply's JSON that count for its shape."""


def difference(recorded: Transcript, replayed: Transcript, match: Match, masks: Masks = NO_MASKS) -> str:
    """Say where `replayed` first differs from `recorded` as far as `match` cares, and apart from what `masks` hide;
    empty when it does not.
    """
    view = _VIEWS[match]
    return _first(view(_hidden(recorded.events, masks)), view(_hidden(replayed.events, masks)))


def _hidden(events: Iterable[Event], masks: Masks) -> Iterable[Event]:
    if not masks:
        return events
    return [replace(event, data=masks.hide(event.data)) if type(event) is Message else event for event in events]


def masks_for(runs: Sequence[Transcript], match: Match, masks: Masks) -> tuple[str, ...]:
    """Masks, as a user writes them, under which several runs of one scenario do not differ; none if there are none."""
    said = [[masks.hide(event.data) for event in run.events if type(event) is Message] for run in runs]
    found = suggested(said)
    more = Masks.parse(found)
    wider = Masks((*masks.places, *more.places), (*masks.patterns, *more.patterns))
    return () if any(difference(runs[0], other, match, wider) for other in runs) else found


def first_difference(one: Transcript | None, other: Transcript | None, masks: Masks = NO_MASKS) -> str:
    """Say where two runs of one scenario first differ."""
    if one is None or other is None:
        return "one of them gave no transcript"
    for match in ("exact", "shape", "close"):
        found = difference(one, other, match, masks)
        if found:
            return found
    return "only their findings differ"


def _first(recorded: list[str], replayed: list[str]) -> str:
    for number, (before, now) in enumerate(zip(recorded, replayed, strict=False), 1):
        if before != now:
            return f"event {number}: recorded {before}, now {now}"
    if len(recorded) > len(replayed):
        return f"recorded {recorded[len(replayed)]}, now nothing more"
    if len(replayed) > len(recorded):
        return f"now {replayed[len(recorded)]}, recorded nothing more"
    return ""


def _close(events: Iterable[Event]) -> list[str]:
    """How each handler ended, by client: the order in which several end is not part of it."""
    ends = [event for event in events if type(event) is Ended]
    return [_ended(event) for event in sorted(ends, key=lambda event: event.client)]


def _ended(event: Ended) -> str:
    code = f" with {event.code}" if event.code is not None else ""
    raised = f" {event.raised.type}" if event.raised is not None and event.cause == "raised" else ""
    return f"client {event.client}: {event.cause}{raised}{code}"


def _shape(events: Iterable[Event]) -> list[str]:
    rows: list[tuple[int, str]] = []
    for event in events:
        if type(event) is Message and event.origin == "app":
            rows.append((event.client, f"client {event.client}: reply {_shape_of(event)}"))
        elif type(event) is Accepted:
            rows.append((event.client, f"client {event.client}: accepted {event.subprotocol or ''}".rstrip()))
        elif type(event) is Denied:
            rows.append((event.client, f"client {event.client}: denied with {event.status}"))
        elif type(event) is Ended:
            rows.append((event.client, _ended(event)))
    return [text for _, text in sorted(rows, key=lambda row: row[0])]


def _shape_of(message: Message) -> str:
    if message.kind == "bytes":
        return "bytes"
    value = parsed(str(message.data))
    return "text" if value is None and str(message.data).strip() != "null" else _skeleton(value, MAX_DEPTH)


def _skeleton(value: object, depth: int) -> str:
    if depth == 0 or value == MASKED:
        return "..."
    if isinstance(value, dict):
        inside = ",".join(f"{key}:{_skeleton(value[key], depth - 1)}" for key in sorted(value))
        return f"{{{inside}}}"
    if isinstance(value, list):
        return f"[{'|'.join(sorted({_skeleton(item, depth - 1) for item in value}))}]"
    if isinstance(value, bool) or value is None:
        return "bool" if isinstance(value, bool) else "null"
    return "number" if isinstance(value, int | float) else "str"


def _exact(events: Iterable[Event]) -> list[str]:
    return [_without_frames(event) for event in events]


def _without_frames(event: Event) -> str:
    # Line numbers move with every edit of the file; what a client can see does not.
    if type(event) is Ended:
        return f"{event.at:g}s {_ended(event)}"
    parts = [
        f"{name}={getattr(event, name)!r}"
        for name in type(event).__dataclass_fields__
        if name not in ("frames", "raised")
    ]
    return f"{type(event).__name__}({', '.join(parts)})"


_VIEWS = {"close": _close, "shape": _shape, "exact": _exact}
