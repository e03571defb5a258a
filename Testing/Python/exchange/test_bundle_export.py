"""An exported MONAI Bundle: `monai.bundle` loads and runs it, and gives this library's answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk
import torch
from backgrounds import BACKGROUNDS, z_scored
from BrainTumorVAESegLib.core.errors import OutputError
from BrainTumorVAESegLib.core.settings import CascadeSettings, Cleaning, Preprocessing
from BrainTumorVAESegLib.core.volume import Study, Volume
from BrainTumorVAESegLib.exchange import bundle_export as exporting_bundle
from BrainTumorVAESegLib.exchange.bundle_export import TOLERANCE, export_bundle, is_native, left_out
from BrainTumorVAESegLib.images.itk import orient
from BrainTumorVAESegLib.images.writing import write_volume
from BrainTumorVAESegLib.inference.segmenting import Options, segment
from BrainTumorVAESegLib.models.manifest import FileEntry
from BrainTumorVAESegLib.models.package import ModelPackage
from BrainTumorVAESegLib.models.shading import SHADING_FILE
from monai import bundle
from monai.bundle import ConfigParser

pytest.importorskip("nibabel", reason="MONAI reads and writes NIfTI files by nibabel")
SEGRESNET = {"architecture": "segresnet", "align_corners": False}
ZOO_LIKE = {
    "modalities": ("T1ce", "T1", "T2", "FLAIR"),
    "output_channels": ("TC", "WT", "ET"),
    "preprocessing": Preprocessing(spacing=4.0, clip=(0.0, 100.0), foreground="channel"),
}


@pytest.fixture(scope="module")
def native(make_tiny_package, small_settings, trained_like) -> ModelPackage:
    """A SegResNet like the model zoo's, with a field larger than the brain."""
    stage = replace(small_settings.stage1, field=(56, 24, 64), **SEGRESNET)
    settings = CascadeSettings(stage1=stage, thresholds=(0.6, 0.3, 0.7), **ZOO_LIKE)
    return make_tiny_package(settings, trained_like(stage, 4))


@pytest.fixture(scope="module")
def calibrated(native, make_tiny_package, trained_like) -> ModelPackage:
    """The same with corrected probabilities, and thresholds that were moved with them."""
    settings = replace(native.settings, temperatures=(2.0, 1.0, 0.7), offsets=(0.5, -0.25, 0.0))
    return make_tiny_package(settings, trained_like(settings.stage1, 4))


@pytest.fixture(scope="module")
def turned(study: Study) -> Study:
    """The study as a file with other axes holds it: x to the right, y to the front, in another order."""

    def turn(volume: Volume) -> Volume:
        array, geometry = orient(volume.array, volume.geometry, "SRA")
        return Volume(np.ascontiguousarray(array), geometry, volume.source)

    return Study({modality: turn(study[modality]) for modality in study}, study.reference, study.name)


@pytest.fixture(scope="module")
def data(turned: Study, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of one case's folder, named as BraTS names its files."""
    folder = tmp_path_factory.mktemp("data")
    (folder / "CASE-1").mkdir()
    for modality in turned:
        write_volume(turned[modality], folder / "CASE-1" / f"CASE-1_{modality.value.lower()}.nii.gz")
    return folder


Exported = Callable[[str], tuple[ModelPackage, Path, float | None]]


@pytest.fixture(scope="module")
def exported(package, native, calibrated, tmp_path_factory) -> Exported:
    """Export a package, once for all tests."""
    done: dict[str, tuple[ModelPackage, Path, float | None]] = {}

    def export(kind: str) -> tuple[ModelPackage, Path, float | None]:
        if kind not in done:
            source = {"cascade": package, "native": native, "calibrated": calibrated}[kind]
            written = export_bundle(source, tmp_path_factory.mktemp("bundles") / kind)
            done[kind] = source, written.folder, written.difference
        return done[kind]

    return export


@pytest.fixture(scope="module")
def surrounded(turned: Study, tmp_path_factory: pytest.TempPathFactory) -> tuple[Study, Path]:
    """The study with something else than 0 around each brain, and its folder as of `data`."""
    makes = (lambda a: a - 1024, BACKGROUNDS["a constant within padding"], BACKGROUNDS["noise around -5"], z_scored)
    volumes = {m: replace(turned[m], array=make(turned[m].array)) for m, make in zip(turned, makes, strict=True)}
    study = replace(turned, volumes=volumes)
    folder = tmp_path_factory.mktemp("surrounded")
    (folder / "CASE-1").mkdir()
    for modality in study:
        write_volume(study[modality], folder / "CASE-1" / f"CASE-1_{modality.value.lower()}.nii.gz")
    return study, folder


KINDS = pytest.mark.parametrize("kind", ["cascade", "native"])


def config(folder: Path) -> str:
    return str(folder / "configs" / "inference.json")


@KINDS
def test_monai_runs_the_bundle_and_writes_our_label_map(exported, turned, data, tmp_path, kind):
    source, folder, _ = exported(kind)
    bundle.run(
        config_file=config(folder), bundle_root=str(folder), dataset_dir=str(data), output_dir=str(tmp_path),
        device="cpu",
    )  # fmt: skip
    (file,) = tmp_path.rglob("*_seg.nii.gz")
    image = sitk.ReadImage(str(file))
    expected = segment(turned, source, Options(device="cpu", force=True)).segmentation
    assert image.GetSize() == expected.geometry.size, "the answer is on the input's own grid"
    np.testing.assert_allclose(image.GetDirection(), expected.geometry.direction, atol=1e-6)
    found = sitk.GetArrayFromImage(image)
    # A probability on the very threshold may fall to either side.
    assert np.count_nonzero(found != expected.labels) <= 2
    assert set(np.unique(expected.labels)) == {0, 1, 2, 3}


def test_monai_finds_the_same_whatever_lies_around_the_brains(exported, surrounded, tmp_path):
    source, folder, _ = exported("cascade")
    study, data = surrounded
    bundle.run(
        config_file=config(folder), bundle_root=str(folder), dataset_dir=str(data), output_dir=str(tmp_path),
        device="cpu",
    )  # fmt: skip
    (file,) = tmp_path.rglob("*_seg.nii.gz")
    expected = segment(study, source, Options(device="cpu", force=True)).segmentation.labels
    assert np.count_nonzero(sitk.GetArrayFromImage(sitk.ReadImage(str(file))) != expected) <= 2
    assert set(np.unique(expected)) == {0, 1, 2, 3}


@pytest.mark.parametrize("kind", ["cascade", "native", "calibrated"])
def test_monais_probabilities_are_ours(exported, turned, data, kind):
    source, folder, _ = exported(kind)
    parser = ConfigParser()
    parser.read_config(config(folder))
    parser.update({"bundle_root": str(folder), "dataset_dir": str(data), "device": "cpu"})
    if kind == "native":
        parser.get_parsed_content("run#0")
    (case,) = parser.get_parsed_content("dataset")
    pred = parser.get_parsed_content("probabilities")(case["image"])
    back = parser.get_parsed_content("postprocessing").transforms[0]({**case, "pred": pred})["pred"]
    options = Options(device="cpu", force=True, keep_probabilities=True)
    expected = segment(turned, source, options).segmentation.probabilities
    found = back.as_tensor().numpy().transpose(0, 3, 2, 1)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-4)
    assert expected.std() > 0.01


def test_monai_loads_a_segresnet_as_its_own_class(exported):
    _, folder, difference = exported("native")
    network = bundle.load(folder.name, bundle_dir=folder.parent, workflow_type="inference", device="cpu")
    assert type(network).__name__ == "SegResNet" and difference is None
    assert sorted(path.name for path in (folder / "models").iterdir()) == ["model.pt"]


def test_monai_loads_the_cascade_as_torchscript_with_its_metadata(exported):
    _, folder, difference = exported("cascade")
    network, metadata, _ = bundle.load(folder.name, bundle_dir=folder.parent, load_ts_module=True, device="cpu")
    assert network(torch.zeros(1, 4, 9, 8, 7)).shape == (1, 3, 9, 8, 7)
    assert metadata == json.loads((folder / "configs" / "metadata.json").read_text())
    assert 0 < difference <= TOLERANCE


@KINDS
def test_the_metadata_say_what_goes_in_and_out(exported, tmp_path, kind):
    _, folder, _ = exported(kind)
    metadata = folder / "configs" / "metadata.json"
    # MONAI takes a schema that is there already; this one holds what its specification of bundles calls mandatory.
    needed = ["version", "changelog", "monai_version", "pytorch_version", "numpy_version", "task", "description"]
    schema = {"type": "object", "required": [*needed, "authors", "copyright", "network_data_format"]}
    (tmp_path / "schema.json").write_text(json.dumps(schema))
    bundle.verify_metadata(meta_file=str(metadata), filepath=str(tmp_path / "schema.json"))
    bundle.verify_net_in_out(
        net_id="network_def", meta_file=str(metadata), config_file=config(folder), bundle_root=str(folder),
        device="cpu", n=2, any=12,
    )  # fmt: skip


def test_what_monais_own_segresnet_cannot_say_becomes_torchscript(native):
    def changed(settings: CascadeSettings, **stage: Any) -> CascadeSettings:
        return replace(settings, stage1=replace(settings.stage1, **stage))

    settings = native.settings
    assert is_native(settings)
    assert not is_native(changed(settings, architecture="nvnet"))
    assert not is_native(changed(settings, downsample=2))
    assert not is_native(changed(settings, align_corners=True))
    assert not is_native(replace(settings, temperatures=(1.0, 1.3, 1.0)))
    assert not is_native(replace(settings, offsets=(0.0, 0.0, -0.2)))
    assert not is_native(replace(settings, preprocessing=Preprocessing(clip=(0.0, 100.0))))
    assert not is_native(replace(settings, preprocessing=Preprocessing(foreground="channel")))


def test_the_bundle_comes_with_card_license_and_how_to_run_it(exported):
    source, folder, _ = exported("cascade")
    card = (folder / "docs" / "README.md").read_text()
    assert card.startswith(source.card) and "python -m monai.bundle run" in card
    assert (folder / "LICENSE").read_text() == (source.folder / "LICENSE").read_text()


def test_card_and_metadata_say_what_the_bundle_leaves_out(native, tmp_path):
    settings = replace(native.settings, cleaning=Cleaning(fill=True), optional=("T2",))
    whole = replace(native, settings=settings, files={**native.files, SHADING_FILE: FileEntry("0" * 64, 1)})
    folder = export_bundle(whole, tmp_path / "bundle").folder
    told = json.loads((folder / "configs" / "metadata.json").read_text())["left_out"]
    card = (folder / "docs" / "README.md").read_text()
    assert all(f"- {sentence}" in card for sentence in told)
    for word in ("skull", "brain mask", "0 outside the brain", "shading", "Small parts", "(T2)"):
        assert sum(word in sentence for sentence in told) == 1, word
    assert set(left_out(native, native=False)) < set(told), "what holds of every bundle"


def test_a_folder_that_is_there_is_replaced_only_on_request_and_only_a_bundle(native, tmp_path):
    export_bundle(native, tmp_path / "out")
    with pytest.raises(OutputError, match="exists already"):
        export_bundle(native, tmp_path / "out")
    (tmp_path / "out" / "models" / "mine.txt").write_text("old")
    export_bundle(native, tmp_path / "out", replace=True)
    assert not (tmp_path / "out" / "models" / "mine.txt").exists()
    (tmp_path / "photos").mkdir()
    with pytest.raises(OutputError, match="not a model package"):
        export_bundle(native, tmp_path / "photos", replace=True)


def test_a_module_that_differs_is_not_written(package, native, tmp_path, monkeypatch):
    script = exporting_bundle.script_cascade
    wrong = replace(package.settings, preprocessing=Preprocessing(margin=9))
    monkeypatch.setattr(exporting_bundle, "_SEEDS", (1,))
    monkeypatch.setattr(exporting_bundle, "script_cascade", lambda settings, *stages: script(wrong, *stages))
    with pytest.raises(OutputError, match="differs from this library"):
        export_bundle(package, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []
