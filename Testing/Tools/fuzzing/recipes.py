"""Damaged and hostile recipes: YAML of every kind that a person or a stranger may hand over."""

from __future__ import annotations

import os
import random
from pathlib import Path

from .values import HOSTILE, damage

_RECIPE = """\
base: smoke
preset: small
folds: 2
seed: 3
masks_at: [0.5, 1.0]
networks:
  preprocessing: {spacing: 2.0, clip: [0.5, 99.5]}
  stage1: {filters: 8, groups: 4, field: [48, 48, 48], vae_crop: [48, 48, 48]}
stage1: &training
  steps: 4
  learning_rate: 1e-4
  ema: 0.9
stage2:
  <<: *training
  batch: 1
augmentation: {flip: 0.5, gamma_range: [0.7, 1.5]}
"""
_LINES = (
    "base: [a]",
    "base: ../../etc/passwd",
    "base: r.yaml",
    "base: fifo.yaml",
    "base: loop.yaml",
    "base: .",
    "a: !!python/object:os.system x",
    "stage1: !!python/object/apply:os.system [touch outside]",
    "seed: 2001-99-99",
    "seed: 0x" + "f" * 500,
    "seed: 1" + "0" * 400,
    "seed: 1_0:59:59",
    "folds: .inf",
    "masks_at: [.nan]",
    "masks_at: [1e400]",
    "? [a, b]\n: 1",
    "? {a: 1}\n: 2",
    "stage1: *nothing",
    "a: &a [*a]",
    "stage1: &s {<<: *s}",
    "x: " + "[" * 3000,
    "x: " + "{a: " * 3000,
    "seed: '" + "9" * 5000 + "'",
    "name: ../../x",
    "name: ''",
    'name: "a\\0b"',
    "name: " + "n" * 100_000,
    "start_from: " + "/" * 5000,
    "x" * 100_000 + ": 1",
    "\0",
    "%YAML 9.9",
    "--- a\n--- b",
    "!!binary x: 1",
    "seed: !!int x",
    "seed: !!float x",
    "seed: !!timestamp x",
    "<<: 1",
    "<<: [1, 2]",
)


def _bomb(chance: random.Random) -> str:
    """Return a recipe whose aliases, or merged tables, double at every line."""
    depth = chance.choice((5, 12, 40))
    if chance.random() < 0.5:
        lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
        lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, depth)]
    else:
        lines = ["a0: &a0 {k: 1}"]
        lines += [f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 9)}], k{n}: 1}}" for n in range(1, depth)]
    return "\n".join([*lines, f"stage1: *a{depth - 1}", ""])


def attempt(seed: int, folder: Path, shared: Path) -> str | None:
    """Make a damaged recipe in the folder and read it; see `kinds`."""
    from BrainTumorVAESegLib.training.recipe import read_recipe

    chance = random.Random(seed)
    path = folder / "r.yaml"
    what = chance.randrange(10)
    os.mkfifo(folder / "fifo.yaml")
    (folder / "loop.yaml").symlink_to("loop.yaml")
    lines = _RECIPE.splitlines()
    if what == 0:
        path.write_text(_bomb(chance))
    elif what <= 2:
        path.write_bytes(damage(chance, _RECIPE.encode()))
    elif what <= 5:
        at = chance.randrange(len(lines))
        lines[at : at + chance.randrange(2)] = [chance.choice(_LINES)]
        path.write_text("\n".join(lines))
    elif what == 6:
        path = folder / chance.choice(
            ("fifo.yaml", "loop.yaml", "a" * 300 + ".yaml", "none/r.yaml", ".", "a\0.yaml", "\udcff.yaml")
        )
    else:
        at = chance.choice([n for n, line in enumerate(lines) if ": " in line])
        key = lines[at].partition(":")[0]
        value = repr(chance.choice(HOSTILE))
        lines[at] = f"{key}: {value}"
        path.write_bytes("\n".join(lines).encode("utf-8", "surrogatepass"))
    read_recipe(path)
    return None
