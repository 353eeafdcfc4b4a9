"""`--wsreplay-save`."""

from __future__ import annotations

FEW = ("--wsreplay-fuzz", "--wsreplay-max-examples", "30", "--wsreplay-seed", "1")


def test_save_keeps_what_is_found(bare):
    bare.write("pyproject.toml", '[tool.wsreplay]\napp = "shop:app"\n')
    ran = bare.pytest(*FEW, "--wsreplay-save")
    path = bare.failing().relative_to(bare.directory)
    assert f"Saved as {path}\n" in ran.out
    assert f"Reproduce: pytest {path}\n" in ran.out
    assert bare.pytest(str(path)).counts == {"failed": 1}
