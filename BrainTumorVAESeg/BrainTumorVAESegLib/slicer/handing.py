"""The volumes that the worker has of the scene: handed over once, and anew only where a node has changed since."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import slicer
from slicer.i18n import tr as _

from ..core.errors import InputError
from ..core.modalities import MODALITIES
from ..core.requests import StudyFiles, VolumeFile
from ..core.volume import Study, choose_reference
from .client.client import WorkerClient
from .client.handover import hand_over, pieces
from .client.stepping import Steps
from .nodes.brainmask import read_mask
from .nodes.volumes import Nodes, stamp, volume


class HandedVolumes:
    """Gives the worker a case's volumes as files of the client's exchange.

    told: called with the share of the volumes that is handed over, 0 to 1.
    """

    def __init__(self, client: WorkerClient, told: Callable[[float], None]) -> None:
        self._client, self._told = client, told
        self._handed: tuple[object, StudyFiles] | None = None

    def drop(self) -> None:
        """Know nothing of what was handed over any more, as where the worker's files were cleared."""
        self._handed = None

    def with_mask(self, nodes: Nodes, brain: Any) -> Steps:
        """Give the worker the volumes, and the brain mask of a node on the reference's grid where there is one.

        Returns their part of a message, whose mask is the caller's to forget.
        """
        study: StudyFiles = yield from self._hand_over(nodes)
        if brain is None:
            return study
        mask = read_mask(brain, nodes[study.reference]).astype(np.uint8)
        path = self._client.exchange.new_path("mask")
        for _share in pieces(mask, path):
            yield
        return replace(study, brain=VolumeFile(str(path), study.volumes[study.reference].geometry, brain.GetName()))

    def forget_mask(self, study: StudyFiles) -> None:
        """Remove the file of a study's brain mask, where it has one."""
        if study.brain is not None:
            self._client.exchange.forget(study.brain.file)

    def _hand_over(self, nodes: Nodes) -> Steps:
        """Give the worker the volumes, unless it has them as they are now; return their part of a message."""
        present = {m: nodes[m] for m in MODALITIES if nodes.get(m) is not None}
        reference = choose_reference(present)
        study = Study({m: volume(node) for m, node in present.items()}, reference, present[reference].GetName())
        stamps = tuple((m, stamp(node)) for m, node in present.items())
        if self._handed is not None and self._handed[0] == stamps and _are_there(self._handed[1]):
            return self._handed[1]
        if self._handed is not None:
            self._client.exchange.forget(self._handed[1])
            self._handed = None
        steps = hand_over(study, self._client.exchange)
        while True:
            try:
                share = next(steps)
            except StopIteration as end:
                self._handed = stamps, end.value
                return end.value
            self._told(share)
            yield
            _require_present(present.values())


def _are_there(study: StudyFiles) -> bool:
    return all(Path(file.file).is_file() for file in study.volumes.values())


def _require_present(nodes: Iterable[Any]) -> None:
    for node in nodes:
        if not slicer.mrmlScene.IsNodePresent(node):
            raise InputError(_("{name} was removed from the scene.").format(name=node.GetName()))
