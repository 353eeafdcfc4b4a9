"""A process that does not outlive the one that started it."""

from __future__ import annotations

import signal
import subprocess
import sys

CHILD = "from wsreplay.workers.lifeline import end_with_parent; end_with_parent({parent}); print('alive')"


def outcome(parent: str) -> tuple[int, str]:
    ran = subprocess.run(
        [sys.executable, "-c", CHILD.format(parent=parent)], capture_output=True, text=True, check=False, timeout=60
    )
    return ran.returncode, ran.stdout.strip()


def test_a_process_whose_parent_has_ended_before_it_could_say_so_ends_too() -> None:
    assert outcome("1 << 22") == (-signal.SIGKILL, "")


def test_a_process_whose_parent_is_there_goes_on() -> None:
    assert outcome("__import__('os').getppid()") == (0, "alive")
    assert outcome("") == (0, "alive")
