"""`--wsreplay-factory`, `--wsreplay-app-dir`."""

from __future__ import annotations

FEW = ("--wsreplay-fuzz", "--wsreplay-max-examples", "30", "--wsreplay-seed", "1")


def test_the_target_may_be_a_factory_in_a_directory_of_its_own(bare):
    bare.write("src/made.py", "from shop import app\n\ndef make():\n    return app\n")
    (bare.directory / "shop.py").rename(bare.directory / "src" / "shop.py")
    words = ("--wsreplay-app", "made:make", "--wsreplay-factory", "--wsreplay-app-dir", "src", "--wsreplay-auth")
    ran = bare.pytest(*FEW, *words, "bearer:$TOKEN", TOKEN="geheim")
    assert ran.counts == {"failed": 1, "passed": 1}
    assert "--wsreplay-auth bearer:..." in ran.out
