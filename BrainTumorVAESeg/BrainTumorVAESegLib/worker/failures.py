"""How an error of a request becomes an answer: one plain sentence."""

from __future__ import annotations

from ..core.answers import Failed
from ..core.disk.files import advice, is_full_disk
from ..core.disk.guarded import reason_of
from ..core.errors import BrainTumorVAESegError, CheckError, DependencyError, DeviceError, OutputError
from ..core.text import shorten


def failure(id: int | None, error: BaseException) -> Failed:
    """Return the answer to a request that ended with an error."""
    if isinstance(error, BrainTumorVAESegError):
        findings = error.findings if isinstance(error, CheckError) else ()
        return Failed(id, type(error).__name__, _one_line(str(error)), error.exit_code, findings)
    if isinstance(error, ImportError):
        name = (error.name or "").split(".")[0] or "a package"
        text = f"{name} is not installed, or its installation is damaged; install the module's packages again."
        return Failed(id, DependencyError.__name__, text, DependencyError.exit_code)
    if is_memory(error):
        text = "The memory was too small for this study; close other programs, or choose another device or model."
        return Failed(id, DeviceError.__name__, text, DeviceError.exit_code)
    if is_full_disk(error):
        text = f"A file cannot be written: {advice(error)}."
        return Failed(id, OutputError.__name__, text, OutputError.exit_code)
    if is_broken_gpu(error):
        text = f"The GPU failed ({reason_of(error)}); try again, or choose the processor."
        return Failed(id, DeviceError.__name__, text, DeviceError.exit_code)
    what = shorten(_one_line(str(error)), 300)
    text = f"Something unexpected went wrong ({type(error).__name__}{': ' + what if what else ''}); see the log."
    return Failed(id, type(error).__name__, text)


def is_memory(error: BaseException) -> bool:
    """Say whether an error means that memory, the processor's or the GPU's, was too small."""
    text = str(error).lower()
    return isinstance(error, MemoryError) or (
        isinstance(error, RuntimeError)
        and (
            type(error).__name__ == "OutOfMemoryError"  # torch's, without importing torch
            or any(words in text for words in ("out of memory", "not enough memory", "can't allocate memory"))
        )
    )


def is_broken_gpu(error: BaseException) -> bool:
    """Say whether an error leaves the GPU unusable for this process."""
    return isinstance(error, RuntimeError) and "CUDA error" in str(error) and not is_memory(error)


def _one_line(text: str) -> str:
    return " ".join(part.strip() for part in text.splitlines() if part.strip())
