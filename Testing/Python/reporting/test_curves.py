"""The summary figure of a run: from the tables of its trainings, whole or not."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("matplotlib", reason="the extra [report] is not installed")

from BrainTumorVAESegLib.core.errors import InputError, OutputError
from BrainTumorVAESegLib.reporting.curves import draw_curves, find_curves, plot_curves, running_mean
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import imread

LOSSES = ("step", "loss", "dice_loss", "l2", "kl", "dice_WT", "dice_TC", "dice_ET", "learning_rate", "seconds")
CHECKS = ("step", "WT", "TC", "ET")


def write(file: Path, columns: tuple[str, ...], rows: np.ndarray) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([[int(row[0]), *row[1:]] for row in rows])
    return file


def write_training(folder: Path, steps: int, checks: tuple[int, ...] = ()) -> Path:
    """Write the tables of a training whose column k is k + noise at each step, the Dice below 1."""
    noise = np.random.default_rng(0).normal(0, 0.05, (steps, len(LOSSES)))
    rows = np.arange(len(LOSSES)) + noise
    rows[:, 5:8] /= 10
    rows[:, 0] = np.arange(1, steps + 1)
    write(folder / "losses.csv", LOSSES, rows)
    write(folder / "checks.csv", CHECKS, np.array([[step, 0.9, 0.8, 0.7] for step in checks]).reshape(-1, 4))
    return folder


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run of a finished training and one that a kill cut off in the middle of a row."""
    write_training(tmp_path / "run" / "stage1-fold0", 60, (30, 60))
    cut = write_training(tmp_path / "run" / "stage1-fold1", 41)
    text = (cut / "losses.csv").read_text().rstrip("\n")
    (cut / "losses.csv").write_text(text[: text.rindex(",")])
    (tmp_path / "run" / "masks").mkdir()
    return tmp_path / "run"


def panel(figure: Figure, title: str) -> Axes:
    (found,) = [axes for axes in figure.axes if title in axes.get_title(loc="left")]
    return found


def test_each_training_has_its_color_in_every_panel(run):
    figure = plot_curves(find_curves(run), "run")
    for title in ("Dice loss", "L2", "KL", "(WT)", "(TC)", "(ET)", "weighted sum"):
        colors = [line.get_color() for line in panel(figure, title).lines if line.get_linestyle() == "-"]
        assert len(colors) == 4, title  # each step's values and their mean, twice
        assert len(set(colors)) == 2
    assert len(panel(figure, "Learning rate").lines) == 2


def test_the_vaes_terms_are_shown_apart(run):
    figure = plot_curves(find_curves(run), "run")
    for title, column in (("Dice loss", 2), ("L2", 3), ("KL", 4), ("weighted sum", 1)):
        assert np.mean(panel(figure, title).lines[1].get_ydata()) == pytest.approx(column, abs=0.05)


def test_steps_without_the_vae_branch_are_no_zeros_of_its_terms(tmp_path):
    """As where it learns in every fourth step, and in a second stage, which has none."""
    for name, every in (("stage1", 4), ("stage2", 1000)):
        write_training(tmp_path / name, 60)
        rows = np.loadtxt(tmp_path / name / "losses.csv", delimiter=",", skiprows=1)
        rows[np.arange(60) % every != 0, 3:5] = 0
        write(tmp_path / name / "losses.csv", LOSSES, rows[1:])
    figure = plot_curves(find_curves(tmp_path), "run")
    for title, column in (("L2", 3), ("KL", 4)):
        samples, mean = panel(figure, title).lines  # of the first stage alone
        assert len(samples.get_xdata()) == 14 and np.mean(mean.get_ydata()) == pytest.approx(column, abs=0.1)
    assert len(panel(figure, "Dice loss").lines[0].get_xdata()) == 59


def test_held_out_cases_are_markers_at_their_steps(run):
    figure = plot_curves(find_curves(run), "run")
    for key, value in (("WT", 0.9), ("TC", 0.8), ("ET", 0.7)):
        (line,) = [line for line in panel(figure, f"({key})").lines if line.get_marker() == "o"]
        assert list(line.get_xdata()) == [30, 60]
        assert list(line.get_ydata()) == [value, value]


def test_a_row_that_was_cut_off_is_left_out(run):
    whole, cut = find_curves(run)
    assert (len(whole.steps["step"]), len(cut.steps["step"])) == (60, 40)
    assert np.isfinite(cut.steps["seconds"]).all()


def test_a_row_whose_last_number_was_cut_off_is_left_out(tmp_path):
    folder = write_training(tmp_path / "stage1", 5)
    with (folder / "losses.csv").open("a") as stream:
        stream.write("6,1,2,3,4,5,6,7,8,")
    assert list(find_curves(tmp_path)[0].steps["step"]) == [1, 2, 3, 4, 5]


def test_trainings_come_in_the_order_of_the_run_and_say_how_far_they_are(tmp_path):
    names = ("stage1-fold0", "stage1-fold2", "stage1-fold10", "stage1", "stage2-fold0", "stage2")
    for number, name in enumerate(reversed(names), start=1):
        write_training(tmp_path / name, number)
    found = find_curves(tmp_path)
    assert [training.name for training in found] == [
        "stage 1, fold 0", "stage 1, fold 2", "stage 1, fold 10", "stage 1, all cases", "stage 2, fold 0",
        "stage 2, all cases",
    ]  # fmt: skip
    legend = [text.get_text() for axes in plot_curves(found, "run").axes if axes.get_legend() for text in
              axes.get_legend().get_texts()]  # fmt: skip
    assert legend[0] == "stage 1, fold 0 (6 steps)"
    assert legend[5] == "stage 2, all cases (1 steps)"


def test_one_trainings_own_folder_will_do(run):
    assert [training.name for training in find_curves(run / "stage1-fold0")] == ["stage 1, fold 0"]


def test_the_running_mean_smooths_and_keeps_a_constant():
    values = np.random.default_rng(1).normal(3, 1, 400)
    smooth = running_mean(values, 50)
    assert smooth.std() < values.std() / 3
    assert smooth.mean() == pytest.approx(3, abs=0.1)
    assert running_mean(np.full(9, 2.0), 5) == pytest.approx(np.full(9, 2.0))
    assert running_mean(np.array([1.0, 5.0]), 0) == pytest.approx([1.0, 5.0])


def test_a_wild_first_step_does_not_flatten_the_rest(tmp_path):
    rows = np.ones((1000, len(LOSSES)))
    rows[:, 0] = np.arange(1, 1001)
    rows[0, 3] = 1e4
    write(tmp_path / "stage1" / "losses.csv", LOSSES, rows)
    assert panel(plot_curves(find_curves(tmp_path), ""), "L2").get_ylim()[1] < 500


def test_the_figure_is_a_picture_of_readable_size(run, tmp_path):
    draw_curves(run, tmp_path / "curves.png")
    pixels = imread(tmp_path / "curves.png")
    assert pixels.shape[1] >= 1000
    assert (pixels[..., :3].std(axis=-1) > 0.1).mean() > 0.002  # colored lines
    draw_curves(run, tmp_path / "curves.svg")
    assert b"<svg" in (tmp_path / "curves.svg").read_bytes()


@pytest.mark.parametrize("content", [None, ",".join(LOSSES) + "\n", ""])
def test_a_folder_without_a_finished_step_is_named(tmp_path, content):
    (tmp_path / "stage1").mkdir()
    if content is not None:
        (tmp_path / "stage1" / "losses.csv").write_text(content)
    with pytest.raises(InputError, match=f"{tmp_path}: holds no training"):
        draw_curves(tmp_path, tmp_path / "curves.png")
    assert not (tmp_path / "curves.png").exists()


def test_a_table_that_is_no_text_is_named(run):
    (run / "stage1-fold0" / "losses.csv").write_bytes(b"\xff\xfe\x00\x81")
    with pytest.raises(InputError, match=r"stage1-fold0/losses\.csv: cannot be read as a table"):
        find_curves(run)


def test_an_ending_that_is_no_picture_and_a_full_disk_leave_nothing(run, tmp_path, full_disk):
    with pytest.raises(InputError, match=r"curves\.docx: figures cannot be written as \.docx"):
        draw_curves(run, tmp_path / "curves.docx")
    with pytest.raises(OutputError, match=r"curves\.png"), full_disk():
        draw_curves(run, tmp_path / "curves.png")
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
