"""The random changes of a sample: each does what its setting says, on every axis, to all that belongs together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from BrainTumorVAESegLib.core.errors import TrainingError
from BrainTumorVAESegLib.training.data.augmentation import Augmenter
from BrainTumorVAESegLib.training.settings import Augmentation
from torch.nn import functional as F

NOTHING = Augmentation(flip=0, shift=0, scale=0)
SIZE = (24, 24, 24)
TRIES = 12
SCANNER = ("gamma", "contrast", "bias", "thick", "smooth", "noise")
ALL = {name: 1.0 for name in (*SCANNER, "affine", "elastic", "drop", "shading", "unenhance")}


def sample(target: torch.Tensor | None = None) -> dict[str, torch.Tensor]:
    """Images of ones, and a target that is also the first image and the masks."""
    target = torch.zeros(3, *SIZE) if target is None else target
    images = torch.ones(4, *target.shape[1:])
    images[0] = target[0]
    return {"images": images, "masks": target.clone(), "target": target.clone(), "brain": torch.ones_like(images[:1])}


def head(size: int = 32, seed: int = 0) -> dict[str, torch.Tensor]:
    """A ball of brain with smooth tissue of mean 0 and standard deviation 1, 0 outside, and a tumor off its middle."""
    place = torch.stack(torch.meshgrid(*[torch.arange(size) - size / 2 + 0.5] * 3, indexing="ij"))
    brain = (place.square().sum(0) < (0.45 * size) ** 2)[None].float()
    noise = torch.randn(1, 4, *[size // 4] * 3, generator=torch.Generator().manual_seed(seed))
    images = F.interpolate(noise, [size] * 3, mode="trilinear")[0]
    inside = brain[0] > 0
    images = torch.stack([(image - image[inside].mean()) / image[inside].std(correction=0) for image in images]) * brain
    shift = torch.tensor([3.0, -2.0, 4.0])[:, None, None, None]
    target = torch.stack([((place - shift).square().sum(0) < (size * r) ** 2).float() for r in (0.2, 0.15, 0.1)])
    return {"images": images, "target": target, "brain": brain}


def changed(settings: Augmentation, given: dict[str, torch.Tensor], seed: int, spacing: float = 1.0):
    """Change a sample around which there is nothing."""

    augmenter = Augmenter(settings, spacing)
    around = augmenter.around(seed)
    return augmenter({key: F.pad(value, [around] * 6) for key, value in given.items()}, seed)


def rod(axis: int) -> torch.Tensor:
    """A rod through the middle along one axis."""
    target = torch.zeros(3, *SIZE)
    target[(slice(None), *[slice(None) if a == axis else slice(10, 14) for a in range(3)])] = 1
    return target


def test_nothing_wished_for_changes_nothing():
    given = sample(torch.rand(3, *SIZE))
    for seed in range(3):
        result = changed(NOTHING, given, seed)
        for key, value in given.items():
            assert torch.equal(result[key], value)
        assert torch.equal(result["shown"], given["images"])


def test_by_default_it_is_what_the_papers_do():
    on = {key: value for key, value in vars(Augmentation()).items() if key in (*ALL, "flip", "shift", "scale")}
    assert on == {**dict.fromkeys(ALL, 0.0), "flip": 0.5, "shift": 0.1, "scale": 0.1}


def test_the_seed_alone_decides_in_whatever_order_and_with_however_many_threads():
    settings, given = Augmentation(**ALL), head(48)
    augmenter = Augmenter(settings)

    def draw(seed: int) -> dict[str, torch.Tensor]:
        return augmenter({key: F.pad(value, [augmenter.around(seed)] * 6) for key, value in given.items()}, seed)

    first, second = draw(1), draw(2)
    torch.set_num_threads(3)
    assert all(torch.equal(value, second[key]) for key, value in draw(2).items())
    assert torch.get_num_threads() == 3
    assert all(torch.equal(value, first[key]) for key, value in changed(settings, given, 1).items())
    assert not torch.equal(first["images"], second["images"])


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_each_axis_is_mirrored_about_half_the_time_with_all_that_belongs_together(axis):
    target = torch.zeros(3, *SIZE)
    target[(slice(None), *[slice(0, 6) if a == axis else slice(None) for a in range(3)])] = 1
    given = sample(target)
    mirrored = 0
    for seed in range(40):
        result = changed(replace(NOTHING, flip=0.5), given, seed)
        turned = torch.equal(result["target"], target.flip(axis + 1))
        assert turned or torch.equal(result["target"], target)
        assert torch.equal(result["masks"], result["target"]) and torch.equal(result["images"][0], result["target"][0])
        mirrored += turned
    assert 10 <= mirrored <= 30


def test_the_rotation_turns_about_every_axis():
    """A rod stays as it is only where all is turned about the rod itself."""
    settings = replace(NOTHING, affine=1.0, zoom=0.0)
    for axis in range(3):
        given = sample(rod(axis))
        moved = [float((changed(settings, given, seed)["target"] - given["target"]).abs().mean()) for seed in range(5)]
        assert max(moved) > 0.01, f"a rod along axis {axis} never moves"


def test_the_zoom_scales_every_axis():
    cube = torch.zeros(3, *SIZE)
    cube[:, 6:18, 6:18, 6:18] = 1
    settings = replace(NOTHING, affine=1.0, rotation=0.0, zoom=0.2)
    lengths = []
    for seed in range(TRIES):
        target = changed(settings, sample(cube), seed)["target"][0]
        lengths.append([float(target.sum(axes).max()) for axes in (0, 1, 2)])
    assert (np.ptp(lengths, axis=0) > 1).all()
    assert np.min(lengths) > 12 / 1.2 - 1 and np.max(lengths) < 12 / 0.8 + 1


@pytest.mark.parametrize("kind", ["affine", "elastic"])
def test_images_masks_and_target_are_moved_alike_and_the_brain_stays_a_mask(kind):
    target = torch.zeros(3, *SIZE)
    target[:, 4:14, 8:18, 6:20] = 1
    given = sample(target)
    for seed in range(5):
        result = changed(replace(NOTHING, flip=0.5, **{kind: 1.0}), given, seed)
        torch.testing.assert_close(result["masks"], (result["target"] >= 0.5).float())
        inside = result["brain"][0] > 0
        assert set(result["brain"].unique().tolist()) <= {0.0, 1.0} and inside.float().mean() > 0.7
        whole = inside & (result["images"][1] == 1)
        torch.testing.assert_close(result["images"][0][whole], result["target"][0][whole], atol=1e-3, rtol=0)
        assert float((result["target"] - target).abs().max()) > 0.5, "a test without a change tests nothing"


def test_next_to_the_brains_edge_no_zero_from_outside_is_blended_in():
    given = head()
    given["images"] = 3 * given["brain"].expand(4, -1, -1, -1)
    for seed in range(3):
        result = changed(replace(NOTHING, affine=1.0, elastic=1.0), given, seed)
        inside = result["brain"].expand(4, -1, -1, -1) > 0
        assert inside.any()
        torch.testing.assert_close(result["images"][inside], torch.full((int(inside.sum()),), 3.0))
        assert not result["images"][~inside].any()


def test_tissue_is_bent_by_up_to_the_level_in_mm_and_differently_from_place_to_place():
    """The image shows its own place, 30 apart at either end; what is read off is how far each voxel was moved."""
    place = torch.stack(torch.meshgrid(*[torch.arange(64.0)] * 3, indexing="ij"))
    given = {"images": torch.cat([place, place[:1]]), "target": torch.zeros(3, 64, 64, 64)}
    given["brain"] = torch.ones(1, 64, 64, 64)

    def moved(level: float, spacing: float) -> torch.Tensor:
        settings = replace(NOTHING, elastic=1.0, elastic_level=level)
        result = changed(settings, given, 3, spacing)["images"][:3]
        return (result - place)[:, 16:48, 16:48, 16:48]

    assert 2 < float(moved(8, 1.0).abs().max()) <= 8
    torch.testing.assert_close(moved(8, 1.0), 2 * moved(4, 1.0), atol=1e-2, rtol=0)
    assert float(moved(8, 2.0).abs().max()) <= 4
    assert float(moved(8, 1.0).std((1, 2, 3)).min()) > 0.5


def test_each_channels_intensities_are_shifted_and_scaled_by_their_own_within_the_range():
    factors = []
    for seed in range(30):
        given = sample()
        given["images"] = torch.stack([torch.full(SIZE, 2.0)] * 4)
        factors.append([float(channel.unique()) for channel in changed(Augmentation(flip=0), given, seed)["images"]])
    values = np.array(factors)
    assert (np.ptp(values, axis=0) > 0.2).all() and (np.ptp(values, axis=1) > 0).all()
    assert values.min() >= 2 * 0.9 - 0.1 and values.max() <= 2 * 1.1 + 0.1


@pytest.mark.parametrize("setting", SCANNER)
def test_what_a_scanner_changes_is_the_images_alone_within_the_brain_and_not_their_statistics(setting):
    given = head()
    inside = given["brain"][0] > 0
    result = changed(replace(NOTHING, **{setting: 1.0}), given, 0)
    for key in ("target", "brain"):
        assert torch.equal(result[key], given[key])
    for image, before in zip(result["images"], given["images"], strict=True):
        assert not image[~inside].any()
        assert float((image - before).abs().max()) > 0.02
        assert float(image[inside].mean()) == pytest.approx(0, abs=1e-4)
        assert float(image[inside].std(correction=0)) == pytest.approx(1, abs=1e-4)
        assert float(torch.corrcoef(torch.stack([image[inside], before[inside]]))[0, 1]) > 0.7


@pytest.mark.parametrize("setting", SCANNER)
def test_each_image_has_a_chance_and_a_strength_of_its_own(setting):
    given = head()
    given["images"] = given["images"][:1].expand(4, -1, -1, -1).clone()
    same = []
    for seed in range(10):
        images = changed(replace(NOTHING, **{setting: 0.5}), given, seed)["images"]
        same += [torch.equal(image, before) for image, before in zip(images, given["images"], strict=True)]
        different = [image for image in images if not torch.equal(image, given["images"][0])]
        assert all(not torch.equal(a, b) for n, a in enumerate(different) for b in different[:n])
    assert 8 < sum(same) < 32


def test_gamma_and_contrast_keep_the_order_of_the_tissues():
    given = head()
    inside = given["brain"][0] > 0
    order = given["images"][0][inside].argsort()
    for setting in ("gamma", "contrast"):
        image = changed(replace(NOTHING, **{setting: 1.0}), given, 1)["images"][0]
        assert float(image[inside][order].diff().min()) > -1e-5


def test_a_bias_field_brightens_places_and_not_tissues():
    """Where tissue is the same everywhere but for one dark voxel, a field leaves a smooth image."""
    given = head()
    given["images"] = given["brain"].expand(4, -1, -1, -1).clone()
    given["images"][:, 16, 16, 16] = -3
    image = changed(replace(NOTHING, bias=1.0, bias_level=0.2), given, 0)["images"][0]
    assert float(image[16, 16, 16]) == float(image[given["brain"][0] > 0].min()), "where there is no signal none comes"
    line = image[16, 16, 4:15]
    assert float(line.std()) > 0.01 and float(line.diff().diff().abs().max()) < 0.2 * float(line.max() - line.min())


def test_a_shaded_sample_has_another_field_in_each_image_and_keeps_their_statistics():
    given = head()
    given["images"] = given["images"][:1].expand(4, -1, -1, -1).clone()
    inside = given["brain"][0] > 0
    images = changed(replace(NOTHING, shading=1.0, shading_range=(0.4, 0.4)), given, 3)["images"]
    for number, image in enumerate(images):
        assert not image[~inside].any()
        assert (float(image[inside].mean()), float(image[inside].std(correction=0))) == pytest.approx((0, 1), abs=1e-4)
        assert all(float((image - other).abs().max()) > 0.1 for other in images[:number])


def test_samples_are_shaded_whole_or_not_at_all_at_the_given_rate():
    given, settings = head(), replace(NOTHING, shading=0.5)
    touched = np.array([
        [float((image - before).abs().max()) > 1e-4 for image, before in zip(changed(settings, given, seed)["images"],
                                                                            given["images"], strict=True)]
        for seed in range(24)
    ])  # fmt: skip
    assert (touched.all(1) == touched.any(1)).all() and 6 <= touched.all(1).sum() <= 18


def test_the_log_of_a_shadings_factor_lies_within_the_range():
    """Tissue that is the same everywhere, far above the darkest voxel, shows the field itself."""
    given = head()
    inside = given["brain"][0] > 0
    given["images"] = given["brain"].expand(4, -1, -1, -1).clone()
    given["images"][:, 16, 16, 16] = -3
    settings = replace(NOTHING, shading=1.0, shading_range=(0.3, 0.3))
    for image in changed(settings, given, 1)["images"]:
        signal = image[inside] - image[inside].min()
        signal = signal[signal > 0]
        assert float((signal.max() / signal.min()).log()) == pytest.approx(0.6, abs=0.06)


def test_thick_slices_blur_along_one_axis_and_another_one_each_time():
    given = head()
    given["images"] = torch.randn(4, 32, 32, 32, generator=torch.Generator().manual_seed(0)) * given["brain"]
    settings = replace(NOTHING, thick=1.0, thick_range=(4.0, 4.0))
    blurred = set()
    for seed in range(6):
        for image in changed(settings, given, seed)["images"]:
            middle = image[8:24, 8:24, 8:24]
            rough = torch.stack([middle.diff(dim=axis).square().mean() for axis in range(3)])
            blurred.add(int(rough.argmin()))
            assert float(rough.min()) < 0.25 * float(rough.max())
    assert blurred == {0, 1, 2}


def test_slices_are_thick_in_mm_and_thinner_ones_than_the_voxels_change_nothing():
    given = head()
    settings = replace(NOTHING, thick=1.0, thick_range=(2.0, 2.0))
    assert float((changed(settings, given, 0, 1.0)["images"] - given["images"]).abs().max()) > 0.01
    torch.testing.assert_close(changed(settings, given, 0, 2.0)["images"], given["images"], atol=1e-4, rtol=0)


def test_blurring_takes_nothing_from_outside_the_brain():
    """Flat tissue with one bright spot far from the edge stays flat along the edge."""
    given = head()
    given["images"] = given["brain"].expand(4, -1, -1, -1).clone()
    given["images"][:, 16, 16, 16] = 9
    edge = (given["brain"][0] > 0) & (torch.stack(torch.meshgrid(*[torch.arange(32)] * 3, indexing="ij"))[0] < 6)
    for setting in ("smooth", "thick"):
        image = changed(replace(NOTHING, **{setting: 1.0}), given, 2)["images"][0]
        assert edge.sum() > 50 and float(image[edge].std()) < 1e-3


def test_images_are_dropped_at_the_given_rate_never_all_and_each_one_sometimes():
    given = head()
    augmenter = Augmenter(replace(NOTHING, drop=0.6))
    gone = []
    for seed in range(60):
        result = augmenter(given, seed)
        assert torch.equal(result["images"], given["images"])
        gone.append([not image.any() for image in result["shown"]])
    counts = np.sum(gone, axis=1)
    assert 24 <= np.count_nonzero(counts) <= 48 and counts.max() == 3
    assert np.count_nonzero(counts == 1) > np.count_nonzero(counts > 1) > 0
    assert (np.sum(gone, axis=0) > 4).all()


def test_a_sample_without_any_brain_stays_as_it_is():
    given = head()
    given["images"], given["brain"] = torch.zeros(4, 32, 32, 32), torch.zeros(1, 32, 32, 32)
    result = changed(Augmentation(**ALL), given, 0)
    assert not result["images"].any() and not result["shown"].any()


@pytest.mark.filterwarnings("ignore:.*single value")
def test_an_image_that_shows_nothing_stays_finite():
    given = head()
    given["images"][2] = 0
    result = changed(Augmentation(**ALL), given, 0)
    assert torch.isfinite(result["images"]).all()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"drop": 1.5}, "drop must lie between 0 and 1"),
        ({"elastic": -0.1}, "elastic must lie between 0 and 1"),
        ({"noise_level": -1.0}, "noise_level must be 0 or more"),
        ({"zoom": 1.0}, "zoom must be 0 or more and less than 1"),
        ({"thick_range": (5.0, 2.0)}, "thick_range must be two numbers above 0, the smaller one first"),
        ({"shading_range": (0.0, 0.5)}, "shading_range must be two numbers above 0"),
        ({"shading": 2.0}, "shading must lie between 0 and 1"),
        ({"heal": -0.5}, "heal must lie between 0 and 1"),
        ({"paste": 1.5}, "paste must lie between 0 and 1"),
        ({"gamma_range": (0.0, 2.0)}, "gamma_range must be two numbers above 0"),
        ({"contrast_points": 2}, "contrast_points must be 3 or more"),
        ({"elastic_level": 20.0}, "elastic_level must lie between 0 and 12.8 mm"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused(values, message):
    with pytest.raises(TrainingError, match=message):
        Augmentation(**values)
