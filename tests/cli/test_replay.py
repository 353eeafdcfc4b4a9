"""`wsreplay replay`: what becomes of entries, and of files that are none."""

from __future__ import annotations

import pytest


def fix(project):
    text = (project.directory / "shop.py").read_text()
    project.write("shop.py", text.replace('raise KeyError("price")', "pass"))


def test_an_entry_fails_until_the_bug_is_fixed_and_guards_from_then_on(kept):
    before = kept.run("replay", "corpus", "--target", "shop:app")
    assert before.code == 1
    assert "1 fail" in before.out
    fix(kept)
    after = kept.run("replay", "--target", "shop:app", kept.failing())
    assert after.code == 0
    assert "1 entry replayed: 1 pass" in after.out


def test_the_target_comes_from_the_file_and_never_from_the_entry(kept):
    kept.write("pyproject.toml", "[tool.wsreplay]\napp = 'shop:app'\n")
    kept.write("below/readme", "")
    assert kept.run("replay", "../corpus/orders", cwd="below").code == 1


def test_where_there_is_nothing_to_replay_the_exit_code_is_two(project):
    (project.directory / "empty").mkdir()
    for words in ((), ("empty",)):
        ran = project.run("replay", "--target", "shop:app", *words)
        assert ran.code == 2
        assert "no entry to replay in" in ran.err
    ran = project.run("replay", "--target", "shop:app", "0123456789abcdef")
    assert ran.code == 2
    assert "named by '0123456789abcdef'" in ran.err


def test_a_changed_reply_matches_or_not_as_is_asked_and_update_records_it_after_showing_it(kept):
    text = (kept.directory / "shop.py").read_text()
    fix(kept)
    kept.write("shop.py", text.replace('send_text("thanks")', 'send_text("thank you")'))
    words = ("replay", "--target", "shop:app", "--exclude-checks", "handler_crash")
    assert kept.run(*words, "--match", "close").code in (0, 1)
    shape = kept.run(*words, "--match", "shape")
    exact = kept.run(*words, "--match", "exact")
    assert exact.code == 1
    assert exact.out.count("changed") > shape.out.count("changed")
    before = kept.entries()
    updated = kept.run(*words, "--match", "exact", "--update")
    assert "thank you" in updated.out
    assert kept.entries() != before
    assert kept.entries().keys() == before.keys()


HOSTILE = {
    "truncated": lambda data: data[: len(data) // 2],
    "empty": lambda data: b"",
    "declares gigabytes": lambda data: data[:1] + b"\xdd\xff\xff\xff\xff" + data[6:],
    "ten thousand levels": lambda data: data[:20] + b"\x91" * 10_000,
    "duplicate keys": lambda data: b"\x82\xa1a\x01\xa1a\x02",
    "no entry": lambda data: b"hello",
    "of a newer version": lambda data: data[:10] + b"\x63" + data[11:],
    "more behind it": lambda data: data + b"\x00",
}


def test_each_hostile_file_is_one_error_and_touches_no_other(kept):
    entry = kept.directory / "corpus" / "orders" / f"{kept.failing()}.msgpack"
    data = entry.read_bytes()
    sound = len(kept.entries())
    for number, spoil in enumerate(HOSTILE.values()):
        entry.with_name(f"{number:016x}.msgpack").write_bytes(spoil(data))
    (entry.parent / "00000000000000ff.msgpack").symlink_to("/etc/hostname")
    bad = len(HOSTILE) + 1
    ran = kept.run("replay", "--target", "shop:app")
    assert ran.code == 1
    assert f"{sound - 1} pass, 1 fail, {bad} error" in ran.out
    checked = kept.run("corpus", "check")
    assert checked.code == 1
    assert f"{sound + bad} files, {bad} problems" in checked.out
    for words in (("ls",), ("stats",), ("min", "--dry-run")):
        listed = kept.run("corpus", *words)
        assert listed.code == 0
        assert listed.out.count("0000000000") >= bad
    assert entry.read_bytes() == data


@pytest.mark.parametrize("name", ["truncated", "of a newer version"])
def test_show_names_the_file_that_it_cannot_read(kept, name):
    entry = kept.directory / "corpus" / "orders" / f"{kept.failing()}.msgpack"
    (kept.directory / "copy").write_bytes(HOSTILE[name](entry.read_bytes()))
    ran = kept.run("show", "copy")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("error: copy: ")
