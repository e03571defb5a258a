"""Writing a package's networks as ONNX, each held against torch by onnxruntime before it appears."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import json
import logging
import os
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ..core.disk.files import outputs
from ..core.errors import DependencyError, OutputError
from ..core.privacy import forbid_reports
from ..core.settings import to_plain
from ..core.text import printable
from ..models.manifest import CARD, LICENSE
from ..models.package import ModelPackage, load_stage
from ..networks.logits import Logits
from ..networks.nvnet import NvNet

TOLERANCE = 1e-4
"""Largest difference of a probability between onnxruntime and torch."""
NEEDED = ("onnx", "onnxscript", "onnxruntime")
_SIZES = ((3, 2, 4), (8, 8, 8))
"""Inputs that are compared, in units of the network: other ones than the one that it is exported with."""
_STAGES = {1: "stage1.onnx", 2: "stage2.onnx"}
_SIDES = ("depth", "height", "width")


@dataclass(frozen=True)
class OnnxFile:
    """A written file. difference: the largest of a probability between onnxruntime and torch."""

    path: Path
    bytes: int
    difference: float


def export_onnx(package: ModelPackage, folder: Path, replace: bool = False) -> list[OnnxFile]:
    """Write `stage1.onnx` and, where there is one, `stage2.onnx` into a folder, with the package's card and license.

    Input `image` (1, C, z, y, x), prepared as the file's metadata say, output `logits` (1, 3, z, y, x), float32; each
    side any multiple of the network's unit (8 for four levels). Nothing appears unless onnxruntime agrees with torch.
    Raises DependencyError where a package of NEEDED is missing, OutputError where they disagree, a file cannot be
    written, or is there already (unless replace, and all is of an earlier export).
    """
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise DependencyError(f"{', '.join(missing)} not installed; pip install 'braintumorvaeseg[export]'.")
    forbid_reports()
    stages = (1,) if package.settings.stage2 is None else (1, 2)
    _check_place(Path(folder), replace)
    written: list[OnnxFile] = []
    with outputs(Path(folder)) as place:
        for stage in stages:
            network = load_stage(package, stage)
            data = onnx_bytes(network, _facts(package, stage))
            difference = check_onnx(data, network, _STAGES[stage])
            (place / _STAGES[stage]).write_bytes(data)
            written.append(OnnxFile(Path(folder) / _STAGES[stage], len(data), difference))
        for name in (CARD, LICENSE):
            (place / Path(name).name).write_bytes((package.folder / name).read_bytes())
    for stage in _STAGES.keys() - set(stages):  # of the earlier export, which this one replaced
        (Path(folder) / _STAGES[stage]).unlink(missing_ok=True)
    return written


def _check_place(folder: Path, replace: bool) -> None:
    """Raise OutputError where a file stands in the way that is not to be replaced, or is of no earlier export."""
    names = (*_STAGES.values(), Path(CARD).name, Path(LICENSE).name)
    existing = [folder / name for name in names if os.path.lexists(folder / name)]
    if existing and not replace:
        raise OutputError(f"{printable(existing[0])} exists already; choose another folder or ask to replace it.")
    if existing and not (folder / _STAGES[1]).is_file():
        raise OutputError(
            f"{printable(existing[0])} is of no earlier export and is not replaced; choose another folder."
        )


def onnx_bytes(network: NvNet, facts: dict[str, str]) -> bytes:
    """Return a network's ONNX file, the facts in its metadata."""
    import onnx

    unit, channels = network.settings.unit, network.settings.in_channels
    sample = torch.zeros(1, channels, 2 * unit, 3 * unit, 4 * unit)
    sides = {2 + i: unit * torch.export.Dim(f"{name}_units", min=1, max=1024 // unit) for i, name in enumerate(_SIDES)}
    with _quiet():
        program: Any = torch.onnx.export(
            Logits(network).eval(), (sample,), dynamo=True, dynamic_shapes=(sides,), input_names=["image"],
            output_names=["logits"], verbose=False,
        )  # fmt: skip
    model = program.model_proto
    onnx.helper.set_model_props(model, facts)
    onnx.checker.check_model(model)
    data: bytes = model.SerializeToString()
    return data


def check_onnx(data: bytes, network: NvNet, where: str) -> float:
    """Return the largest difference of a probability between onnxruntime and torch, over noise of several sizes.

    Raises OutputError (naming where) if it is above TOLERANCE.
    """
    import onnxruntime  # type: ignore[import-untyped]

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    generator = torch.Generator().manual_seed(0)
    largest = 0.0
    for sides in _SIZES:
        size = [network.settings.unit * n for n in sides]
        x = torch.randn((1, network.settings.in_channels, *size), generator=generator)
        found = torch.from_numpy(np.asarray(session.run(["logits"], {"image": x.numpy()})[0]))
        with torch.inference_mode():
            expected = network(x).logits
        largest = max(largest, float((torch.sigmoid(found) - torch.sigmoid(expected)).abs().max()))
    if not largest <= TOLERANCE:
        raise OutputError(
            f"{where}: onnxruntime differs from torch by {largest:.1e} (allowed are {TOLERANCE:g}); it is not written."
        )
    return largest


def _facts(package: ModelPackage, stage: int) -> dict[str, str]:
    """Return what a reader of the file must know, as texts."""
    settings = to_plain(package.settings)
    return {
        "package": package.name,
        "version": package.version,
        "sha256": package.sha256,
        "axes": "image and logits are (1, channels, z, y, x), x to the left, y to the back, z to the head",
        "left_out": "all but the network: registration, skull, brain, shading, normalization, the way around it",
        "cascade": json.dumps({**settings, "stage": stage}),
        "domain": package.domain.text,
    }


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep the exporter's own reports from a person's screen."""
    logger = logging.getLogger("torch.onnx")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(before)
