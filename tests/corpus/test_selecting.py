from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from wsreplay.corpus import Store
from wsreplay.errors import CorpusError
from wsreplay.model import Entry

Make = Callable[..., Entry]


@pytest.fixture
def store(tmp_path: Path, entry: Make) -> Store:
    store = Store(tmp_path / "corpus")
    for route in ("/ws/chat", "/ws-chat", "/orders/{id}", "/"):
        for text in ("one", "two"):
            store.save(entry(text, route))
    return store


def routes(store: Store, *words: str) -> list[str]:
    return sorted({store.load(path).scenario.route for path in store.select(words)})


def test_a_file_is_selected_by_its_path(store: Store) -> None:
    path = store.paths()[3]
    assert store.select([str(path)]) == [path]


def test_a_path_may_start_at_the_working_directory_or_at_the_corpus(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(store.directory.parent)
    path = store.paths()[0]
    for start in (store.directory.parent, store.directory):
        (found,) = store.select([str(path.relative_to(start))])
        assert found.samefile(path)


def test_a_directory_stands_for_all_entries_in_it(store: Store, entry: Make, tmp_path: Path) -> None:
    elsewhere = Store(tmp_path / "elsewhere")
    path = elsewhere.save(entry())
    assert store.select([str(elsewhere.directory)]) == [path]
    assert store.select([str(path.parent)]) == [path]
    assert store.select([f"{store.directory}/"]) == store.paths()


def test_an_empty_directory_gives_nothing(store: Store, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert store.select([str(tmp_path / "empty")]) == []


def test_an_id_or_its_beginning_selects_an_entry(store: Store) -> None:
    path = store.paths()[0]
    for word in (path.stem, path.name, path.stem[:10]):
        assert store.select([word]) == [path]
        assert store.one(word) == path


def test_a_short_beginning_may_select_several_but_never_as_one(store: Store, entry: Make) -> None:
    for number in range(17):
        store.save(entry(f"text {number}"))
    several = [path for path in store.paths() if path.name.startswith(store.paths()[0].name[0])]
    by_first: dict[str, list[Path]] = {}
    for path in store.paths():
        by_first.setdefault(path.name[0], []).append(path)
    digit, several = max(by_first.items(), key=lambda item: len(item[1]))
    assert store.select([digit]) == several
    with pytest.raises(CorpusError, match=f"names {len(several)} entries") as caught:
        store.one(digit)
    assert caught.value.hint == "Give a longer id."


@pytest.mark.parametrize(
    ("glob", "expected"),
    [
        ("/ws/chat", ["/ws/chat"]),
        ("/ws-chat", ["/ws-chat"]),
        ("/ws*", ["/ws-chat", "/ws/chat"]),
        ("/orders/{id}", ["/orders/{id}"]),
        ("/orders/*", ["/orders/{id}"]),
        ("/", ["/"]),
        ("*", ["/", "/orders/{id}", "/ws-chat", "/ws/chat"]),
    ],
)
def test_a_glob_selects_by_route(store: Store, glob: str, expected: list[str]) -> None:
    assert routes(store, glob) == expected


def test_a_damaged_file_belongs_to_the_route_of_its_neighbours(store: Store, entry: Make) -> None:
    damaged = store.path_of(entry("one", "/orders/{id}").scenario)
    damaged.write_bytes(b"damaged")
    alone = store.save(entry("one", "/alone"))
    alone.write_bytes(b"damaged")
    assert damaged in store.select(["/orders/*"])
    assert store.select(["/alone"]) == [alone]
    assert damaged not in store.select(["/ws*"])


def test_words_add_up_and_nothing_is_selected_twice(store: Store) -> None:
    first, second, *_ = store.paths()
    assert store.select([second.stem, str(first), first.stem, str(second.parent)]) == [second, first]


@pytest.mark.parametrize("word", ["/nowhere", "ffffffffffffffff", "missing.msgpack", "", "nul\0"])
def test_a_word_that_names_nothing_is_an_error_that_quotes_it(store: Store, word: str) -> None:
    with pytest.raises(CorpusError) as caught:
        store.select([word])
    assert repr(word) in caught.value.message
    assert "wsreplay corpus ls" in caught.value.hint


def test_one_of_an_empty_directory_is_an_error(store: Store, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(CorpusError, match=r"names 0 entries \(none\)"):
        store.one(str(tmp_path / "empty"))
