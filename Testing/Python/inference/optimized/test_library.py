"""OpenVINO is optional, of a version that was tried, on a processor that it is made for, and reports to nobody."""

from __future__ import annotations

import importlib.metadata
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from BrainTumorVAESegLib.core.errors import DependencyError, DeviceError
from BrainTumorVAESegLib.inference.optimized import library

LIBRARY = Path(__file__).resolve().parents[4] / "BrainTumorVAESeg"


def play_version(monkeypatch, version: str | None) -> None:
    def answer(name: str) -> str:
        if version is None:
            raise importlib.metadata.PackageNotFoundError(name)
        return version

    monkeypatch.setattr(importlib.metadata, "version", answer)


def test_without_it_a_sentence_says_how_to_install_it(monkeypatch):
    play_version(monkeypatch, None)
    with pytest.raises(DependencyError, match=r"openvino is not installed; pip install 'braintumorvaeseg\[openvino\]'"):
        library.load_openvino()


@pytest.mark.parametrize("version", ["2024.6.0", "2026.3.9", "2027.0.0"])
def test_a_version_that_was_not_tried_is_refused_with_those_that_were(monkeypatch, version):
    play_version(monkeypatch, version)
    with pytest.raises(DependencyError, match=rf"openvino {version} was not tried .*2026\.4 or later, below 2027"):
        library.load_openvino()


def test_a_processor_without_avx2_is_sent_back_to_torch(monkeypatch):
    play_version(monkeypatch, "2026.4.1")
    monkeypatch.setattr(library.platform, "machine", lambda: "x86_64")
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: "NO AVX")
    with pytest.raises(DeviceError, match=r"no AVX2.*use the engine torch"):
        library.load_openvino()


def test_what_reports_its_use_is_never_loaded():
    code = (
        "import sys; from BrainTumorVAESegLib.inference.optimized.library import load_nncf, load_openvino;"
        "load_openvino(); load_nncf(); print(sys.modules['openvino_telemetry'])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=LIBRARY, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "None"
