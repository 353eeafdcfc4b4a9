"""What people have accepted makes no run fail, until its day is over."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest


@pytest.fixture
def accepted(kept):
    """Accept the failing entry until a day."""

    def accept(*until):
        kept.run("corpus", "accept", kept.failing(), "--reason", "known", *until)
        return kept

    return accept


@pytest.mark.parametrize("until", [(), ("--until", "9999-01-31")])
def test_an_accepted_failure_does_not_count(accepted, until):
    project = accepted(*until)
    day = f" until {until[1]}" if until else ""
    ran = project.run("replay", "--target", "shop:app", "--report-junit", "junit.xml")
    assert ran.code == 0
    assert f"(accepted{day}: known)" in ran.out
    assert "1 fail (accepted)" in ran.out
    assert "raises KeyError" not in ran.out
    assert "raises KeyError" in project.run("replay", "--target", "shop:app", "-v").out
    suite = ElementTree.parse(project.directory / "junit.xml").getroot()[0]
    assert (suite.attrib["failures"], suite.attrib["skipped"]) == ("0", "1")
    fuzzed = project.run("fuzz", "shop:app", "-n", "20", "--seed", "1")
    assert fuzzed.code == 0
    assert "0 failures; in the replay 1 fail (accepted)" in fuzzed.out


def test_it_counts_again_when_its_day_is_over(accepted):
    project = accepted("--until", "2020-01-31")
    ran = project.run("replay", "--target", "shop:app")
    assert ran.code == 1
    assert "(accepted until 2020-01-31: known; that day is over)" in ran.out
    assert project.run("fuzz", "shop:app", "-n", "1").code == 1


def test_it_counts_when_it_fails_in_another_way(accepted):
    project = accepted()
    text = (project.directory / "shop.py").read_text()
    project.write("shop.py", text.replace('KeyError("price")', 'ValueError("price")'))
    ran = project.run("replay", "--target", "shop:app")
    assert ran.code == 1
    assert "Accepted: known (this here is something else)" in ran.out


def test_one_that_passes_is_told_how_to_take_it_back(accepted):
    project = accepted()
    text = (project.directory / "shop.py").read_text()
    project.write("shop.py", text.replace('raise KeyError("price")', "pass"))
    ran = project.run("replay", "--target", "shop:app")
    assert ran.code == 0
    assert f"(take back that it is accepted: wsreplay corpus accept {project.failing()} --reopen)" in ran.out


def test_of_several_failures_it_says_how_many_are_accepted(accepted):
    project = accepted()
    text = (project.directory / "shop.py").read_text()
    more = '        if message.get("bytes"):\n            raise OSError("disc")\n'
    project.write(
        "shop.py", text.replace("        await websocket.send_text", f"{more}        await websocket.send_text")
    )
    project.run("fuzz", "shop:app", "-n", "40", "--seed", "3")
    ran = project.run("replay", "--target", "shop:app")
    assert ran.code == 1
    assert "2 fail (1 accepted)" in ran.out
