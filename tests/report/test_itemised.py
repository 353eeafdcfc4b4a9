"""A failure as pytest prints it."""

from __future__ import annotations

import pytest

from wsreplay.config import Settings
from wsreplay.model import Accepted, Client, Connect, Finding, Opened, Scenario, Transcript
from wsreplay.report.itemised import Again, failure

BEGIN = (Opened(0.0, 0, 0), Accepted(0.0, 0, 0))


@pytest.mark.parametrize(("seed", "said"), [(None, ""), (7, "Seed: 7\n")])
def test_the_seed_is_told_where_it_is_known(seed, said):
    finding = Finding("hang", "failure", "/ws", "message", "It happened.")
    scenario = Scenario("/ws", (Client("/ws"),), (Connect(0),))
    lines = failure(finding, scenario, Transcript(BEGIN), Settings(), Again("pytest", seed))
    text = "\n".join(line.text for line in lines)
    assert text.endswith(f"accepted\n\n{said}Reproduce: pytest\n{'=' * 60}")
