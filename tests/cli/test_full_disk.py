"""A disk that is full: every command goes on as far as it can, says what is lost, and loses nothing."""

from __future__ import annotations

import re
import subprocess

import pytest

from tests.full_disk import full_disk, small_disk
from wsreplay.corpus import Store
from wsreplay.model import Client, Connect, Entry, Scenario, Send, Transcript

FULL = "No space left on device. The disk is full: free some space."


@pytest.fixture
def full(kept):
    """A project with a corpus, and commands to which the disk is full."""
    environment = full_disk(kept.directory)
    kept.full = lambda *words: kept.run(*words, environment=environment)
    return kept


def save_by_hand(project, out):
    """Do what the output says is to be done; return how many entries that has saved."""
    commands = re.findall(r"^mkdir -p .*?^END$", out, re.MULTILINE | re.DOTALL)
    for command in commands:
        subprocess.run(["bash", "-e", "-c", command], cwd=project.directory, check=True)
    return len(commands)


@pytest.mark.parametrize("flags", [(), ("-v",)])
def test_what_a_search_cannot_save_it_prints_so_that_it_can_be_saved(full, flags):
    ran = full.full("fuzz", "shop:app", "-n", "20", "--seed", "1", "--corpus", "other", *flags)
    assert ran.code == 2
    assert "handler_crash on /orders: KeyError" in ran.out
    saved = sorted(name for name in full.entries())
    assert f"error: {len(saved)} entries could not be saved; the first: cannot write" in ran.err
    assert FULL in ran.err
    assert not list((full.directory / "other").rglob("*.*"))
    # Findings always, and with -v also what was kept for what it shows.
    assert save_by_hand(full, ran.out) == (len(saved) if flags == ("-v",) else 1)
    for name, data in full.entries("other").items():
        assert data == full.entries()[name]
    assert full.run("replay", "other", "--target", "shop:app").out.count("handler_crash") > 0


def test_a_warning_that_cannot_be_saved_is_printed_too(full):
    full.write("quiet.py", (full.directory / "shop.py").read_text().replace('raise KeyError("price")', "return"))
    ran = full.full("fuzz", "quiet:app", "-n", "20", "--seed", "1", "--corpus", "other")
    assert ran.code == 2
    assert "warning: missing_close on /orders" in ran.out
    assert save_by_hand(full, ran.out) == 1


def test_a_replay_that_cannot_record_anew_goes_on_and_says_so(full):
    source = full.directory / "shop.py"
    source.write_text(source.read_text().replace('raise KeyError("price")', "pass"))
    before = full.entries()
    ran = full.full("replay", "--target", "shop:app", "--update")
    assert ran.code == 2
    assert f"(not recorded anew: cannot write {full.directory}" in ran.out
    assert f"{len(before)} entries replayed: {len(before)} pass" in ran.out
    assert FULL in ran.err
    assert full.entries() == before


def test_no_report_keeps_another_from_being_written(full):
    reports = ("--report-json", "r.json", "--report-junit", "r.xml", "--report-html", "r.htm")
    ran = full.full("replay", "--target", "shop:app", *reports)
    assert ran.code == 2
    assert f"error: --report-json: cannot write {full.directory / 'r.json'}: No space left on device" in ran.err
    assert f"error: --report-junit: cannot write {full.directory / 'r.xml'}: No space left on device" in ran.err
    assert "The disk is full: free some space." in ran.err
    assert (full.directory / "r.htm").exists()


def test_a_merge_goes_on_and_names_what_it_could_not_take_over(full):
    ran = full.full("corpus", "merge", "corpus", "--corpus", "other")
    assert ran.code == 2
    assert ran.out.count("not taken over: corpus/orders/") == len(full.entries())
    assert ran.out.endswith("0 new entries in other\n")


def test_an_acceptance_that_cannot_be_noted_is_an_error(full):
    ran = full.full("corpus", "accept", full.failing(), "--reason", "known")
    assert ran.code == 2
    assert "error: cannot write" in ran.err
    assert "The disk is full: free some space." in ran.err


LONG = Scenario("/orders", (Client("/orders"),), (Connect(0), Send(0, "text", "tea"), Send(0, "text", '"tea"')))


@pytest.fixture
def long(full):
    """The same with a corpus `alone`, whose one entry can be made smaller."""
    full.entry = Store(full.directory / "alone").save(Entry(LONG, Transcript(())))
    return full


def test_what_was_made_smaller_and_cannot_be_saved_is_printed(long):
    ran = long.full("shrink", long.entry.stem, "--target", "shop:app", "--corpus", "alone", "--replace")
    assert ran.code == 2
    assert "error: cannot write" in ran.err
    assert len(long.entries("alone")) == 1
    assert save_by_hand(long, ran.out) == 1
    assert len(long.entries("alone")) == 2


def test_a_corpus_that_cannot_be_made_smaller_stays_as_it_is(long):
    ran = long.full("corpus", "min", "--target", "shop:app", "--corpus", "alone")
    assert ran.code == 2
    assert f"left as it is: alone/orders/{long.entry.name}: cannot write" in ran.out
    assert ran.out.endswith("0 entries shrunk\n0 entries deleted\n")
    assert len(long.entries("alone")) == 1


def test_a_real_disk_that_is_full_loses_nothing_either(kept, tmp_path):
    with small_disk(tmp_path / "disk", "8k") as mounted:
        if not mounted:
            pytest.skip("no file system may be mounted here")
        # Whatever has no room on it is printed.
        ran = kept.run("fuzz", "shop:app", "-n", "20", "--seed", "1", "--corpus", "disk/corpus", "-v")
        there = kept.entries("disk/corpus")
        assert (ran.code, len(there) < len(kept.entries())) == (2, True)
        assert not list((tmp_path / "disk").rglob("*.tmp"))
    assert FULL in ran.err
    saved = save_by_hand(kept, ran.out)
    assert saved + len(there) == len(kept.entries())
    assert {**there, **kept.entries("disk/corpus")} == kept.entries()
