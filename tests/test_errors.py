"""What is told of missing credentials can be typed as it stands, whoever has named them."""

from __future__ import annotations

import shlex

from wsreplay.errors import CredentialError


def test_the_flags_that_give_what_is_missing_are_quoted_for_a_shell() -> None:
    error = CredentialError(("{{header:x-key}}", "{{query:a'; touch run; '}}"))
    assert "--auth 'header:x-key:$VALUE', " in error.hint
    words = shlex.split(error.hint.partition("query")[0].rpartition("--auth")[1] + error.hint.split("--auth")[2])
    assert words[:2] == ["--auth", "query:a'; touch run; ':$VALUE"]
