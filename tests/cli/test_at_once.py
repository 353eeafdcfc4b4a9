"""Commands that work on one corpus at the same time."""

from __future__ import annotations

import subprocess
import sys

import pytest

from wsreplay.cli import corpus as commands
from wsreplay.corpus import Sketch, Store
from wsreplay.model import Entry


def start(project, *words):
    return subprocess.Popen(
        [sys.executable, "-m", "wsreplay", *words],
        cwd=project.directory,
        env=project.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def at_once(project, number):
    """Search with two seeds and look after the corpus meanwhile; return how often that was done."""
    runs = [start(project, "fuzz", "shop:app", "-n", str(number), "--seed", str(seed), "-q") for seed in (1, 2)]
    tidied = 0
    while any(run.poll() is None for run in runs):
        for words in (("min",), ("prune", "--target", "shop:app")):
            if (project.directory / "corpus").exists():
                ran = project.run("corpus", *words)
                assert ran.code == 0, ran.err
                tidied += 1
    outputs = [run.communicate() for run in runs]
    for run, (out, err) in zip(runs, outputs, strict=True):
        assert "Traceback" not in err
        assert run.returncode == 1, out + err
    return tidied


def whole(project):
    entries = [entry for _, entry in Store(project.directory / "corpus").entries()]
    return all(isinstance(entry, Entry) for entry in entries) and not list(project.directory.rglob("*.tmp"))


@pytest.mark.slow
def test_two_searches_and_those_who_tidy_up_lose_no_bug(project):
    at_once(project, 40)
    assert whole(project)
    ran = project.run("replay", "--target", "shop:app")
    assert "handler_crash on /orders: KeyError" in ran.out
    assert "error" not in ran.out


@pytest.mark.slow
def test_two_long_searches_and_those_who_tidy_up_lose_no_bug(project):
    assert at_once(project, 10_000) > 5
    assert whole(project)
    assert "handler_crash on /orders: KeyError" in project.run("replay", "--target", "shop:app").out


def test_an_entry_that_a_run_has_added_to_meanwhile_is_not_deleted(kept, capsys):
    store = Store(kept.directory / "corpus")
    loaded = [(path, entry) for path, entry in store.entries() if isinstance(entry, Entry)]
    path, entry = loaded[0]
    store.set_state(path, entry.state.__class__("fixed"))
    commands._delete([Sketch.of(*one) for one in loaded[:2]], dry_run=False, unread=[])
    out = capsys.readouterr().out
    assert f"{path.name}: somebody has changed it meanwhile" in out
    assert out.endswith("1 entry deleted\n")
    assert [one for one, _ in loaded if not one.exists()] == [loaded[1][0]]
