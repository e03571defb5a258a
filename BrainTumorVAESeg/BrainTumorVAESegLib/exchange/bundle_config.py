"""`configs/inference.json` of an exported MONAI Bundle: MONAI's own classes by name, run by `monai.bundle` alone."""

from __future__ import annotations

from typing import Any

from ..core.labels import LABEL_BY_KEY
from ..core.settings import CascadeSettings, StageSettings
from ..images.itk import CANONICAL

SCRIPT, STATE = "models/model.ts", "models/model.pt"
_NAMES = {"T1": "t1", "T1ce": "t1ce", "T2": "t2", "FLAIR": "flair"}
_NESTED = (("ET", "ET"), ("TC", "NCR"), ("WT", "ED"))
"""Channels of a region or of a label, innermost first: the inner one decides where several are found."""
_BRAINS = (
    "$lambda x: monai.data.MetaTensor(@network_def.brains(x.as_tensor(), [float(mm) for mm in x.pixdim]), meta=x.meta)"
)
"""0 outside the brain, on the files' own grid, so that the resampling after it blends no other background in."""


def build_config(settings: CascadeSettings, native: bool) -> dict[str, Any]:
    """Return the configuration of a bundle.

    native: the network is MONAI's SegResNet with a state dict, MONAI's transforms prepare its input, and its answer is
    not corrected by temperatures or offsets; otherwise it is a TorchScript module that does all of that itself.
    """
    network = _segresnet(settings.stage1) if native else _script()
    return {
        "imports": ["$import collections", "$import glob", "$import os"],
        "bundle_root": ".",
        "dataset_dir": "$@bundle_root + '/data'",
        "output_dir": "$@bundle_root + '/eval'",
        "patterns": [f"*_{_NAMES[name]}.nii.gz" for name in settings.modalities],
        "cases": "$sorted(glob.glob(os.path.join(@dataset_dir, '*', '')))",
        "data": "$[{'image': [glob.glob(os.path.join(case, name))[0] for name in @patterns]} for case in @cases]",
        "device": "$torch.device('cuda:0' if torch.cuda.is_available() else 'cpu')",
        **network,
        "network": "$@network_def.to(@device).eval()",
        "inferer": {"_target_": "SimpleInferer"},
        "preprocessing": {"_target_": "Compose", "transforms": _preprocessing(settings, native)},
        "dataset": {"_target_": "Dataset", "data": "@data", "transform": "@preprocessing"},
        "probabilities": _probabilities(native),
        "thresholds": list(settings.thresholds),
        "postprocessing": {"_target_": "Compose", "transforms": _postprocessing(settings)},
        "run": [
            *(["$@network_def.load_state_dict(@weights)"] if native else []),
            "$collections.deque((@postprocessing({**case, 'pred': @probabilities(case['image'])})"
            " for case in @dataset), maxlen=0)",
        ],
    }


def _script() -> dict[str, Any]:
    return {"network_def": f"$torch.jit.load(@bundle_root + '/{SCRIPT}', map_location=@device)"}


def _segresnet(stage: StageSettings) -> dict[str, Any]:
    network = {
        "_target_": "SegResNet",
        "spatial_dims": 3,
        "init_filters": stage.filters,
        "in_channels": stage.in_channels,
        "out_channels": stage.out_channels,
        "dropout_prob": stage.dropout,
        "norm": ["GROUP", {"num_groups": stage.groups}],
        "blocks_down": list(stage.blocks_down),
        "blocks_up": list(reversed(stage.blocks_up)),
    }
    weights = f"$torch.load(@bundle_root + '/{STATE}', map_location=@device, weights_only=True)"
    return {"network_def": network, "weights": weights}


def _preprocessing(settings: CascadeSettings, native: bool) -> list[dict[str, Any]]:
    """Return the transforms before the network."""
    pre, stage = settings.preprocessing, settings.stage1
    steps: list[dict[str, Any]] = [
        {"_target_": "LoadImaged", "keys": "image"},
        {"_target_": "EnsureChannelFirstd", "keys": "image"},
        *([] if native else [{"_target_": "Lambdad", "keys": "image", "func": _BRAINS}]),
        {"_target_": "Orientationd", "keys": "image", "axcodes": CANONICAL},
        {"_target_": "Spacingd", "keys": "image", "pixdim": [pre.spacing] * 3, "mode": "bilinear"},
    ]
    if not native:
        return steps
    foreground = {"source_key": "image", "select_fn": "$lambda x: x != 0", "margin": pre.margin, "allow_smaller": False}
    field = list(reversed(stage.field)) if stage.field else []
    return [
        *steps,
        {"_target_": "CropForegroundd", "keys": "image", **foreground},
        {"_target_": "NormalizeIntensityd", "keys": "image", "nonzero": True, "channel_wise": True},
        *([{"_target_": "SpatialPadd", "keys": "image", "spatial_size": field}] if field else []),
        {"_target_": "DivisiblePadd", "keys": "image", "k": stage.unit},
    ]


def _probabilities(native: bool) -> str:
    """Return the function from a prepared image (4, x, y, z) to its probabilities (3, x, y, z), on the CPU."""
    answer = "@inferer(image.as_tensor()[None].to(@device), @network)[0].cpu()"
    if native:
        answer = f"torch.sigmoid({answer}) * (image.as_tensor() != 0).any(0)"
    return f"$torch.inference_mode()(lambda image: monai.data.MetaTensor({answer}, meta=image.meta))"


def _postprocessing(settings: CascadeSettings) -> list[dict[str, Any]]:
    """Return the transforms after the network: back to the input's grid, thresholds, one label map, a file."""
    names = settings.output_channels
    chosen = "0"
    for region, label in reversed(_NESTED):
        channel = names.index(label if label in names else region)
        chosen = f"torch.where(x[[{channel}]], {LABEL_BY_KEY[label].value}, {chosen})"
    # Invertd has the answer on the input's grid, yet without resample MONAI 1.6 cannot save volumes of swapped axes.
    return [
        {"_target_": "Invertd", "keys": "pred", "transform": "@preprocessing", "orig_keys": "image",
         "nearest_interp": False, "to_tensor": True},
        {"_target_": "Lambdad", "keys": "pred",
         "func": "$lambda x: x >= torch.tensor(@thresholds)[:, None, None, None]"},
        {"_target_": "Lambdad", "keys": "pred", "func": f"$lambda x: {chosen}"},
        {"_target_": "SaveImaged", "keys": "pred", "output_dir": "@output_dir", "output_postfix": "seg",
         "output_dtype": "uint8", "resample": True, "mode": "nearest", "separate_folder": True},
    ]  # fmt: skip
