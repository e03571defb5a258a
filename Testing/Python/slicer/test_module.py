"""The module file as Slicer sees it: quick to import, reloaded with its library, and usable from one line of Python."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from BrainTumorVAESegLib.core.errors import InputError
from BrainTumorVAESegLib.core.modalities import MODALITIES, Modality

ROOT = Path(__file__).parents[3]
MODULE = ROOT / "BrainTumorVAESeg"

_IMPORT = f"""
import sys, time
sys.path[:0] = [{str(ROOT / "Testing" / "Host")!r}, {str(MODULE)!r}]
import slicerhost
slicerhost.install()
import numpy, qt, vtk
start = time.perf_counter()
import BrainTumorVAESeg
print(time.perf_counter() - start, *(name in sys.modules for name in ("torch", "monai", "safetensors", "SimpleITK")))
"""


def test_importing_the_module_is_quick_and_loads_nothing_heavy(host: Any) -> None:
    runs = [subprocess.run([sys.executable, "-c", _IMPORT], capture_output=True, text=True) for _ in range(2)]
    assert runs[0].returncode == 0, runs[0].stderr
    answers = [run.stdout.split() for run in runs]
    assert min(float(answer[0]) for answer in answers) < 0.3
    assert answers[0][1:] == ["False"] * 4


def test_the_module_names_itself_as_slicer_asks(module: Any) -> None:
    assert module.title and module.categories == ["Segmentation"]
    assert "research" in module.helpText and "Myronenko" in module.acknowledgementText


def test_a_reload_takes_the_library_anew_and_keeps_the_choices(
    panel: Any, host: Any, volumes: dict[Modality, Any]
) -> None:
    panel.logic.getParameterNode().t2 = volumes[Modality.T2]
    before = sys.modules["BrainTumorVAESegLib.slicer.segmenting"]
    kept = {name: module for name, module in sys.modules.items() if name.startswith("BrainTumorVAESegLib")}
    try:
        panel.onReload()
        again = host.util.getModuleWidget("BrainTumorVAESeg")
        again.enter()
        assert again is not panel and sys.modules["BrainTumorVAESegLib.slicer.segmenting"] is not before
        assert again.ui.t2Selector.currentNode() is volumes[Modality.T2]
    finally:
        sys.modules.update(kept)


@pytest.fixture
def logic(module: Any, client: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The module's logic, with the test's client, that answers at once."""
    from BrainTumorVAESegLib.slicer import segmenting

    monkeypatch.setattr(segmenting, "WorkerClient", lambda: client)
    made = sys.modules["BrainTumorVAESeg"].BrainTumorVAESegLogic()
    yield made
    made.close()


@pytest.fixture
def answering(client: Any, host: Any) -> Any:
    """A timer that answers every request a moment later."""
    import qt

    timer = qt.QTimer()
    timer.setInterval(5)
    timer.connect("timeout()", lambda: client.answer() if client.requests else None)
    timer.start()
    yield timer
    timer.stop()


def test_one_line_segments_four_volumes(logic: Any, answering: Any, volumes: dict[Modality, Any]) -> None:
    segmentation = logic.process(*(volumes[modality] for modality in MODALITIES))
    assert segmentation.GetSegmentation().GetNumberOfSegments() == 3
    assert logic.lastOutcome.segmentation is segmentation and logic.lastOutcome.told.package == "fast"


def test_one_line_segments_a_case_of_a_folder(
    logic: Any, answering: Any, write_study: Callable[..., Any], small_study: Any, tmp_path: Path
) -> None:
    write_study(small_study, tmp_path / "Fälle 1")
    segmentation = logic.processCase(tmp_path / "Fälle 1")
    assert segmentation.GetName() == "Fälle 1 T1ce tumor"


def test_one_line_segments_a_list_of_cases_and_a_bad_one_stops_no_other(
    logic: Any, answering: Any, write_study: Callable[..., Any], small_study: Any, tmp_path: Path, scene: Any
) -> None:
    import SimpleITK as sitk
    import slicer

    assert slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene) is not None
    write_study(small_study, tmp_path / "a")
    (write_study(small_study, tmp_path / "b")[Modality.T2]).unlink()
    write_study(small_study, tmp_path / "c")
    before = scene.GetNumberOfNodes()
    told = logic.processCases([tmp_path / name for name in "abc"], tmp_path / "out")
    assert told["a"] == told["c"] == "" and "T2" in told["b"]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a.seg.nrrd", "c.seg.nrrd"]
    image = sitk.ReadImage(str(tmp_path / "out" / "a.seg.nrrd"))
    assert image.GetMetaData("Segment2_ID") == "ET"
    assert scene.GetNumberOfNodes() == before


def test_two_cases_of_one_name_are_refused_before_any_is_segmented(logic: Any, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="case"):
        logic.processCases([tmp_path / "x" / "case", tmp_path / "y" / "case"], tmp_path / "out")
    assert not (tmp_path / "out").exists()
