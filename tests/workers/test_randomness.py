from __future__ import annotations

import os
import random
import secrets
import uuid

from wsreplay.workers.randomness import Randomness


def drawn(number: int) -> list[object]:
    chance = Randomness(number)
    chance.start()
    try:
        return [random.random(), uuid.uuid4(), secrets.token_hex(4), random.SystemRandom().random(), os.urandom(3)]
    finally:
        chance.stop()


def test_one_number_gives_the_same_identifiers_and_tokens_every_time() -> None:
    assert drawn(1) == drawn(1)
    assert not set(drawn(1)) & set(drawn(2))


def test_the_system_has_its_say_again_afterwards() -> None:
    before = os.urandom
    drawn(1)
    assert os.urandom is before
    Randomness(1).stop()
    assert os.urandom(16) != os.urandom(16)
