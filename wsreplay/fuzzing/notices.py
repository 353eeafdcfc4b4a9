"""What the search of a route says of itself: why it could not start, went on with less, or ended early."""

from __future__ import annotations

from wsreplay.errors import WorkerError
from wsreplay.events import Notice
from wsreplay.model import Route
from wsreplay.workers import WorkerLost


def cannot_start(lost: WorkerLost) -> WorkerError:
    """The target ends each process that starts it."""
    return WorkerError(
        f"starting the target ended the process: it {lost.how}",
        "Its lifespan startup does that, or a factory: start it with its server to see the same.",
    )


def killed(route: Route) -> Notice:
    """Somebody else has ended a worker: nothing is known against the scenario that ran."""
    return Notice(
        f"a worker was killed by signal 9 (SIGKILL) while it searched {route.path}; the scenario that ran does not do "
        "that by itself",
        "If nobody has killed it, the system has: see whether the machine is out of memory.",
    )


def out_of_time(route: Route) -> Notice:
    """A scenario went on after the end of the time that the search was given."""
    what = f"{route.path}: the time was up in the middle of a sequence, and its process was ended"
    return Notice(what, "Give more with --max-time.")


def given_up(route: Route, processes: int) -> Notice:
    """The target has ended as many `processes` as one route may use up."""
    return Notice(
        f"the search of {route.path} was given up, as {processes} of its processes had ended",
        "Mend what was found so far, and search again.",
    )
