"""`wsreplay init`: a first configuration, in projects as they are found."""

from __future__ import annotations

import shutil
import subprocess
import tomllib

import pytest

LINE = "*.msgpack -text -merge diff=wsreplay\n"
STARLETTE = "from starlette.applications import Starlette\n"


@pytest.fixture
def place(project):
    """The project in a git repository, without the apps that others need."""
    for path in project.directory.glob("*.py"):
        path.unlink()
    subprocess.run(["git", "init", "-q"], cwd=project.directory, check=True)
    project.environment |= {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null"}
    return project


def toml(place) -> dict:
    return tomllib.loads((place.directory / "pyproject.toml").read_bytes().decode())


def textconv(place) -> str:
    words = ["git", "config", "--get", "diff.wsreplay.textconv"]
    return subprocess.run(words, cwd=place.directory, capture_output=True, text=True, check=False).stdout


def test_everything_is_written_and_said_and_a_job_is_printed(place):
    place.write("shop/main.py", STARLETTE + "app = Starlette()\n")
    ran = place.run("init")
    assert ran.code == 0
    assert toml(place) == {"tool": {"wsreplay": {"app": "shop.main:app"}}}
    assert (place.directory / ".gitattributes").read_text() == LINE
    assert textconv(place) == "wsreplay show\n"
    assert [line.partition(":")[0] for line in ran.out.splitlines()[:3]] == ["done", "done", "done"]
    assert "the app is shop.main:app" in ran.out
    assert "- run: wsreplay fuzz --max-time 120" in ran.out


def test_a_factory_in_a_source_directory_is_written_as_one_and_others_are_noted(place):
    place.write("src/shop/web.py", STARLETTE + "def create_app(): return Starlette()\n")
    place.write("src/shop/other.py", STARLETTE + "def make_app(): return Starlette()\n")
    place.run("init")
    assert toml(place)["tool"]["wsreplay"] == {"app": "shop.other:make_app", "factory": True, "app_dir": "src"}
    assert '# or: app = "shop.web:create_app"\n' in (place.directory / "pyproject.toml").read_text()
    assert "no WebSocket route" in place.run("routes").err.replace("No", "no")


def test_a_second_time_changes_nothing_and_says_so(place):
    place.write("main.py", STARLETTE + "app = Starlette()\n")
    place.run("init")
    files = {name: (place.directory / name).read_bytes() for name in ("pyproject.toml", ".gitattributes")}
    ran = place.run("init")
    assert ran.code == 0
    assert [line.partition(":")[0] for line in ran.out.splitlines()[:3]] == ["kept", "kept", "kept"]
    assert {name: (place.directory / name).read_bytes() for name in files} == files


def test_what_it_wrote_works(place):
    place.write("main.py", STARLETTE + "app = Starlette()\n")
    place.run("init")
    ran = place.run("fuzz")
    assert ran.code == 2
    assert "No WebSocket route" in ran.err


@pytest.mark.parametrize(
    "before",
    ["", "[project]\nname = 'x' # a comment", "[tool.other]\r\na = 1\r\n", "[tool.wsreplay2]\n\n\n", "# é\n[tool]\n"],
)
def test_what_stands_in_the_file_stays_to_the_byte(place, before):
    path = place.directory / "pyproject.toml"
    path.write_bytes(before.encode())
    place.run("init", "shop:app")
    assert path.read_bytes().startswith(before.encode())
    known = tomllib.loads(before)
    assert toml(place) == {**known, "tool": {**known.get("tool", {}), "wsreplay": {"app": "shop:app"}}}
    assert ("\r\n" in before) == (b"[tool.wsreplay]\r\n" in path.read_bytes())


@pytest.mark.parametrize(
    ("before", "said"),
    [
        ("[tool.wsreplay]\nmax_examples = 5\n", "kept"),
        ("tool = {other = 1}\n", "left"),
        ("[tool.wsreplay.routes]\n", "kept"),
    ],
)
def test_a_table_that_is_there_and_one_that_cannot_be_added_are_left_alone(place, before, said):
    path = place.write("pyproject.toml", before)
    ran = place.run("init", "shop:app")
    assert path.read_text() == before
    assert ran.out.startswith(f"{said}: ")


def test_a_configuration_further_up_is_one(place):
    place.write("pyproject.toml", "[tool.wsreplay]\napp = 'up:app'\n")
    place.write("inner/x.py", "")
    ran = place.run("init", cwd="inner")
    assert ran.out.startswith(f"kept: {place.directory / 'pyproject.toml'} has a table")
    assert not (place.directory / "inner" / "pyproject.toml").exists()
    assert "no app was found" not in ran.out


def test_the_app_of_the_predecessor_is_taken_over(place):
    place.write("pyproject.toml", "[tool.pytest-routes]\napp = 'theirs:app'\n")
    place.run("init")
    assert toml(place)["tool"]["wsreplay"] == {"app": "theirs:app"}


def test_where_no_app_is_found_its_place_is_marked(place):
    place.write("broken.py", "def (")
    place.write("tests/test_app.py", "app = Starlette()\n")
    ran = place.run("init")
    assert toml(place) == {"tool": {"wsreplay": {}}}
    assert '# app = "module:attribute"' in (place.directory / "pyproject.toml").read_text()
    assert "no app was found here" in ran.out
    assert "wsreplay fuzz module:attribute --max-time" in ran.out


@pytest.mark.parametrize(
    ("before", "said", "after"),
    [
        ("*.png binary", "done", "*.png binary\n" + LINE),
        (LINE, "kept", LINE),
        ("*.msgpack diff=wsreplay -merge -text eol=lf\n", "kept", "*.msgpack diff=wsreplay -merge -text eol=lf\n"),
        ("*.msgpack binary\n", "left", "*.msgpack binary\n"),
    ],
)
def test_attributes_are_added_unless_others_are_there(place, before, said, after):
    path = place.write(".gitattributes", before)
    ran = place.run("init", "shop:app")
    assert path.read_text() == after
    assert ran.out.splitlines()[1].startswith(f"{said}: .gitattributes" if said != "done" else "done: wrote")


def test_another_setting_of_git_is_left_alone(place):
    subprocess.run(["git", "config", "diff.wsreplay.textconv", "mine"], cwd=place.directory, check=True)
    ran = place.run("init", "shop:app")
    assert "left: git has another diff.wsreplay.textconv: 'mine'" in ran.out
    assert textconv(place) == "mine\n"


def test_without_a_repository_or_git_or_permission_the_command_is_told(place):
    command = 'git config diff.wsreplay.textconv "wsreplay show"'
    lock = place.write(".git/config.lock", "")
    assert f"left: git refused; run it yourself: {command}" in place.run("init", "shop:app").out
    lock.unlink()
    shutil.rmtree(place.directory / ".git")
    place.environment["GIT_CEILING_DIRECTORIES"] = str(place.directory.parent)
    assert f"no git repository; in one, readable diffs need: {command}" in place.run("init").out
    assert "no git repository" in place.run("init", environment={"PATH": "/nowhere"}).out


@pytest.mark.parametrize("name", ["pyproject.toml", ".gitattributes"])
def test_a_file_that_cannot_be_used_is_an_error(place, name):
    path = place.directory / name
    path.mkdir()
    ran = place.run("init", "shop:app")
    assert (ran.code, f"{path}: cannot be read: Is a directory" in ran.err) == (2, True)
    path.rmdir()
    path.write_bytes(b"\xff")
    ran = place.run("init", "shop:app")
    assert ran.code == 2
    assert f"{path}: expected" in ran.err


def test_a_file_that_cannot_be_written_is_an_error(place):
    (place.directory / ".gitattributes").symlink_to("nowhere/.gitattributes")
    ran = place.run("init", "shop:app")
    assert ran.code == 2
    assert ".gitattributes: cannot be written: No such file or directory" in ran.err


def test_a_broken_file_is_an_error(place):
    place.write("pyproject.toml", "= 3")
    ran = place.run("init", "shop:app")
    assert (ran.code, "expected TOML" in ran.err) == (2, True)


@pytest.mark.parametrize(
    ("files", "installed"),
    [
        ({}, "wsreplay"),
        ({"requirements.txt": "x\n"}, "wsreplay -r requirements.txt"),
        ({"pyproject.toml": "[project]\nname = 'x'\n"}, "wsreplay ."),
    ],
)
def test_the_job_installs_what_the_project_says(place, files, installed):
    for name, text in files.items():
        place.write(name, text)
    assert f"- run: pip install {installed}\n" in place.run("init", "shop:app").out
