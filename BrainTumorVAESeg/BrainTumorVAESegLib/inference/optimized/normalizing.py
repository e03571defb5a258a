"""Group normalization in a converted network by sums that single precision can carry.

OpenVINO adds a whole map up one voxel after another in single precision. Where most voxels are background, and so the
same, each of these additions rounds the same way, and the errors do not cancel: over a brain the moments are off by up
to a thousandth, which moves labels. Here rows are added up first, then planes of rows, then planes, so that no sum has
more than a few hundred terms.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .library import load_openvino

_NORM = "GroupNormalization"


def spread_sums(model: Any) -> int:
    """Replace each group normalization of an `openvino.Model` by one of short sums, in place; return how many."""
    norms = [node for node in model.get_ops() if node.get_type_name() == _NORM]
    for node in norms:
        node.output(0).replace(_normalized(node).output(0))
    model.validate_nodes_and_infer_types()
    return len(norms)


def _normalized(node: Any) -> Any:
    """Return what a `GroupNormalization` answers: x * scale + shift, (1, C, D, H, W), by moments of rows.

    With m the mean of a row, q the mean of its squares and M that of the group, the group's variance is the mean of
    q - m^2 + (m - M)^2.
    """
    load_openvino()
    import openvino.opset13 as op

    x, weight, bias = (node.input_value(index) for index in range(3))
    groups, epsilon = int(node.get_attributes()["num_groups"]), float(node.get_attributes()["epsilon"])
    channels = x.get_partial_shape()[1].get_length()
    width = op.convert(op.gather(op.shape_of(x), _whole(4), _whole(0)), np.float32)
    means = _grouped(op.reduce_mean(x, _whole([4]), True), groups)
    lengths = op.reduce_l2(x, _whole([4]), True)
    squares = _grouped(op.divide(op.multiply(lengths, lengths), width), groups)
    mean = _mean(means)
    apart = op.subtract(means, mean)
    within = op.subtract(squares, op.multiply(means, means))
    variance = _mean(op.add(within, op.multiply(apart, apart)))
    deviation = op.sqrt(op.add(variance, np.float32(epsilon)))
    grid = _whole([1, groups, channels // groups, 1])
    scale = op.divide(op.reshape(weight, grid, False), deviation)
    shift = op.subtract(op.reshape(bias, grid, False), op.multiply(mean, scale))
    spread = _whole([1, channels, 1, 1, 1])
    return op.add(op.multiply(x, op.reshape(scale, spread, False)), op.reshape(shift, spread, False))


def _grouped(rows: Any, groups: int) -> Any:
    """Return rows' figures (1, C, D, H, 1) as (1, G, C / G * D, H)."""
    import openvino.opset13 as op

    height = op.gather(op.shape_of(rows), _whole([3]), _whole(0))
    return op.reshape(rows, op.concat([_whole([1, groups, -1]), height], 0), False)


def _mean(rows: Any) -> Any:
    """Return the mean of each group (1, G, 1, 1) of figures (1, G, planes, rows): of the rows, then of the planes."""
    import openvino.opset13 as op

    planes = op.reduce_mean(rows, _whole([3]), False)
    # Through another shape, or OpenVINO would join both sums into one.
    groups = rows.get_output_partial_shape(0)[1].get_length()
    flat = op.reshape(planes, _whole([groups, -1]), False)
    return op.reshape(op.reduce_mean(flat, _whole([1]), False), _whole([1, groups, 1, 1]), False)


def _whole(values: int | list[int]) -> Any:
    import openvino.opset13 as op

    return op.constant(np.asarray(values, np.int64))
