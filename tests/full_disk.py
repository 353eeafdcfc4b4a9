"""A disk that is full: a real one of our own where we may mount, and a system that says so for everybody else."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FULL = """
import errno, os

replace = os.replace

def full(source, target, **more):
    if str(target).endswith((".msgpack", ".json", ".xml", ".html")):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    replace(source, target, **more)

os.replace = full
"""


def full_disk(directory: Path) -> dict[str, str]:
    """What to have in its environment for a process to which all disks are full."""
    (directory / "full").mkdir(exist_ok=True)
    (directory / "full" / "sitecustomize.py").write_text(FULL)
    return {"PYTHONPATH": str(directory / "full")}


@contextmanager
def small_disk(directory: Path, size: str) -> Iterator[bool]:
    """Mount a file system of that size at the directory; False where this is not allowed."""
    directory.mkdir(exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(directory)]
    try:
        mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        mounted = False
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", str(directory)], check=True)
