"""Which network a checkpoint is of: the known ones, and those that are refused by their name."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
import torch
from BrainTumorVAESegLib.core.errors import PackageError
from BrainTumorVAESegLib.core.settings import StageSettings
from BrainTumorVAESegLib.exchange.checkpoints import unwrap
from BrainTumorVAESegLib.exchange.recognizing import Kind, recognize
from BrainTumorVAESegLib.networks.nvnet import NvNet
from monai.networks import nets


def test_the_known_networks_are_told_apart():
    small = {"init_filters": 8, "in_channels": 4, "out_channels": 3}
    with torch.device("meta"):
        plain = nets.SegResNet(**small).state_dict()
        branch = nets.SegResNetVAE(input_image_size=(16, 16, 16), **small).state_dict()
    assert recognize(plain, "a.pt") is Kind.SEGRESNET
    assert recognize(branch, "a.pt") is Kind.SEGRESNET_VAE
    assert recognize(["en_down1.conv1.weight", "de_end.conv1.bias"], "a.pt") is Kind.PUBLIC


OTHERS = {
    "SegResNetDS": lambda: nets.SegResNetDS(init_filters=8, in_channels=4, out_channels=3),
    "DynUNet": lambda: nets.DynUNet(3, 4, 3, [3, 3, 3], [1, 2, 2], [2, 2], filters=[8, 8, 8]),
    "UNet": lambda: nets.UNet(3, 4, 3, (8, 16, 32), (2, 2), num_res_units=2),
    "this library": lambda: NvNet(StageSettings(filters=8)),
}


@pytest.mark.parametrize("name", OTHERS)
def test_another_network_is_refused_by_its_name(name):
    with torch.device("meta"):
        refused(unwrap(OTHERS[name]().state_dict()), name)


@pytest.mark.parametrize(
    ("tensor", "name"),
    [
        ("swinViT.patch_embed.proj.weight", "SwinUNETR"),
        ("vit.patch_embedding.position_embeddings", "UNETR"),
        ("encoder.stages.0.0.convs.0.conv.weight", "nnU-Net"),
    ],
)
def test_a_network_that_needs_more_than_monai_to_be_built_is_refused_by_its_name(tensor, name):
    refused([tensor], name)


def refused(names: Iterable[str], name: str) -> None:
    with pytest.raises(PackageError, match=rf"^a\.pt holds the weights of .*\b{name}[;,] ") as caught:
        recognize(names, "a.pt")
    assert "\n" not in str(caught.value)


def test_an_unknown_network_is_refused_by_one_of_its_tensors():
    with pytest.raises(PackageError, match=r"layer1\.0\.conv1\.weight"):
        recognize(["layer1.0.conv1.weight", "fc.bias"], "resnet.pt")
