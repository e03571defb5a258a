"""The panel and what it needs: models in and out, the device, what is installed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from BrainTumorVAESegLib.core.modalities import Modality
from BrainTumorVAESegLib.core.requests import Check
from BrainTumorVAESegLib.slicer.setup.installed import Installed


def test_the_device_is_named_and_one_that_is_not_there_is_told(
    assigned: Any, client: Any, process_events: Callable[..., bool]
) -> None:
    ui = assigned.ui
    assert ui.deviceLabel.text == "cpu (2 threads), 8.0 GB of memory free"
    client.probed = replace(client.probed, wish_met=False, problem="This PyTorch is a build for the CPU alone.")
    ui.deviceComboBox.currentIndex = 1
    assert process_events(lambda: not ui.applyButton.enabled)
    assert ui.applyButton.toolTip == "This PyTorch is a build for the CPU alone."
    client.probed = replace(client.probed, wish_met=True, problem=None)
    ui.deviceComboBox.currentIndex = 0
    assert process_events(lambda: ui.applyButton.enabled)


def test_without_any_model_the_panel_says_where_to_get_one(
    opened: Any, volumes: dict[Modality, Any], tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from BrainTumorVAESegLib.models import library

    monkeypatch.setenv(library.ENVIRONMENT_VARIABLE, str(tmp_path / "none"))
    monkeypatch.setattr(library, "shipped_folder", lambda: tmp_path / "none shipped")
    opened.exit()
    opened.enter()
    opened.panel.assign()
    assert opened.ui.applyButton.toolTip == "No model package is installed: import one under Model."


def test_a_model_that_is_imported_is_chosen_and_can_be_removed(
    opened: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import slicer
    from BrainTumorVAESegLib.models import library
    from BrainTumorVAESegLib.models.package import read_package
    from BrainTumorVAESegLib.models.writing import write_zip

    monkeypatch.setenv(library.ENVIRONMENT_VARIABLE, str(tmp_path / "models"))
    package = read_package(a_copy(tmp_path, "mine"))
    path = write_zip(package, tmp_path / "mine.zip")
    opened.panel.models.install(path)
    parameters, ui = opened.logic.getParameterNode(), opened.ui
    assert parameters.model == "mine" and ui.removeModelButton.enabled
    assert ui.modelComboBox.currentText == f"mine {package.version}"
    assert "fast" in ui.modelCardBrowser.toPlainText()
    monkeypatch.setattr(slicer.util, "confirmOkCancelDisplay", lambda text: False)
    ui.removeModelButton.click()
    assert parameters.model == "mine"
    monkeypatch.setattr(slicer.util, "confirmOkCancelDisplay", lambda text: "mine" in text)
    ui.removeModelButton.click()
    assert parameters.model == "" and not (tmp_path / "models" / "mine").exists()


def test_a_damaged_zip_is_refused_in_the_panel(opened: Any, tmp_path: Any) -> None:
    (tmp_path / "bad.zip").write_bytes(b"no zip")
    opened.ui.modelCollapsibleButton.collapsed = False
    opened.panel.models.install(tmp_path / "bad.zip")
    assert "bad.zip" in opened.ui.modelLabel.text and opened.ui.modelLabel.visible


def test_a_model_of_a_loaded_scene_that_is_not_installed_is_told(assigned: Any) -> None:
    assigned.logic.getParameterNode().model = "mine"
    assigned.exit()
    assigned.enter()
    assert "mine is not installed" in assigned.ui.applyButton.toolTip
    assert assigned.ui.modelComboBox.currentText == "mine (not installed)"


def a_copy(folder: Any, name: str) -> Any:
    """A whole copy of the package that ships, under another name."""
    import json

    from BrainTumorVAESegLib.models.archive import unpack
    from BrainTumorVAESegLib.models.library import find_package
    from BrainTumorVAESegLib.models.manifest import MANIFEST, digest
    from BrainTumorVAESegLib.models.writing import write_zip

    unpack(write_zip(find_package("fast"), folder / "fast.zip"), folder / name)
    values = {**json.loads((folder / name / MANIFEST).read_text()), "name": name}
    (folder / name / MANIFEST).write_text(json.dumps({**values, "sha256": digest(values)}))
    return folder / name


def test_a_model_removed_while_chosen_is_told(
    opened: Any, volumes: dict[Modality, Any], tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import shutil

    from BrainTumorVAESegLib.models.library import ENVIRONMENT_VARIABLE

    monkeypatch.setenv(ENVIRONMENT_VARIABLE, str(tmp_path))
    folder = a_copy(tmp_path, "mine")
    opened.logic.getParameterNode().model = "mine"
    opened.exit()
    opened.enter()
    opened.panel.assign()
    assert opened.ui.applyButton.enabled, opened.ui.applyButton.toolTip
    shutil.rmtree(folder)
    opened.ui.applyButton.click()
    assert not opened.ui.applyButton.enabled and "mine is no longer there" in opened.ui.applyButton.toolTip


def test_nothing_is_installed_while_the_worker_holds_it(
    module: Any, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from BrainTumorVAESegLib.slicer import segmenting
    from BrainTumorVAESegLib.slicer.setup import requirements

    class Shop(requirements.Installer):
        def has_extension(self) -> bool:
            return True

        def install_torch(self, torch: Any) -> bool:
            assert client.stopped == 1
            return True

        def remove_torch(self) -> None:
            raise AssertionError("there was none")

    monkeypatch.setattr(segmenting, "WorkerClient", lambda: client)
    monkeypatch.setattr(requirements, "Installed", NoTorch)
    monkeypatch.setattr(requirements, "Installer", Shop)
    agrees = False
    monkeypatch.setattr("slicer.util.confirmOkCancelDisplay", lambda *_, **__: agrees)
    representation = module.widgetRepresentation()
    representation.enter()
    representation.self().ui.installButton.click()
    assert client.stopped == 0, "a no leaves the worker, with what it keeps"
    agrees = True
    representation.self().ui.installButton.click()
    assert client.stopped == 2, "before and after"


class NoTorch(Installed):
    """A Python without PyTorch."""

    def version(self, name: str) -> str | None:
        return None if name == "torch" else super().version(name)

    def whole(self, name: str) -> bool:
        return name == "torch" or super().whole(name)

    def loaded_version(self, module: str) -> str | None:
        return None if module == "torch" else super().loaded_version(module)


def test_without_torch_the_panel_says_so_and_offers_to_get_it(
    module: Any, client: Any, monkeypatch: pytest.MonkeyPatch, volumes: dict[Modality, Any]
) -> None:
    from BrainTumorVAESegLib.slicer import segmenting
    from BrainTumorVAESegLib.slicer.setup import requirements

    monkeypatch.setattr(segmenting, "WorkerClient", lambda: client)
    monkeypatch.setattr(requirements, "Installed", NoTorch)
    representation = module.widgetRepresentation()
    representation.show()
    representation.enter()
    ui = representation.self().ui
    assert ui.noticeFrame.visible and "PyTorch" in ui.noticeLabel.text and ui.installButton.visible
    assert not ui.applyButton.enabled and "PyTorch" in ui.applyButton.toolTip.splitlines()[0]
    assert not any(not isinstance(request, Check) for request in client.seen)
