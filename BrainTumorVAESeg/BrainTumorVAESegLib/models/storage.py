"""How a stage's file holds its numbers: in 32 bits, in 16, or weights in 8 with a scale for each output channel.

In 8 bits the weight W of every large convolution or dense layer is a tensor NAME of int8 from -127 to 127 and a tensor
NAME.scale of float32, one number for each output channel (W's first axis): W = NAME * NAME.scale. All else is float16,
as with 16 bits, small layers as well: those of the finest level and the head weigh nothing and matter most. Running
statistics are float32 and counts int64 in any way.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from ..core.errors import PackageError
from .manifest import FULL, INT8

SCALE = ".scale"
_RUNNING = (".running_mean", ".running_var")
_LARGE = 2**13
"""Numbers from which on a layer is held in 8 bits."""
_STEPS = 127
_BITS = 11
"""Of a scale's significand: 127 times such a number is exact in float32, so that packing anew changes nothing."""


def pack(state: Mapping[str, Tensor], storage: str) -> dict[str, Tensor]:
    """Return the tensors of a network's state (float32 on the CPU, and counts) as a file of a way of storage has them.

    A number that is too large for float16 becomes infinite.
    """
    packed: dict[str, Tensor] = {}
    for name, tensor in state.items():
        if not tensor.is_floating_point():
            packed[name] = tensor.contiguous()
        elif storage == FULL or name.endswith(_RUNNING):
            packed[name] = tensor.float().contiguous()
        elif storage == INT8 and tensor.ndim > 1 and tensor.numel() >= _LARGE:
            packed[name], packed[name + SCALE] = _quantize(tensor.float().contiguous())
        else:
            packed[name] = tensor.to(torch.float16).contiguous()
    return packed


def unpack(tensors: Mapping[str, Tensor], storage: str, where: str) -> dict[str, Tensor]:
    """Return the tensors of a file under the names of the network's state, those of 8 bits as float32.

    storage: what the manifest says of the file. Raises PackageError (naming where) where 8 bits and scales do not
    belong together.
    """
    if storage != INT8:
        return dict(tensors)
    state = {name: tensor for name, tensor in tensors.items() if not name.endswith(SCALE)}
    scales = {name.removesuffix(SCALE): tensor for name, tensor in tensors.items() if name.endswith(SCALE)}
    small = {name for name, tensor in state.items() if tensor.dtype == torch.int8}
    odd = sorted(small ^ set(scales))
    if odd:
        raise PackageError(f"{where}: {odd[0]} lacks its 8 bits or its scales; install the package again.")
    for name, scale in scales.items():
        tensor = state[name]
        if scale.dtype != torch.float32 or tensor.ndim < 2 or scale.shape != tensor.shape[:1]:
            raise PackageError(f"{where}: the scales of {name} are not one for each output channel.")
        state[name] = tensor.float() * scale.view(-1, *[1] * (tensor.ndim - 1))
    return state


def _quantize(weight: Tensor) -> tuple[Tensor, Tensor]:
    """Return a weight's nearest steps and the size of a step for each output channel."""
    largest = weight.abs().amax(tuple(range(1, weight.ndim)))
    significand, exponent = np.frexp(largest.double().numpy() / _STEPS)
    scale = torch.from_numpy(np.ldexp(np.ceil(np.ldexp(significand, _BITS)), exponent - _BITS)).float()
    shape = (-1, *[1] * (weight.ndim - 1))
    steps = (weight / torch.where(scale > 0, scale, 1.0).view(shape)).round().clamp(-_STEPS, _STEPS)
    return steps.to(torch.int8), scale
