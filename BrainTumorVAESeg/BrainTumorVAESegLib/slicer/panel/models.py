"""The model part: which package segments, its card, and getting one in and out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import qt
import slicer
from slicer.i18n import tr as _

from ...core.errors import BrainTumorVAESegError, PackageError
from ...core.findings import Severity
from ...models.library import BrokenPackage, find_package, install_package, list_packages, remove_package
from ...models.package import ModelPackage
from .card import card_html, is_web_address
from .richtext import marked


class ModelPart:
    """The list of packages and what belongs to the chosen one; changed is called with the name of another choice."""

    def __init__(self, ui: Any, changed: Callable[[str], None]) -> None:
        self._ui, self._changed = ui, changed
        self._entries: list[ModelPackage | BrokenPackage] = []
        self._shown: str | None = None
        self._changeable = True
        ui.modelCardBrowser.connect("anchorClicked(QUrl)", open_link)
        ui.modelComboBox.connect("currentIndexChanged(int)", self._on_chosen)
        ui.importModelButton.connect("clicked()", self.ask_and_import)
        ui.removeModelButton.connect("clicked()", self.ask_and_remove)

    @property
    def chosen(self) -> ModelPackage | BrokenPackage | None:
        """The package chosen in the list, which may be damaged; None where there is none at all."""
        index = self._ui.modelComboBox.currentIndex
        return self._entries[index] if 0 <= index < len(self._entries) else None

    def problem(self) -> str | None:
        """Return why the chosen package cannot segment, or None."""
        chosen = self.chosen
        if chosen is None:
            return _("No model package is installed: import one under Model.")
        if isinstance(chosen, BrokenPackage):
            return chosen.error
        if not (chosen.folder / "configs").is_dir():
            return _("The model package {name} is no longer there: choose another under Model.").format(
                name=chosen.name
            )
        return None

    def refresh(self, name: str) -> None:
        """Read which packages there are and choose one by its name, "" for the default one."""
        try:
            entries = list_packages(hashes=False)
        except PackageError as error:
            entries = []
            slicer.util.showStatusMessage(str(error), 5000)
        self._entries = entries
        names = [entry.name for entry in entries]
        wanted = name or _default_name()
        box = self._ui.modelComboBox
        was_blocked = box.blockSignals(True)
        box.clear()
        for entry in entries:
            box.addItem(_label(entry))
        if wanted in names:
            box.currentIndex = names.index(wanted)
        elif name:
            # A scene may name a package that this machine lacks: it stays named, and nothing else is taken silently.
            self._entries = [*entries, _absent(name)]
            box.addItem(_("{name} (not installed)").format(name=name))
            box.currentIndex = len(entries)
        box.blockSignals(was_blocked)
        self._show()

    def allow_change(self, allowed: bool) -> None:
        """Let a person choose, import and remove, or not while a segmentation runs."""
        self._changeable = allowed
        self._ui.modelComboBox.enabled = allowed
        self._ui.importModelButton.enabled = allowed
        self._show()

    def ask_and_import(self) -> None:
        """Let a person choose a zip file and install it."""
        title, kinds = _("Import a model package"), _("Model packages (*.zip)")
        path = qt.QFileDialog.getOpenFileName(self._ui.importModelButton.window(), title, "", kinds)
        path = path[0] if isinstance(path, tuple) else path
        if path:
            self.install(Path(path))

    def install(self, source: Path) -> None:
        """Install a package from its zip file or folder and choose it; what is wrong with it is said in the part."""
        try:
            package = install_package(source)
        except BrainTumorVAESegError as error:
            self._say(Severity.ERROR, str(error))
            return
        self._changed(package.name)
        self.refresh(package.name)

    def ask_and_remove(self) -> None:
        """Remove the chosen package after a question."""
        chosen = self.chosen
        if chosen is None:
            return
        question = _("Remove the model package {name} from this computer?").format(name=chosen.name)
        if not slicer.util.confirmOkCancelDisplay(question):
            return
        try:
            remove_package(chosen.name)
        except BrainTumorVAESegError as error:
            self._say(Severity.ERROR, str(error))
            return
        self._changed("")
        self.refresh("")

    def _on_chosen(self, index: int) -> None:
        if 0 <= index < len(self._entries):
            self._show()
            self._changed(self._entries[index].name)

    def _show(self) -> None:
        chosen = self.chosen
        removable = chosen is not None and not chosen.shipped and not _is_absent(chosen)
        self._ui.removeModelButton.enabled = removable and self._changeable
        problem = self.problem()
        if problem:
            self._say(Severity.ERROR, problem)
        else:
            self._ui.modelLabel.text = ""
        self._ui.modelLabel.visible = problem is not None
        card = chosen.card if isinstance(chosen, ModelPackage) else ""
        if card != self._shown:
            self._shown = card
            self._ui.modelCardBrowser.setHtml(card_html(card))

    def _say(self, severity: Severity, text: str) -> None:
        self._ui.modelLabel.text = marked(severity, text)
        self._ui.modelLabel.visible = True


def open_link(link: Any) -> None:
    """Open a link that was clicked in a card in the system's browser, where it leads to the web."""
    if is_web_address(str(link.toString())):
        qt.QDesktopServices.openUrl(link)


def _default_name() -> str:
    try:
        return find_package(verify=False).name
    except PackageError:
        return ""


def _label(entry: ModelPackage | BrokenPackage) -> str:
    if isinstance(entry, BrokenPackage):
        return _("{name} (damaged)").format(name=entry.name)
    return f"{entry.name} {entry.version}"


def _absent(name: str) -> BrokenPackage:
    error = _("The model package {name} is not installed: import it, or choose another.").format(name=name)
    return BrokenPackage(Path(), name, error)


def _is_absent(entry: ModelPackage | BrokenPackage) -> bool:
    return entry.folder == Path()
