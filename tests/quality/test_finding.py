"""Planted faults are found, soon, and shrunk to what a person would have written; correct apps come out clean.

Searches run in a process of their own, out of sight of what measures this suite: a tracer that is there takes the place
of the search's own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
FAULTY = sorted(path.stem for path in (HERE / "faulty").glob("*.py"))
CORRECT = sorted(path.stem for path in (HERE / "correct").glob("*.py"))
SMALLEST = json.loads((HERE / "smallest.json").read_text())
SEQUENCES = 1500
AT_ONCE = 10


def measured(names: list[str], *options: str) -> dict[str, list[Any]]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    ran = subprocess.run(
        [sys.executable, str(HERE / "measuring.py"), "--json", *options, *names],
        capture_output=True,
        text=True,
        env={**environment, "PYTHONHASHSEED": "0"},
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    told: dict[str, list[Any]] = json.loads(ran.stdout)
    return told


def groups(names: list[str]) -> list[list[str]]:
    return [names[start : start + AT_ONCE] for start in range(0, len(names), AT_ONCE)]


def wrong(name: str, told: Any) -> str:
    """What is wrong with what was found; nothing if it is as it should be: one of those that are equally small."""
    if told is None:
        return f"{name}: not found within {SEQUENCES} sequences"
    _, scenario, messages, clients = told
    known = SMALLEST[name]
    wanted = known.get("is", scenario)
    if scenario not in ([wanted] if isinstance(wanted, str) else wanted):
        return f"{name}: {scenario}, not {wanted}"
    if messages > known["messages"] or clients > known["clients"]:
        return f"{name}: {messages} messages and {clients} clients: {scenario}"
    return ""


def test_of_every_fault_the_smallest_scenario_is_known():
    assert sorted(SMALLEST) == FAULTY
    assert len(FAULTY) >= 70
    assert sum("is" in one for one in SMALLEST.values()) >= 70
    assert len(CORRECT) >= 20


@pytest.mark.parametrize("names", groups(FAULTY[::3]), ids=lambda names: f"{names[0]}..{names[-1]}")
def test_faults_are_found_and_shrunk(names):
    found = measured(names, "-n", str(SEQUENCES), "-s", "1")
    assert [problem for name in names if (problem := wrong(name, found[name][0]))] == []


@pytest.mark.parametrize("names", groups(CORRECT), ids=lambda names: f"{names[0]}..{names[-1]}")
def test_correct_apps_come_out_clean(names):
    assert measured(names, "-c", "-n", "300", "-s", "1") == {name: [] for name in names}


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 3])
@pytest.mark.parametrize("name", FAULTY)
def test_faults_are_found_with_any_seed(name, seed):
    found = measured([name], "-n", str(SEQUENCES), "-s", str(seed))
    assert [problem for told in found[name] if (problem := wrong(name, told))] == []


@pytest.mark.slow
@pytest.mark.parametrize("name", CORRECT)
def test_correct_apps_stay_clean_for_long(name):
    assert measured([name], "-c", "-n", "10000", "-s", "1") == {name: []}
