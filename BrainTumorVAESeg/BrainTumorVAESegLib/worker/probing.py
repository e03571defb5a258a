"""What there is to compute on, torch or not."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.answers import Probed
from ..core.errors import DeviceError

if TYPE_CHECKING:
    import torch


def probe(id: int, wish: str) -> Probed:
    """Try the device wished for, and say what torch and the machine have. A torch that is missing is an answer too."""
    nvidia_gpu = has_nvidia_gpu()
    try:
        import torch

        from ..inference.device import choose_device, cuda_problem, describe_device, free_memory
    except Exception as error:  # a broken installation raises anything
        return Probed(id, "cpu", "", False, _why_not(error), nvidia_gpu=nvidia_gpu)
    problem, wish_met = cuda_problem(), True
    cuda = problem is None
    try:
        device = choose_device(wish)
    except DeviceError:
        device, wish_met, problem = torch.device("cpu"), False, problem or cuda_problem(wish)
    if str(device) == "cuda":
        device = torch.device("cuda", torch.cuda.current_device())
    return Probed(
        id,
        str(device),
        describe_device(device),
        cuda,
        problem,
        free_memory(device),
        _total_memory(device),
        nvidia_gpu,
        torch.version.cuda is None and getattr(torch.version, "hip", None) is None,
        str(torch.__version__),
        wish_met,
    )


def _why_not(error: Exception) -> str:
    if isinstance(error, ModuleNotFoundError) and error.name == "torch":
        return "PyTorch is not installed."
    what = (str(error).splitlines() or [type(error).__name__])[0]
    return f"PyTorch cannot be loaded ({what}); install it again."


def has_nvidia_gpu() -> bool:
    """Say whether the machine has an NVIDIA GPU with a driver, without starting a program."""
    windows = Path(os.environ.get("SYSTEMROOT", ""), "System32", "nvcuda.dll")
    linux = Path("/proc/driver/nvidia/gpus")
    return windows.is_file() or (linux.is_dir() and any(linux.iterdir())) or shutil.which("nvidia-smi") is not None


def _total_memory(device: torch.device) -> int | None:
    """Bytes of a device's memory, free or not, None where they cannot be told."""
    if device.type == "cuda":
        import torch

        return int(torch.cuda.get_device_properties(device).total_memory)
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return None
