"""Two lines of the application's source, and of no other file."""

from __future__ import annotations

import sys

import pytest

from wsreplay.config import Settings
from wsreplay.model import Frame
from wsreplay.report import source as module
from wsreplay.report.source import source

CODE = "def first():\n    pass\n\n\ndef second():\n\tif True:\n\t\treturn 1\n"


@pytest.fixture
def shown(tmp_path, text):
    (tmp_path / "shop.py").write_text(CODE, encoding="utf-8")

    def show(line, recorded, file="shop.py", **changes):
        frame = Frame(file, line, "f", recorded)
        return text(source(frame, Settings(target="nowhere:app", app_dir=tmp_path, **changes))).splitlines()[1:]

    return show


def test_the_line_before_is_shown_less_their_common_indent(shown):
    assert shown(7, "return 1") == ["        6   if True:", "        7 >     return 1", ""][:2]


def test_blank_lines_before_are_passed_over(shown):
    assert shown(5, "def second():") == ["        2       pass", "        5 > def second():"]


def test_the_first_line_is_shown_with_the_one_after_it(shown):
    assert shown(1, "def first():") == ["        1 > def first():", "        2       pass"]


def test_a_file_of_one_line_shows_it_alone(shown, tmp_path):
    (tmp_path / "shop.py").write_text("boom()", encoding="utf-8")
    assert shown(1, "boom()") == ["        1 > boom()"]


@pytest.mark.parametrize(
    ("line", "recorded"), [(7, "return 2"), (70, "return 1"), (0, "return 1"), (-1, "return 1"), (3, "")]
)
def test_what_the_file_no_longer_has_is_shown_as_it_was_recorded(shown, line, recorded):
    assert shown(line, recorded) == ([f"    {line:5} > {recorded}"] if recorded else [])


@pytest.mark.parametrize(
    "file", ["../secret.py", "/etc/passwd", "shop.txt", "a\0b.py", "\ud800.py", "gone.py", "x" * 300 + ".py"]
)
def test_no_other_file_is_opened_whatever_a_frame_is_called(shown, tmp_path, file):
    (tmp_path.parent / "secret.py").write_text("key = 1\nreturn 1\n", encoding="utf-8")
    (tmp_path / "shop.txt").write_text("key = 1\nreturn 1\n", encoding="utf-8")
    assert shown(2, "return 1", file) == ["        2 > return 1"]


def test_a_link_out_of_the_directory_is_not_followed(shown, tmp_path):
    (tmp_path.parent / "outside.py").write_text("key = 1\nreturn 1\n", encoding="utf-8")
    (tmp_path / "inside.py").symlink_to(tmp_path.parent / "outside.py")
    assert shown(2, "return 1", "inside.py") == ["        2 > return 1"]


def test_a_huge_file_is_not_read(shown, monkeypatch):
    monkeypatch.setattr(module, "_LARGEST", 10)
    assert shown(7, "return 1") == ["        7 > return 1"]


def test_the_target_is_found_where_it_is_installed(tmp_path, text, monkeypatch):
    installed, here = tmp_path / "installed", tmp_path / "here"
    (installed / "teashop").mkdir(parents=True)
    here.mkdir()
    (installed / "teashop" / "__init__.py").write_text("raise SystemExit\n", encoding="utf-8")
    (installed / "teashop" / "desk.py").write_text("a = 1\nb = 2\n", encoding="utf-8")
    (installed / "teamodule.py").write_text("a = 1\nb = 2\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(installed))

    def lines(file, target):
        return len(text(source(Frame(file, 2, "f", "b = 2"), Settings(target=target, app_dir=here))).splitlines()) - 1

    assert lines("teashop/desk.py", "teashop.desk:app") == 2
    assert lines("teamodule.py", "teamodule:app") == 2
    assert lines("teamodule.py", "teashop.desk:app") == 1
    assert "teashop" not in sys.modules


@pytest.mark.parametrize("target", ["", "nowhere:app", ".x:app", "sys:app", "__main__:app"])
def test_a_target_that_cannot_be_found_is_no_error(tmp_path, text, target):
    frame = Frame("gone.py", 2, "f", "b = 2")
    assert text(source(frame, Settings(target=target, app_dir=tmp_path))).splitlines() == [
        "  gone.py:2 in f",
        "        2 > b = 2",
    ]


def test_without_settings_only_the_record_is_shown(text):
    assert text(source(Frame("shop.py", 2, "f", "x = 1"), None)) == "  shop.py:2 in f\n        2 > x = 1\n"
    assert text(source(None, None)) == ""
