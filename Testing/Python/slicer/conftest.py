"""Fixtures of the room slicer: the host that stands in for Slicer, the module, and a client without a worker."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from BrainTumorVAESegLib.core.answers import Checked, Explained, Measured, Probed, Progress, Segmented, Written
from BrainTumorVAESegLib.core.errors import Cancelled
from BrainTumorVAESegLib.core.findings import Finding
from BrainTumorVAESegLib.core.geometry import Geometry
from BrainTumorVAESegLib.core.inspection import (
    FREE,
    Contribution,
    Cost,
    DoubtfulSlice,
    MapFile,
    StageChange,
    choose_maps,
)
from BrainTumorVAESegLib.core.measures import Measures
from BrainTumorVAESegLib.core.modalities import Modality
from BrainTumorVAESegLib.core.preparation import Needs, Prepared
from BrainTumorVAESegLib.core.requests import Check, Explain, Export, Measure, Probe, Report, Segment
from BrainTumorVAESegLib.core.segmentation import Segmentation
from BrainTumorVAESegLib.core.verdict import Verdict
from BrainTumorVAESegLib.measures.measuring import measure
from slicerhost.fixtures import *  # noqa: F403


@cache
def measured(labels: bytes, geometry: Geometry) -> Measures:
    """Measure labels, once for all tests that have the same."""
    array = np.frombuffer(labels, np.uint8).reshape(geometry.shape)
    return measure(Segmentation(array, geometry))


class FakeClient:
    """Answers like the worker's client, when a test says so: requests wait in `requests` until `answer` is called.

    labels: what a segmentation finds (z, y, x). geometry: its grid. at_once: whether checks and probes are answered
    without being told. needs: what a check finds needed. prepared, brain: what a segmentation did first, and the mask
    (z, y, x; bool) that it made.
    """

    def __init__(self, folder: Path, labels: np.ndarray, geometry: Geometry) -> None:
        from BrainTumorVAESegLib.slicer.client.handover import Exchange

        self.exchange, self.labels, self.geometry = Exchange(folder), labels, geometry
        self.log_path: Path | None = None
        self.findings: Sequence[Finding] = ()
        self.needs, self.prepared = Needs(), Prepared()
        self.brain: np.ndarray | None = None
        self.probed = Probed(0, "cpu", "cpu (2 threads)", cuda=False, free=8_000_000_000, torch="2.13.0")
        self.at_once = True
        self.unavailable: dict[str, str] = {}
        self.costs = {"mirror": Cost(7, 25.0, 300_000_000), "contributions": Cost(8, 100.0, 200_000_000)}
        self.verdict: Verdict | None = None
        self.wider = {"WT": (1.0, 99.0)}
        self.intervals: dict[str, tuple[float, float]] = {}
        self.seen: list[Any] = []
        self.interrupted: list[int] = []
        self.requests: list[tuple[Any, Callable[..., Any], Callable[..., Any], Callable[..., Any]]] = []
        self.cancelled = self.stopped = 0

    def request(self, request: Any, on_answer: Any, on_failed: Any = None, on_progress: Any = None) -> int:
        self.seen.append(request)
        self.requests.append((request, on_answer, on_failed, on_progress))
        if self.at_once and not isinstance(request, Segment):
            self.answer()
        return len(self.seen)

    def progress(self, stage: str, fraction: float) -> None:
        self.requests[0][3](Progress(0, stage, fraction))

    def fail(self, error: Exception) -> None:
        self.requests.pop(0)[2](error)

    def answer(self) -> None:
        request, on_answer, _, _ = self.requests.pop(0)
        if isinstance(request, Explain):
            on_answer(self.explain(request))
        elif isinstance(request, Check):
            on_answer(Checked(0, tuple(self.findings), self.needs))
        elif isinstance(request, Probe):
            on_answer(replace(self.probed))
        elif isinstance(request, Report):
            Path(request.file).write_text("a page")
            on_answer(Written(0, (request.file,)))
        elif isinstance(request, Export):
            files = [Path(request.folder, f"{request.name}_{kind}.dcm") for kind in ("labels", "measures")]
            on_answer(Written(0, tuple(map(str, files)), ("A note on the headers.",)))
        elif isinstance(request, Measure):
            on_answer(
                Measured(0, measured(np.load(request.labels).tobytes(), request.study.volumes[Modality.T1CE].geometry))
            )
        else:
            np.save(request.labels, self.labels)
            fits = self.labels.shape == self.geometry.shape
            measures = measured(self.labels.tobytes(), self.geometry) if fits else None
            volumes = measures.volumes_ml if measures else {}
            told = Segmented(
                0, request.labels, volumes, True, (), ("A note.",), {"stage 1": 1.5}, "cpu", (), "fast",
                "0.1.0", "ab", self.verdict, self.intervals, self.prepared, self.write_brain(request), measures,
            )  # fmt: skip
            on_answer(told)

    def explain(self, request: Explain) -> Explained:
        """Maps of one value each, but for the probabilities: 1 in the tumor, less and less towards the outside."""
        made = []
        if request.contributions:
            rows = tuple(
                Contribution(
                    str(modality), instead, dict.fromkeys(("WT", "TC", "ET"), dice), {"WT": -3.0, "TC": 0.0, "ET": 1}
                )
                for modality, dice in zip(Modality, (0.9, 0.8, 0.7, 0.6), strict=True)
                for instead in ("nothing", "reconstruction")
            )
            self.costs["contributions"] = FREE
            return Explained(0, request.segmented, (), {}, (), (), rows, dict(self.costs))
        if request.mirror:
            self.unavailable.pop("information", None)
            self.costs["mirror"] = FREE
        for kind in choose_maps(request.maps):
            if kind.key not in self.unavailable:
                file = Path(request.folder, f"{kind.key}.npy")
                file.parent.mkdir(exist_ok=True)
                values = self.probability if kind.group == "probability" else np.full(self.labels.shape, 0.5)
                np.save(file, values.astype(np.float32))
                made.append(MapFile(kind.key, kind.name, kind.unit, kind.colors, kind.low, kind.high, str(file)))
        doubtful = tuple(DoubtfulSlice(n, (10.0 * n, -20.0 * n, 30.0 * n), 7, 0.25) for n in (3, 1, 2))
        changes = (StageChange("WT", 1000, 500, 1.0, 0.5), StageChange("TC", 0, 20, 0.0, 0.02))
        missing = {key: reason for key, reason in self.unavailable.items() if key in request.maps}
        wider = self.wider if request.mirror else {}
        return Explained(0, request.segmented, tuple(made), missing, doubtful, changes, (), dict(self.costs), wider)

    def write_brain(self, request: Segment) -> str:
        """Write the mask that was made, where one was."""
        if self.brain is None:
            return ""
        np.save(request.brain, self.brain.astype(np.uint8))
        return request.brain

    @property
    def probability(self) -> np.ndarray:
        """Of the tumor (z, y, x): higher the further a voxel lies from the end of its row."""
        along = np.linspace(0.1, 0.9, self.labels.shape[2])
        return np.broadcast_to(along, self.labels.shape)

    def start(self) -> None:
        """Keep awake."""

    def interrupt(self, id: int) -> None:
        """What the worker does that is told to stop one request; it waits first in the list."""
        self.interrupted.append(id)
        self.fail(Cancelled("Stopped."))

    def cancel(self) -> None:
        self.cancelled += 1
        self.requests.clear()
        self.exchange.clear()

    def stop(self) -> None:
        self.stopped += 1
        self.exchange.remove()


@pytest.fixture
def volumes(scene: Any, small_study: Any) -> dict[Modality, Any]:
    """The small patient's four volume nodes, named after their modality."""
    import slicer

    matrix = np.diag([-1.0, -1.0, 1.0, 1.0]) @ small_study.reference_volume.geometry.index_to_physical
    return {m: slicer.util.addVolumeFromArray(small_study[m].array, matrix, f"Patient {m}") for m in small_study}


@pytest.fixture
def client(host: Any, tmp_path: Path, patient: Any, small_grid: Any) -> FakeClient:
    """A client that finds the small patient's tumor and answers when it is told to."""
    return FakeClient(tmp_path, patient.labels(small_grid), small_grid)


class Ends:
    """What a segmentation ended with, and what was told on the way."""

    def __init__(self) -> None:
        self.outcomes: list[Any] = []
        self.errors: list[Exception] = []
        self.progress: list[tuple[str, float, float | None]] = []


@pytest.fixture
def segmenting(client: Any) -> Iterator[Any]:
    """What panel and scripts segment with, by the client without a worker."""
    from BrainTumorVAESegLib.slicer.segmenting import Segmenting

    one = Segmenting(client)
    yield one
    one.close()


@pytest.fixture
def ends(segmenting: Any) -> Ends:
    """What segmenting ends with, once it was begun by `start`."""
    told = Ends()
    segmenting.progressed.connect(lambda *arguments: told.progress.append(arguments))
    return told


@pytest.fixture
def start(segmenting: Any, ends: Ends, volumes: dict[Modality, Any]) -> Callable[..., None]:
    """Begin to segment the patient's volumes."""

    def begin(target: Any = None, **choices: Any) -> None:
        from BrainTumorVAESegLib.slicer.choices import Choices

        segmenting.start(volumes, target, Choices(**choices), ends.outcomes.append, ends.errors.append)

    return begin


@pytest.fixture
def asked(client: Any, start: Callable[..., None], process_events: Callable[..., bool]) -> Any:
    """A segmentation that has handed its volumes over and waits for the worker."""
    start()
    assert process_events(lambda: client.requests)
    return client.requests[0][0]


@pytest.fixture
def node_ids(scene: Any) -> Callable[[], set[str]]:
    """Return the nodes that the scene has now, when it is called."""
    return lambda: {scene.GetNthNode(n).GetID() for n in range(scene.GetNumberOfNodes())}


@pytest.fixture
def opened(module: Any, client: Any, monkeypatch: pytest.MonkeyPatch, host: Any) -> Any:
    """The module's widget, entered, with the test's client in place of a worker."""
    from BrainTumorVAESegLib.slicer import segmenting

    monkeypatch.setattr(segmenting, "WorkerClient", lambda: client)
    representation = module.widgetRepresentation()
    representation.show()
    representation.enter()
    host.app.processEvents()
    return representation.self()


@pytest.fixture
def assigned(opened: Any, volumes: dict[Modality, Any], process_events: Callable[..., bool]) -> Any:
    """The panel with the patient's four volumes chosen and checked."""
    opened.panel.assign()
    assert process_events(lambda: opened.ui.applyButton.enabled and "Checking" not in opened.ui.findingsLabel.text)
    return opened


@pytest.fixture
def running(assigned: Any, client: Any, process_events: Callable[..., bool]) -> Any:
    """The panel with a segmentation that waits for the worker."""
    assigned.ui.applyButton.click()
    assert process_events(lambda: any(isinstance(request[0], Segment) for request in client.requests))
    return assigned


@pytest.fixture
def segmented(running: Any, client: Any, process_events: Callable[..., bool]) -> Any:
    """The panel with a result."""
    client.answer()
    assert process_events(lambda: running.ui.applyButton.text == "Segment")
    return running


@pytest.fixture
def slices(scene: Any) -> Iterator[list[Any]]:
    """The nodes of three slice views, as Slicer's layout makes them; they outlive the closing of a scene."""
    made, layers = [], []
    for name, orientation in (("Red", "Axial"), ("Green", "Coronal"), ("Yellow", "Sagittal")):
        node = scene.AddNewNodeByClass("vtkMRMLSliceNode", name)
        node.SetLayoutName(name)
        node.SetOrientation(orientation)
        layers.append(scene.AddNewNodeByClass("vtkMRMLSliceCompositeNode", name))
        layers[-1].SetLayoutName(name)
        made.append(node)
    yield made
    for node in (*made, *layers):
        scene.RemoveNode(node)


@pytest.fixture
def load_second_case(scene: Any, small_study: Any) -> Callable[[], dict[Modality, Any]]:
    """Put another case's four volumes into the scene when it is called; returns their nodes."""
    import slicer

    matrix = np.diag([-1.0, -1.0, 1.0, 1.0]) @ small_study.reference_volume.geometry.index_to_physical
    return lambda: {m: slicer.util.addVolumeFromArray(small_study[m].array, matrix, f"Second {m}") for m in small_study}
