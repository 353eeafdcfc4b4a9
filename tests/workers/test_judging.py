"""What a worker says of a target that failed tells no credential."""

from __future__ import annotations

from wsreplay.errors import TargetError
from wsreplay.workers.judging import discreet

SECRETS = (("{{header:authorization}}", "Bearer 5up3rs3cret"),)


def test_an_error_that_speaks_of_a_credential_is_said_without_it_and_without_its_cause() -> None:
    error = TargetError("no login with Bearer 5up3rs3cret", "Is Bearer 5up3rs3cret right?")
    error.__cause__ = ValueError("Bearer 5up3rs3cret")
    told = discreet(error, SECRETS)
    assert told.message == "no login with {{header:authorization}}"
    assert "5up3rs3cret" not in f"{told} {told.hint} {told.args} {told.__cause__} {told.__context__}"


def test_other_errors_are_left_as_they_are() -> None:
    error = TargetError("no such module", "Is it installed?")
    error.__cause__ = cause = ValueError("shop")
    assert discreet(error, SECRETS) is error
    assert (error.message, error.hint, error.__cause__) == ("no such module", "Is it installed?", cause)
