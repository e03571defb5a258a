"""Many studies one after the other by the one warm worker: a list whose rows wait, run, are done or failed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Any

import slicer
from slicer.i18n import tr as _

from ..cases.found import FoundCase
from ..core.errors import BrainTumorVAESegError, InputError
from ..core.modalities import MODALITIES, Modality
from ..models.library import find_package
from .cases import loading, save_segmentation
from .choices import DEFAULT, Choices
from .client.signals import Signal
from .client.stepping import Steps, Turns
from .nodes.belongings import remove_result
from .nodes.removing import remove_nodes
from .nodes.studies import scene_studies
from .nodes.volumes import Nodes
from .outcome import Outcome
from .segmenting import Segmenting


class RowState(Enum):
    """What becomes of a study."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(eq=False)
class Row:
    """A study: a case that was found, or volume nodes of the scene; neither where it cannot be used as it is.

    folder: that was looked through for it. why: what a failure or a result tells.
    """

    name: str
    case: FoundCase | None = None
    folder: Path | None = None
    nodes: Nodes = field(default_factory=dict)
    state: RowState = RowState.WAITING
    why: str = ""

    @property
    def key(self) -> tuple[str, bool, Any]:
        """What a row stays the same by when its folder is looked through again: its name, and where its images are."""
        return self.name, self.case is None, self.case.place if self.case else self.folder

    @property
    def is_lacking(self) -> bool:
        """Whether it could not be used as it was found."""
        return self.case is None and not self.nodes

    @property
    def is_open(self) -> bool:
        """Whether it is still to be segmented, or to be made usable."""
        return self.state in (RowState.WAITING, RowState.FAILED)


class Batch:
    """The list and its run. changed: a row came, went, or is in another state.

    Studies from files are loaded when their turn comes; where results go to files, they leave the scene again.
    """

    def __init__(self, segmenting: Segmenting) -> None:
        self.changed = Signal()
        self.rows: list[Row] = []
        self.running = False
        self._unwanted: set[tuple[Path | None, str]] = set()
        self._segmenting = segmenting
        self._choices = DEFAULT
        self._out: Path | None = None
        self._turns: Turns | None = None
        self._loaded: dict[Modality, Any] = {}
        self._waits: Callable[[], None] | None = None
        segmenting.cancelled.connect(self._on_cancelled)
        segmenting.changed.connect(self._on_idle)

    # --- the list -----------------------------------------------------------------------------------------------------
    def add_folder(self, folder: Path, model: str = "") -> None:
        """Add the case of a folder, or all cases and DICOM studies below it. Raises InputError where there is none."""
        found = _find(folder, model)
        self._unwanted -= {(folder, row.name) for row in found}
        for row in found:
            self._add(row)
        self.changed()

    def add_scene(self, model: str = "") -> None:
        """Add every study of the scene whose volumes are recognized. Raises InputError where there is no volume."""
        studies = scene_studies(slicer.mrmlScene)
        if not studies:
            raise InputError(_("The scene holds no volumes: load some first."))
        optional = _may_lack(model)
        for study in studies:
            missing = [modality for modality in MODALITIES if modality not in {*study.nodes, *optional}]
            row = Row(study.name, nodes=study.nodes)
            if missing:
                names = ", ".join(modality.value for modality in missing)
                row.state = RowState.FAILED
                row.why = _("Not recognized among its volumes: {names}.").format(names=names)
            self._add(row)
        self.changed()

    def remove(self, rows: list[Row]) -> None:
        """Take rows out of the list, but for the one that runs."""
        gone = [row for row in self.rows if row in rows and row.state is not RowState.RUNNING]
        self.rows = [row for row in self.rows if row not in gone]
        self._unwanted |= {(row.folder, row.name) for row in gone}
        self.changed()

    def retry(self, model: str = "") -> None:
        """Let the rows that failed wait again; where some have no images, their folder is looked through anew."""
        failed = [row for row in self.rows if row.state is RowState.FAILED]
        for row in failed:
            if not row.is_lacking:
                row.state, row.why = RowState.WAITING, ""
        for folder in dict.fromkeys(row.folder for row in failed if row.is_lacking and row.folder is not None):
            self._look_again(folder, model)
        self.changed()

    def _look_again(self, folder: Path, model: str) -> None:
        """Let the open rows of a folder be what is found there by now, but for what is done or was taken out.

        What was mended may have another name then: of a DICOM study, each series that cannot be read is a row.
        """
        settled = {(row.folder, row.name) for row in self.rows if not row.is_open} | self._unwanted
        try:
            found = {row.key: row for row in _find(folder, model) if (folder, row.name) not in settled}
        except InputError as error:
            for row in self.rows:
                row.why = str(error) if row.is_lacking and row.folder == folder else row.why
            return
        before, self.rows = self.rows, []
        held = {row.key for row in before}
        new = [row for key, row in found.items() if key not in held]
        for row in before:
            if not (row.is_open and row.folder == folder):
                self.rows.append(row)
            elif row.key in found:
                self.rows.append(found[row.key])
            else:
                self.rows += new
                new = []
        self.rows += new

    def count(self, *states: RowState) -> int:
        """Return how many rows are in one of these states."""
        return sum(row.state in states for row in self.rows)

    def _add(self, row: Row) -> None:
        """Add a row, unless the same study is in the list already."""
        if (row.name, row.case, row.nodes) not in [(each.name, each.case, each.nodes) for each in self.rows]:
            self.rows.append(row)

    # --- the run ------------------------------------------------------------------------------------------------------
    def start(self, choices: Choices = DEFAULT, out: Path | None = None) -> None:
        """Segment all that wait. out: a folder for NAME.seg.nrrd files; None leaves volumes and results in the scene.

        Raises InputError where nothing waits, a segmentation runs, or two results would be one file.
        """
        waiting = [row.name for row in self.rows if row.state is RowState.WAITING]
        twice = sorted({name for name in waiting if waiting.count(name) > 1})
        if not waiting:
            raise InputError(_("No study waits: add some, or try again those that failed."))
        if self._segmenting.busy:
            raise InputError(_("A segmentation is running already: wait for it, or cancel it."))
        if twice and out is not None:
            raise InputError(
                _("Two cases are called {names}: their results would be one.").format(names=", ".join(twice))
            )
        self._choices, self._out, self.running = replace(choices, brain=None), out, True  # a mask is of one head
        self._next()

    def cancel(self) -> None:
        """Stop; what is done stays, and what ran waits again."""
        if self._segmenting.busy:
            self._segmenting.cancel()  # before the images go, without which it would say that it failed
        self._stop()

    def close(self) -> None:
        """Let go of everything."""
        self._stop()
        self._segmenting.cancelled.disconnect(self._on_cancelled)
        self._segmenting.changed.disconnect(self._on_idle)

    def _next(self) -> None:
        row = next((row for row in self.rows if row.state is RowState.WAITING), None) if self.running else None
        self._turns = None
        if row is None:
            self.running = False
        else:
            row.state = RowState.RUNNING
            self._turns = Turns(self._load(row), _refuse, partial(self._segment, row), partial(self._fail, row))
            self._turns.start()
        self.changed()

    def _load(self, row: Row) -> Steps:
        """Load a row's images, a little each turn of the event loop."""
        self._loaded = {}
        if row.case is not None:
            yield from loading(row.case, _may_lack(self._choices.model), self._loaded)
        gone = [node for node in row.nodes.values() if not slicer.mrmlScene.IsNodePresent(node)]
        if gone:
            raise InputError(_("{name} was removed from the scene.").format(name=gone[0].GetName()))
        return {**row.nodes, **self._loaded}

    def _segment(self, row: Row, nodes: Nodes) -> None:
        """Begin to segment, as soon as no other segmentation runs that a person began meanwhile."""
        if self._segmenting.busy:
            self._waits = partial(self._segment, row, nodes)
            return
        whole = {modality: nodes.get(modality) for modality in MODALITIES}
        self._segmenting.start(whole, None, self._choices, partial(self._finish, row), partial(self._fail, row))

    def _finish(self, row: Row, outcome: Outcome) -> None:
        try:
            if self._out is not None:
                self._write(row, outcome)
            row.state, row.why = RowState.DONE, _told(outcome)
        except BrainTumorVAESegError as error:
            row.state, row.why = RowState.FAILED, str(error)
            self._unload()
        self._loaded = {}
        self._next()

    def _write(self, row: Row, outcome: Outcome) -> None:
        assert self._out is not None
        try:
            save_segmentation(outcome.segmentation, self._out / f"{row.name}.seg.nrrd")
        finally:
            remove_result(outcome.segmentation)
            self._unload()

    def _fail(self, row: Row, error: Exception) -> None:
        row.state, row.why = RowState.FAILED, str(error)
        self._unload()
        self._next()

    def _unload(self) -> None:
        """Take out of the scene what was loaded for the row that runs."""
        loaded, self._loaded = list(self._loaded.values()), {}
        remove_nodes(node for node in loaded if slicer.mrmlScene.IsNodePresent(node))

    def _stop(self) -> None:
        if not self.running:
            return
        self.running, self._waits = False, None
        if self._turns is not None:
            self._turns.stop()
        self._unload()
        for row in self.rows:
            if row.state is RowState.RUNNING:
                row.state = RowState.WAITING
        self.changed()

    def _on_cancelled(self) -> None:
        self._stop()

    def _on_idle(self) -> None:
        waits = self._waits
        if waits is not None and not self._segmenting.busy:
            self._waits = None
            waits()


def _told(outcome: Outcome) -> str:
    """Return a result in a line: the whole tumor's volume and the seconds."""
    volume, seconds = outcome.told.volumes_ml.get("WT", 0.0), f"{outcome.seconds:.0f}"
    if not outcome.told.tumor_found:
        return _("No tumor was found; {seconds} s").format(seconds=seconds)
    return _("Whole tumor {volume} ml; {seconds} s").format(volume=f"{volume:.1f}", seconds=seconds)


def _find(folder: Path, model: str) -> list[Row]:
    """Return a row for each case of a folder. Raises InputError where there is none."""
    from ..cases.searching import find_cases

    cases, faults = find_cases([folder], optional=_may_lack(model))
    told = [Row(fault.case, folder=folder, state=RowState.FAILED, why=fault.message) for fault in faults]
    return [*(Row(case.name, case, folder) for case in cases), *told]


def _may_lack(model: str) -> tuple[Modality, ...]:
    return find_package(model or None, verify=False).settings.may_lack


def _refuse(message: Any, answered: Any, failed: Any) -> None:
    raise AssertionError("loading asks no worker")
