"""`configs/metadata.json`: the package described in MONAI's bundle schema, for the programs that know that one."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import metadata
from typing import Any

from ..core.errors import PackageError
from ..core.labels import LABEL_BY_KEY, REGIONS
from ..core.settings import MASK_CHANNELS, CascadeSettings, StageSettings
from ..core.text import shorten

SCHEMA = "https://github.com/Project-MONAI/MONAI-extra-test-data/releases/download/0.8.1/meta_schema_20240725.json"
"""MONAI's JSON schema of this file."""
REFERENCES = (
    "A. Myronenko, 3D MRI brain tumor segmentation using autoencoder regularization, 2018, arXiv 1810.11654.",
    "C. Lyu, H. Shu, A Two-Stage Cascade Model with Variational Autoencoders and Attention Gates for MRI Brain Tumor "
    "Segmentation, 2020, arXiv 2011.02881.",
)
_TEXTS = ("schema", "version", "monai_version", "pytorch_version", "numpy_version", "task", "description", "authors")
_OBJECTS = ("changelog", "required_packages_version", "network_data_format")
_FIELDS = {**dict.fromkeys((*_TEXTS, "copyright"), str), **dict.fromkeys(_OBJECTS, dict)}


def build_metadata(version: str, settings: CascadeSettings, description: str, authors: str) -> dict[str, Any]:
    """Return the fields of the bundle schema for a package."""
    outputs = [_long_name(name) for name in settings.output_channels]
    built = {
        "schema": SCHEMA,
        "version": version,
        "changelog": {version: "this version"},
        "monai_version": _version("monai"),
        "pytorch_version": _version("torch"),
        "numpy_version": _version("numpy"),
        "required_packages_version": {"safetensors": _version("safetensors"), "SimpleITK": _version("SimpleITK")},
        "task": "Brain tumor segmentation from four MR volumes",
        "description": description,
        "authors": authors,
        "copyright": f"Copyright (c) {authors}",
        "image_classes": f"{len(settings.modalities)} channels: {', '.join(settings.modalities)}",
        "pred_classes": f"{len(outputs)} channels: {', '.join(outputs)}",
        "intended_use": "Research; not a medical device",
        "references": list(REFERENCES),
        "network_data_format": _data_format(settings.stage1, list(settings.modalities), outputs),
    }
    if settings.stage2 is not None:
        inputs = [f"{name}, of stage 1" for name in MASK_CHANNELS] + list(settings.modalities)
        built["stage2_data_format"] = _data_format(settings.stage2, inputs, outputs)
    return built


def check_metadata(values: Mapping[str, Any], version: str, where: str) -> None:
    """Raise PackageError (naming where) unless the schema's required fields are there and version is the manifest's."""
    for key, kind in _FIELDS.items():
        if not isinstance(values.get(key), kind):
            raise PackageError(f"{where}: the field {key} is missing or of a wrong kind; install the package again.")
    formats = values["network_data_format"]
    if not all(isinstance(formats.get(key), dict) for key in ("inputs", "outputs")):
        raise PackageError(f"{where}: network_data_format lacks inputs or outputs; install the package again.")
    if values["version"] != version:
        raise PackageError(
            f"{where}: the version {shorten(values['version'])} is not the manifest's {version}; install it again."
        )


def _data_format(stage: StageSettings, inputs: list[str], outputs: list[str]) -> dict[str, Any]:
    """Return one network's inputs and outputs in the schema's terms."""
    shape = list(stage.field) if stage.architecture == "attention_add" and stage.field else [f"{stage.unit}*n"] * 3
    common = {"type": "image", "spatial_shape": shape, "dtype": "float32", "is_patch_data": False}
    image = {"format": "magnitude", "modality": "MR", "num_channels": len(inputs), "value_range": []}
    answer = {"format": "segmentation", "num_channels": len(outputs), "value_range": [0, 1]}
    return {
        "inputs": {"image": {**common, **image, "channel_def": {str(i): name for i, name in enumerate(inputs)}}},
        "outputs": {"pred": {**common, **answer, "channel_def": {str(i): name for i, name in enumerate(outputs)}}},
    }


def _long_name(key: str) -> str:
    """Return a channel's name in words: `WT` -> `Whole tumor`."""
    return {**{k: label.name for k, label in LABEL_BY_KEY.items()}, **{r.key: r.name for r in REGIONS}}[key]


def _version(package: str) -> str:
    """Return an installed package's version without importing it, or `not installed`."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"
