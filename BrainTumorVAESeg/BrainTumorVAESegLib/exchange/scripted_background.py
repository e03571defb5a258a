"""What in an image is not brain, in the part of Python that TorchScript compiles: `preparation.background` once more.

Images and values are (x, y, z) or (z, y, x), as the caller has them: the rule is the same along every axis.
"""

# No annotations from __future__ here, as in `scripted`.
import torch
from torch import Tensor

from ..preparation.background import ENOUGH, FEWEST_VALUES, LARGE_SHARE, NOISE
from ..preparation.sampling import DISTANCE_MM, FEWEST, MOST
from .scripted_arrays import bounds, percentile


def without_background(image: Tensor, spacing: list[float]) -> Tensor:
    """Return an image with 0 outside the brain and only there, float32, as `find_background` and `remove` give it."""
    image = image.float()
    value, tolerance, padded = background_of(sample_coarsely(image, spacing))
    result = torch.nan_to_num(image - value, 0.0, 0.0, 0.0)
    if tolerance > 0:
        result = torch.where(result.abs() <= tolerance, torch.zeros_like(result), result)
    if padded:
        result = torch.where(image == 0, torch.zeros_like(result), result)
    return result


def sample_coarsely(
    image: Tensor, spacing: list[float], distance: float = DISTANCE_MM, fewest: int = FEWEST, most: int = MOST
) -> Tensor:
    """Return every few voxels of an image, as `sampling.sample_coarsely` does. spacing: of the image's axes, in mm."""
    for axis, n in enumerate(list(image.shape)):
        wanted = max(int(round(min(distance / spacing[axis], float(n)))), (n + most - 1) // most)  # noqa: RUF046 - a float there
        step = max(1, min(wanted, n // fewest))
        image = image.transpose(0, axis)[min(step // 2, n - 1) :: step].transpose(0, axis)
    return image


def background_of(values: Tensor) -> tuple[float, float, bool]:
    """Return the value outside the brain, its tolerance, and whether 0 is outside too; 0 for what is not finite."""
    edges = edges_of(values)
    finite = edges[edges.isfinite()].double()
    if 2 * finite.numel() < edges.numel():
        return 0.0, 0.0, False
    if 2 * int((finite != 0).sum()) < finite.numel():
        return beside_zero(values)
    common = finite.mode()[0]
    if 2 * int((finite == common).sum()) > finite.numel():
        return float(common), 0.0, False
    numbers = values[values.isfinite()].double().flatten().sort()[0]
    noise = noise_at(finite.sort()[0], numbers)
    return noise if noise is not None else constant_of(numbers)


def edges_of(values: Tensor) -> Tensor:
    """Return the values at the twelve edges of an array, one after another."""
    a, b, c = max(1, values.shape[0] - 1), max(1, values.shape[1] - 1), max(1, values.shape[2] - 1)
    lines = [values[::a, ::b].flatten(), values[::a, :, ::c].flatten(), values[:, ::b, ::c].flatten()]
    return torch.cat(lines)


def beside_zero(
    values: Tensor, enough: int = ENOUGH, share: float = LARGE_SHARE, noise: float = NOISE
) -> tuple[float, float, bool]:
    """Return the background beside 0 at the edges: noise, or a constant below it that 0 was put around."""
    inside = values[values != 0]
    few = inside[:: max(1, inside.numel() // enough)].double()
    few = few[few.isfinite()]
    if few.numel() == 0:
        return 0.0, 0.0, False
    least = float(few.min())
    constant = least < 0 and int((few == least).sum()) > share * few.numel()
    sizes = few.abs().sort()[0]
    large = float(sizes[sizes.numel() - 1 - sizes.numel() // 100])
    tiny = sizes[sizes <= noise * large]
    if (not constant and tiny.numel() <= share * few.numel()) or not is_varied(inside):
        return 0.0, 0.0, False
    if not constant:
        return 0.0, 2 * float(tiny.max()), False
    return (least, 0.0, True) if surrounds(values, least) else (0.0, 0.0, False)


def surrounds(values: Tensor, constant: float) -> bool:
    """Say whether a constant lies around all other values that are not 0, as no part of a brain does."""
    outer, inner = values == constant, (values != constant) & (values != 0)
    if not bool(outer.any()) or not bool(inner.any()):
        return False
    (out, out_size), (start, size) = bounds(outer), bounds(inner)
    sides = 0
    for i in range(3):
        sides += int(out[i] < start[i]) + int(out[i] + out_size[i] > start[i] + size[i])
    return sides >= 4


def is_varied(values: Tensor, fewest: int = FEWEST_VALUES) -> bool:
    """Say whether an image's values beside the background are more than a label map's."""
    ordered = values[values.isfinite()].sort()[0]
    return ordered.numel() > 0 and int((ordered[1:] != ordered[:-1]).sum()) + 1 > fewest


def noise_at(edges: Tensor, numbers: Tensor, noise: float = NOISE) -> tuple[float, float, bool] | None:
    """Return the background where the edges' values vary by next to nothing against the image's; both sorted."""
    middle = percentile(edges, 50.0)
    spread = max(middle - float(edges[0]), float(edges[-1]) - middle)
    if spread > noise * (percentile(numbers, 99.0) - percentile(numbers, 1.0)):
        return None
    if abs(middle) <= 2 * spread:
        return 0.0, 2 * (spread + abs(middle)), False
    return middle, 2 * spread, False


def constant_of(numbers: Tensor, share: float = LARGE_SHARE) -> tuple[float, float, bool]:
    """Return the background where a large share of the image (sorted) has its least value and nothing is 0."""
    least = float(numbers[0])
    often = int((numbers == least).sum()) > share * numbers.numel()
    if bool((numbers == 0).any()) or not often or not is_varied(numbers):
        return 0.0, 0.0, False
    return least, 0.0, False
