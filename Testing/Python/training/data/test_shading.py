"""Fields of brightness: smooth, as strong as said within the brain, and each unlike the next."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from BrainTumorVAESegLib.training.data import shading
from BrainTumorVAESegLib.training.data.shading import draw_field

SHAPE = (20, 28, 24)


@pytest.fixture
def brain() -> torch.Tensor:
    """An ellipsoid off the middle of its array."""
    z, y, x = torch.meshgrid(*[torch.arange(n) for n in SHAPE], indexing="ij")
    return (((z - 11) / 8) ** 2 + ((y - 13) / 12) ** 2 + ((x - 10) / 9) ** 2 < 1).float()[None]


def draw(seed: int, brain: torch.Tensor, spacing: float = 4.0) -> torch.Tensor:
    return draw_field(np.random.RandomState(seed), brain, spacing)


def test_fields_reach_from_minus_1_to_1_within_the_brain_and_are_smooth(brain):
    for seed in range(20):
        field = draw(seed, brain)
        inside = field[brain > 0]
        assert field.shape == brain.shape and torch.isfinite(field).all()
        assert (float(inside.min()), float(inside.max())) == pytest.approx((-1, 1), abs=1e-5)
        steps = [
            field.diff(dim=axis)[(brain.narrow(axis, 1, brain.shape[axis] - 1) > 0)].abs().max() for axis in (1, 2, 3)
        ]
        assert max(steps) < 0.6, "4 mm further no more than a third of the whole range"


def test_no_two_fields_are_alike_and_one_seed_gives_one_field(brain):
    fields = [draw(seed, brain)[brain > 0] for seed in range(12)]
    assert torch.equal(draw(3, brain)[brain > 0], fields[3])
    likeness = np.abs(np.corrcoef(torch.stack(fields).numpy())) - np.eye(12)
    assert likeness.max() < 0.999 and np.median(likeness) < 0.6


@pytest.mark.parametrize("kind", range(3))
def test_each_kind_is_drawn(brain, monkeypatch, kind):
    names = ("_draw_polynomial", "_draw_spline", "_draw_coils")
    drawn: list[str] = []
    for name in names:
        own = getattr(shading, name)
        monkeypatch.setattr(shading, name, lambda *a, name=name, own=own: (drawn.append(name), own(*a))[1])
    for seed in range(20):
        draw(seed, brain)
    assert drawn.count(names[kind]) >= 2


def test_a_coils_field_falls_off_away_from_it(brain, monkeypatch):
    """Beside a single coil, along any line through the brain there is one brightest place."""
    axes = shading._axes(brain)
    monkeypatch.setattr(shading, "_MOST_COILS", 1)
    for seed in range(8):
        field = shading._draw_coils(np.random.RandomState(seed), axes, 1.0)[0]
        signs = field[10, :, 10].diff().sign()
        assert not (signs.diff() > 0).any() and field.std() > 0


def test_a_brain_of_one_voxel_has_a_field(brain):
    one = torch.zeros_like(brain)
    one[0, 3, 4, 5] = 1
    for seed in range(6):
        assert torch.isfinite(draw(seed, one)).all()
