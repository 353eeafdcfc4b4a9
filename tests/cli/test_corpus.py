"""`wsreplay corpus ...`, `show` and `export`."""

from __future__ import annotations

import subprocess
import sys

import pytest


def test_ls_and_stats_say_what_is_there(kept):
    listed = kept.run("corpus", "ls")
    assert listed.code == 0
    assert f"{kept.failing()}  fail  /orders  1 message  handler_crash" in listed.out
    assert len(listed.out.splitlines()) == len(kept.entries())
    assert kept.run("corpus", "ls", kept.failing()).out.count("\n") == 1
    figures = kept.run("corpus", "stats").out
    assert f"/orders: {len(kept.entries())} entries, 1 failing" in figures
    assert "handler_crash: 1 entry\n" in figures


def test_a_corpus_that_is_not_there_is_no_clean_corpus(project):
    for words in (("ls",), ("stats",), ("check",), ("min",), ("prune", "--target", "shop:app")):
        ran = project.run("corpus", *words)
        assert (ran.code, ran.out) == (2, ""), words
        assert f"there is no corpus at {project.directory / 'corpus'}" in ran.err


def test_check_of_a_sound_corpus_is_quiet(kept):
    ran = kept.run("corpus", "check")
    assert (ran.code, ran.out) == (0, f"{len(kept.entries())} files, 0 problems\n")


def test_accept_notes_a_reason_and_a_day_and_reopen_takes_it_back(kept):
    name = kept.failing()
    ran = kept.run("corpus", "accept", name[:6], "--reason", "known", "--until", "2030-01-31")
    assert (ran.code, ran.out) == (0, f"corpus/orders/{name}.msgpack: accepted\n")
    assert "state accepted until 2030-01-31: known" in kept.run("show", name).out
    assert "(accepted)" in kept.run("corpus", "ls").out
    assert "1 accepted" in kept.run("corpus", "stats").out
    assert kept.run("corpus", "accept", name, "--reopen").out.endswith(": open\n")
    assert "state" not in kept.run("show", name).out


@pytest.mark.parametrize(
    ("flags", "what"),
    [
        ((), "expected a reason"),
        (("--reason", " "), "expected a reason"),
        (("--reason", "x", "--until", "soon"), "--until: expected a date as YYYY-MM-DD, got 'soon'"),
    ],
)
def test_accept_wants_a_reason_and_a_real_day(project, flags, what):
    ran = project.run("corpus", "accept", "abc", *flags)
    assert ran.code == 2
    assert what in ran.err


def test_min_deletes_what_shows_nothing_of_its_own_and_says_so_first(kept):
    kept.run("fuzz", "shop:app", "-n", "60", "--seed", "2", "--corpus", "second")
    merged = kept.run("corpus", "merge", "second")
    assert merged.code == 0
    assert "new entr" in merged.out
    before = kept.entries()
    dry = kept.run("corpus", "min", "--dry-run")
    assert kept.entries() == before
    done = kept.run("corpus", "min")
    assert done.out == dry.out.replace("would delete", "deleted").replace("to delete", "deleted")
    after = kept.entries()
    assert after.items() <= before.items()
    assert len(before) - len(after) == done.out.count("deleted corpus/") > 0
    assert any(kept.failing() in name for name in after)


def test_merge_takes_what_can_be_read_and_names_what_it_leaves_out(kept):
    kept.write("other/orders/0123456789abcdef.msgpack", "damage")
    ran = kept.run("corpus", "merge", "corpus", "other", "--corpus", "new")
    assert ran.code == 1
    assert "left out other/orders/0123456789abcdef.msgpack" in ran.out
    assert f"{len(kept.entries())} new entries in new" in ran.out
    assert kept.entries("new") == kept.entries()
    again = kept.run("corpus", "merge", "corpus", "--corpus", "new")
    assert (again.code, again.out) == (0, "0 new entries in new\n")
    gone = kept.run("corpus", "merge", "corpus", "nowhere", "--corpus", "newer")
    assert gone.code == 2
    assert "cannot merge nowhere" in gone.err
    assert not (kept.directory / "newer").exists()


def test_prune_deletes_only_entries_of_routes_that_are_gone(kept):
    before = kept.entries()
    kept.run("corpus", "prune", "--target", "shop:app")
    assert kept.entries() == before
    broken = kept.run("corpus", "prune", "--target", "gone:app")
    assert broken.code == 2
    assert kept.entries() == before
    kept.write("shop.py", (kept.directory / "shop.py").read_text().replace('"/orders"', '"/other"'))
    dry = kept.run("corpus", "prune", "--target", "shop:app", "--dry-run")
    assert f"{len(before)} entries to delete" in dry.out
    assert kept.entries() == before
    done = kept.run("corpus", "prune", "--target", "shop:app")
    assert done.out.count("deleted corpus/orders/") == len(before)
    assert kept.entries() == {}


def test_show_prints_an_entry_wherever_its_file_lies(kept):
    name = kept.failing()
    shown = kept.run("show", name)
    assert shown.code == 0
    assert "KeyError: 'price'" in shown.out
    copy = kept.directory / "copy"
    copy.write_bytes((kept.directory / "corpus" / "orders" / f"{name}.msgpack").read_bytes())
    assert kept.run("show", "copy").out == shown.out.replace("\n", " (in a file called copy)\n", 1)
    assert kept.run("show", "zzzz").code == 2


@pytest.mark.parametrize("form", ["pytest", "script"])
def test_an_exported_entry_is_a_program_that_shows_the_bug(kept, form):
    ran = kept.run("export", kept.failing(), "--target", "shop:app", "--format", form)
    assert ran.code == 0
    kept.write("test_exported.py", ran.out)
    command = ["-m", "pytest", "-q", "-p", "no:cacheprovider"] if form == "pytest" else []
    done = subprocess.run(
        [sys.executable, *command, "test_exported.py"],
        cwd=kept.directory,
        env=kept.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "KeyError" in done.stdout + done.stderr
