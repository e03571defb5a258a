"""How the images that a package learned from are shaded, `configs/shading.json`: what coils' fields are told by."""

from __future__ import annotations

from ..core.errors import PackageError
from ..core.wire import WireError, from_wire, to_wire
from ..preparation.shading import ShadingModel
from .extras import extra_json, read_extra
from .package import ModelPackage

SHADING_FILE = "configs/shading.json"


def read_shading(package: ModelPackage) -> ShadingModel | None:
    """Return what a package knows of untouched images' fields, None where it knows nothing. Raises PackageError."""
    values = read_extra(package, SHADING_FILE)
    if values is None:
        return None
    try:
        model: ShadingModel = from_wire(ShadingModel, values, SHADING_FILE)
    except (ValueError, WireError) as error:
        raise PackageError(
            f"{package.name}: {SHADING_FILE} cannot be read ({error}); install the package again."
        ) from error
    return model


def shading_json(model: ShadingModel) -> bytes:
    """Return the text of `configs/shading.json`."""
    return extra_json(to_wire(model))
