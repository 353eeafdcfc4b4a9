"""A job for GitHub Actions that replays the corpus and searches on, to be copied."""

from __future__ import annotations

from pathlib import Path

_JOB = """\
name: websocket
on: [push, pull_request]
jobs:
  wsreplay:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with: {{python-version: "3.12"}}
      - run: pip install {install}
      - run: wsreplay fuzz {target}--max-time 120 --report-junit wsreplay.xml
      - uses: actions/upload-artifact@v4
        if: always()
        with: {{name: wsreplay, path: "wsreplay.xml\\ncorpus/"}}
"""


def ci_job(directory: Path, target: str | None) -> str:
    """The job as YAML, for a project in `directory`. Without a target its place is marked."""
    install = ["wsreplay"]
    if (directory / "requirements.txt").is_file():
        install.append("-r requirements.txt")
    if _is_installable(directory):
        install.append(".")
    return _JOB.format(install=" ".join(install), target="" if target else "module:attribute ")


def _is_installable(directory: Path) -> bool:
    try:
        text = (directory / "pyproject.toml").read_text(encoding="utf-8")
    except (OSError, ValueError):
        return False
    return "[project]" in text or "[tool.poetry]" in text
