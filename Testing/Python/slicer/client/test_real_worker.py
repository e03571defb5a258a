"""The client with the real worker, started as Slicer starts it."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from BrainTumorVAESegLib.core.answers import Checked, Probed
from BrainTumorVAESegLib.core.errors import BrainTumorVAESegError
from BrainTumorVAESegLib.core.modalities import MODALITIES
from BrainTumorVAESegLib.core.requests import Check, Probe, StudyFiles, VolumeFile
from BrainTumorVAESegLib.phantom.phantom import PhantomSettings, make_phantom


@pytest.fixture
def real(host, tmp_path) -> Iterator:
    """A client of the real worker, started as Slicer starts it."""
    from BrainTumorVAESegLib.slicer.client.client import WorkerClient

    client = WorkerClient(folder=tmp_path / "tmp é")
    yield client
    client.stop()


def test_the_real_worker_checks_a_study(real):
    from BrainTumorVAESegLib.slicer.client.handover import hand_over

    study = make_phantom(PhantomSettings(seed=1, size=(40, 48, 36))).study
    steps, files = hand_over(study, real.exchange), None
    while files is None:
        try:
            next(steps)
        except StopIteration as end:
            files = end.value
    told = real.call(Check(files))
    assert isinstance(told, Checked) and real.worker.version


def test_the_event_loop_goes_on_while_the_real_worker_works(real, host, process_events):
    import qt

    ticks: list[float] = []
    timer = qt.QTimer()
    timer.setInterval(10)
    timer.connect("timeout()", lambda: ticks.append(time.monotonic()))
    timer.start()
    heard: list[Probed] = []
    real.request(Probe("cpu"), heard.append, heard.append)
    assert process_events(lambda: heard, 60)
    timer.stop()
    assert isinstance(heard[0], Probed) and heard[0].torch
    assert len(ticks) > 10


def test_a_missing_file_is_told_by_the_real_worker(real, tmp_path):
    study = make_phantom(PhantomSettings(seed=1, size=(16, 16, 16))).study
    files = StudyFiles({m: VolumeFile(str(tmp_path / "no.npy"), study[m].geometry, f"node {m}") for m in MODALITIES})
    with pytest.raises(BrainTumorVAESegError, match="node T1: its file is gone"):
        real.call(Check(files))
