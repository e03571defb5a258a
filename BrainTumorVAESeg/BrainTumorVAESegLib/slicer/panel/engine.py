"""The choice of what runs the networks, beside the device, and the button that installs what is missing for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from slicer.i18n import tr as _

from ...core.findings import Severity
from ..choices import Device, Engine
from ..setup.accelerator import Accelerator
from .installing import InstallButton
from .richtext import lines, marked

_OPENVINO = (Engine.OPENVINO, Engine.OPENVINO_BF16)


class EnginePart:
    """Offers to install OpenVINO where it is chosen and missing; release, changed: as of `InstallButton`."""

    def __init__(self, ui: Any, release: Callable[[], None], changed: Callable[[], None]) -> None:
        self._ui = ui
        self._accelerator = Accelerator()
        self._button = InstallButton(ui.installEngineButton, self._accelerator, release, changed)

    def problem(self, parameters: Any) -> str | None:
        """Return why what is chosen cannot run the networks, in a sentence, or None."""
        if parameters.engine not in _OPENVINO:
            return None
        if parameters.device is Device.GPU:
            return _("OpenVINO computes on the processor: choose that, or PyTorch.")
        missing = self._accelerator.problem()
        return missing and " ".join(filter(None, (self._button.failed, missing)))

    def show(self, parameters: Any, busy: bool) -> None:
        """Show why what is chosen will not do, and the button where it is of use."""
        problem = self.problem(parameters)
        self._ui.engineLabel.text = lines([marked(Severity.WARNING, problem)]) if problem else ""
        self._ui.engineLabel.visible = problem is not None
        self._button.show(parameters.engine in _OPENVINO and not self._accelerator.usable, busy)
