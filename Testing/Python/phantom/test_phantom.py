"""The phantom: the same for the same seed, and with the anatomy, contrast and labels that it promises."""

from __future__ import annotations

import dataclasses
import time

import numpy as np
import pytest
from BrainTumorVAESegLib.core.errors import InputError
from BrainTumorVAESegLib.core.labels import ED, ET, NCR
from BrainTumorVAESegLib.core.modalities import MODALITIES, Modality
from BrainTumorVAESegLib.phantom.phantom import Phantom, PhantomSettings, make_phantom

SMALL = PhantomSettings(size=(64, 64, 48), spacing=3.0)
FINER = PhantomSettings(size=(96, 96, 74), spacing=2.0)


@pytest.fixture(scope="module")
def phantom() -> Phantom:
    return make_phantom(FINER)


def array(phantom: Phantom, modality: Modality) -> np.ndarray:
    return phantom.study[modality].array


def brain(phantom: Phantom) -> np.ndarray:
    return array(phantom, Modality.T1) > 0


def neighbors(mask: np.ndarray, steps: int) -> np.ndarray:
    for _ in range(steps):
        grown = mask.copy()
        for axis in range(3):
            grown |= np.roll(mask, 1, axis) | np.roll(mask, -1, axis)
        mask = grown
    return mask


def z_scores(phantom: Phantom, modality: Modality) -> np.ndarray:
    values = array(phantom, modality).astype(np.float32)
    inside = values[brain(phantom)]
    return (values - inside.mean()) / inside.std()


def test_a_seed_gives_the_same_study_bit_by_bit() -> None:
    first, second = make_phantom(SMALL), make_phantom(SMALL)
    assert all(np.array_equal(array(first, m), array(second, m)) for m in MODALITIES)
    assert np.array_equal(first.labels, second.labels)


def test_another_seed_gives_another_brain() -> None:
    first, second = make_phantom(SMALL), make_phantom(dataclasses.replace(SMALL, seed=1))
    assert np.mean(brain(first) != brain(second)) > 0.005
    assert not np.array_equal(first.labels, second.labels)


def test_it_lies_on_one_lps_grid_of_the_size_asked_for(phantom: Phantom) -> None:
    geometry = phantom.study.reference_volume.geometry
    assert geometry.size == FINER.size and geometry.spacing == (2.0, 2.0, 2.0) and geometry.axis_codes == "LPS"
    assert all(phantom.study[m].geometry == geometry for m in MODALITIES)
    assert phantom.labels.shape == geometry.shape and phantom.labels.dtype == np.uint8


def test_all_modalities_share_one_brain_of_human_size_and_are_zero_around_it(phantom: Phantom) -> None:
    inside = brain(phantom)
    assert all(np.array_equal(array(phantom, m) > 0, inside) for m in MODALITIES)
    assert all(array(phantom, m).min() == 0 and array(phantom, m).dtype == np.int16 for m in MODALITIES)
    assert 1200 < inside.sum() * 0.008 < 1750
    extent = [np.ptp(np.flatnonzero(inside.any(axis=axes))) * 2 for axes in ((1, 2), (0, 2), (0, 1))]
    assert np.allclose(extent, (141, 177, 137), atol=14)
    assert not phantom.labels[~inside].any()


def test_a_small_field_of_view_still_holds_the_whole_brain() -> None:
    inside = brain(make_phantom(PhantomSettings(size=(48, 48, 40), spacing=2.0)))
    assert inside.sum() > 5000
    for axis in range(3):
        assert not np.take(inside, -1, axis).any()
        assert axis == 0 or not np.take(inside, 0, axis).any()  # below, the brainstem is cut off as in BraTS


def test_the_first_tumor_has_all_labels_in_volumes_like_real_ones(phantom: Phantom) -> None:
    ncr, ed, et = ((phantom.labels == label.value).sum() * 0.008 for label in (NCR, ED, ET))
    assert 4 < ncr < 60 and 10 < ed < 110 and 4 < et < 60


def test_the_rim_encloses_the_necrosis(phantom: Phantom) -> None:
    necrosis = phantom.labels == NCR.value
    shell = neighbors(necrosis, 1) & ~necrosis
    assert np.mean(phantom.labels[shell] == ET.value) > 0.97


@pytest.mark.parametrize("label", [NCR, ED, ET])
def test_a_label_lies_where_the_images_show_it(phantom: Phantom, label: object) -> None:
    # Bounds from z-scored real studies: T1ce, T2, FLAIR.
    bounds = {"NCR": ((-1.8, 0.3), (1.2, 3.2), (0.5, 3.4)), "ED": ((-1.0, 0.3), (0.6, 2.0), (1.5, 3.2))}
    bounds["ET"] = ((1.5, 4.0), (0.4, 2.0), (1.1, 3.2))
    here = phantom.labels == label.value  # type: ignore[attr-defined]
    for modality, (low, high) in zip(MODALITIES[1:], bounds[label.key], strict=True):  # type: ignore[attr-defined]
        assert low < z_scores(phantom, modality)[here].mean() < high, modality


def test_tissues_rank_as_in_each_modality() -> None:
    healthy = make_phantom(dataclasses.replace(FINER, tumors=0, noise=0.0, bias=0.0))
    t1, t2 = array(healthy, Modality.T1), array(healthy, Modality.T2)
    inside = brain(healthy)
    low, high = np.percentile(t1[inside], (4, 70))
    fluid, white = inside & (t1 < low), inside & (t1 > high)
    gray = inside & (np.abs(t1 - np.percentile(t1[inside], 35)) < 20)
    assert t2[fluid].mean() > t2[gray].mean() > t2[white].mean()
    flair = array(healthy, Modality.FLAIR)
    assert flair[fluid].mean() < flair[white].mean() < flair[gray].mean()


def test_modalities_have_scales_of_their_own(phantom: Phantom) -> None:
    means = sorted(array(phantom, m)[brain(phantom)].mean() for m in MODALITIES)
    assert means[-1] > 2 * means[0]


def test_a_healthy_brain_has_no_labels() -> None:
    assert not make_phantom(dataclasses.replace(SMALL, tumors=0)).labels.any()


def test_a_core_that_does_not_enhance_has_no_rim_in_labels_or_t1ce() -> None:
    dull = make_phantom(dataclasses.replace(FINER, enhancing=False))
    assert set(np.unique(dull.labels)) == {0, NCR.value, ED.value}
    assert z_scores(dull, Modality.T1CE)[dull.labels > 0].max() < 1.5


def test_more_tumors_lie_apart() -> None:
    two = make_phantom(dataclasses.replace(FINER, tumors=2, seed=7))
    first = neighbors_of_one_core(two.labels)
    core = np.isin(two.labels, (NCR.value, ET.value))
    assert (core & ~first).sum() > 50 and (core & first).sum() > 50


def neighbors_of_one_core(labels: np.ndarray) -> np.ndarray:
    """Flood the tumor core from its first voxel."""
    core = np.isin(labels, (NCR.value, ET.value))
    seed = np.zeros_like(core)
    seed[tuple(np.argwhere(core)[0])] = True
    while True:
        grown = neighbors(seed, 2) & core
        if np.array_equal(grown, seed):
            return seed
        seed = grown


@pytest.mark.timed
def test_a_small_phantom_is_quick() -> None:
    start = time.process_time()
    make_phantom(SMALL)
    assert time.process_time() - start < 3  # a few tenths of a second


@pytest.mark.parametrize(
    "wrong", [{"size": (8, 64, 64)}, {"spacing": 0.0}, {"tumors": -1}, {"tumor_radius_mm": (20.0, 10.0)}]
)
def test_settings_that_make_no_image_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(InputError):
        PhantomSettings(**wrong)  # type: ignore[arg-type]
