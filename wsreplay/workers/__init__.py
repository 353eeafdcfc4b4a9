"""Processes that have the target imported and run what the engine gives them.

The parent never imports the target: a handler that kills its process costs one worker, and the scenario that did it is
on record. `Launcher` is the parent's side, `Bench` what a function finds in the worker.
"""

from __future__ import annotations

from wsreplay.workers.bench import Bench, Function
from wsreplay.workers.inheriting import Inheritance
from wsreplay.workers.launcher import Launcher, Stopped, Worker, WorkerLost

__all__ = ["Bench", "Function", "Inheritance", "Launcher", "Stopped", "Worker", "WorkerLost"]
