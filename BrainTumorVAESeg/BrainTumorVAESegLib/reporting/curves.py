"""The summary figure of a run: how the loss, its terms and the Dice of every training in its folder went."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..core.errors import InputError
from ..core.labels import REGIONS
from .figures import new_figure, write_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LOSSES_FILE, CHECKS_FILE = "losses.csv", "checks.csv"
_SIZE, _DPI = (11.0, 8.4), 110
_FEW_COLORS, _MANY_COLORS = "tab10", "tab20"
_MOST_POINTS = 800
"""Drawn of one line, so that long trainings hide nothing and make no large file."""
_WINDOWS = 8
"""The running mean's window is this part of a training's steps: batches of one are noisy."""
OF_THE_VAE = ("l2", "kl")
"""Columns of what the VAE branch alone gives: both are 0 in a step in which it did not run."""
Columns = dict[str, np.ndarray]


@dataclass(frozen=True)
class Curves:
    """What a training wrote: its name, and its tables of steps and of checks, by column."""

    name: str
    steps: Columns
    checks: Columns


def draw_curves(folder: Path, file: Path) -> None:
    """Draw the curves of all trainings of a run into one figure (png, svg or pdf, as the file's ending says).

    folder: of the run, whose subfolders hold `losses.csv` and, where cases were held out, `checks.csv`; or of one
    training. Rows that are not whole are left out. Raises InputError where there is nothing to draw, DependencyError
    without matplotlib, OutputError where the file cannot be written.
    """
    trainings = find_curves(Path(folder))
    write_figure(plot_curves(trainings, Path(folder).resolve().name), Path(file))


def find_curves(folder: Path) -> list[Curves]:
    """Read the tables of a run's trainings that have done a step, in the order in which they are trained."""
    places = [path.parent for path in (folder / LOSSES_FILE, *folder.glob(f"*/{LOSSES_FILE}")) if path.is_file()]
    read = [
        Curves(_title(place.name), _read(place / LOSSES_FILE), _read(place / CHECKS_FILE))
        for place in sorted(places, key=_order)
    ]
    found = [training for training in read if len(training.steps.get("step", ()))]
    if not found:
        raise InputError(f"{folder}: holds no training with a finished step ({LOSSES_FILE}); give a run's folder.")
    return found


def _read(file: Path) -> Columns:
    """Return a table's columns; empty where there is none. Rows that a kill cut off, or no numbers, are left out."""
    if not file.is_file():
        return {}
    try:
        with file.open(encoding="utf-8", newline="") as stream:
            reader = csv.reader(stream)
            names = next(reader, [])
            rows = [row for row in map(_numbers, reader) if len(row) == len(names)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{file}: cannot be read as a table ({error}); give a run's folder.") from error
    return dict(zip(names, np.array(rows).T, strict=True)) if rows and names else {}


def _numbers(row: list[str]) -> list[float]:
    try:
        return [float(value) for value in row]
    except ValueError:
        return []


def _order(place: Path) -> tuple[object, ...]:
    """Sort `stage1-fold0`, `stage1-fold1`, ..., `stage1`, `stage2-fold0`, ..., `stage2`."""
    stage, _, fold = place.name.partition("-")
    numbers = [int(number) for number in re.findall(r"\d+", fold)]
    return stage, not fold, numbers, fold


def _title(name: str) -> str:
    """`stage1-fold0` -> `stage 1, fold 0`; other names as they are."""
    match = re.fullmatch(r"stage(\d+)(?:-fold(\d+))?", name)
    if match is None:
        return name
    return f"stage {match[1]}" + (f", fold {match[2]}" if match[2] else ", all cases")


def plot_curves(trainings: Sequence[Curves], title: str) -> Figure:
    """Return the figure: the loss's three terms, the Dice of each region, then the whole loss and the learning rate."""
    figure = new_figure(_SIZE, _DPI, "white")
    axes = figure.subplots(3, 3)
    colors = _colors(len(trainings))
    panels: list[tuple[str, str, bool]] = [
        ("Dice loss", "dice_loss", True),
        ("L2 of the reconstruction", "l2", True),
        ("KL divergence of the latent", "kl", True),
        *((f"Dice, {region.name.lower()} ({region.key})", f"dice_{region.key}", True) for region in REGIONS),
        ("Loss, weighted sum", "loss", True),
        ("Learning rate", "learning_rate", False),
    ]
    for panel, (name, column, noisy) in zip(axes.flat, panels, strict=False):
        _draw_panel(panel, name, column, noisy, trainings, colors)
    for panel in axes[2, :2]:
        panel.set_xlabel("step", fontsize=9)
    for panel, region in zip(axes[1], REGIONS, strict=True):
        panel.set_ylim(0, 1)
        for training, color in zip(trainings, colors, strict=True):
            _draw_checks(panel, training, region.key, color)
    _write_legend(axes[2, 2], trainings, colors)
    figure.suptitle(title, fontsize=13, x=0.055, ha="left")
    figure.subplots_adjust(left=0.055, right=0.985, top=0.915, bottom=0.065, wspace=0.2, hspace=0.36)
    return figure


def _colors(count: int) -> list[Any]:
    from matplotlib import colormaps

    few = colormaps[_FEW_COLORS].colors  # type: ignore[attr-defined]
    many = colormaps[_MANY_COLORS].colors  # type: ignore[attr-defined]
    chosen = few if count <= len(few) else many
    return [chosen[number % len(chosen)] for number in range(count)]


def _draw_panel(
    axes: Axes, name: str, column: str, noisy: bool, trainings: Sequence[Curves], colors: Sequence[Any]
) -> None:
    """Draw one column of all trainings: the running mean and, faint behind it, what every step gave."""
    axes.set_title(name, fontsize=10, loc="left")
    axes.tick_params(labelsize=8.5, color="0.7")
    axes.grid(color="0.92", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color("0.7")
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    smoothed, faint = [], max(0.3 / len(trainings) ** 0.8, 0.05)
    for training, color in zip(trainings, colors, strict=True):
        steps, values = _measured(training.steps, column)
        if not len(steps):
            continue
        line = running_mean(values, len(values) // _WINDOWS) if noisy else values
        few = slice(None, None, -(-len(steps) // _MOST_POINTS))
        if noisy:
            axes.plot(steps[few], values[few], color=color, alpha=faint, linewidth=0.7, zorder=1.5, rasterized=True)
        axes.plot(steps[few], line[few], color=color, linewidth=1.6)
        smoothed.append(line[np.isfinite(line)])
    _set_limits(axes, smoothed)


def _measured(table: Columns, column: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the steps that measured a column, and its values.

    Where the VAE branch did not run both its terms were written as 0, which is none of their values.
    """
    if column not in table:
        return np.zeros(0), np.zeros(0)
    steps, values = table["step"], table[column]
    if column not in OF_THE_VAE or not set(OF_THE_VAE) <= set(table):
        return steps, values
    ran = np.any([table[name] != 0 for name in OF_THE_VAE], axis=0)
    return steps[ran], values[ran]


def _set_limits(axes: Axes, lines: Sequence[np.ndarray]) -> None:
    """Fit the range to the running means, so that a wild first step does not flatten all that follows."""
    values = np.concatenate([*lines, np.zeros(0)])
    if not values.size:
        return
    low, high = float(values.min()), float(np.percentile(values, 99.7))
    axes.set_ylim(min(low, 0.0), (high if high > 0 else 1.0) * 1.15)
    axes.set_xlim(left=0)


def running_mean(values: np.ndarray, window: int) -> np.ndarray:
    """Return the weighted mean around each value over so many values (at least one), the near ones counting most.

    At both ends there are fewer.
    """
    kernel = np.hanning(max(min(window, len(values)), 1) + 2)[1:-1]
    return np.convolve(values, kernel, "same") / np.convolve(np.ones(len(values)), kernel, "same")


def _draw_checks(axes: Axes, training: Curves, region: str, color: Any) -> None:
    if region in training.checks:
        axes.plot(
            training.checks["step"], training.checks[region], color=color, marker="o", markersize=4.5, linewidth=0.9,
            linestyle=":", markeredgecolor="white", markeredgewidth=0.7,
        )  # fmt: skip


def _write_legend(axes: Axes, trainings: Sequence[Curves], colors: Sequence[Any]) -> None:
    """Say in a panel of its own which color is which training, and what the lines are."""
    from matplotlib.lines import Line2D

    axes.set_axis_off()
    entries = [
        Line2D([], [], color=color, linewidth=2.2, label=f"{training.name} ({int(training.steps['step'][-1])} steps)")
        for training, color in zip(trainings, colors, strict=True)
    ]
    entries += [
        Line2D([], [], color="0.45", linewidth=1.6, label="running mean over the samples"),
        Line2D([], [], color="0.45", linewidth=0.7, alpha=0.5, label="each step's samples"),
    ]
    if any(len(training.checks.get("step", ())) for training in trainings):
        dots = Line2D([], [], color="0.45", linestyle=":", marker="o", markersize=4.5, linewidth=0.9)
        dots.set_label("held-out cases")
        entries.append(dots)
    axes.legend(
        handles=entries, loc="upper left", bbox_to_anchor=(-0.05, 1.07), frameon=False, handlelength=1.6,
        fontsize=9 if len(entries) <= 10 else 8 if len(entries) <= 15 else 6.5, ncols=1 if len(entries) <= 15 else 2,
        labelspacing=0.5 if len(entries) <= 10 else 0.2, columnspacing=1.0,
    )  # fmt: skip
