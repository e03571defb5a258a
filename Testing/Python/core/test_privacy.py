"""Libraries that report their use keep it to themselves."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

LIBRARY = Path(__file__).resolve().parents[3] / "BrainTumorVAESeg"


def test_onnxruntime_gives_the_machine_no_number_and_openvino_lacks_what_sends(tmp_path):
    pytest.importorskip("onnxruntime")
    code = (
        "import sys; from BrainTumorVAESegLib.core.privacy import forbid_reports;"
        "forbid_reports(); import onnxruntime; print(sys.modules['openvino_telemetry'])"
    )
    homes = dict.fromkeys(("HOME", "XDG_CACHE_HOME", "USERPROFILE", "LOCALAPPDATA"), str(tmp_path))
    environment = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"} | homes
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=LIBRARY, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "None"
    assert not [path for path in tmp_path.rglob("*") if "onnxruntime" in path.name]
