"""`models optimize`, and `--engine` of the commands that segment."""

from __future__ import annotations

import importlib.metadata
import json

import pytest
from BrainTumorVAESegLib.cli.support.calibration import list_studies
from BrainTumorVAESegLib.core.errors import InputError


def test_a_converted_package_segments_and_the_summary_says_by_what(command, case, out):
    made = command("models", "optimize", "all-edema", "--json")
    assert made.code == 0, made.err
    assert made.json["engine"] == "openvino" and made.json["largest_difference"] < 1e-4
    assert made.json["dice"] == pytest.approx({"WT": 1, "TC": 1, "ET": 1})
    outcome = command("segment", case, "--out", out, "--model", "all-edema", "--engine", "openvino", "--force")
    assert outcome.code == 0, outcome.err
    summary = json.loads((out / "PATIENT-1.json").read_text())
    assert "OpenVINO" in summary["device"] and "fp32" in summary["device"] and not summary["empty"]
    refused = command(
        "segment", case, "--out", out / "more", "--model", "all-edema", "--engine", "openvino", "--memory", "1G"
    )
    assert refused.code == 6 and "cannot bound its memory" in refused.error


def test_what_is_not_converted_is_named_with_its_command(command, case, out):
    outcome = command("segment", case, "--out", out, "--model", "all-edema", "--engine", "openvino-int8", "--force")
    assert outcome.code == 5
    assert (
        "all-edema was not converted for the engine openvino-int8; run models optimize all-edema --int8"
        in outcome.error
    )


def test_without_openvino_a_sentence_says_how_to_install_it(command, monkeypatch):
    version = importlib.metadata.version

    def missing(name: str) -> str:
        if name == "openvino":
            raise importlib.metadata.PackageNotFoundError(name)
        return version(name)

    monkeypatch.setattr(importlib.metadata, "version", missing)
    outcome = command("models", "optimize", "all-edema")
    assert outcome.code == 9 and "pip install 'braintumorvaeseg[openvino]'" in outcome.error


def test_cases_to_calibrate_on_belong_to_8_bits(command, case):
    outcome = command("models", "optimize", "all-edema", "--calibrate", case)
    assert outcome.code == 2 and "--calibrate goes with --int8" in outcome.err


def test_a_folder_is_one_case_or_holds_some(case, tmp_path):
    assert len(list_studies(case)) == len(list_studies(case.parent)) == 1
    with pytest.raises(InputError, match="no such folder"):
        list_studies(tmp_path / "nowhere")
    with pytest.raises(InputError, match="is a file, no folder"):
        list_studies(next(case.glob("*_t1.nii.gz")))
    with pytest.raises(InputError):
        list_studies(tmp_path)
