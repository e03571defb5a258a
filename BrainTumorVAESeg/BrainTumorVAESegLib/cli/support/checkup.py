"""The checks of `doctor`: each says what it found and, where something is wrong, what to do."""

from __future__ import annotations

import importlib
import os
import platform
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib import metadata, util
from pathlib import Path

from ...core.errors import BrainTumorVAESegError, DependencyError, DeviceError, PackageError
from .dependencies import DEPENDENCIES, Dependency

_LEAST_PYTHON = (3, 11)
_LITTLE_MEMORY = 4 << 30
"""Bytes free under which a study may have to be computed in small slabs."""


class State(StrEnum):
    """How a check ended; a note is about something that is not needed."""

    OK = "ok"
    NOTE = "note"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True)
class Check:
    """A check's name, how it ended, what it found, what to do, and the exit code of a failure."""

    name: str
    state: State
    finding: str
    advice: str = ""
    exit_code: int = 1


def check_all() -> Iterator[Check]:
    """Run all checks, one after another; none raises."""
    yield check_python()
    yield Check("platform", State.OK, f"{platform.system()} {platform.release()}, {platform.machine()}")
    checks = [check_dependency(dependency) for dependency in DEPENDENCIES]
    yield from checks
    if checks[0].state is State.FAIL:
        return
    yield check_gpu()
    yield check_processor()
    yield check_memory()
    yield check_accelerator()
    yield from check_packages()


def check_python() -> Check:
    """Check the version of Python."""
    version = sys.version_info
    found = f"{platform.python_version()}, {sys.executable}"
    if version[:2] < _LEAST_PYTHON:
        return Check("Python", State.FAIL, found, "Use Python 3.11 or later.", DependencyError.exit_code)
    return Check("Python", State.OK, found)


def check_dependency(dependency: Dependency) -> Check:
    """Check that a package is installed in the tested range and, where it is always needed, that it can be imported."""
    needed = not dependency.extra
    extra = f"[{dependency.extra}]" if dependency.extra else ""
    install = f"pip install 'braintumorvaeseg{extra}'."
    if util.find_spec(dependency.module) is None:
        state = State.FAIL if needed else State.NOTE
        return Check(
            dependency.name, state, f"not installed; for {dependency.purpose}:", install, DependencyError.exit_code
        )
    try:
        version = metadata.version(dependency.name)
    except metadata.PackageNotFoundError:
        version = ""
    if needed:
        try:
            importlib.import_module(dependency.module)
        except Exception as error:  # a broken installation raises anything
            what = str(error).splitlines()[0] if str(error) else type(error).__name__
            return Check(
                dependency.name, State.FAIL, f"{version} cannot be imported ({what}).",
                f"Install it again: pip install --force-reinstall {dependency.name}.", DependencyError.exit_code,
            )  # fmt: skip
    found = f"{version or 'unknown version'}, for {dependency.purpose}"
    if version and not dependency.least <= _numbers(version) < dependency.below:
        return Check(dependency.name, State.WARN, f"{found}; not a tested version.", install)
    return Check(dependency.name, State.OK, found)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version.split("+")[0])[:3])


def check_gpu() -> Check:
    """Check that a GPU, where there is one, computes a convolution as the CPU does."""
    import torch

    from ...inference.device import cuda_problem, describe_device

    problem = cuda_problem()
    if problem is None:
        device = torch.device("cuda:0")
        total = torch.cuda.get_device_properties(device).total_memory
        return Check("GPU", State.OK, f"{describe_device(device)}, {_size(total)}; a convolution was right")
    if torch.cuda.is_available():
        return Check("GPU", State.FAIL, problem, "Use --device cpu, or install a newer driver.", DeviceError.exit_code)
    if shutil.which("nvidia-smi"):
        if torch.version.cuda is None:
            advice = "Install PyTorch for CUDA (pytorch.org, Get Started), or go on with the CPU."
            return Check("GPU", State.WARN, "an NVIDIA GPU is present, but PyTorch is a build for the CPU.", advice)
        return Check("GPU", State.WARN, problem, "Install a newer NVIDIA driver, or go on with the CPU.")
    return Check("GPU", State.NOTE, "none; the CPU is used")


def check_processor() -> Check:
    """Check that the CPU computes, and say with how many threads and whether in bf16."""
    import torch
    from torch.nn import functional

    from ...inference.device import cpu_computes_bf16

    # The sum over 27 ones at the center of a 3x3x3 kernel of ones is known.
    ones = torch.ones(1, 1, 5, 5, 5)
    answer = float(functional.conv3d(ones, torch.ones(1, 1, 3, 3, 3))[0, 0, 1, 1, 1])
    found = (
        f"{torch.get_num_threads()} threads on {os.cpu_count()} cores, bf16 {'yes' if cpu_computes_bf16() else 'no'}"
    )
    if answer != 27:
        return Check("CPU", State.FAIL, f"{found}; a convolution gave {answer} for 27.", "Install PyTorch again.", 6)
    return Check("CPU", State.OK, found)


def check_memory() -> Check:
    """Say how much memory there is and how much is free."""
    import torch

    from ...inference.device import free_memory

    total, free = _total_memory(), free_memory(torch.device("cpu"))
    if free is None:
        return Check("memory", State.NOTE, f"{_size(total) if total else 'unknown'}; what is free cannot be told")
    found = f"{_size(free)} free" + (f" of {_size(total)}" if total else "")
    if free < _LITTLE_MEMORY:
        return Check("memory", State.WARN, f"{found}.", "Close other programs; little memory makes it slower.")
    return Check("memory", State.OK, found)


def _total_memory() -> int | None:
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return None


def _size(number: int) -> str:
    return f"{number / 2**30:.1f} GiB"


def check_accelerator() -> Check:
    """Say whether OpenVINO is here."""
    if util.find_spec("openvino") is None:
        return Check("openvino", State.NOTE, "not installed; not needed")
    return Check("openvino", State.OK, metadata.version("openvino"))


def check_packages() -> Iterator[Check]:
    """Verify every model package, and check that one can be used where none is named."""
    from ...models.library import find_package, list_packages, user_folder

    try:
        packages = list_packages()
        for package in packages:
            yield _check_package(package.name, package.folder)
        default = find_package(verify=False)
        yield Check("models", State.OK, f"{len(packages)} found, default {default.name}; installed in {user_folder()}")
    except BrainTumorVAESegError as error:
        yield Check("models", State.FAIL, str(error), exit_code=error.exit_code)


def _check_package(name: str, folder: Path) -> Check:
    from ...models.package import read_package

    try:
        package = read_package(folder)
    except PackageError as error:
        return Check(f"model {name}", State.FAIL, str(error), exit_code=error.exit_code)
    return Check(f"model {name}", State.OK, f"{package.version}, every file and tensor verified")
