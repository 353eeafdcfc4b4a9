"""`--shard I/N`: a part of all items, the same whatever their order."""

from __future__ import annotations

import pytest


def collected(project, *arguments):
    return [line for line in project.pytest("--co", "-q", *arguments).out.splitlines() if "::" in line]


def test_each_item_is_in_exactly_one_part(project):
    project.write("test_own.py", "import pytest\n@pytest.mark.parametrize('n', range(6))\ndef test_own(n): pass\n")
    whole = collected(project)
    parts = [collected(project, "--shard", f"{number}/3") for number in (1, 2, 3)]
    assert sorted(name for part in parts for name in part) == sorted(whole)
    assert {len(part) for part in parts} == {3, 4}


def test_parts_work_with_other_processes(project):
    ran = [project.pytest("--shard", "1/2", "-n", "2"), project.pytest("--shard=2/2")]
    assert [sum(one.counts[word] for word in ("passed", "failed") if word in one.counts) for one in ran] == [2, 2]


def test_it_needs_no_configuration_of_ours(project):
    project.write("pyproject.toml", "")
    project.write("test_own.py", "def test_one(): pass\ndef test_two(): pass\n")
    ran = project.pytest("--shard", "2/2")
    assert ran.counts == {"passed": 1, "deselected": 1}


def test_a_part_without_items_has_done_its_work(project):
    ran = project.pytest("--shard", "5/6")
    assert ran.code == 0
    assert ran.counts == {"deselected": 4}
    assert project.pytest("--shard", "1/1", "-k", "nothing").code == 5


@pytest.mark.parametrize("value", ["3/2", "0/2", "half", "1/0"])
def test_a_part_that_there_cannot_be_is_refused(project, value):
    ran = project.pytest("--shard", value)
    assert ran.code == 4
    assert f"--shard: expected I/N with I from 1 to N, got '{value}'" in ran.err
