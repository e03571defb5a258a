"""Samples of both stages: what they hold, that a number gives one sample, and that their parts lie on each other."""

from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pytest
import torch
from BrainTumorVAESegLib.core.boxes import Box, cut
from BrainTumorVAESegLib.core.errors import TrainingError
from BrainTumorVAESegLib.core.labels import regions_from_labels
from BrainTumorVAESegLib.core.settings import SMALL, CascadeSettings, StageSettings
from BrainTumorVAESegLib.evaluation.dice import dice
from BrainTumorVAESegLib.inference.cascade import predict_first
from BrainTumorVAESegLib.inference.fields import coarsen, second_input
from BrainTumorVAESegLib.training.data.samples import FirstStageSamples, SampleError, SecondStageSamples
from BrainTumorVAESegLib.training.settings import Augmentation, StageTraining
from torch.utils.data import DataLoader

STILL = Augmentation(flip=0, shift=0, scale=0)
WILD = Augmentation(
    affine=0.7, elastic=0.5, gamma=0.5, contrast=0.5, bias=0.5, thick=0.5, noise=0.5, smooth=0.5, drop=0.5
)
FIRST = StageSettings(downsample=2, field=(24, 24, 32), vae_crop=(16, 32, 32))
SETTINGS = replace(SMALL, stage1=FIRST, stage2=replace(SMALL.stage2, field=(24, 32, 24), vae_crop=(32, 32, 32)))


@pytest.fixture
def first(tumor_cases):
    def make(augmentation=STILL, stage=FIRST, jitter=3, seed=5, tumor_crops=0.0):
        training = StageTraining(jitter=jitter, tumor_crops=tumor_crops)
        return FirstStageSamples(tumor_cases, replace(SETTINGS, stage1=stage), training, augmentation, seed)

    return make


@pytest.fixture
def second(tumor_cases):
    """The masks are the truth, once whole and once without its enhancing part."""

    def make(augmentation=STILL, masks=None, jitter=3, seed=5, settings: CascadeSettings = SETTINGS):
        if masks is None:
            masks = {
                c.name: [np.asarray(c.labels()), np.where(c.labels() == 3, 1, c.labels()).astype(np.uint8)]
                for c in tumor_cases
            }
        return SecondStageSamples(tumor_cases, masks, settings, StageTraining(jitter=jitter), augmentation, seed)

    return make


def test_every_epoch_shows_every_case_once_in_another_order(first, tumor_cases, monkeypatch):
    samples, drawn = first(), []
    draw = samples.draw
    monkeypatch.setattr(samples, "draw", lambda case, *rest: (drawn.append(case.name), draw(case, *rest))[1])
    for number in range(30):
        samples[number]
    epochs = [tuple(drawn[start : start + 3]) for start in range(0, 30, 3)]
    assert all(sorted(epoch) == [case.name for case in tumor_cases] for epoch in epochs)
    assert len(set(epochs)) > 2


def test_the_first_stages_sample_has_the_size_of_its_vae_branch(first):
    sample = first(WILD)[0]
    assert sample["input"].shape == sample["images"].shape == (4, 16, 32, 32)
    assert sample["target"].shape == (3, 16, 32, 32)
    assert {value.dtype for value in sample.values()} == {torch.float32}


def test_without_a_branch_the_first_stage_sees_the_field_of_inference(first):
    assert first(stage=replace(FIRST, vae_crop=None))[0]["input"].shape == (4, 24, 24, 32)


def test_the_second_stages_sample_holds_masks_before_images(second):
    sample = second(WILD)[0]
    assert sample["input"].shape == (7, 24, 32, 24) and sample["target"].shape == (3, 24, 32, 24)
    torch.testing.assert_close(second()[0]["input"][3:], second()[0]["images"])
    assert sample["input"][:3].min() >= 0 and sample["input"][:3].max() <= 1 + 1e-6


@pytest.mark.parametrize("stage", ["first", "second"])
def test_a_number_gives_one_sample_whatever_was_drawn_before(stage, request):
    make = request.getfixturevalue(stage)
    forward, backward = make(WILD), make(WILD)
    one = [forward[n] for n in range(6)]
    other = [backward[n] for n in reversed(range(6))][::-1]
    for a, b in zip(one, other, strict=True):
        assert all(torch.equal(a[key], b[key]) for key in a)
    assert not torch.equal(one[0]["input"], one[3]["input"])
    assert not torch.equal(make(WILD, seed=6)[0]["input"], one[0]["input"])


@pytest.mark.parametrize("stage", ["first", "second"])
def test_targets_are_shares_that_nest_and_images_are_0_outside_the_brain(stage, request):
    samples = request.getfixturevalue(stage)(WILD)
    for number in range(6):
        sample = samples[number]
        target = sample["target"]
        assert target.min() >= 0 and target.max() <= 1 + 1e-6 and target[0].sum() > 0
        assert (target[0] >= target[1] - 1e-6).all() and (target[1] >= target[2] - 1e-6).all()
        outside = (sample["images"] == 0).all(0)
        assert outside.any() and not outside.all()
        corner = sample["images"][:, :2, :2, :2]
        assert stage == "second" or (corner == 0).all(), "noise, gamma and shift must not reach beyond the brain"


def test_the_first_stage_trains_on_what_it_sees_in_inference(first, tumor_cases):
    """Without shift and change the sample is the very input that the cascade gives, cut to the branch's crop."""
    stage = replace(FIRST, field=(24, 24, 32), vae_crop=(32, 32, 32))
    samples = first(stage=stage, jitter=0)
    shown = []
    settings = replace(SETTINGS, stage1=stage)
    order = np.random.default_rng((5, 0)).permutation(3)
    case = tumor_cases[int(order[0])]
    predict_first("network", settings, case.images().astype(np.float32), lambda n, x, s: (shown.append(x), x[:, :3])[1])
    whole = shown[0][0]
    padded = torch.nn.functional.pad(whole, [n for side in (32, 24, 24) for n in [(32 - side) // 2] * 2])
    torch.testing.assert_close(samples[0]["input"], padded, rtol=0, atol=1e-6)


def test_the_first_stages_target_is_each_coarse_voxels_share_of_a_region(first, tumor_cases):
    sample = first(stage=replace(FIRST, vae_crop=(32, 32, 32)), jitter=0)[0]
    order = np.random.default_rng((5, 0)).permutation(3)
    labels = np.asarray(tumor_cases[int(order[0])].labels())
    volumes = regions_from_labels(labels).sum((1, 2, 3)) / 8
    np.testing.assert_allclose(sample["target"].sum((1, 2, 3)), volumes, rtol=1e-5)
    assert set(np.unique(sample["target"]).tolist()) <= {n / 8 for n in range(9)}


@pytest.mark.parametrize("around", [0, 3, 40])
@pytest.mark.parametrize("crop", [(16, 16, 16), (16, 32, 32), (64, 48, 80)])
def test_what_lies_beyond_the_images_is_0_and_the_rest_is_averaged_where_it_lies(
    first, tumor_cases, monkeypatch, crop, around
):
    samples = first(stage=replace(FIRST, vae_crop=crop), jitter=9)
    case = tumor_cases[0]
    boxes = []
    monkeypatch.setattr(samples, "_place", lambda *a, place=samples._place: boxes.append(place(*a)) or boxes[-1])
    for number in range(2 if around > 9 else 6):  # much of the large ones lies beyond whatever is drawn
        sample = samples.draw(case, case.images(), case.labels(), np.random.default_rng(number), around)
        box = Box.at(tuple(a - 2 * around for a in boxes[-1].start), tuple(n + 4 * around for n in boxes[-1].size))
        images = torch.from_numpy(cut(case.images(), box)).float()
        regions = torch.from_numpy(regions_from_labels(cut(case.labels(), box))).float()
        brain = (images != 0).any(0, keepdim=True).float()
        for part, whole in (("images", images), ("target", regions), ("brain", brain)):
            expected = coarsen(whole[None], 2)[0]
            torch.testing.assert_close(sample[part], (expected > 0).float() if part == "brain" else expected)


def test_the_field_is_shifted_by_up_to_the_jitter(first):
    def middle(sample):
        return np.argwhere(sample["target"][0].numpy() > 0.5).mean(0)

    still = first(stage=replace(FIRST, vae_crop=(32, 32, 32)), jitter=0)
    moved = first(stage=replace(FIRST, vae_crop=(32, 32, 32)), jitter=2)
    shifts = np.array([middle(moved[n]) - middle(still[n]) for n in range(12)])
    np.testing.assert_allclose(shifts, shifts.round(), atol=1e-5)
    assert (np.abs(shifts) <= 2 + 1e-5).all() and (np.ptp(shifts, axis=0) >= 2).all()


def test_the_masks_are_those_given_and_lie_on_the_target_after_every_change(second, tumor_cases):
    """With the truth as mask: what is above one half in the masks is the target's edema, core, enhancing tumor."""
    truth = {case.name: [np.asarray(case.labels())] for case in tumor_cases}
    samples = second(replace(WILD, affine=1.0), truth)
    for number in range(6):
        sample = samples[number]
        masks = sample["input"][:3].numpy() > 0.5
        wt, tc, et = sample["target"].numpy() > 0.5
        for mine, expected in zip(masks, (wt & ~tc, tc & ~et, et), strict=True):
            assert dice(mine, expected) > 0.9


def test_the_images_lie_on_the_target_after_every_change(make_case):
    labels = np.zeros((40, 40, 40), np.uint8)
    labels[8:22, 12:30, 10:20] = 2
    labels[10:16, 14:22, 12:16] = 3
    case = make_case("one", np.stack([np.where(labels > 0, 3.0, -1.0)] * 4), labels)
    geometric = replace(STILL, flip=0.5, affine=1.0, elastic=0.5)
    settings = replace(SETTINGS, stage1=replace(FIRST, vae_crop=(32, 32, 32)))
    stages = (
        FirstStageSamples([case], settings, StageTraining(jitter=3), geometric, 0),
        SecondStageSamples([case], {"one": [labels]}, settings, StageTraining(jitter=3), geometric, 0),
    )
    for samples in stages:
        for number in range(4):
            sample = samples[number]
            assert dice(sample["images"][0].numpy() > 1, sample["target"][0].numpy() > 0.5) > 0.97


def test_several_masks_of_a_case_all_take_their_turn(second):
    samples = second()
    enhancing = [bool(samples[number]["input"][2].any()) for number in range(20)]
    assert 3 < sum(enhancing) < 17, "one of the two masks has no enhancing tumor"
    assert all(bool(samples[number]["target"][2].any()) for number in range(20))


def test_the_region_is_where_inference_would_look_or_at_the_truth(second, tumor_cases):
    """The given masks lie far from the truth; about one region in four is at the truth."""
    wrong = np.zeros(tumor_cases[0].labels().shape, np.uint8)
    wrong[30:38, 2:10, 36:46] = 2
    samples = second(masks={case.name: [wrong] for case in tumor_cases}, jitter=0)
    at_the_truth = [not bool(samples[number]["input"][:3].any()) for number in range(60)]
    assert 5 < sum(at_the_truth) < 28


def test_a_case_in_which_stage_1_found_nothing_is_shown_at_the_truth(second, tumor_cases):
    empty = {case.name: [np.zeros(case.labels().shape, np.uint8)] for case in tumor_cases}
    samples = second(masks=empty)
    for number in range(6):
        assert not samples[number]["input"][:3].any() and samples[number]["target"][0].any()


def test_a_healthy_case_is_shown_in_its_middle(make_case):
    shape = (40, 44, 48)
    images = np.random.default_rng(0).standard_normal((4, *shape)).astype(np.float16)
    case = make_case("healthy", images, np.zeros(shape, np.uint8))
    samples = SecondStageSamples(
        [case], {"healthy": [np.zeros(shape, np.uint8)]}, SETTINGS, StageTraining(jitter=0), STILL, 0
    )
    box = Box.at((8, 6, 12), (24, 32, 24))
    expected = second_input(torch.zeros(shape, dtype=torch.uint8), torch.from_numpy(images), box)[0]
    torch.testing.assert_close(samples[0]["input"], expected)


def test_settings_without_a_second_stage_are_refused(second):
    with pytest.raises(ValueError, match="no second stage"):
        second(settings=replace(SETTINGS, stage2=None))


@pytest.mark.parametrize("stage", ["first", "second"])
def test_a_worker_process_draws_the_very_same_samples(stage, request):
    samples = request.getfixturevalue(stage)(WILD)
    drawn = list(DataLoader(samples, batch_size=None, sampler=range(4), num_workers=1))
    mine = [samples[number] for number in range(4)]
    for a, b in zip(mine, drawn, strict=True):
        assert all(torch.equal(a[key], b[key]) for key in a)


def test_a_crop_smaller_than_the_brain_lies_anywhere_within_it(tumor_cases, first):
    """The cases are 40x44x48 voxels: of crops of 32 only z is at the middle where the crop has 48 there."""
    stage = StageSettings(vae_crop=(48, 32, 32))
    samples = first(stage=stage, jitter=2)
    labels = np.zeros((40, 44, 48), np.uint8)
    boxes = [samples._place(labels, np.random.default_rng(seed)) for seed in range(60)]
    start = np.array([box.start for box in boxes])
    assert {box.size for box in boxes} == {(48, 32, 32)}
    assert set(start[:, 0].tolist()) == set(range(-4 - 2, -4 + 3))
    assert (start[:, 1].min(), start[:, 1].max()) == (0, 12) and (start[:, 2].min(), start[:, 2].max()) == (0, 16)


def test_crops_around_the_tumor_hold_a_voxel_of_it_in_their_middle_as_far_as_the_brain_goes(first):
    samples = first(stage=StageSettings(vae_crop=(16, 16, 16)), jitter=0, tumor_crops=1.0)
    labels = np.zeros((40, 44, 48), np.uint8)
    labels[20, 3, 47] = labels[20, 30, 20] = 1
    starts = {samples._place(labels, np.random.default_rng(seed)).start for seed in range(20)}
    assert starts == {(12, 0, 32), (12, 22, 12)}


def test_the_share_of_crops_around_the_tumor_is_the_settings(first):
    labels = np.zeros((40, 44, 48), np.uint8)
    labels[20, 20, 20] = 3
    samples = first(stage=StageSettings(vae_crop=(16, 16, 16)), jitter=0, tumor_crops=0.3)
    boxes = [samples._place(labels, np.random.default_rng(seed)) for seed in range(100)]
    assert 18 < sum(box.start == (12, 12, 12) for box in boxes) < 42


def test_a_case_without_a_tumor_is_cropped_anywhere(first):
    samples = first(stage=StageSettings(vae_crop=(16, 16, 16)), tumor_crops=1.0)
    starts = {samples._place(np.zeros((40, 44, 48)), np.random.default_rng(seed)).start for seed in range(8)}
    assert len(starts) == 8


def test_tissue_beyond_the_edge_moves_in_when_a_region_is_turned(make_case):
    """A brain much larger than the region: a turned region shows brain in every corner."""
    labels = np.zeros((60, 60, 60), np.uint8)
    labels[26:34, 26:34, 26:34] = 2
    case = make_case("large", np.ones((4, 60, 60, 60)), labels)
    settings = replace(SETTINGS, stage2=replace(SETTINGS.stage2, field=(24, 24, 24), vae_crop=(32, 32, 32)))
    turning = replace(STILL, affine=1.0, elastic=1.0)
    samples = SecondStageSamples([case], {"large": [labels]}, settings, StageTraining(jitter=0), turning, 0)
    for number in range(4):
        torch.testing.assert_close(samples[number]["images"], torch.ones(4, 24, 24, 24))


def test_dropped_images_are_0_in_the_input_and_still_to_be_reconstructed(second):
    whole, dropping = second(), second(replace(STILL, drop=1.0))
    for number in range(4):
        sample = dropping[number]
        torch.testing.assert_close(sample["images"], whole[number]["images"])
        given = [bool(image.any()) for image in sample["input"][3:]]
        assert 1 <= sum(given) <= 3
        for image, full, there in zip(sample["input"][3:], sample["images"], given, strict=True):
            assert not there or torch.equal(image, full)


@pytest.mark.parametrize("workers", [0, 1])
def test_a_case_cut_off_while_training_is_named_in_one_line(first, tumor_cases, workers):
    data = tumor_cases[1].images_file.read_bytes()
    tumor_cases[1].images_file.write_bytes(data[:-1000])
    batches = iter(DataLoader(first(), batch_size=3, num_workers=workers))
    with pytest.raises(SampleError) as caught:
        next(batches)
    if workers:
        batches._shutdown_workers()  # left to the garbage collector, it would wait for five seconds
    message = str(caught.value)
    assert message.startswith("case1: its prepared images are damaged (mmap length") and "\n" not in message
    assert message.endswith("run the training again so that it is prepared anew.")


@pytest.mark.parametrize("spoil", ["delete", "empty", "no array", "other size"])
def test_whatever_is_wrong_with_a_prepared_case_is_named(first, tumor_cases, spoil):
    for case in tumor_cases:
        if spoil == "delete":
            case.labels_file.unlink()
        elif spoil == "other size":
            np.save(case.labels_file, np.zeros((3, 3, 3), np.uint8))
        else:
            case.labels_file.write_bytes(b"" if spoil == "empty" else b"no array")
    with pytest.raises(TrainingError, match=r"^case\d: its prepared images are damaged \(.*\); run the training again"):
        first()[0]


def test_samples_can_be_handed_to_a_process_that_shares_no_memory(second, tumor_cases, tmp_path):
    """As where processes are spawned; the masks travel as files."""
    files = {}
    for case in tumor_cases:
        files[case.name] = [tmp_path / f"{case.name}.mask.npy"]
        np.save(files[case.name][0], np.asarray(case.labels()))
    usual = Augmentation(affine=1.0, elastic=1.0, gamma=1.0, contrast=1.0, bias=1.0, thick=1.0, smooth=1.0, noise=1.0)
    samples = second(usual, masks=files)
    data = pickle.dumps(samples)
    assert len(data) < 200_000
    other = pickle.loads(data)
    for number in (0, 4):
        for key, value in samples[number].items():
            assert torch.equal(value, other[number][key])


def test_a_damaged_mask_is_named(second, tumor_cases, tmp_path):
    broken = tmp_path / "broken.npy"
    broken.write_bytes(b"no array")
    samples = second(masks={case.name: [broken] for case in tumor_cases})
    with pytest.raises(SampleError, match=r"case\d: the mask .*broken\.npy is damaged .*; delete it and run again"):
        samples[0]


@pytest.mark.parametrize("stage", ["first", "second"])
def test_what_a_device_holds_gives_the_same_samples_as_what_lies_on_disk(stage, first, second):
    make = {"first": first, "second": second}[stage]
    mapped, held = make(WILD), make(WILD)
    held.hold_on(torch.device("cpu"))
    for number in range(4):
        expected, given = mapped[number], held[number]
        assert all(torch.equal(expected[key], given[key]) for key in expected)
    assert 0 < held.held_bytes < 2**24
