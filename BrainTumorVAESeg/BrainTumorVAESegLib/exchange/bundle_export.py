"""Writing a package as a MONAI Bundle that `monai.bundle` loads and runs without this library."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ..core.boxes import Box, cut
from ..core.errors import OutputError
from ..core.settings import CascadeSettings, Cleaning
from ..inference.cascade import predict
from ..inference.engine import Engine
from ..models.manifest import CARD, LICENSE, METADATA
from ..models.metadata import build_metadata
from ..models.package import ModelPackage, load_stage
from ..models.shading import SHADING_FILE
from ..models.staging import check_place, move_into_place, staging_folder
from ..networks.nvnet import NvNet
from ..phantom.phantom import PhantomSettings, make_phantom
from ..preparation.preparing import prepare
from .bundle_config import SCRIPT, STATE, build_config
from .scripted import script_cascade
from .segresnet import monai_state

TOLERANCE = 1e-4
"""Largest difference of a probability between a bundle's module and this library."""
CONFIG = "configs/inference.json"
_OLDEST_MONAI = "1.4.0"
_SEEDS = (1, 2, 3)
_CHECK_SIZE = (60, 72, 56)
_READING = """
## Running this bundle

    python -m monai.bundle run --config_file configs/inference.json --bundle_root . --dataset_dir FOLDER

FOLDER holds a folder for each case with its four volumes, of one grid and skull-stripped; `patterns` in
`configs/inference.json` says how their names end. Label maps (1 necrotic core, 2 edema, 3 enhancing tumor) appear in
`eval`. Needed are monai, torch, nibabel, and fire for the command.

"""
_SCRIPT_READING = """\
`models/model.ts` is a TorchScript module of the whole way: it takes volumes (N, 4, x, y, z) in LPS orientation at
{spacing:g} mm, in the order {modalities}, tells the brain from what lies around it, crops to it,
clips and z-scores, runs {stages}
and answers with the probabilities of {channels}, (N, 3, x, y, z). Volumes of another spacing are resampled by MONAI,
which blends a little of the zeros outside into the brain's rim, as the library that wrote this bundle does not.
"""
_NATIVE_READING = """\
`models/model.pt` is the state dict of MONAI's SegResNet as `network_def` describes it; its input channels are
{modalities}, its output channels {channels}, before the sigmoid.
"""


_LEFT_OUT = """
## What this bundle leaves out

The library that wrote it does more with this package:

{items}
"""


@dataclass(frozen=True)
class ExportedBundle:
    """A written bundle. difference: the largest of a probability on a made brain; None where nothing was to compare."""

    folder: Path
    difference: float | None


def is_native(settings: CascadeSettings) -> bool:
    """Say whether MONAI's own SegResNet and transforms give a package's answer; then no TorchScript is needed.

    They take the sigmoid of the logits as these are, and know nothing of temperatures and offsets.
    """
    pre = settings.preprocessing
    return (
        settings.stage2 is None
        and (set(settings.temperatures), set(settings.offsets)) == ({1}, {0})
        and settings.stage1.members == 1
        and (settings.stage1.architecture, settings.stage1.downsample, settings.stage1.align_corners)
        == ("segresnet", 1, False)
        and (pre.foreground, pre.clip) == ("channel", (0.0, 100.0))
    )


def export_bundle(package: ModelPackage, folder: Path, replace: bool = False) -> ExportedBundle:
    """Write a package as a MONAI Bundle.

    A SegResNet that was not calibrated becomes MONAI's own class with a state dict (see `is_native`); everything else
    one TorchScript module of both stages and their preparation, compared with this library on a made brain before
    anything appears. Raises OutputError where the folder exists (unless replace, and it holds a bundle or package),
    cannot be written, or the module differs.
    """
    folder = Path(folder)
    check_place(folder, replace)
    settings, native = package.settings, is_native(package.settings)
    stage1 = load_stage(package, 1)
    difference = None
    if native:
        weights = _bytes_of(monai_state(stage1))
    else:
        stage2 = None if settings.stage2 is None else load_stage(package, 2)
        weights = _script_bytes(settings, stage1, stage2, _metadata(package, native))
        difference = check_script(weights, settings, stage1, stage2)
    texts = {
        METADATA: json.dumps(_metadata(package, native), indent=1) + "\n",
        CONFIG: json.dumps(build_config(settings, native), indent=1) + "\n",
        CARD: package.card + _reading(package, native),
        LICENSE: (package.folder / LICENSE).read_text(encoding="utf-8"),
    }
    files = {path: text.encode("utf-8") for path, text in texts.items()} | {STATE if native else SCRIPT: weights}
    with staging_folder(folder.absolute().parent, "exporting") as staging:
        place = staging / "bundle"
        for path, data in files.items():
            (place / path).parent.mkdir(parents=True, exist_ok=True)
            (place / path).write_bytes(data)
        move_into_place(place, folder, replace)
    return ExportedBundle(folder, difference)


def check_script(data: bytes, settings: CascadeSettings, stage1: NvNet, stage2: NvNet | None) -> float:
    """Return the largest difference of a probability between a module's file and this library, on a made brain.

    A voxel on the very threshold may fall to either side and change what stage 2 sees, so a second and a third brain
    are asked before the module is called wrong. Raises OutputError then.
    """
    module = torch.jit.load(io.BytesIO(data))
    largest = np.inf
    for seed in _SEEDS:
        made = PhantomSettings(seed=seed, size=_CHECK_SIZE, spacing=settings.preprocessing.spacing)
        study = make_phantom(made).study
        order = settings.channels
        prepared = prepare(study, settings.preprocessing, order)
        expected = predict(stage1, stage2, settings, prepared.images, Engine("cpu").run).probabilities
        volumes = torch.stack([torch.from_numpy(np.asarray(study[m].array, np.float32)) for m in order])
        with torch.inference_mode():
            found = module(volumes.permute(0, 3, 2, 1)[None])[0].permute(0, 3, 2, 1).numpy()
        inside = cut(found, Box.at(prepared.start, prepared.brain.shape))
        largest = min(largest, float(np.abs(inside - expected).max()))
        if largest <= TOLERANCE:
            return largest
    raise OutputError(
        f"The TorchScript module differs from this library by {largest:.1e} (allowed are {TOLERANCE:g}); "
        "try another version of torch."
    )


def _script_bytes(settings: CascadeSettings, stage1: NvNet, stage2: NvNet | None, metadata: dict[str, Any]) -> bytes:
    """Return the file of the whole way's TorchScript module, the bundle's metadata in it, as MONAI expects."""
    stream = io.BytesIO()
    torch.jit.save(
        script_cascade(settings, stage1, stage2), stream, _extra_files={"metadata.json": json.dumps(metadata).encode()}
    )
    return stream.getvalue()


def _bytes_of(state: dict[str, torch.Tensor]) -> bytes:
    stream = io.BytesIO()
    torch.save(state, stream)
    return stream.getvalue()


def _metadata(package: ModelPackage, native: bool) -> dict[str, Any]:
    """Return the package's metadata, told for what the bundle's network takes and gives."""
    before = package.metadata
    values = build_metadata(package.version, package.settings, before["description"], before["authors"])
    values.pop("stage2_data_format", None)
    values["copyright"] = before["copyright"]
    values["left_out"] = left_out(package, native)
    values["required_packages_version"] = {"nibabel": "5.0.0"}
    if values["monai_version"] == "not installed":
        values["monai_version"] = _OLDEST_MONAI
    if not native:
        for side in values["network_data_format"].values():
            for part in side.values():
                part["spatial_shape"] = ["*", "*", "*"]
    else:
        values["network_data_format"]["outputs"]["pred"]["value_range"] = []
    return values


def left_out(package: ModelPackage, native: bool) -> list[str]:
    """Return what the library does with a package and its bundle does not, a sentence each."""
    settings = package.settings
    found = [
        "Volumes that do not lie in place are registered to the reference, and a skull is removed.",
        "A brain mask that a person gives decides what is brain.",
    ]
    if native:
        found.append("Another background than 0 is recognized; a bundle's volumes must be 0 outside the brain.")
    if SHADING_FILE in package.files:
        found.append(
            "Coils' shading is taken from the images before the networks see them, which changes their answers on"
            " shaded images; `segment --shading off` answers as the bundle does."
        )
    if settings.cleaning != Cleaning():
        found.append("Small parts are left out of the label map, and what the tumor encloses is filled.")
    if settings.optional:
        found.append(f"Volumes may be absent ({', '.join(settings.optional)}); here give one that is 0 everywhere.")
    return found


def _reading(package: ModelPackage, native: bool) -> str:
    """Return what the bundle's README says beyond the package's card."""
    settings = package.settings
    told = _NATIVE_READING if native else _SCRIPT_READING
    text = _READING + told.format(
        spacing=settings.preprocessing.spacing,
        modalities=", ".join(settings.modalities),
        channels=", ".join(settings.output_channels),
        stages="the one stage" if settings.stage2 is None else "both stages, the second where the first found a tumor,",
    )
    return text + _LEFT_OUT.format(items="\n".join(f"- {sentence}" for sentence in left_out(package, native)))
