"""The worker is started in Slicer's own Python, with this library on its path."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from BrainTumorVAESegLib.core.errors import WorkerError


def test_the_launch_finds_the_library_whatever_the_folder(host, tmp_path, monkeypatch):
    from BrainTumorVAESegLib.slicer.client.launch import slicer_launch

    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    launch = slicer_launch()
    assert Path(launch.program).name.startswith("PythonSlicer")
    assert launch.environment["PYTHONPATH"].split(os.pathsep)[1:] == [str(tmp_path)]
    run = subprocess.run(
        [launch.program, *launch.arguments, "--help"],
        env={**os.environ, **launch.environment},
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0 and "--idle" in run.stdout


def test_a_slicer_without_its_python_is_told(host, monkeypatch, tmp_path):
    from BrainTumorVAESegLib.slicer.client import launch

    monkeypatch.setattr(launch.shutil, "which", lambda *arguments, **options: None)
    with pytest.raises(WorkerError, match="PythonSlicer"):
        launch.slicer_launch()
