"""What a device can do at best, measured: the rate of products of large matrices."""

from __future__ import annotations

import time

import torch

_SIDES = {"cpu": 1024, "cuda": 8192}
_RUNS = 5


def product_rate(device: str, precision: str = "auto") -> float:
    """Return the operations a second, in units of 10^12, of products of square matrices on a device.

    precision: as of `Engine`. The fastest of a few runs counts, since others' work only slows.
    """
    place = torch.device(device)
    kinds = {"fp32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}
    kind = kinds.get(precision, torch.float16 if place.type == "cuda" else torch.float32)
    side = _SIDES.get(place.type, 2048)
    a, b = (torch.randn(side, side, device=place, dtype=kind) for _ in range(2))
    fastest = float("inf")
    for _ in range(_RUNS):
        start = time.perf_counter()
        product = a @ b
        float(product[0, 0])  # a GPU's work is waited for
        fastest = min(fastest, time.perf_counter() - start)
    return 2 * side**3 / fastest / 1e12
