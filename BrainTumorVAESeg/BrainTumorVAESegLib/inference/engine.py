"""Runs a network on a device, within a memory limit, reporting how far it is."""

from __future__ import annotations

import gc
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor

from ..core.errors import DeviceError
from ..networks.nvnet import NvNet, StageOutput
from .cascade import Step
from .device import CPU, MPS, choose_device, cpu_computes_bf16, describe_device
from .observation import Observation, Observer
from .progress import Tracker
from .slabs import count_work, least_bytes, output_in_slabs

PRECISIONS = ("auto", "fp32", "fp16", "bf16")
HALF = ("fp16", "bf16")
_SLAB_BYTES = 20 << 20
"""Slabs of this size stay in the processor's caches, and glibc gives their memory back to the next one."""
_LEAST_SLAB_BYTES = 4 << 20
_SLABS_AT_ONCE = 6
"""Temporaries of a slab's size alive at a time, the convolution's own included."""


class Engine:
    """Runs networks; give `run` to `cascade.predict`.

    device: see `choose_device`. precision: `auto` is fp16 on CUDA and fp32 on the CPU; bf16 is for CPUs that compute in
    it, others stay with fp32, and so does a GPU whose memory is limited. memory: most bytes to use beyond what is
    loaded already, or None for what the device has. reserved: bytes of the limit that the caller's own arrays take.
    observer: is shown what each pass left beside its logits.
    """

    def __init__(
        self,
        device: str = "auto",
        precision: str = "auto",
        memory: int | None = None,
        tracker: Tracker | None = None,
        reserved: int = 0,
        observer: Observer | None = None,
    ) -> None:
        if precision not in PRECISIONS:
            raise DeviceError(f"The precision {precision!r} is not known; choose {', '.join(PRECISIONS)}.")
        self.device = choose_device(device)
        self.memory = memory
        self.reserved = reserved
        self.tracker = tracker or Tracker()
        self.observer = observer
        self.notes: list[str] = []
        self._precision = precision
        self._too_small = False
        if memory is not None and self.device.type == MPS:
            raise DeviceError(
                "Memory cannot be limited on an Apple GPU; leave the limit out, or choose the device cpu."
            )
        if precision in HALF:
            met = self.dtype is self._asked
            self.notes.append(told_of_half(self.device.type, precision, met, memory is not None))

    @property
    def description(self) -> str:
        """The device's name for people, and the precision where that is not single throughout."""
        name = describe_device(self.device)
        half = {torch.float16: "fp16", torch.bfloat16: "bf16"}.get(self.dtype)
        if half is None:
            return name
        mixed = self._too_small and self.device.type != CPU
        return f"{name.removesuffix(')')}, {half}{' and fp32' if mixed else ''})"

    @property
    def dtype(self) -> torch.dtype:
        """The type in which convolutions are computed."""
        if self.device.type == "cuda":
            if self.memory is not None:  # in slabs, which are computed in half precision on the processor alone
                return torch.float32
            return torch.float16 if self._precision == "auto" else self._asked
        native = self.device.type == CPU and cpu_computes_bf16()
        return torch.bfloat16 if self._asked is torch.bfloat16 and native else torch.float32

    @property
    def _asked(self) -> torch.dtype:
        kinds = {"auto": torch.float32, "fp32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}
        return kinds[self._precision]

    def place(self, images: np.ndarray) -> Tensor:
        """Return images (4, z, y, x) on the device, where the cascade then runs."""
        return torch.from_numpy(np.ascontiguousarray(images)).to(self.device)

    def run(self, network: NvNet, x: Tensor, step: Step) -> Tensor:
        """Return the logits (1, 3, D, H, W), float32, of an input (1, C, D, H, W), where the input lies.

        Out of memory on a GPU: again in slabs, then on the CPU, each noted in `notes`.
        Raises DeviceError where the memory limit cannot be met, naming the least that can.
        """
        with torch.inference_mode():
            output = self._run(network, x, step)
            if self.observer is not None:
                self.observer(step, Observation.of(output))
            return output.logits.float().to(x.device).contiguous()

    def leave_device(self, reason: str) -> None:
        """Compute on the CPU from now on, and note why and in what precision."""
        asked = told_of_half(self.device.type, self._precision, True)
        self.notes = [note for note in self.notes if note != asked]
        self.device = torch.device(CPU)
        self.notes.append(f"{reason}; computed on the CPU in {str(self.dtype).removeprefix('torch.')}.")
        warnings.warn(self.notes[-1], stacklevel=2)

    def _run(self, network: NvNet, x: Tensor, step: Step) -> StageOutput:
        if self.device.type == CPU:
            return self._run_in_slabs(network, x)
        try:
            return self._run_whole(network, x) if self.memory is None else self._run_in_slabs(network, x)
        except torch.cuda.OutOfMemoryError:
            return self._run_smaller(network, x, step)

    def _run_whole(self, network: NvNet, x: Tensor) -> StageOutput:
        network = network.to(self.device, memory_format=torch.channels_last_3d)  # type: ignore[call-overload]
        x = x.to(self.device).to(memory_format=torch.channels_last_3d)
        with self._half():
            output: StageOutput = network(x)
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)  # so that faults and seconds are told of the step that they belong to
        self.tracker.advance(1.0)
        return output

    @contextmanager
    def _half(self) -> Iterator[None]:
        """Compute the convolutions in `dtype` where that is not single precision."""
        if self.dtype is torch.float32:
            yield
        else:
            with torch.autocast(self.device.type, self.dtype):
                yield

    def _run_smaller(self, network: NvNet, x: Tensor, step: Step) -> StageOutput:
        """After a GPU ran out of memory: in slabs on it, and where even that is too much, on the CPU."""
        gc.collect()
        torch.cuda.empty_cache()
        self._too_small = True
        self.notes.append(f"{step}: the GPU's memory was too small for one pass; computed in slabs in float32.")
        try:
            return self._run_in_slabs(network, x)
        except torch.cuda.OutOfMemoryError:
            torch.cuda.empty_cache()
            self.leave_device(f"{step}: the GPU's memory was too small even in slabs")
            return self._run_in_slabs(network, x)

    def _run_in_slabs(self, network: NvNet, x: Tensor) -> StageOutput:
        size = tuple(x.shape[2:])
        slab = self._slab_bytes(network, size)
        # Maps and statistics stay in fp32; bf16 is for the convolutions alone, on a CPU that computes in it.
        half = self.device.type == CPU and self.dtype is torch.bfloat16
        network = network.to(self.device, memory_format=torch.channels_last_3d)  # type: ignore[call-overload]
        total, done = count_work(network, size), 0.0

        def tick(work: float) -> None:
            nonlocal done
            done += work
            self.tracker.advance(done / total)

        with torch.autocast("cpu", torch.bfloat16, enabled=half):
            return output_in_slabs(network, x.to(self.device), slab, tick)

    def _slab_bytes(self, network: NvNet, size: tuple[int, ...]) -> int:
        """Return the slabs' size that keeps a pass within the memory limit. Raises DeviceError where none does."""
        if self.memory is None:
            return _SLAB_BYTES
        fixed = self.reserved + least_memory(network, size)
        left = (self.memory - fixed) // _SLABS_AT_ONCE + _LEAST_SLAB_BYTES
        if left < _LEAST_SLAB_BYTES:
            raise DeviceError(
                f"{self.memory / 2**30:.2f} GiB of memory are too few here; the least is {fixed / 2**30:.2f} GiB "
                f"(--memory {-(-fixed * 100 // 2**30) / 100:.2f}G)."
            )
        return min(left, _SLAB_BYTES)


def told_of_half(device: str, precision: str, met: bool, limited: bool = False) -> str:
    """Return the sentence on a precision of `HALF` that was asked for, of a kind of device (`cpu`, `cuda`, ...).

    limited: its memory is.
    """
    if met:
        return f"The convolutions computed in {precision}, as was asked for."
    if limited and device == "cuda":
        return f"Within a memory limit the GPU computes in fp32, not in {precision}."
    return f"This {'CPU' if device == CPU else 'GPU'} computes in fp32, not in {precision}."


def least_memory(network: NvNet, size: tuple[int, ...]) -> int:
    """Return the bytes that a pass over an input of size (D, H, W) needs at least, the network's weights included."""
    weights = sum(p.numel() * p.element_size() for p in network.parameters())
    return weights + least_bytes(network, size) + _SLABS_AT_ONCE * _LEAST_SLAB_BYTES
