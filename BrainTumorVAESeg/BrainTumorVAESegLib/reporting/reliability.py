"""The reliability diagram: how often what the networks call so probable is so, before and after calibration."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from .figures import new_figure, write_figure

Bins = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Of each bin of probability: the mean of what was said, the share of voxels in which it was so, and their number."""
_SIDE, _DPI = 3.4, 110
_LOOKS = (("before", "tab:gray", "o"), ("after", "tab:blue", "s"))


def draw_reliability(channels: Mapping[str, tuple[Bins, Bins]], file: Path) -> None:
    """Draw a diagram for each channel's bins before and after, the share of voxels below; see `write_figure`."""
    figure = new_figure((_SIDE * max(len(channels), 1), _SIDE * 1.3), _DPI, "white")
    grid = figure.add_gridspec(2, max(len(channels), 1), height_ratios=(3, 1))
    for column, (name, sides) in enumerate(channels.items()):
        above, below = figure.add_subplot(grid[0, column]), figure.add_subplot(grid[1, column])
        above.plot((0, 1), (0, 1), color="0.8", linewidth=1)
        for (label, color, marker), (said, happened, voxels) in zip(_LOOKS, sides, strict=True):
            share = voxels / max(float(voxels.sum()), 1e-12)
            error = float((np.abs(said - happened) * share).sum())
            there = voxels > 0
            above.plot(
                said[there], happened[there], color=color, marker=marker, markersize=4, label=f"{label}: {error:.3f}"
            )
            width = 0.4 / len(share)
            offset = (-0.5 if label == "before" else 0.5) * width
            below.bar((np.arange(len(share)) + 0.5) / len(share) + offset, share, width, color=color)
        above.set(title=name, xlim=(0, 1), ylim=(0, 1), aspect="equal")
        above.legend(title="mean error", fontsize=8, title_fontsize=8, loc="upper left", frameon=False)
        below.set(xlim=(0, 1), xlabel="probability")
        if column == 0:
            above.set_ylabel("share of voxels that are so")
            below.set_ylabel("voxels")
    figure.suptitle("Voxels within 5 mm of a tumor, true or found", fontsize=10)
    figure.tight_layout()
    write_figure(figure, file)
