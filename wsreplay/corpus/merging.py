"""Two entries of one scenario become one, so that nothing is lost whoever writes first. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from wsreplay.model import Entry, Finding, State


def merge(old: Entry, new: Entry) -> Entry:
    """What to keep of an entry that is there and of a new one for the same scenario.

    The old record stays: a second run of the same scenario changes nothing. What only the new one has is added: its
    findings by fingerprint (a failure before a warning), its features. When the old one passed and the new one fails,
    the new transcript and provenance take the place of the old. A state that people have set survives.

    Of two that the workers of one run have found, the one that took fewer sequences counts as the old one: which of
    them is saved first is chance, and what is saved must not be.
    """
    base = new if _comes_first(new, old) else old
    other = old if base is new else new
    features = base.transcript.features
    if not set(features).issuperset(other.transcript.features):
        features = tuple(sorted({*features, *other.transcript.features}))
    return replace(
        base,
        transcript=replace(base.transcript, features=features),
        findings=_union(base.findings, other.findings),
        state=decided(old.state, new.state),
    )


def _comes_first(new: Entry, old: Entry) -> bool:
    if new.verdict != old.verdict:
        return new.verdict == "fail"
    known, seen = new.provenance, old.provenance
    one_run = known.seed is not None and known.seed == seen.seed and known.source == seen.source == "fuzz"
    return one_run and (known.sequences, known.earlier) < (seen.sequences, seen.earlier)


def decided(old: State, new: State) -> State:
    """The state to keep: what people have decided before what nobody has, and what is there before what comes."""
    return new if old == State() else old


def _union(findings: Iterable[Finding], others: Iterable[Finding]) -> tuple[Finding, ...]:
    by_fingerprint: dict[str, Finding] = {}
    for finding in (*findings, *others):
        known = by_fingerprint.setdefault(finding.fingerprint, finding)
        if known.severity == "warning" and finding.severity == "failure":
            by_fingerprint[finding.fingerprint] = finding
    return tuple(by_fingerprint.values())
