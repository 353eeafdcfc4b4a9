"""The same search, whatever way Python is started: the same findings, and the same bytes in the corpus."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ORDERS = {"PYTHONHASHSEED": "1"}, {"PYTHONHASHSEED": "random"}
WAYS = [((), ORDERS[0]), (("-O",), ORDERS[1]), (("-W", "error"), {}), (("-X", "dev"), {}), (("-OO", "-B"), {})]


def corpus(directory: Path, flags: tuple[str, ...], environment: dict[str, str]) -> tuple[str, dict[str, bytes]]:
    """What is told on stdout of a search of the demo, apart from the time, and what it saves."""
    command = [sys.executable, *flags, "-m", "wsreplay", "fuzz", "wsreplay.demo:app", "--seed", "1", "-n", "40", "-q"]
    ran = subprocess.run(
        command, cwd=directory, env=os.environ | environment, capture_output=True, text=True, check=False, timeout=300
    )
    assert ran.returncode == 1, ran.stderr
    found = [line for line in ran.stdout.splitlines() if " s; corpus " not in line]
    files = (directory / "corpus").rglob("*.msgpack")
    return "\n".join(found), {str(file.relative_to(directory)): file.read_bytes() for file in files}


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, bytes]]:
    return corpus(tmp_path_factory.mktemp("plain"), (), {"PYTHONHASHSEED": "0"})


@pytest.mark.slow
@pytest.mark.parametrize(
    ("flags", "environment"),
    WAYS,
    ids=["hash-seed", "-O", "-W error", "-X dev", "-OO"],
)
def test_the_way_python_is_started_makes_no_difference(plain, tmp_path, flags, environment) -> None:
    found, saved = corpus(tmp_path, flags, environment)
    assert found == plain[0]
    assert "handler_crash" in found
    assert saved == plain[1]
    assert len(saved) > 5
