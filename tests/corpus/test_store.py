from __future__ import annotations

import os
import resource
import stat
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from wsreplay.corpus import Sketch, Store, decode_entry, encode_entry, files, scenario_id
from wsreplay.corpus.faults import LimitError, MisnamedError, NewerFormatError, UnreadableError
from wsreplay.corpus.limits import MAX_FILE
from wsreplay.corpus.sketches import discard
from wsreplay.errors import CorpusError, EntryError
from wsreplay.model import Client, Entry, Scenario, State, Wait

Make = Callable[..., Entry]

ACCEPTED = State("accepted", "the old client does this", "2027-01-31")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "corpus")


def snapshot(directory: Path) -> dict[str, tuple[bytes, int]]:
    return {
        str(path.relative_to(directory)): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in directory.rglob("*")
        if path.is_file()
    }


# --- saving and loading ----------------------------------------------------------------------------------------------


def test_an_entry_is_saved_under_its_route_and_id(store: Store, entry: Make) -> None:
    saved = entry(route="/ws/chat")
    path = store.save(saved)
    assert path == store.directory / "ws-chat" / f"{scenario_id(saved.scenario)}.msgpack"
    assert path == store.path_of(saved.scenario)
    assert store.load(path) == saved
    assert store.paths() == [path]


def test_a_corpus_that_does_not_exist_is_empty_and_stays_so(store: Store) -> None:
    assert store.paths() == []
    assert store.known() == {}
    assert store.clean() == []
    assert not store.directory.exists()


def test_saving_again_changes_no_byte(store: Store, entry: Make) -> None:
    store.save(entry(bugs=("KeyError",)))
    before = snapshot(store.directory)
    store.save(entry(bugs=("KeyError",), seed=99))
    Store(store.directory).save(entry(bugs=("KeyError",)))
    assert snapshot(store.directory) == before


def test_a_new_file_may_be_read_by_whom_the_umask_allows(store: Store, entry: Make) -> None:
    mask = os.umask(0o022)
    try:
        path = store.save(entry())
    finally:
        os.umask(mask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_paths_are_sorted_and_only_those_of_entries(store: Store, entry: Make) -> None:
    expected = [store.save(entry(text, route)) for route in ("/b", "/a") for text in ("x", "y")]
    directory = store.directory / "a"
    (directory / "notes.txt").write_text("mine")
    (directory / ".0123456789abcdef-01234567.tmp").write_bytes(b"half")
    (directory / "._copy.msgpack").write_bytes(b"of another system")
    (directory / "dir.msgpack").mkdir()
    (store.directory / ".git").mkdir()
    (store.directory / ".git" / "x.msgpack").write_bytes(b"")
    (store.directory / "gold" / "v1").mkdir(parents=True)
    (store.directory / "gold" / "v1" / "x.msgpack").write_bytes(b"")
    assert store.paths() == sorted(expected)


def test_a_file_under_another_name_is_an_entry_error(store: Store, entry: Make) -> None:
    path = store.save(entry())
    other = path.rename(path.with_name("0123456789abcdef.msgpack"))
    with pytest.raises(MisnamedError, match="which is not what its name says") as caught:
        store.load(other)
    assert path.name in caught.value.hint


def test_an_error_names_the_file_and_keeps_its_kind(store: Store, entry: Make) -> None:
    path = store.save(entry())
    path.write_bytes(b"\x95\xa8wsreplay\x02")
    with pytest.raises(NewerFormatError, match=f"^{path}: format version 2"):
        store.load(path)


def test_damage_to_one_file_touches_no_other(store: Store, entry: Make) -> None:
    good, bad = store.save(entry("good")), store.save(entry("bad"))
    bad.write_bytes(bad.read_bytes()[:-1])
    found = dict(store.entries())
    assert found[good] == entry("good")
    assert isinstance(found[bad], EntryError)


def test_known_names_every_fingerprint_with_a_file(store: Store, entry: Make) -> None:
    one = entry("one", bugs=("KeyError",))
    two = entry("two", bugs=("KeyError", "ValueError"))
    paths = sorted([store.save(one), store.save(two)])
    store.path_of(entry("three").scenario).write_bytes(b"damaged")
    known = store.known()
    assert set(known) == {finding.fingerprint for finding in two.findings}
    assert known[one.findings[0].fingerprint] == paths[0]


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir], ids=["named pipe", "directory"])
def test_what_is_no_file_is_an_entry_error_and_no_endless_wait(make: Callable[[Path], None], tmp_path: Path) -> None:
    path = tmp_path / "0123456789abcdef.msgpack"
    make(path)
    with pytest.raises(UnreadableError, match="not a regular file"):
        Store.load(path)


@pytest.mark.parametrize("name", ["missing.msgpack", "nul\0.msgpack", "x" * 300 + ".msgpack"])
def test_a_file_that_cannot_be_opened_is_an_entry_error(name: str, tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match="cannot be read"):
        Store.load(tmp_path / name)


def test_a_file_beyond_the_cap_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "0123456789abcdef.msgpack"
    with path.open("wb") as file:
        file.truncate(MAX_FILE + 1)
    with pytest.raises(LimitError, match="at most"):
        Store.load(path)


@pytest.mark.parametrize("route", ["/../../etc", "//etc/passwd", "/\0", "/..", "/" + "x" * 5000, "C:\\Windows", "/con"])
def test_no_route_leads_out_of_the_corpus(store: Store, entry: Make, route: str) -> None:
    path = store.save(entry(route=route))
    assert path.resolve().parent.parent == store.directory.resolve()
    assert store.paths() == [path]


# --- two records of one scenario -------------------------------------------------------------------------------------


def test_a_passing_record_does_not_replace_a_failing_one(store: Store, entry: Make) -> None:
    failing = entry(bugs=("KeyError",))
    path = store.save(failing)
    store.save(entry())
    assert store.load(path) == failing


def test_a_failing_record_replaces_a_passing_one(store: Store, entry: Make) -> None:
    store.save(entry(features=("a", "c")))
    path = store.save(entry(bugs=("KeyError",), features=("b",)))
    kept = store.load(path)
    assert kept.verdict == "fail"
    assert kept.transcript.events == entry(bugs=("KeyError",)).transcript.events
    assert kept.transcript.features == ("a", "b", "c")


def test_what_people_decided_survives_saving_and_recording_anew(store: Store, entry: Make) -> None:
    path = store.save(entry(bugs=("KeyError",)))
    assert Store.set_state(path, ACCEPTED).state == ACCEPTED
    store.save(entry(bugs=("ValueError",)))
    store.replace(entry())
    assert store.load(path) == replace(entry(), state=ACCEPTED)


def test_a_state_can_be_taken_back(store: Store, entry: Make) -> None:
    path = store.save(entry())
    Store.set_state(path, ACCEPTED)
    Store.set_state(path, State())
    assert store.load(path) == entry()


def test_setting_the_same_state_changes_no_byte(store: Store, entry: Make) -> None:
    path = store.save(entry())
    before = snapshot(store.directory)
    Store.set_state(path, State())
    assert snapshot(store.directory) == before


def test_a_state_for_a_file_that_is_not_there_makes_nothing(tmp_path: Path) -> None:
    with pytest.raises(EntryError):
        Store.set_state(tmp_path / "corpus" / "x" / "0123456789abcdef.msgpack", ACCEPTED)
    assert list(tmp_path.iterdir()) == []


def test_recording_anew_replaces_transcript_and_findings(store: Store, entry: Make) -> None:
    store.save(entry(bugs=("KeyError",)))
    path = store.replace(entry(seed=7))
    assert store.load(path) == entry(seed=7)


def test_recording_anew_what_is_not_there_saves_it(store: Store, entry: Make) -> None:
    assert store.load(store.replace(entry())) == entry()


# --- damage in the way -----------------------------------------------------------------------------------------------


def test_a_damaged_file_in_the_way_is_set_aside_and_kept(store: Store, entry: Make) -> None:
    path = store.save(entry())
    path.write_bytes(b"damaged")
    assert store.save(entry()) == path
    assert store.load(path) == entry()
    (aside,) = path.parent.glob("*.damaged")
    assert aside.read_bytes() == b"damaged"
    assert store.paths() == [path]


def test_another_entry_under_this_name_is_set_aside_and_kept(store: Store, entry: Make) -> None:
    path = store.save(entry("one"))
    path.write_bytes(encode_entry(entry("two")))
    store.save(entry("one"))
    (aside,) = path.parent.glob("*.damaged")
    assert decode_entry(aside.read_bytes()) == entry("two")


def test_a_file_of_a_newer_format_is_never_overwritten(store: Store, entry: Make) -> None:
    path = store.save(entry())
    path.write_bytes(b"\x95\xa8wsreplay\x02")
    with pytest.raises(NewerFormatError):
        store.save(entry())
    assert path.read_bytes() == b"\x95\xa8wsreplay\x02"


def test_a_directory_in_the_way_is_an_error_that_names_it(store: Store, entry: Make) -> None:
    path = store.path_of(entry().scenario)
    path.mkdir(parents=True)
    with pytest.raises(CorpusError, match=str(path)):
        store.save(entry())


def test_what_cannot_be_stored_is_refused_before_anything_is_touched(store: Store, entry: Make) -> None:
    with pytest.raises(LimitError):
        store.save(replace(entry(), scenario=Scenario("/", (Client("/"),), (Wait(-1.0),))))
    assert not store.directory.exists()


# --- leftovers -------------------------------------------------------------------------------------------------------


def test_what_a_killed_writer_left_is_removed_by_the_next(store: Store, entry: Make) -> None:
    path = store.save(entry("one"))
    leftover = path.with_name(f".{path.stem}-01234567.tmp")
    mine = path.with_name("mine.tmp")
    leftover.write_bytes(b"half")
    mine.write_bytes(b"half")
    Store(store.directory).save(entry("two"))
    assert not leftover.exists()
    assert mine.exists()


def test_clean_removes_leftovers_of_all_routes_and_names_them(store: Store, entry: Make) -> None:
    path = store.save(entry())
    leftover = path.with_name(f".{path.stem}-01234567.tmp")
    leftover.write_bytes(b"half")
    assert store.clean() == [leftover]
    assert store.clean() == []
    assert store.paths() == [path]


# --- errors of the operating system ----------------------------------------------------------------------------------


class limited_files:  # noqa: N801 - reads as a statement
    """No file of this process may grow beyond `size` bytes: a disk that is full."""

    def __init__(self, size: int) -> None:
        self.size = size

    def __enter__(self) -> None:
        self.before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (self.size, self.before[1]))

    def __exit__(self, *_: object) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, self.before)


@pytest.mark.parametrize("size", [0, 100])
def test_a_full_disk_leaves_what_was_there_and_nothing_else(store: Store, entry: Make, size: int) -> None:
    path = store.save(entry("one"))
    before = snapshot(store.directory)
    with limited_files(size), pytest.raises(CorpusError, match=f"cannot write {store.directory}") as caught:
        store.save(entry("two"))
    assert "ulimit -f" in caught.value.hint
    assert snapshot(store.directory) == before
    assert store.paths() == [path]


def test_a_file_where_the_corpus_should_be_is_an_error_with_advice(tmp_path: Path, entry: Make) -> None:
    path = tmp_path / "corpus"
    path.write_text("notes")
    for use in (lambda: Store(path).paths(), lambda: Store(path).save(entry())):
        with pytest.raises(CorpusError, match=str(path)) as caught:
            use()
        assert "--corpus" in caught.value.hint


def test_a_link_to_nowhere_is_an_error_with_advice(tmp_path: Path, entry: Make) -> None:
    path = tmp_path / "corpus"
    path.symlink_to(tmp_path / "gone" / "\udcff" / ("x" * 300))
    with pytest.raises(CorpusError, match="cannot make the directory"):
        Store(path).save(entry())


@pytest.mark.parametrize("name", ["nul\0", "x" * 300])
def test_an_impossible_directory_is_an_error(name: str, tmp_path: Path, entry: Make) -> None:
    for use in (lambda: Store(tmp_path / name).paths(), lambda: Store(tmp_path / name).save(entry())):
        with pytest.raises(CorpusError):
            use()


@pytest.fixture
def forbidden(tmp_path: Path) -> Iterator[Path]:
    """A directory that this process may not look into, whoever runs the tests: root becomes nobody for a while."""
    directory = tmp_path / "forbidden"
    directory.mkdir(mode=0o000)
    was_root = os.geteuid() == 0
    if was_root:
        os.seteuid(65534)
    yield directory
    if was_root:
        os.seteuid(0)
    directory.chmod(0o700)


def test_a_directory_without_permission_is_an_error_with_advice(forbidden: Path, entry: Make) -> None:
    for use in (lambda: Store(forbidden).paths(), lambda: Store(forbidden / "corpus").save(entry())):
        with pytest.raises(CorpusError, match=f"{forbidden}.*: Permission denied") as caught:
            use()
        assert "Permission is missing" in caught.value.hint


def test_a_file_without_permission_is_an_entry_error(forbidden: Path) -> None:
    with pytest.raises(UnreadableError, match="Permission denied"):
        Store.load(forbidden / "0123456789abcdef.msgpack")


def test_a_file_that_vanishes_meanwhile_is_no_error_when_it_is_to_be_removed(tmp_path: Path) -> None:
    files.remove(tmp_path / "gone")
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_removed_or_renamed_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=f"cannot remove {tmp_path}"):
        files.remove(tmp_path)
    with pytest.raises(CorpusError, match=f"cannot rename {tmp_path / 'gone'}"):
        files.set_aside(tmp_path / "gone")


def test_links_that_lead_round_in_a_circle_are_no_directories(tmp_path: Path, entry: Make) -> None:
    store = Store(tmp_path)
    path = store.save(entry())
    for name, other in (("loop", "pool"), ("pool", "loop"), ("0123456789abcdef.msgpack", "loop")):
        (tmp_path / name).symlink_to(other)
    with pytest.raises(UnreadableError, match="symbolic links"):
        Store.load(tmp_path / "0123456789abcdef.msgpack")
    assert store.paths() == [tmp_path / "0123456789abcdef.msgpack", path]


def test_an_entry_is_discarded_as_it_was_seen_and_not_once_another_writer_has_added_to_it(
    tmp_path: Path, entry: Make
) -> None:
    store = Store(tmp_path)
    seen = entry()
    path = store.save(seen)
    store.save(entry(features=("close:1000", "reply:text")))
    assert not discard(Sketch.of(path, seen))
    assert discard(Sketch.of(path, store.load(path)))
    assert store.paths() == []
    assert discard(Sketch.of(path, seen))


def test_what_is_no_entry_any_more_is_not_discarded(tmp_path: Path, entry: Make) -> None:
    path = Store(tmp_path).save(entry())
    path.write_bytes(b"damaged meanwhile")
    assert not discard(Sketch.of(path, entry()))
    assert path.exists()
