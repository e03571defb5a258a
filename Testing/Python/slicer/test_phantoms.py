"""A phantom made beside a running event loop, and what is left when it fails or is stopped."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from BrainTumorVAESegLib.core.modalities import MODALITIES
from BrainTumorVAESegLib.phantom.phantom import PhantomSettings, make_phantom

LIBRARY = Path(__file__).parents[3] / "BrainTumorVAESeg"
SMALL = PhantomSettings(size=(48, 56, 40), spacing=4.0)


class Told:
    """What a maker told."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.sentences: list[str] = []

    def __bool__(self) -> bool:
        return bool(self.nodes or self.sentences)


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def left_over(host: Any) -> Callable[[], list[Path]]:
    """A function that lists the folders of phantoms in the temporary folder."""
    return lambda: list(Path(host.app.temporaryPath).glob("BrainTumorPhantom-*"))


@pytest.fixture
def make_maker(scene: Any) -> Iterator[Callable[..., Any]]:
    """A function that makes a maker over this Python, or over another program."""
    from BrainTumorVAESegLib.slicer.client.launch import Launch
    from BrainTumorVAESegLib.slicer.phantoms import PhantomMaker

    makers = []

    def made(program: str = sys.executable, library: Path = LIBRARY) -> Any:
        makers.append(PhantomMaker(Launch(program, (), {"PYTHONPATH": str(library)})))
        return makers[-1]

    yield made
    for maker in makers:
        maker.stop()


def volumes(scene: Any) -> int:
    return scene.GetNumberOfNodesByClass("vtkMRMLScalarVolumeNode")


def test_the_phantom_comes_while_the_event_loop_runs(
    make_maker: Any, host: Any, told: Told, process_events: Any, left_over: Any
) -> None:
    maker = make_maker()
    maker.start(told.nodes.append, told.sentences.append, SMALL)
    maker.start(told.nodes.append, told.sentences.append, SMALL)  # a second press changes nothing
    assert maker.running and not told
    assert process_events(lambda: told, 60)
    assert told.sentences == []
    (nodes,) = told.nodes
    study = make_phantom(SMALL).study
    assert list(nodes) == list(MODALITIES)
    assert all(np.array_equal(host.util.arrayFromVolume(nodes[m]), study[m].array) for m in MODALITIES)
    assert not maker.running and left_over() == []


def test_a_process_that_fails_is_one_sentence_and_leaves_nothing(
    make_maker: Any, scene: Any, told: Told, process_events: Any, left_over: Any, tmp_path: Path
) -> None:
    (tmp_path / "BrainTumorVAESegLib").mkdir()
    (tmp_path / "BrainTumorVAESegLib" / "__init__.py").write_text("raise MemoryError('no memory is left')")
    maker = make_maker(library=tmp_path)
    maker.start(told.nodes.append, told.sentences.append, SMALL)
    assert process_events(lambda: told, 30)
    assert told.nodes == [] and "no memory is left" in told.sentences[0] and "\n" not in told.sentences[0]
    assert (volumes(scene), maker.running, left_over()) == (0, False, [])


def test_a_program_that_is_missing_is_a_failure(
    make_maker: Any, told: Told, process_events: Any, tmp_path: Path
) -> None:
    make_maker(program=str(tmp_path / "no-python")).start(told.nodes.append, told.sentences.append, SMALL)
    assert process_events(lambda: told, 30)
    assert told.nodes == [] and len(told.sentences) == 1


def test_stopping_ends_the_process_and_tells_nobody(
    make_maker: Any, scene: Any, told: Told, process_events: Any, left_over: Any
) -> None:
    maker = make_maker()
    maker.start(told.nodes.append, told.sentences.append)
    process_events(seconds=0.3)
    maker.stop()
    process_events(seconds=0.3)
    assert (bool(told), maker.running, left_over(), volumes(scene)) == (False, False, [], 0)


def test_volumes_that_are_stopped_halfway_leave_the_scene(scene: Any) -> None:
    from BrainTumorVAESegLib.slicer.phantoms import add_volumes

    steps = add_volumes(make_phantom(SMALL).study, "Phantom")
    next(steps)
    next(steps)
    assert volumes(scene) == 2
    steps.close()
    assert volumes(scene) == 0
