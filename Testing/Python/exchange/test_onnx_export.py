"""ONNX files of a package: they give torch's numbers at any size, or are not written."""

from __future__ import annotations

import importlib.util
import json

import numpy as np
import pytest
import torch
from BrainTumorVAESegLib.core.errors import DependencyError, OutputError
from BrainTumorVAESegLib.core.settings import CascadeSettings, StageSettings
from BrainTumorVAESegLib.exchange import onnx_export as exporting_onnx
from BrainTumorVAESegLib.exchange.onnx_export import TOLERANCE, export_onnx
from BrainTumorVAESegLib.models.package import ModelPackage, first_stage_alone, load_stage
from BrainTumorVAESegLib.models.writing import write_package
from BrainTumorVAESegLib.networks.nvnet import NvNet

onnxruntime = pytest.importorskip("onnxruntime", reason="the extra export is not installed")
LEVELS = {"filters": 8, "groups": 4, "blocks_down": (1, 1), "blocks_up": (1,)}
SETTINGS = CascadeSettings(
    stage1=StageSettings("segresnet", align_corners=False, **LEVELS),
    stage2=StageSettings("attention_add", in_channels=7, field=(8, 8, 8), **LEVELS),
)


@pytest.fixture(scope="module")
def make_package(tmp_path_factory):
    """Write a package of two shallow networks, a SegResNet and one with gates, with random weights of a seed."""

    def make(seed: int) -> ModelPackage:
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            networks = NvNet(SETTINGS.stage1).eval(), NvNet(SETTINGS.stage2).eval()
        return write_package(tmp_path_factory.mktemp("packages") / "two", "two", "0.1", SETTINGS, *networks, "# two")

    return make


@pytest.fixture(scope="module")
def package(make_package) -> ModelPackage:
    return make_package(1)


@pytest.fixture(scope="module")
def exported(package, tmp_path_factory):
    """The folder and the files; writing them is most of these tests' time, so it is done once."""
    folder = tmp_path_factory.mktemp("onnx") / "out"
    return folder, export_onnx(package, folder)


def test_both_stages_are_written_and_agree_at_sizes_of_every_kind(exported, package):
    folder, files = exported
    assert sorted(path.name for path in folder.iterdir()) == ["LICENSE", "README.md", "stage1.onnx", "stage2.onnx"]
    assert [file.bytes for file in files] == [file.path.stat().st_size for file in files]
    assert all(0 < file.difference <= TOLERANCE for file in files)
    for stage, file in enumerate(files, start=1):
        network = load_stage(package, stage)
        session = onnxruntime.InferenceSession(file.path, providers=["CPUExecutionProvider"])
        for size in ((2, 2, 2), (10, 4, 6), (30, 40, 20)):
            x = torch.randn((1, network.settings.in_channels, *size), generator=torch.Generator().manual_seed(3))
            found = torch.from_numpy(np.asarray(session.run(["logits"], {"image": x.numpy()})[0]))
            with torch.inference_mode():
                torch.testing.assert_close(found, network(x).logits, rtol=0, atol=1e-4)


def test_the_file_says_what_goes_in(exported, package):
    session = onnxruntime.InferenceSession(exported[1][1].path, providers=["CPUExecutionProvider"])
    facts = session.get_modelmeta().custom_metadata_map
    cascade = json.loads(facts["cascade"])
    assert (facts["package"], facts["sha256"], cascade["stage"]) == ("two", package.sha256, 2)
    assert (cascade["modalities"], cascade["preprocessing"]["margin"]) == (["T1", "T1ce", "T2", "FLAIR"], 2)
    assert "(1, channels, z, y, x)" in facts["axes"]


def test_reports_are_forbidden_before_anything_is_imported_that_sends_them(package, tmp_path, monkeypatch):
    def forbid() -> None:
        raise InterruptedError

    monkeypatch.setattr(exporting_onnx, "forbid_reports", forbid)
    with pytest.raises(InterruptedError):
        export_onnx(package, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_where_onnxruntime_disagrees_nothing_is_written(exported, make_package, tmp_path, monkeypatch):
    files = iter(file.path.read_bytes() for file in exported[1])
    monkeypatch.setattr(exporting_onnx, "onnx_bytes", lambda network, facts: next(files))
    with pytest.raises(OutputError, match=r"^stage1\.onnx: onnxruntime differs from torch by .* is not written"):
        export_onnx(make_package(2), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_what_stands_there_is_replaced_only_on_request_and_only_an_earlier_export(package, tmp_path, monkeypatch):
    monkeypatch.setattr(exporting_onnx, "onnx_bytes", lambda *_: b"made")
    monkeypatch.setattr(exporting_onnx, "check_onnx", lambda *_: 0.0)
    (tmp_path / "README.md").write_text("mine")
    for replace, message in ((False, "README.md exists already"), (True, "README.md is of no earlier export")):
        with pytest.raises(OutputError, match=message):
            export_onnx(package, tmp_path, replace)
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("README.md", "mine")]
    first = export_onnx(package, tmp_path / "out")
    with pytest.raises(OutputError, match=r"stage1\.onnx exists already"):
        export_onnx(package, tmp_path / "out")
    assert export_onnx(package, tmp_path / "out", replace=True) == first


def test_a_stage_that_the_new_export_lacks_goes_with_the_earlier_one(package, tmp_path, monkeypatch):
    monkeypatch.setattr(exporting_onnx, "onnx_bytes", lambda *_: b"made")
    monkeypatch.setattr(exporting_onnx, "check_onnx", lambda *_: 0.0)
    export_onnx(package, tmp_path / "out")
    export_onnx(first_stage_alone(package), tmp_path / "out", replace=True)
    assert {file.name for file in (tmp_path / "out").glob("*.onnx")} == {"stage1.onnx"}


def test_a_missing_package_is_named_with_the_extra_that_brings_it(package, tmp_path, monkeypatch):
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "onnxruntime" else found(name))
    with pytest.raises(DependencyError, match=r"^onnxruntime not installed; .*\[export\]"):
        export_onnx(package, tmp_path / "out")
    assert not (tmp_path / "out").exists()
