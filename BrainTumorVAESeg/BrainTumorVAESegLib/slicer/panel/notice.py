"""The notice at the top: what is missing on this computer, and the one button that mends it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from slicer.i18n import tr as _

from ...core.answers import Probed
from ...core.errors import BrainTumorVAESegError
from ..setup.requirements import Action, Code, Gpu, Requirements


class NoticePart:
    """Shows a state of the requirements; hidden where all is well.

    release: ends what uses the packages, once the person has agreed that something is installed and, for what began
    meanwhile, after it. mended: called then.
    """

    def __init__(
        self, ui: Any, requirements: Requirements, release: Callable[[], None], mended: Callable[[], None]
    ) -> None:
        self._ui, self._requirements, self._release, self._mended = ui, requirements, release, mended
        self._gpu: Gpu | None = None
        self._state = requirements.state()
        ui.installButton.connect("clicked()", self.act)
        self._show(self._state.sentence)

    @property
    def usable(self) -> bool:
        """Whether segmenting works."""
        return self._state.usable

    @property
    def sentence(self) -> str:
        """What is the matter."""
        return self._state.sentence

    def refresh(self) -> None:
        """Look again at what is installed."""
        self._state = self._requirements.state(self._gpu)
        self._show(self._state.sentence)

    def allow(self, allowed: bool) -> None:
        """Let a person click, or not while a segmentation runs."""
        self._ui.installButton.enabled = allowed

    def note_probe(self, probed: Probed) -> None:
        """Take over what the worker found out about the GPU."""
        problem = probed.problem or ""
        self._gpu = Gpu(probed.nvidia_gpu, bool(probed.torch) and not probed.cpu_build, problem)
        self.refresh()

    def act(self) -> None:
        """Do what the button offers; consent is asked before anything is installed."""
        try:
            self._state = self._requirements.act(self._state, gpu=self._gpu, release=self._release)
        except BrainTumorVAESegError as error:
            self._state = self._requirements.state(self._gpu)
            self._show(str(error))
        else:
            self._show(self._state.sentence)
        self._mended()

    def _show(self, sentence: str) -> None:
        self._ui.noticeLabel.text = sentence
        self._ui.installButton.text = {
            Action.NONE: "",
            Action.INSTALL: _("Install..."),
            Action.OPEN_EXTENSIONS_MANAGER: _("Open the Extensions Manager"),
            Action.RESTART: _("Restart Slicer"),
        }[self._state.action]
        self._ui.installButton.visible = self._state.action is not Action.NONE
        self._ui.noticeFrame.visible = self._state.code is not Code.READY
