"""A phantom for the scene, made in a process of its own while Slicer goes on."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import slicer
from slicer.i18n import tr as _

from ..core.modalities import Modality
from ..core.steps import Steps
from .client.launch import Launch, slicer_launch
from .client.logs import last_line
from .client.process import Ending, WorkerProcess
from .client.stepping import Turns
from .nodes.volumes import Nodes, add_volume

if TYPE_CHECKING:
    from ..core.volume import Study
    from ..phantom.phantom import PhantomSettings


def add_volumes(study: Study, name: str) -> Steps[Nodes]:
    """Add a study's volumes to the scene, one a step, named e.g. `Phantom T1ce`; returns their nodes by modality."""
    nodes: dict[Modality, Any] = {}
    try:
        for modality in study:
            nodes[modality] = add_volume(study[modality], f"{name} {modality}")
            yield
    except BaseException:  # stopped halfway as well
        for node in nodes.values():
            slicer.mrmlScene.RemoveNode(node)
        raise
    slicer.util.setSliceViewerLayers(background=nodes[study.reference], fit=True)
    return nodes


class PhantomMaker:
    """Makes one phantom at a time and adds it to the scene, without holding Slicer up.

    launch: how to start Python, Slicer's own by default.
    """

    def __init__(self, launch: Launch | None = None) -> None:
        self._launch = launch
        self._process: WorkerProcess | None = None
        self._turns: Turns | None = None
        self._folder: Path | None = None

    @property
    def running(self) -> bool:
        """Whether a phantom is being made."""
        return self._folder is not None

    def start(
        self, done: Callable[[Nodes], None], failed: Callable[[str], None], settings: PhantomSettings | None = None
    ) -> None:
        """Begin to make a phantom; nothing happens where one is being made.

        done: called with its four volume nodes. failed: called with one sentence. Raises WorkerError where Slicer's
        Python is not found.
        """
        if self.running:
            return
        given: Mapping[str, Any] = asdict(settings) if settings else {}
        launch = self._launch or slicer_launch()
        launch = replace(launch, arguments=("-X", "utf8", "-m", "BrainTumorVAESegLib.phantom.arrays"))
        folder = Path(tempfile.mkdtemp(prefix="BrainTumorPhantom-", dir=slicer.app.temporaryPath))
        self._folder, log = folder, folder / "log.txt"
        self._process = WorkerProcess(launch, [str(folder), json.dumps(given)], log)
        self._process.ended.connect(lambda ending: self._take(ending, log, done, failed))
        self._process.start()

    def stop(self) -> None:
        """Give up; nobody is called, and nothing is left."""
        process, turns = self._process, self._turns
        self._process = self._turns = None
        if process is not None:
            process.ended.disconnect_all()
            process.kill()
            process.wait_for_end(1000)
        if turns is not None:
            turns.stop()
        self._clear()

    def _take(self, ending: Ending, log: Path, done: Callable[[Nodes], None], failed: Callable[[str], None]) -> None:
        from ..phantom.arrays import read_arrays

        self._process = None
        if not ending.clean:
            reason = last_line(log)[:200] or str(ending.code)
            self._clear()
            failed(_("The phantom could not be made ({reason}); try again.").format(reason=reason))
            return
        steps = add_volumes(read_arrays(log.parent), "Phantom")
        self._turns = Turns(
            steps, _send_nothing, lambda nodes: self._end(done, nodes), lambda error: self._end(failed, str(error))
        )
        self._turns.start()

    def _end(self, tell: Callable[[Any], None], value: Any) -> None:
        self._turns = None
        self._clear()
        tell(value)

    def _clear(self) -> None:
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
        self._folder = None


def _send_nothing(*_: Any) -> None:
    """Stand where Turns would send a message: these steps ask for none."""
