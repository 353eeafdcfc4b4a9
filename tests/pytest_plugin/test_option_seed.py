"""`--wsreplay-seed`."""

from __future__ import annotations

import re


def test_without_a_seed_one_is_chosen_and_told(project):
    ran = project.pytest("--wsreplay-fuzz", "--wsreplay-max-examples", "1")
    assert re.search(r"^Seed: \d+$", ran.out, re.MULTILINE)
