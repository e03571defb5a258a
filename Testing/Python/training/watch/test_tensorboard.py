"""What TensorBoard and a folder of pictures show of a training: read back from what was written."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from BrainTumorVAESegLib.core.errors import OutputError
from BrainTumorVAESegLib.core.labels import LABELS
from BrainTumorVAESegLib.core.settings import StageSettings, without_vae
from BrainTumorVAESegLib.networks.nvnet import NvNet
from BrainTumorVAESegLib.training.data.samples import Sample
from BrainTumorVAESegLib.training.fit.module import LOSSES, SOFT_DICE
from BrainTumorVAESegLib.training.watch.pictures import DRAWS, STEPS, Window, draw_pictures, most_tumor, signed_colors
from BrainTumorVAESegLib.training.watch.tensorboard import TensorBoardWatcher
from BrainTumorVAESegLib.training.watch.watchers import Beginning, Check, StepRecord
from matplotlib.figure import Figure
from matplotlib.image import imread
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.summary.writer import event_file_writer

MODALITIES = ("T1", "T1ce", "T2", "FLAIR")
DICE = {"WT": 0.8, "TC": 0.7, "ET": 0.6}
ALL = {"predictions", "reconstructions", "prior", "interpolation"}


def record(step: int, loss: float = 1.0) -> StepRecord:
    values = {name: loss + number for number, name in enumerate((*LOSSES, *SOFT_DICE))}
    return StepRecord(step, values, 1e-4 / step, 0.5)


def make_sample(masks: bool = False, seed: int = 0) -> Sample:
    """A ball of noise with three shells of tumor in it, off the middle: most of it in slice 6."""
    z, y, x = np.ogrid[:16, :16, :16]
    brain = (z - 8) ** 2 + (y - 8) ** 2 + (x - 8) ** 2 < 49
    distance = np.sqrt((z - 6) ** 2 + (y - 7) ** 2 + (x - 9) ** 2)
    target = np.stack([distance < 4.2, distance < 3, distance < 2]).astype(np.float32)
    images = np.random.default_rng(seed).standard_normal((4, 16, 16, 16)).astype(np.float32) * brain
    given = np.concatenate([target[[0, 1, 2]], images]) if masks else images
    return {key: torch.from_numpy(array) for key, array in (("input", given), ("images", images), ("target", target))}


@pytest.fixture(autouse=True)
def files_in_order(monkeypatch):
    """Event files are read by name, in which a counter tells those of one second apart: let it not go from 9 to 10."""
    monkeypatch.setattr(event_file_writer, "_global_uid", event_file_writer.AtomicCounter(0))


@pytest.fixture
def check(tiny_stage: StageSettings) -> Callable[..., Check]:
    """A look at an untrained network with two samples."""

    def make(step: int = 2, dice: dict[str, float] | None = None, vae: bool = True, stage2: bool = False) -> Check:
        stage = replace(tiny_stage, architecture="attention_add", in_channels=7) if stage2 else tiny_stage
        torch.manual_seed(0)
        network = NvNet(stage if vae else without_vae(stage)).eval()
        return Check(step, DICE if dice is None else dice, network, [make_sample(stage2, seed) for seed in (0, 1)])

    return make


def run(folder: Path, *steps: StepRecord, done: int = 0, check: Check | None = None) -> None:
    """Watch some steps, as a training that goes on after `done` steps would have it."""
    watcher = TensorBoardWatcher(MODALITIES)
    watcher.begin(Beginning("stage 1", folder, 10, done))
    for each in steps:
        watcher.step(each)
    if check is not None:
        watcher.check(check)
    watcher.end()


def read(folder: Path) -> EventAccumulator:
    return EventAccumulator(str(folder / "tensorboard")).Reload()


def scalars(folder: Path, tag: str) -> list[tuple[int, float]]:
    return [(event.step, round(event.value, 6)) for event in read(folder).Scalars(tag)]


def shown(figure: Figure) -> list[np.ndarray]:
    """The pictures in a figure, row by row; an overlay of labels is one of its own."""
    return [image.get_array() for image in figure.axes[0].images]


def words(figure: Figure) -> str:
    return "\n".join(text.get_text() for text in figure.axes[0].texts)


def test_every_term_of_the_loss_has_a_curve_of_its_own(tmp_path):
    run(tmp_path, record(1), record(2, loss=0.5))
    assert scalars(tmp_path, "loss/total") == [(1, 1.0), (2, 0.5)]
    assert scalars(tmp_path, "loss/dice") == [(1, 2.0), (2, 1.5)]
    assert scalars(tmp_path, "loss/l2") == [(1, 3.0), (2, 2.5)]
    assert scalars(tmp_path, "loss/kl") == [(1, 4.0), (2, 3.5)]
    assert scalars(tmp_path, "loss/cross_entropy") == [(1, 5.0), (2, 4.5)]
    assert scalars(tmp_path, "dice_of_samples/ET")[0] == (1, 8.0)
    assert scalars(tmp_path, "learning_rate") == [(1, 1e-4), (2, 5e-5)]
    assert scalars(tmp_path, "seconds_per_step")[1] == (2, 0.5)


def test_a_step_without_the_vae_branch_leaves_its_terms_out(tmp_path):
    without = record(2)
    without = replace(without, values={**without.values, "l2": 0.0, "kl": 0.0})
    run(tmp_path, record(1), without, record(3))
    assert [step for step, _ in scalars(tmp_path, "loss/l2")] == [1, 3]
    assert [step for step, _ in scalars(tmp_path, "loss/kl")] == [1, 3]
    assert [step for step, _ in scalars(tmp_path, "loss/dice")] == [1, 2, 3]


def test_steps_that_are_done_again_leave_no_double_points(tmp_path):
    run(tmp_path, record(1), record(2), record(3))
    run(tmp_path, record(3, loss=9), record(4, loss=9), done=2)
    assert scalars(tmp_path, "loss/total") == [(1, 1.0), (2, 1.0), (3, 9.0), (4, 9.0)]


def test_a_training_that_never_saved_begins_its_curves_anew(tmp_path):
    run(tmp_path, record(1), record(2), record(3))
    run(tmp_path, record(1, loss=9), done=0)
    assert scalars(tmp_path, "loss/total") == [(1, 9.0)]


def test_a_check_shows_the_held_out_dice_and_all_pictures(check, tmp_path):
    run(tmp_path, record(1), record(2), check=check(step=2))
    events = read(tmp_path)
    assert [(event.step, round(event.value, 3)) for event in events.Scalars("dice_held_out/TC")] == [(2, 0.7)]
    assert set(events.Tags()["images"]) == {f"pictures/{name}" for name in ALL}
    (image,) = events.Images("pictures/prior")
    assert image.step == 2
    pictures = {path.stem: imread(path) for path in (tmp_path / "pictures").iterdir()}
    assert set(pictures) == ALL
    assert pictures["prior"].shape[:2] == (image.height, image.width)
    for name, pixels in pictures.items():
        assert pixels.std() > 0.05, name


def test_without_held_out_cases_there_are_pictures_but_no_held_out_dice(check, tmp_path):
    run(tmp_path, record(1), check=check(step=1, dice={}))
    tags = read(tmp_path).Tags()
    assert not any(tag.startswith("dice_held_out") for tag in tags["scalars"])
    assert len(tags["images"]) == len(ALL)


def test_the_pictures_are_those_of_the_last_check(check, tmp_path):
    run(tmp_path, check=check(step=1, vae=False))
    before = (tmp_path / "pictures" / "predictions.png").read_bytes()
    run(tmp_path, check=check(step=2, vae=False), done=1)
    assert (tmp_path / "pictures" / "predictions.png").read_bytes() != before
    assert [image.step for image in read(tmp_path).Images("pictures/predictions")] == [1, 2]


def test_a_network_without_a_vae_branch_shows_its_predictions_alone(check):
    assert set(draw_pictures(check(vae=False), "stage 1", MODALITIES)) == {"predictions"}


def test_one_sample_alone_has_nothing_to_go_to(check):
    alone = check()
    assert set(draw_pictures(replace(alone, samples=alone.samples[:1]), "stage 1", MODALITIES)) == ALL - {
        "interpolation"
    }


def test_the_second_stage_shows_the_mask_that_it_was_given(check):
    first = draw_pictures(check(vae=False), "stage 1", MODALITIES)["predictions"]
    second = draw_pictures(check(vae=False, stage2=True), "stage 2", MODALITIES)["predictions"]
    assert "mask given" not in words(first)
    assert "mask given" in words(second)
    assert (len(shown(first)), len(shown(second))) == (2 * (4 + 2 * 2), 2 * (4 + 2 * 3))


def test_pictures_name_the_training_the_step_the_modalities_and_the_slice(check):
    figures = draw_pictures(check(step=1234), "stage 1 without fold 3", MODALITIES)
    for name, figure in figures.items():
        assert "stage 1 without fold 3, step 1234" in words(figure), name
        assert all(modality in words(figure) for modality in MODALITIES), name
        assert "slice 6" in words(figure), name
    assert f"draw {DRAWS}" in words(figures["prior"])
    assert len(shown(figures["interpolation"])) == 4 * (STEPS + 2)


def test_a_right_answer_has_the_truths_colors_and_a_dice_of_one(check):
    given = check(vae=False)

    class Knowing(NvNet):
        def decode(self, features):
            answer = super().decode(features)
            return replace(answer, logits=20 * given.samples[0]["target"][None] - 10)

    network = Knowing(given.network.settings).eval()
    figure = draw_pictures(replace(given, network=network, samples=given.samples[:1]), "", MODALITIES)["predictions"]
    truth, answer = shown(figure)[5], shown(figure)[7]
    assert np.array_equal(truth, answer)
    for label in LABELS:
        assert (np.abs(truth[..., :3] - label.color).max(-1) < 1e-6).any()
    assert "WT 1.00  TC 1.00  ET 1.00" in words(figure)


def test_the_ways_ends_are_the_samples_own_reconstructions(check):
    given = check()
    pictures = draw_pictures(given, "", MODALITIES)
    ways = shown(pictures["interpolation"])[: STEPS + 2]
    with torch.inference_mode():
        backs = [given.network(sample["input"][None], reconstruct=True).reconstruction for sample in given.samples]
    for way, back in ((ways[1], backs[0]), (ways[-2], backs[1])):
        expected = back[0, 0, 6].numpy()
        inside = (way > 0) & (way < 1)
        assert np.corrcoef(way[inside], expected[inside])[0, 1] > 0.999
    assert not np.allclose(ways[1], ways[-2])


def test_the_draws_from_the_prior_are_the_same_at_every_check_and_differ_from_each_other(check):
    given = check()
    first, again = (shown(draw_pictures(given, "", MODALITIES)["prior"]) for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert len({array.tobytes() for array in first[: DRAWS + 1]}) == DRAWS + 1


def test_looking_changes_neither_the_network_nor_the_random_numbers(check):
    given = check()
    before = {name: tensor.clone() for name, tensor in given.network.state_dict().items()}
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    draw_pictures(given, "", MODALITIES)
    assert torch.equal(torch.rand(3), expected)
    assert all(torch.equal(tensor, before[name]) for name, tensor in given.network.state_dict().items())
    assert not given.network.training
    assert all(parameter.grad is None and parameter.requires_grad for parameter in given.network.parameters())


def test_the_slice_with_the_most_tumor_is_shown_or_the_middle_one():
    assert most_tumor(make_sample()["target"].numpy()) == 6
    assert most_tumor(np.zeros((3, 10, 4, 4))) == 5


def test_a_window_spans_the_brain_and_leaves_fluid_above_black():
    images = np.zeros((4, 8, 8, 8), np.float32)
    images[:, 2:6, 2:6, 2:6] = np.linspace(-2, 3, 64).reshape(4, 4, 4)
    window = Window.of([images], [(images != 0).any(0)])
    low, high = window.show(np.stack([np.full((1, 2), value, np.float32) for value in (-2, 3, -2, 3)]))[:2]
    assert 0.02 < low[0, 0] < 0.2
    assert 0.95 < high[0, 0] < 1.05
    wide = window.widened(np.full(4, 20.0))
    assert np.allclose(wide.span, 20)
    assert np.allclose(wide.dark + wide.bright, window.dark + window.bright)


def test_differences_are_blue_below_black_at_and_orange_above_zero():
    blue, black, orange = signed_colors(np.array([[-1.0, 0.0, 1.0]]))[0]
    assert blue[2] > blue[0]
    assert not black.any()
    assert orange[0] > orange[2]


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "tensorboard").write_text("a file")
    watcher = TensorBoardWatcher(MODALITIES)
    with pytest.raises(OutputError, match="tensorboard: cannot be written"):
        watcher.begin(Beginning("stage 1", tmp_path, 10, 0))
    watcher.end()


@pytest.mark.filterwarnings("error")
def test_a_full_disk_is_one_error_and_no_traceback(tmp_path, full_disk, capfd):
    watcher = TensorBoardWatcher(MODALITIES)
    hook = threading.excepthook
    watcher.begin(Beginning("stage 1", tmp_path, 10, 0))
    with pytest.raises(OutputError, match="tensorboard: cannot be written"), full_disk():
        for step in range(1, 200):
            watcher.step(record(step))
    watcher.end()
    assert "Traceback" not in capfd.readouterr().err
    assert threading.excepthook is hook


def test_the_end_may_come_before_the_beginning():
    TensorBoardWatcher(MODALITIES).end()
