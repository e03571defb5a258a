"""The button that loads a made case, to try the module with; Slicer goes on meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from slicer.i18n import tr as _

from ...core.errors import BrainTumorVAESegError
from ..nodes.volumes import Nodes
from ..phantoms import PhantomMaker


class SamplePart:
    """The button and the making behind it.

    loaded: called with the four volume nodes. failed: called with one sentence.
    """

    def __init__(self, ui: Any, loaded: Callable[[Nodes], None], failed: Callable[[str], None]) -> None:
        self._button, self._loaded, self._failed = ui.sampleButton, loaded, failed
        self._text = self._button.text
        self._maker = PhantomMaker()
        self._button.connect("clicked()", self.load)

    def load(self) -> None:
        """Make the case and put it into the scene."""
        try:
            self._maker.start(self._on_loaded, self._on_failed)
        except BrainTumorVAESegError as error:
            self._failed(str(error))
        self.allow(True)

    def allow(self, allowed: bool) -> None:
        """Let a person click, or not while a segmentation runs; never while a case is being made."""
        running = self._maker.running
        self._button.enabled = allowed and not running
        self._button.text = _("Making a brain...") if running else self._text

    def stop(self) -> None:
        """Give up what is being made."""
        self._maker.stop()
        self.allow(True)

    def _on_loaded(self, nodes: Nodes) -> None:
        self.allow(True)
        self._loaded(nodes)

    def _on_failed(self, sentence: str) -> None:
        self.allow(True)
        self._failed(sentence)
