"""A device that is played on the processor, and counts what comes back from it.

`PlayedDevice` is a mode for `with`: tensors made or moved to `DEVICE` say that they lie there, and what is computed of
them stays there. As on a real device, a tensor of the host cannot be mixed with them, and one that is wanted on the
host has to be copied, which is counted.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils import _pytree
from torch.utils._python_dispatch import TorchDispatchMode

DEVICE = torch.device("meta")
"""What the played tensors say of themselves; a device that torch knows everywhere and never begins to use."""
_HOST = torch.device("cpu")


class Held(Tensor):
    """A tensor that says that it lies on the played device; its values are a tensor of the host."""

    values: Tensor

    @staticmethod
    def __new__(cls, values: Tensor) -> Held:
        with torch.inference_mode(False):  # a view of a tensor made outside that mode must be like it
            made = Tensor._make_wrapper_subclass(  # type: ignore[attr-defined]
                cls, values.shape, values.stride(), values.storage_offset(), dtype=values.dtype, device=DEVICE
            )
        made.values = values
        return made

    def __repr__(self) -> str:
        return f"Held({self.values!r})"

    @classmethod
    def __torch_dispatch__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        raise RuntimeError(f"{func} on the played device outside of its mode")


class PlayedDevice(TorchDispatchMode):
    """Plays the device. downloads: how many numbers each copy to the host had, in turn, single ones included."""

    def __init__(self) -> None:
        super().__init__()
        self.downloads: list[int] = []

    def place(self, network: nn.Module) -> nn.Module:
        """Put a network's weights on the device, in place."""
        for module in network.modules():
            for name, parameter in list(module._parameters.items()):
                if parameter is not None:
                    module._parameters[name] = nn.Parameter(Held(parameter.detach()), requires_grad=False)
            for name, buffer in list(module._buffers.items()):
                if buffer is not None:
                    module._buffers[name] = Held(buffer)
        return network

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = dict(kwargs or {})
        given = [leaf for leaf in _pytree.tree_leaves((args, kwargs)) if isinstance(leaf, Tensor)]
        held = any(isinstance(leaf, Held) for leaf in given)
        target = kwargs.get("device")
        if func is torch.ops.aten._local_scalar_dense.default and held:
            self.downloads.append(1)
        if held and func is torch.ops.aten._has_compatible_shallow_copy_type.default:
            return False  # weights that are moved become new ones
        copied = func in (torch.ops.aten._to_copy.default, torch.ops.aten.copy_.default)
        if held and not copied:
            _require_one_place(func, given)
        if target == DEVICE:
            kwargs["device"] = _HOST
        plain_args, plain_kwargs = _pytree.tree_map_only(Held, lambda each: each.values, (args, kwargs))
        answer = func(*plain_args, **plain_kwargs)
        if copied and held and _host_is_meant(func, args, target):
            self.downloads.append(given[-1].numel())
            return answer if func is torch.ops.aten._to_copy.default else args[0]
        if not held and target != DEVICE:
            return answer
        if func._schema.is_mutable:
            return kwargs.get("out", args[0])
        return _pytree.tree_map_only(Tensor, Held, answer)


def _host_is_meant(func: Any, args: Any, target: torch.device | None) -> bool:
    if func is torch.ops.aten.copy_.default:
        return not isinstance(args[0], Held)
    return target is not None and target.type == _HOST.type


def _require_one_place(func: Any, tensors: Iterable[Tensor]) -> None:
    """Raise RuntimeError as CUDA does where a tensor of the host with dimensions meets one of the device."""
    if any(tensor.ndim and not isinstance(tensor, Held) for tensor in tensors):
        raise RuntimeError(f"{func}: expected all tensors to be on the same device.")
