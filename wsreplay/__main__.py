"""`python -m wsreplay` is `wsreplay`."""

from __future__ import annotations

from wsreplay.cli import main

if __name__ == "__main__":
    main()
