"""The choice of what runs the networks, beside the device, and the button that installs what is missing for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from slicer.i18n import tr as _

from ...core.errors import BrainTumorVAESegError
from ...core.findings import Severity
from ..choices import Device, Engine
from ..setup.accelerator import SIZE_MB, Accelerator
from .richtext import lines, marked

_OPENVINO = (Engine.OPENVINO, Engine.OPENVINO_BF16)


class EnginePart:
    """Offers to install OpenVINO where it is chosen and missing.

    release: ends what uses the packages before one is installed. changed: called after it was.
    """

    def __init__(
        self, ui: Any, release: Callable[[], None], changed: Callable[[], None], accelerator: Accelerator | None = None
    ) -> None:
        self._ui, self._release, self._changed = ui, release, changed
        self._accelerator = accelerator or Accelerator()
        self._failed = ""
        ui.installEngineButton.connect("clicked()", self.install)
        ui.installEngineButton.text = _("Install OpenVINO ({size} MB)...").format(size=SIZE_MB)

    def problem(self, parameters: Any) -> str | None:
        """Return why what is chosen cannot run the networks, in a sentence, or None."""
        if parameters.engine not in _OPENVINO:
            return None
        if parameters.device is Device.GPU:
            return _("OpenVINO computes on the processor: choose that, or PyTorch.")
        missing = self._accelerator.problem()
        return missing and " ".join(filter(None, (self._failed, missing)))

    def show(self, parameters: Any, busy: bool) -> None:
        """Show why what is chosen will not do, and the button where it is of use."""
        problem = self.problem(parameters)
        self._ui.engineLabel.text = lines([marked(Severity.WARNING, problem)]) if problem else ""
        self._ui.engineLabel.visible = problem is not None
        lacks = parameters.engine in _OPENVINO and self._accelerator.problem() is not None
        self._ui.installEngineButton.visible = lacks
        self._ui.installEngineButton.enabled = not busy

    def install(self) -> None:
        """Install OpenVINO; the person is asked first, and told its size."""
        self._release()
        try:
            self._accelerator.install()
            self._failed = ""
        except BrainTumorVAESegError as error:
            self._failed = str(error)
        self._release()
        self._changed()
