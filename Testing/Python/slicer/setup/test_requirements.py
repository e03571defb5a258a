"""What is missing in Slicer's Python, what the panel says of it, and how it is installed; nothing is installed here."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from BrainTumorVAESegLib.core.errors import Cancelled, DependencyError
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[4]
WHOLE = {"torch": "2.13.0+cu126", "numpy": "2.4.6", "SimpleITK": "2.5.0rc1.post2", "safetensors": "0.8.0"}


class Packages:
    """A Python with packages of our choosing, in place of `Installed`."""

    def __init__(self, versions: dict[str, str], broken: set[str], in_memory: dict[str, str]) -> None:
        self.there, self.broken, self.in_memory = dict(versions), set(broken), in_memory

    def version(self, name: str) -> str | None:
        return self.there.get(name)

    def whole(self, name: str) -> bool:
        return name not in self.broken

    def loaded_version(self, module: str) -> str | None:
        return self.in_memory.get(module)

    def versions(self) -> dict[str, str]:
        return {name.lower(): version for name, version in self.there.items()}

    def loaded(self) -> set[str]:
        return {name.lower() for name in self.in_memory}


class Shop:
    """Installs into `Packages` and notes what it was asked for, in place of `Installer`."""

    def __init__(self, packages: Packages, extension: bool, error: Exception | None, declines: bool) -> None:
        self.packages, self.extension, self.error, self.declines = packages, extension, error, declines
        self.asked: list[str] = []
        self.brings = dict(WHOLE)

    def has_extension(self) -> bool:
        return self.extension

    def confirm(self, text: str) -> bool:
        self.asked.append("confirm")
        return True

    def install_torch(self, torch: Any) -> bool:
        self.asked.append(f"torch{torch.specifier}")
        if self.error:
            raise self.error
        if self.declines:
            return False
        self.packages.there["torch"] = self.brings["torch"]
        self.packages.broken.discard("torch")
        return True

    def remove_torch(self) -> None:
        self.asked.append("remove torch")

    def remove_packages(self, names: Any) -> None:
        self.asked.append(f"remove {' '.join(names)}")
        self.packages.broken.difference_update(names)

    def install_packages(self, packages: Any) -> None:
        self.asked += [str(package) for package in packages]
        if self.error:
            raise self.error
        self.packages.there.update({package.name: self.brings[package.name] for package in packages})

    def open_extensions_manager(self) -> None:
        self.asked.append("open the Extensions Manager")

    def restart(self) -> None:
        self.asked.append("restart")


@pytest.fixture
def library(host: Any) -> Any:
    """The module under test, which needs Slicer's translations."""
    from BrainTumorVAESegLib.slicer.setup import requirements

    return requirements


@pytest.fixture
def make(library: Any) -> Callable[..., tuple[Any, Shop]]:
    """A function that makes requirements over a Python in which some packages are absent, broken or in memory."""

    def made(
        *absent: str,
        versions: dict[str, str] | None = None,
        broken: tuple[str, ...] = (),
        in_memory: dict[str, str] | None = None,
        extension: bool = True,
        error: Exception | None = None,
        declines: bool = False,
    ) -> tuple[Any, Shop]:
        there = {name: version for name, version in {**WHOLE, **(versions or {})}.items() if name not in absent}
        packages = Packages(there, set(broken), in_memory or {})
        shop = Shop(packages, extension, error, declines)
        return library.Requirements(packages, shop), shop

    return made


def agree(text: str) -> bool:
    return True


def test_nothing_is_offered_where_all_is_well(make: Any, library: Any) -> None:
    state = make()[0].state(library.Gpu(nvidia=True, cuda_build=True))
    assert (state.code, state.action, state.usable) == (library.Code.READY, library.Action.NONE, True)


@pytest.mark.parametrize(
    ("arguments", "code", "action", "words"),
    [
        (dict(absent=("torch", "safetensors")), "TORCH_MISSING", "INSTALL", "PyTorch"),
        (
            dict(absent=("torch",), extension=False),
            "EXTENSION_MISSING",
            "OPEN_EXTENSIONS_MANAGER",
            "Extensions Manager",
        ),
        (dict(absent=("safetensors",)), "PACKAGES_MISSING", "INSTALL", "safetensors"),
        (dict(absent=("safetensors",), extension=False), "PACKAGES_MISSING", "INSTALL", "safetensors"),
        (dict(broken=("torch",)), "HALF_INSTALLED", "INSTALL", "torch"),
        (dict(broken=("torch",), extension=False), "HALF_INSTALLED", "OPEN_EXTENSIONS_MANAGER", "torch"),
        (dict(versions={"torch": "2.3.1+cpu"}), "OUT_OF_RANGE", "INSTALL", "torch 2.3.1+cpu"),
        (dict(versions={"torch": "3.0"}), "OUT_OF_RANGE", "INSTALL", "torch 3.0"),
        (dict(versions={"numpy": "3.0.1"}), "OUT_OF_RANGE", "NONE", "comes with Slicer"),
        (dict(versions={"SimpleITK": "2.3"}), "OUT_OF_RANGE", "NONE", "comes with Slicer"),
        (dict(in_memory={"numpy": "2.0.2"}), "RESTART_NEEDED", "RESTART", "numpy"),
    ],
)
def test_each_trouble_has_a_state_and_a_way_out(
    make: Any, library: Any, arguments: dict[str, Any], code: str, action: str, words: str
) -> None:
    state = make(*arguments.pop("absent", ()), **arguments)[0].state()
    assert (state.code, state.action) == (library.Code[code], library.Action[action])
    assert words in state.sentence and state.sentence.endswith(".")
    assert not state.usable


def test_a_build_for_the_processor_beside_an_nvidia_gpu_is_usable_and_can_be_replaced(make: Any, library: Any) -> None:
    requirements, shop = make()
    gpu = library.Gpu(nvidia=True, cuda_build=False, problem="This PyTorch is a build for the CPU alone.")
    state = requirements.state(gpu)
    assert (state.code, state.action, state.usable) == (library.Code.TORCH_WITHOUT_CUDA, library.Action.INSTALL, True)
    after = requirements.act(state, agree, gpu)
    assert shop.asked == ["remove torch", "torch>=2.4,<3"]
    assert after.code is library.Code.READY  # until the worker has probed the new one


def test_a_second_click_while_pip_works_begins_nothing(make: Any, library: Any) -> None:
    requirements, shop = make("safetensors")
    install = shop.install_packages

    def install_and_click(packages: Any) -> None:
        with pytest.raises(DependencyError, match="already"):
            requirements.install(agree)
        install(packages)

    shop.install_packages = install_and_click
    assert requirements.install(agree).code is library.Code.READY
    assert shop.asked == ["safetensors>=0.4,<1"]


def test_a_gpu_that_fails_its_convolution_leaves_the_processor(make: Any, library: Any) -> None:
    problem = "A small convolution on cuda fails (no kernel image)."
    state = make()[0].state(library.Gpu(nvidia=True, cuda_build=True, problem=problem))
    assert (state.code, state.action, state.usable) == (library.Code.CUDA_FAILS, library.Action.NONE, True)
    assert problem in state.sentence and "driver" in state.sentence


def test_a_machine_without_an_nvidia_gpu_has_no_trouble_with_one(make: Any, library: Any) -> None:
    gpu = library.Gpu(nvidia=False, cuda_build=False, problem="This PyTorch is a build for the CPU alone.")
    assert make()[0].state(gpu).code is library.Code.READY


def test_nothing_is_installed_without_consent(make: Any) -> None:
    requirements, shop = make("torch", "safetensors")
    with pytest.raises(Cancelled, match="Nothing was installed"):
        requirements.install(lambda text: False)
    assert shop.asked == []


def test_what_uses_packages_is_released_when_a_person_has_agreed_and_not_before(make: Any) -> None:
    requirements, shop = make("torch", "safetensors")
    released: list[list[str]] = []
    with pytest.raises(Cancelled):
        requirements.act(requirements.state(), lambda text: False, release=lambda: released.append([]))
    assert released == []
    requirements.act(requirements.state(), release=lambda: released.append(list(shop.asked)))
    assert released == [["confirm"], ["confirm", "torch>=2.4,<3", "safetensors>=0.4,<1"]]


def test_nothing_is_released_where_nothing_can_be_installed(make: Any) -> None:
    released: list[bool] = []
    requirements = make(versions={"torch": "1.13"}, in_memory={"torch": "1.13"})[0]
    with pytest.raises(DependencyError, match="restart Slicer"):
        requirements.act(requirements.state(), agree, release=lambda: released.append(True))
    assert released == []


def test_the_question_names_all_that_will_be_installed(make: Any) -> None:
    questions: list[str] = []
    make("torch", "safetensors")[0].install(lambda text: not questions.append(text))
    (question,) = questions
    assert "PyTorch >=2.4,<3" in question and "safetensors>=0.4,<1" in question
    assert "numpy" not in question and "SimpleITK" not in question


def test_all_that_is_missing_is_installed_after_slicers_own_question(make: Any, library: Any) -> None:
    requirements, shop = make("torch", "safetensors")
    assert requirements.install().code is library.Code.READY
    assert shop.asked == ["confirm", "torch>=2.4,<3", "safetensors>=0.4,<1"]


def test_what_comes_with_slicer_is_never_installed(make: Any, library: Any) -> None:
    requirements, shop = make(versions={"numpy": "1.20", "SimpleITK": "2.0"})
    assert requirements.install(agree).code is library.Code.OUT_OF_RANGE
    assert shop.asked == []


def test_a_pytorch_of_another_version_is_replaced_and_a_small_package_alone_is_not_a_reason_to(make: Any) -> None:
    requirements, shop = make(versions={"torch": "2.1"})
    requirements.install(agree)
    assert shop.asked == ["torch>=2.4,<3"]
    requirements, shop = make("safetensors")
    requirements.install(agree)
    assert shop.asked == ["safetensors>=0.4,<1"]


def test_a_half_done_install_is_cleared_away_first(make: Any, library: Any) -> None:
    requirements, shop = make(broken=("torch",))
    assert requirements.install(agree).code is library.Code.READY
    assert shop.asked == ["remove torch", "torch>=2.4,<3"]


def test_a_small_package_that_is_half_there_is_cleared_away_first(make: Any, library: Any) -> None:
    requirements, shop = make(broken=("safetensors",))
    assert requirements.install(agree).code is library.Code.READY
    assert shop.asked == ["remove safetensors", "safetensors>=0.4,<1"]


def test_an_update_without_the_extension_is_refused_with_what_to_do(make: Any, library: Any) -> None:
    requirements, shop = make(versions={"torch": "2.1"}, extension=False)
    assert requirements.act(requirements.state(), agree).code is library.Code.OUT_OF_RANGE
    assert shop.asked == ["open the Extensions Manager"]


def test_a_pytorch_that_another_module_uses_is_not_replaced(make: Any) -> None:
    requirements, shop = make(versions={"torch": "2.1"}, in_memory={"torch": "2.1"})
    with pytest.raises(DependencyError, match="restart Slicer"):
        requirements.install(agree)
    assert shop.asked == []


def test_declining_the_extensions_own_question_is_no_error(make: Any) -> None:
    requirements, shop = make("torch", "safetensors", declines=True)
    with pytest.raises(Cancelled):
        requirements.install(agree)
    assert shop.asked == ["torch>=2.4,<3"]


@pytest.mark.parametrize("absent", ["torch", "safetensors"])
def test_a_failed_download_is_one_sentence_with_what_to_do(make: Any, absent: str) -> None:
    error = OSError("[Errno 101] Network is unreachable\nand a long trace")
    with pytest.raises(DependencyError, match="Network is unreachable") as raised:
        make(absent, error=error)[0].install(agree)
    assert "proxy" in str(raised.value) and "README" in str(raised.value)
    assert "\n" not in str(raised.value) and "trace" not in str(raised.value)


def test_a_package_replaced_while_in_use_asks_for_a_restart(make: Any, library: Any) -> None:
    requirements, shop = make(versions={"safetensors": "0.2"}, in_memory={"safetensors": "0.2"})
    state = requirements.install(agree)
    assert (state.code, state.action) == (library.Code.RESTART_NEEDED, library.Action.RESTART)
    assert "safetensors" in state.sentence
    requirements.act(state)
    assert shop.asked[-1] == "restart"


def test_the_ranges_are_those_of_the_project(library: Any) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    needed = {Requirement(line).name: Requirement(line).specifier for line in project["dependencies"]}
    small = library.read_requirements(library.REQUIREMENTS_FILE)
    ours = {package.name: Requirement(str(package)).specifier for package in (library.TORCH, *library.BUNDLED, *small)}
    assert ours == needed
    assert [package.name for package in small] == ["safetensors"]
