"""What the VAE branch sees and gives back."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from BrainTumorVAESegLib.core.errors import PackageError
from BrainTumorVAESegLib.core.settings import StageSettings
from BrainTumorVAESegLib.inference.cascade import Step
from BrainTumorVAESegLib.trust.reconstructing import Reconstructor, branch_field


@pytest.fixture(scope="module")
def reconstructor(one_stage) -> Reconstructor:
    return Reconstructor(one_stage.package)


def test_a_package_without_the_branch_is_refused_in_a_sentence(two_stages):
    with pytest.raises(PackageError, match=r"no VAE branch, so there is no reconstruction\."):
        Reconstructor(two_stages.package)


def test_the_branch_goes_on_from_where_the_pass_ended(reconstructor, one_stage):
    images = one_stage.evidence.prepared.images
    left = one_stage.evidence.observations[Step(1)].end
    found, fresh = (reconstructor.encode(reconstructor.look(images, end)).mean for end in (left, None))
    torch.testing.assert_close(found, fresh, atol=1e-4, rtol=1e-4)


def test_it_gives_back_what_the_network_itself_does(reconstructor, one_stage):
    view = reconstructor.look(one_stage.evidence.prepared.images)
    with torch.inference_mode():
        expected = reconstructor.network(view.seen, reconstruct=True)
    torch.testing.assert_close(reconstructor.decode(reconstructor.encode(view).mean), expected.reconstruction)


def test_a_brain_larger_than_the_branch_sees_is_cut_in_the_middle(reconstructor):
    images = np.random.default_rng(0).standard_normal((4, 80, 64, 48), np.float32)
    view = reconstructor.look(images, torch.zeros(1, 64, 5, 4, 4))
    assert view.seen.shape == (1, 4, 32, 32, 32) and view.box.start == (8, 0, -8)
    back = reconstructor.on_prepared_grid(view.seen, view.box, (80, 64, 48))
    assert back[:, :8].max() == 0 and back[:, 8:72].std() > 0


def test_the_field_is_centered_and_in_voxels_of_the_prepared_grid():
    box = branch_field((100, 90, 81), StageSettings(downsample=2, vae_crop=(48, 48, 48)))
    assert box.size == (96, 96, 96) and box.start == (2, -3, -7)
