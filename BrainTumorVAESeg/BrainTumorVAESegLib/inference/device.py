"""The device: which there is, whether it works, and how much memory is free."""

from __future__ import annotations

import torch
from torch.nn import functional as F

from ..core.errors import DeviceError
from ..core.memory import available_memory

CPU = "cpu"
MPS = "mps"
"""Apple's GPUs: never chosen by itself, since nobody has tried it there yet."""


_FAULTS = ("CUDA error", "CUDA driver error", "cuDNN error", "HIP error", "MPS ", "Unable to find an engine")
"""How torch's errors begin that tell of a device, not of a mistake in the program."""


def choose_device(wish: str = "auto") -> torch.device:
    """Return the device wished for, or the best that works: a CUDA GPU whose convolution is right, else the CPU.

    wish: `auto`, `cpu`, `cuda`, `cuda:N` or `mps`. Raises DeviceError where an explicit wish cannot be met.
    """
    if wish == CPU:
        return torch.device(CPU)
    if wish not in ("auto", MPS) and not (wish == "cuda" or (wish.startswith("cuda:") and wish[5:].isdigit())):
        raise DeviceError(f"The device {wish!r} is not known; choose auto, cpu, cuda, cuda:N or mps.")
    name = "cuda" if wish == "auto" else wish
    problem = mps_problem() if name == MPS else cuda_problem(name)
    if problem is None:
        return torch.device(name)
    if wish == "auto":
        return torch.device(CPU)
    raise DeviceError(f"{problem} Choose the device cpu, or mend it.")


def cuda_problem(name: str = "cuda") -> str | None:
    """Return why a CUDA device cannot be used, or None where a small convolution on it gives the CPU's answer."""
    if torch.version.cuda is None and getattr(torch.version, "hip", None) is None:
        return "This PyTorch is a build for the CPU alone."
    if not torch.cuda.is_available():
        return "PyTorch finds no CUDA GPU (no card, or a driver that is too old)."
    if name.startswith("cuda:") and int(name[5:]) >= torch.cuda.device_count():
        return f"There is no {name}; this machine has {torch.cuda.device_count()} CUDA GPU(s)."
    return _convolution_problem(name)


def mps_problem() -> str | None:
    """Return why Apple's GPU cannot be used, or None where a small convolution on it gives the CPU's answer."""
    if not torch.backends.mps.is_available():
        return "PyTorch finds no Apple GPU."
    return _convolution_problem(MPS)


def device_fault(error: BaseException) -> str | None:
    """Return what an error says about a GPU that gave up, as the beginning of a sentence, or None for other errors."""
    text = str(error)
    if isinstance(error, torch.cuda.OutOfMemoryError) or "out of memory" in text:
        return "The GPU's memory was too small"
    if isinstance(error, RuntimeError) and text.startswith(_FAULTS):
        return f"The GPU stopped working ({text.splitlines()[0].rstrip('.')})"
    return None


def _convolution_problem(name: str) -> str | None:
    generator = torch.Generator().manual_seed(0)
    x, w = torch.randn(1, 4, 8, 8, 8, generator=generator), torch.randn(4, 4, 3, 3, 3, generator=generator)
    try:
        answer = F.conv3d(x.to(name), w.to(name), padding=1).cpu()
    except RuntimeError as error:
        return f"A small convolution on {name} fails ({str(error).splitlines()[0]})."
    if not torch.allclose(answer, F.conv3d(x, w, padding=1), atol=1e-2, rtol=1e-2):
        return f"A small convolution on {name} gives a wrong answer."
    return None


def describe_device(device: torch.device) -> str:
    """Return a device's name for people, e.g. `cuda:0 (NVIDIA H200)`."""
    if device.type == "cuda":
        return f"{device} ({torch.cuda.get_device_name(device)})"
    if device.type == MPS:
        return "mps (Apple GPU)"
    count = torch.get_num_threads()
    return f"cpu ({count} {'thread' if count == 1 else 'threads'})"


def free_memory(device: torch.device) -> int | None:
    """Return the bytes free on a device, or None where it cannot be told."""
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    return available_memory()


def cpu_computes_bf16() -> bool:
    """Say whether bf16 is native on this processor; elsewhere it can be a hundred times slower than fp32."""
    check = getattr(torch.cpu, "_is_avx512_bf16_supported", None)
    return bool(check and check())
