"""Which of Slicer's ways of installing is taken; none of them is really gone."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest


class Calls(list[tuple[str, Any]]):
    """What was called, with its arguments."""

    def note(self, name: str, answer: Any = None) -> Any:
        def called(*args: Any, **kwargs: Any) -> Any:
            self.append((name, (*args, kwargs)))
            return answer

        return called


@pytest.fixture
def calls() -> Calls:
    return Calls()


@pytest.fixture
def installer(host: Any, calls: Calls, monkeypatch: pytest.MonkeyPatch) -> Any:
    """An installer in a Slicer whose pip only notes what it is asked."""
    from BrainTumorVAESegLib.slicer.setup.installing import Installer

    monkeypatch.setattr(host.util, "pip_install", calls.note("pip_install"))
    monkeypatch.setattr(host.util, "pip_uninstall", calls.note("pip_uninstall"))
    return Installer()


@pytest.fixture
def small() -> list[Any]:
    """The ranges of requirements.txt."""
    from BrainTumorVAESegLib.slicer.setup.installed import Range

    return [Range("safetensors", "0.4", "1")]


def with_extension(monkeypatch: pytest.MonkeyPatch, calls: Calls, answer: Any) -> None:
    class Logic:
        installTorch = staticmethod(calls.note("installTorch", answer))  # noqa: N815 (the extension's name)
        uninstallTorch = staticmethod(calls.note("uninstallTorch"))  # noqa: N815

    module = ModuleType("PyTorchUtils")
    module.PyTorchUtilsLogic = Logic
    monkeypatch.setitem(sys.modules, "PyTorchUtils", module)


def test_pytorch_comes_by_its_extension_which_asks_first(
    installer: Any, calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    from BrainTumorVAESegLib.slicer.setup.requirements import TORCH

    with_extension(monkeypatch, calls, answer=object())
    assert installer.install_torch(TORCH) is True
    assert calls == [("installTorch", ({"askConfirmation": True, "torchVersionRequirement": ">=2.4,<3"},))]


def test_a_person_may_decline_the_extensions_question(
    installer: Any, calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    from BrainTumorVAESegLib.slicer.setup.requirements import TORCH

    with_extension(monkeypatch, calls, answer=None)
    assert installer.install_torch(TORCH) is False


def test_slicer_with_its_packaging_shows_the_progress_and_asks_no_second_time(
    installer: Any, calls: Calls, small: list[Any], host: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    packaging = ModuleType("slicer.packaging")
    packaging.pip_ensure = calls.note("pip_ensure")
    monkeypatch.setitem(sys.modules, "slicer.packaging", packaging)
    monkeypatch.setattr(host, "packaging", packaging, raising=False)
    installer.install_packages(small)
    ((name, (lines, options)),) = calls
    assert (name, lines) == ("pip_ensure", ["safetensors>=0.4,<1"])
    assert options == {"prompt_install": False, "prompt_restart": False, "requester": "BrainTumorVAESeg"}


def test_an_older_slicer_installs_by_its_pip(
    installer: Any, calls: Calls, small: list[Any], host: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(host, "packaging", raising=False)
    monkeypatch.setitem(sys.modules, "slicer.packaging", None)  # as if it were not there
    installer.install_packages(small)
    assert calls == [("pip_install", (["safetensors>=0.4,<1"], {}))]


@pytest.mark.parametrize("new", [True, False])
def test_what_pip_must_leave_alone_is_a_constraint(
    installer: Any, small: list[Any], host: Any, monkeypatch: pytest.MonkeyPatch, new: bool
) -> None:
    seen: list[str] = []
    packaging = ModuleType("slicer.packaging")
    packaging.pip_ensure = lambda lines, constraints, **options: seen.append(constraints.read_text())
    monkeypatch.setitem(sys.modules, "slicer.packaging", packaging if new else None)
    monkeypatch.setattr(host, "packaging", packaging, raising=False)
    if not new:
        monkeypatch.delattr(host, "packaging")

    def install(arguments: list[str]) -> None:
        assert arguments[:2] == ["safetensors>=0.4,<1", "-c"]
        seen.append(Path(arguments[2]).read_text())

    monkeypatch.setattr(host.util, "pip_install", install)
    installer.install_packages(small, {"numpy": "2.0.1"})
    assert seen == ["numpy==2.0.1\n"]


def test_the_extension_is_found_without_loading_it(installer: Any, tmp_path: Any, monkeypatch: Any) -> None:
    monkeypatch.delitem(sys.modules, "PyTorchUtils", raising=False)
    assert not installer.has_extension()
    (tmp_path / "PyTorchUtils.py").write_text("raise RuntimeError('loaded')\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert installer.has_extension()
