"""How tensors are held in a file: what each way keeps, what 8 bits cost, and what is refused."""

from __future__ import annotations

import json

import pytest
import safetensors.torch
import torch
from BrainTumorVAESegLib.core.errors import PackageError
from BrainTumorVAESegLib.models.manifest import MANIFEST, STORAGES, digest, stage_file
from BrainTumorVAESegLib.models.package import load_stage, read_package
from BrainTumorVAESegLib.models.storage import SCALE, pack, unpack
from BrainTumorVAESegLib.models.writing import write_package

DEEP = "encoder.3.0.conv1.weight"
"""A layer of the coarsest level, 64x64x27 numbers."""


@pytest.fixture
def small(tmp_path, tiny_settings, tiny_networks, tiny_latent):
    """The tiny package in 8 bits."""
    return write_package(
        tmp_path / "small", "small", "0.1.0", tiny_settings, *tiny_networks, "# small", latent=tiny_latent,
        storage="int8",
    )  # fmt: skip


def test_8_bits_hold_each_output_channel_to_half_a_step():
    weight = torch.randn(6, 64, 3, 3, 3, generator=torch.Generator().manual_seed(0)) * torch.logspace(-4, 1, 6).view(
        6, 1, 1, 1, 1
    )
    packed = pack({"conv.weight": weight}, "int8")
    assert packed["conv.weight"].dtype == torch.int8 and packed["conv.weight" + SCALE].shape == (6,)
    error = (unpack(packed, "int8", "here")["conv.weight"] - weight).abs().flatten(1).amax(1)
    assert (error <= weight.abs().flatten(1).amax(1) / 127 * 0.5005).all()
    assert packed["conv.weight"].abs().flatten(1).amax(1).tolist() == [127] * 6


def test_packing_what_was_unpacked_gives_the_same_bytes():
    weight = torch.randn(40, 300, generator=torch.Generator().manual_seed(1)) ** 3
    once = pack({"dense.weight": weight}, "int8")
    again = pack(unpack(once, "int8", "here"), "int8")
    assert all(torch.equal(once[name], again[name]) for name in once)


def test_a_channel_of_zeros_stays_zero():
    weight = torch.zeros(2, 5000)
    weight[1, :2] = torch.tensor([1.0, -3.0])
    packed = pack({"w": weight}, "int8")
    assert packed["w"].dtype == torch.int8 and not unpack(packed, "int8", "here")["w"][0].any()


def test_small_layers_are_held_in_16_bits():
    packed = pack({"head.weight": torch.rand(3, 16, 1, 1, 1), "stem.weight": torch.rand(16, 4, 3, 3, 3)}, "int8")
    assert {tensor.dtype for tensor in packed.values()} == {torch.float16} and len(packed) == 2


@pytest.mark.parametrize("storage", STORAGES)
def test_biases_norms_statistics_and_counts_are_no_less_than_before(storage):
    state = {
        "norm.weight": torch.rand(4),
        "bn.running_mean": torch.rand(4),
        "bn.running_var": torch.rand(4),
        "bn.num_batches_tracked": torch.tensor(7),
    }
    packed = pack(state, storage)
    assert packed["norm.weight"].dtype == (torch.float32 if storage == "float32" else torch.float16)
    assert packed["bn.running_mean"].dtype == packed["bn.running_var"].dtype == torch.float32
    assert int(packed["bn.num_batches_tracked"]) == 7 and set(packed) == set(state)


def test_a_package_of_8_bits_is_half_as_large_and_answers_almost_as_before(small, written, tiny_networks):
    assert small.files[stage_file(1)].bytes < 0.65 * written.files[stage_file(1)].bytes
    x = torch.randn((1, 4, 16, 16, 16), generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        mine = torch.sigmoid(load_stage(small, 1)(x).logits)
        full = torch.sigmoid(tiny_networks[0](x).logits)
    assert 0 < float((mine - full).abs().max()) < 0.02


def test_the_manifest_says_how_each_file_is_held(small, written):
    assert dict(small.storage) == dict.fromkeys((stage_file(1), stage_file(2)), "int8")
    assert set(written.storage.values()) == {"float16"}
    assert read_package(small.folder).storage == small.storage


def test_a_package_from_before_ways_of_storage_is_read_as_before(package_folder, tiny_networks):
    """Format 1 has neither `storage` nor `shared`."""
    values = json.loads((package_folder / MANIFEST).read_text())
    del values["storage"], values["shared"]
    values["format"] = 1
    values["sha256"] = digest(values)
    (package_folder / MANIFEST).write_text(json.dumps(values))
    package = read_package(package_folder)
    assert package.storage == {} and package.shared == {}
    state = load_stage(package, 1, with_vae=True).state_dict()
    expected = tiny_networks[0].state_dict()
    torch.testing.assert_close(state["head.weight"], expected["head.weight"], rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize(
    "storage",
    [{}, {"models/stage1.safetensors": "int8"}, {"models/stage1.safetensors": 1, "models/stage2.safetensors": []},
     {"models/stage1.safetensors": "int4", "models/stage2.safetensors": "int8"}, ["int8"]],
)  # fmt: skip
def test_a_manifest_that_names_no_way_of_storage_for_each_file_is_refused(package_folder, edit_manifest, storage):
    edit_manifest(package_folder, lambda values: values.update(storage=storage))
    with pytest.raises(PackageError, match="storage"):
        read_package(package_folder)


def test_8_bits_that_the_manifest_does_not_tell_of_are_refused(small, edit_manifest):
    edit_manifest(small.folder, lambda values: values["storage"].update({stage_file(1): "float16"}))
    with pytest.raises(PackageError, match="not of this network"):
        read_package(small.folder)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.pop(DEEP + SCALE), "lacks its 8 bits or its scales"),
        (lambda t: t.update({DEEP: t[DEEP].half()}), "lacks its 8 bits or its scales"),
        (lambda t: t.update({DEEP + SCALE: torch.ones(7)}), "not one for each output channel"),
        (lambda t: t.update({DEEP + SCALE: torch.ones(64, dtype=torch.float16)}), "not one for each"),
        (lambda t: t.update({DEEP + SCALE: torch.full((64,), torch.inf)}), "not finite"),
        (lambda t: t.update({"head.bias": torch.zeros(3, dtype=torch.int8)}), "lacks its 8 bits or its scales"),
    ],
)
def test_8_bits_and_scales_that_do_not_belong_together_are_refused(small, relist, change, message):
    path = small.folder / stage_file(1)
    tensors = safetensors.torch.load_file(path)
    change(tensors)
    safetensors.torch.save_file(tensors, path)
    relist(small.folder, stage_file(1))
    with pytest.raises(PackageError, match=message):
        read_package(small.folder)
