"""OpenVINO and NNCF, imported in one place: of a tested version, on a processor that they are made for, and silent."""

from __future__ import annotations

import importlib
import importlib.metadata
import platform
import re
import warnings
from functools import cache
from typing import Any

from ...core.errors import DependencyError, DeviceError
from ...core.privacy import forbid_reports

TESTED: dict[str, tuple[tuple[int, ...], tuple[int, ...]]] = {
    "openvino": ((2026, 4), (2027,)),
    "nncf": ((3, 4), (4,)),
}
"""The least version that was tried of each, and the first that was not, as in pyproject.toml."""


def load_openvino() -> Any:
    """Return the module `openvino`.

    Raises DependencyError where it is missing or of a version that was not tried, DeviceError on a processor without
    AVX2, where it would be slower than torch.
    """
    version_of("openvino")
    _require_avx2()
    return _import("openvino")


@cache
def openvino_core() -> Any:
    """Return this process's one `openvino.Core`, which is never given up. Raises what `load_openvino` does.

    A core that computes gives its thread an alternative signal stack, and takes it away as it ends. Of two that overlap
    the later puts back the stack of the earlier, whose memory is gone by then: the next signal that Python handles
    (Ctrl-C, SIGTERM, a process that ended) would end this process without a word.
    """
    return load_openvino().Core()


def load_nncf() -> Any:
    """Return the module `nncf`, which makes networks of 8 bits. Raises DependencyError (see `load_openvino`)."""
    version_of("nncf")
    return _import("nncf")


def version_of(name: str) -> str:
    """Return the version of a package of `TESTED`. Raises DependencyError where it is missing or was not tried."""
    advice = "pip install 'braintumorvaeseg[openvino]'"
    try:
        version = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        raise DependencyError(f"{name} is not installed; {advice}.") from None
    least, below = TESTED[name]
    numbers = tuple(int(part) for part in re.findall(r"\d+", version)[:2])
    if not least <= numbers < below:
        wanted = f"{'.'.join(map(str, least))} or later, below {'.'.join(map(str, below))}"
        raise DependencyError(f"{name} {version} was not tried with this program (it takes {wanted}); {advice}.")
    return version


def _import(name: str) -> Any:
    forbid_reports()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return importlib.import_module(name)
        except (ImportError, OSError, RuntimeError) as error:
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise DependencyError(f"{name} cannot be loaded ({reason}); install it anew.") from error


def _require_avx2() -> None:
    """Raise DeviceError on an x86 processor without AVX2."""
    import torch

    if platform.machine().lower() not in ("x86_64", "amd64"):
        return
    if not torch.backends.cpu.get_cpu_capability().startswith("AVX"):
        raise DeviceError("This processor has no AVX2, without which OpenVINO is no faster; use the engine torch.")
