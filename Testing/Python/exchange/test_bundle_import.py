"""Importing a MONAI Bundle, such as the model zoo's, as data: what it says is taken, nothing in it is evaluated."""

from __future__ import annotations

import json
import pickle
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from BrainTumorVAESegLib.core.errors import PackageError
from BrainTumorVAESegLib.exchange.importing import import_model
from BrainTumorVAESegLib.models.package import load_stage
from BrainTumorVAESegLib.phantom.phantom import PhantomSettings, make_phantom
from BrainTumorVAESegLib.preparation.preparing import prepare
from monai.networks.nets import SegResNet
from monai.transforms import NormalizeIntensity

ZOO: dict[str, Any] = {
    "blocks_down": [1, 2, 2, 4], "blocks_up": [1, 1, 1], "init_filters": 16, "in_channels": 4, "out_channels": 3,
    "dropout_prob": 0.2,
}  # fmt: skip
CONFIG: dict[str, Any] = {
    "network_def": {"_target_": "SegResNet", **ZOO},
    "network": "$@network_def.to(@device)",
    "preprocessing": {
        "_target_": "Compose",
        "transforms": [
            {"_target_": "LoadImaged", "keys": "@image_key", "image_only": False},
            {"_target_": "NormalizeIntensityd", "keys": "@image_key", "nonzero": True, "channel_wise": True},
        ],
    },
    "inferer": {"_target_": "SlidingWindowInferer", "roi_size": [240, 232, 160], "sw_batch_size": 1, "overlap": 0.5},
}
DESCRIPTION: dict[str, Any] = {
    "version": "0.5.2",
    "network_data_format": {
        "inputs": {"image": {"channel_def": {"0": "T1c", "1": "T1", "2": "T2", "3": "FLAIR"}}},
        "outputs": {"pred": {"channel_def": {"0": "Tumor core", "1": "Whole tumor", "2": "Enhancing tumor"}}},
    },
}
Edit = Callable[[dict[str, Any], dict[str, Any]], None]


@pytest.fixture(scope="module")
def network() -> SegResNet:
    """The model zoo's network with random weights."""
    with torch.random.fork_rng():
        torch.manual_seed(11)
        return SegResNet(**ZOO).eval()


@pytest.fixture
def bundle(network, tmp_path) -> Callable[..., Path]:
    """Write a bundle like the model zoo's, changed by a function of its two JSON files."""

    def write(edit: Edit = lambda config, description: None, name: str = "zoo") -> Path:
        config, description = (json.loads(json.dumps(values)) for values in (CONFIG, DESCRIPTION))
        edit(config, description)
        folder = tmp_path / name
        (folder / "configs").mkdir(parents=True)
        (folder / "models").mkdir()
        (folder / "configs" / "inference.json").write_text(json.dumps(config))
        (folder / "configs" / "metadata.json").write_text(json.dumps(description))
        torch.save(network.state_dict(), folder / "models" / "model.pt")
        return folder

    return write


def zipped(folder: Path, root: str = "zoo/") -> Path:
    path = folder.with_suffix(".zip")
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(folder.rglob("*")):
            archive.write(file, root + file.relative_to(folder).as_posix())
    return path


@pytest.mark.parametrize("root", [None, "", "brats_mri_segmentation/"])
def test_the_zoos_bundle_becomes_a_package_with_its_own_orders_field_and_normalization(bundle, tmp_path, root):
    path = bundle() if root is None else zipped(bundle(), root)
    imported = import_model(tmp_path / "out", "zoo", path)
    settings = imported.package.settings
    assert settings.modalities == ("T1ce", "T1", "T2", "FLAIR")
    assert settings.output_channels == ("TC", "WT", "ET")
    assert settings.preprocessing.foreground == "channel"
    assert settings.stage1.field == (160, 232, 240), "the window is (x, y, z) there, (z, y, x) here"
    assert (settings.stage1.filters, settings.stage1.blocks_down, settings.stage2) == (16, (1, 2, 2, 4), None)
    assert imported.notes == (), "the bundle says all there is to know"


def test_the_package_gives_the_probabilities_of_the_bundles_own_way(bundle, network, tmp_path):
    """MONAI's normalization and network on arrays (x, y, z), as the bundle runs them, against ours."""
    package = import_model(tmp_path / "out", "zoo", bundle()).package
    order = package.settings.channels
    study = make_phantom(PhantomSettings(seed=2, size=(36, 40, 28))).study
    prepared = prepare(study, package.settings.preprocessing, order)
    z, y, x = prepared.start
    d, h, w = prepared.brain.shape
    raw = [np.pad(study[m].array, 8)[z + 8 : z + 8 + d, y + 8 : y + 8 + h, x + 8 : x + 8 + w] for m in order]
    volumes = torch.from_numpy(np.stack(raw).astype(np.float32).transpose(0, 3, 2, 1).copy())
    theirs = NormalizeIntensity(nonzero=True, channel_wise=True)(volumes).as_tensor()
    ours = torch.from_numpy(prepared.images)
    torch.testing.assert_close(ours.permute(0, 3, 2, 1), theirs, rtol=0, atol=1e-4)
    sides = [n - n % 8 for n in theirs.shape[1:]]
    cut = theirs[:, : sides[0], : sides[1], : sides[2]]
    with torch.inference_mode():
        expected = torch.sigmoid(network(cut[None])[0])
        found = torch.sigmoid(load_stage(package, 1)(ours[:, : sides[2], : sides[1], : sides[0]][None]).logits[0])
    torch.testing.assert_close(found.permute(0, 3, 2, 1), expected, rtol=0, atol=1e-4)
    assert expected.std() > 0.01


def test_channels_that_the_bundle_does_not_explain_are_taken_as_the_zoos_and_said(bundle, tmp_path):
    def forget(config: dict[str, Any], description: dict[str, Any]) -> None:
        description["network_data_format"]["inputs"]["image"]["channel_def"]["0"] = "image"
        del description["network_data_format"]["outputs"]["pred"]["channel_def"]

    imported = import_model(tmp_path / "out", "zoo", bundle(forget))
    assert [note.split(" are")[0] for note in imported.notes] == [
        "The file does not say what its input channels",
        "The file does not say what its output channels",
    ]


def test_other_orders_are_those_that_the_bundle_says(bundle, tmp_path):
    def turn(config: dict[str, Any], description: dict[str, Any]) -> None:
        formats = description["network_data_format"]
        formats["inputs"]["image"]["channel_def"] = {"0": "FLAIR", "1": "T1w", "2": "t1gd", "3": "T2w"}
        formats["outputs"]["pred"]["channel_def"] = {"0": "WT", "1": "TC", "2": "ET"}

    settings = import_model(tmp_path / "out", "zoo", bundle(turn)).package.settings
    assert settings.modalities == ("FLAIR", "T1", "T1ce", "T2")
    assert settings.output_channels == ("WT", "TC", "ET")


def test_another_preparation_is_said(bundle, tmp_path):
    def scale(config: dict[str, Any], description: dict[str, Any]) -> None:
        config["preprocessing"]["transforms"].append({"_target_": "ScaleIntensityRanged"})

    notes = import_model(tmp_path / "out", "zoo", bundle(scale)).notes
    assert len(notes) == 1 and "ScaleIntensityRanged" in notes[0]


def test_expressions_are_text(bundle, tmp_path):
    mark = tmp_path / "it ran"

    def plant(config: dict[str, Any], description: dict[str, Any]) -> None:
        for key in ("run", "initialize", "imports"):
            config[key] = [f"$open({str(mark)!r}, 'w')"]
        config["inferer"] = f"$open({str(mark)!r}, 'w')"

    assert import_model(tmp_path / "out", "zoo", bundle(plant)).package.settings.stage1.field is None
    assert not mark.exists()


@pytest.mark.parametrize("as_zip", [False, True])
def test_weights_that_would_run_something_are_refused_and_do_not_run(bundle, tmp_path, as_zip):
    mark, folder = tmp_path / "it ran", bundle()

    class Trap:
        def __reduce__(self):
            return open, (str(mark), "w")

    (folder / "models" / "model.pt").write_bytes(pickle.dumps({"state_dict": Trap()}))
    with pytest.raises(PackageError, match=r"models/model\.pt .*not opened"):
        import_model(tmp_path / "out", "zoo", zipped(folder) if as_zip else folder)
    assert not mark.exists() and not (tmp_path / "out").exists()


def set_network(key: str, value: object) -> Edit:
    return lambda config, description: config["network_def"].update({key: value})


@pytest.mark.parametrize(
    ("edit", "complaint"),
    [
        (set_network("_target_", "monai.networks.nets.UNet"), r"the network is monai\.networks\.nets\.UNet"),
        (set_network("use_conv_final", False), "use_conv_final"),
        (set_network("upsample_mode", "deconv"), "upsample_mode"),
        (set_network("norm", "BATCH"), "norm is 'BATCH'"),
        (set_network("norm", ["GROUP", {"num_groups": "$8"}]), "norm is"),
        (set_network("norm", ["GROUP", {"num_groups": 5}]), "5 groups"),
    ],
)
def test_a_bundle_of_another_network_is_refused(bundle, tmp_path, edit, complaint):
    with pytest.raises(PackageError, match=complaint) as caught:
        import_model(tmp_path / "out", "zoo", bundle(edit))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("member", ["configs/inference.json", "configs/metadata.json", "models/model.pt"])
@pytest.mark.parametrize("content", [None, b"\xff\xfe{", b"[1]"])
def test_a_missing_or_damaged_file_is_named(bundle, tmp_path, member, content):
    folder = bundle()
    (folder / member).unlink()
    if content is not None:
        (folder / member).write_bytes(content)
    with pytest.raises(PackageError, match=member) as caught:
        import_model(tmp_path / "out", "zoo", folder)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_there_twice_is_refused(bundle, tmp_path):
    path = zipped(bundle())
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("other/configs/metadata.json", "{}")
    with pytest.raises(PackageError, match="twice"):
        import_model(tmp_path / "out", "zoo", path)


def test_a_package_of_this_library_is_to_be_installed(written, tmp_path):
    folder = Path(shutil.copytree(written.folder, tmp_path / "tiny"))
    for path in (folder, zipped(folder)):
        with pytest.raises(PackageError, match="models install"):
            import_model(tmp_path / "out", "again", path)


def test_a_bundle_has_one_stage(bundle, tmp_path):
    with pytest.raises(PackageError, match="one stage; leave stage 2 out"):
        import_model(tmp_path / "out", "zoo", bundle(), bundle(name="second"))


def test_a_path_that_is_not_there_is_named(tmp_path):
    with pytest.raises(PackageError, match=r"gone\.zip does not exist"):
        import_model(tmp_path / "out", "zoo", tmp_path / "gone.zip")
