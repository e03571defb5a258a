"""The whole way from volumes to probabilities as one TorchScript module, for programs that know torch and not us.

It takes the steps of `preparation.preparing` and `inference.cascade` once more, in the part of Python that TorchScript
compiles: what decides where stage 2 looks depends on stage 1's answer, so a traced graph cannot hold it. Whoever writes
such a module holds it against those two (see `exporting_bundle`). Arrays are (channels, z, y, x) or (z, y, x), lists of
three numbers (z, y, x).
"""

# No annotations from __future__ here: TorchScript reads those of a class as types, not as text.
import copy
import warnings

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..core.labels import LABELS
from ..core.settings import MASK_CHANNELS, CascadeSettings, StageSettings
from ..inference.cascade import taper
from ..inference.regions import LEAST_VOXELS, MOST_REGIONS, STEP
from ..networks.logits import Logits
from ..networks.nvnet import NvNet
from .scripted_arrays import bounds, cut, percentile
from .scripted_background import without_background


class CascadeModule(nn.Module):
    """A cascade with its preparation: volumes on the prepared grid's spacing in, probabilities on the same voxels out.

    Written for TorchScript (see `script_cascade`); settings and networks as for `cascade.predict`.
    """

    thresholds: Tensor
    temperatures: Tensor
    offsets: Tensor
    taper: Tensor

    def __init__(self, settings: CascadeSettings, stage1: nn.Module, stage2: nn.Module | None) -> None:
        super().__init__()
        self.stage1 = stage1
        self.stage2 = stage2
        second = settings.stage2 or StageSettings()
        self.unit, self.downsample = settings.stage1.unit, settings.stage1.downsample
        self.field = list(settings.stage1.field or (0, 0, 0))
        self.region = list(second.field or (8, 8, 8))
        self.spacing = [settings.preprocessing.spacing] * 3
        self.margin, self.clip = settings.preprocessing.margin, list(settings.preprocessing.clip)
        self.own = settings.preprocessing.foreground == "channel"
        self.least_voxels, self.most_regions, self.step = LEAST_VOXELS, MOST_REGIONS, STEP
        names = settings.output_channels
        # Outermost first, as labels are written; the mask channels in the order in which stage 2 reads them.
        self.order = [names.index(inner if inner in names else outer) for outer, inner in _NESTED]
        self.written = [_VALUES[inner] for _, inner in _NESTED]
        self.masked = [_VALUES[name] for name in MASK_CHANNELS]
        self.register_buffer("thresholds", _column(settings.stage1_thresholds))
        self.register_buffer("temperatures", _column(settings.temperatures))
        self.register_buffer("offsets", _column(settings.offsets))
        self.register_buffer("taper", torch.from_numpy(taper((self.region[0], self.region[1], self.region[2]))))

    def forward(self, image: Tensor) -> Tensor:
        """(N, 4, x, y, z), the volumes in the package's order, skull-stripped -> probabilities (N, 3, x, y, z)."""
        answers = [self.one(volumes.permute(0, 3, 2, 1).float()) for volumes in image.unbind(0)]
        return torch.stack(answers).permute(0, 1, 4, 3, 2).contiguous()

    def one(self, volumes: Tensor) -> Tensor:
        """Return the probabilities (3, z, y, x) of one case's volumes (4, z, y, x)."""
        volumes = self.brains(volumes, self.spacing)
        brain = (volumes != 0).any(0)
        if not bool(brain.any()):
            return torch.zeros(
                [len(self.order), volumes.shape[1], volumes.shape[2], volumes.shape[3]], device=volumes.device
            )
        start, size = bounds(brain)
        start = [a - self.margin for a in start]
        size = [n + 2 * self.margin for n in size]
        crop, inside = cut(volumes, start, size), cut(brain[None], start, size)[0]
        images = torch.stack([normalize(v, v != 0 if self.own else inside, self.clip) for v in crop.unbind(0)])
        return cut(self.predict(images), [-a for a in start], list(volumes.shape)[1:])

    @torch.jit.export
    def brains(self, volumes: Tensor, spacing: list[float]) -> Tensor:
        """Return volumes (4, ...) with 0 outside the brain and only there. spacing: of the axes behind, in mm."""
        return torch.stack([without_background(volume, spacing) for volume in volumes.unbind(0)])

    def predict(self, images: Tensor) -> Tensor:
        """Return the probabilities (3, z, y, x) of prepared images (4, z, y, x)."""
        brain = (images != 0).any(0)
        first = self.predict_first(images) * brain
        calibrated = self.calibrated(first)
        if self.stage2 is None:
            return calibrated
        labels = self.labels(first)
        total, weight = torch.zeros_like(first), torch.zeros_like(first[0])
        boxes = self.choose_regions(labels > 0)
        if len(boxes) == 0:
            return calibrated
        here = list(images.shape)[1:]
        for start in boxes:
            x = cut(torch.cat([self.masks(labels), images]), start, self.region)
            answer = self.refined(x)
            back = [-a for a in start]
            total += cut(answer * self.taper, back, here)
            weight += cut(self.taper[None], back, here)[0]
        refined = torch.sigmoid(total / weight.clamp(min=1e-6) / self.temperatures + self.offsets) * brain
        return torch.where(weight > 0, refined, calibrated)

    def calibrated(self, probabilities: Tensor) -> Tensor:
        """Return sigmoid(logit / temperature + offset) of probabilities (3, z, y, x), as `cascade.calibrated` does."""
        power = 1 / self.temperatures
        inside = probabilities**power * torch.exp(self.offsets)
        outside = (1 - probabilities) ** power
        return inside / (inside + outside)

    def refined(self, x: Tensor) -> Tensor:
        """Return stage 2's logits (3, z, y, x) of a region (7, z, y, x)."""
        stage2 = self.stage2
        assert stage2 is not None
        return stage2(x[None])[0]

    def predict_first(self, images: Tensor) -> Tensor:
        """Return stage 1's probabilities (3, z, y, x)."""
        here = list(images.shape)[1:]
        unit, n = self.unit * self.downsample, self.downsample
        size = [max((side + unit - 1) // unit * unit, self.field[i] * n) for i, side in enumerate(here)]
        start = [-((size[i] - side) // 2) for i, side in enumerate(here)]
        x = cut(images, start, size)[None]
        if n > 1:
            x = F.avg_pool3d(x, n)
        x = self.stage1(x)
        if n > 1:
            x = F.interpolate(x, scale_factor=[float(n)] * 3, mode="trilinear", align_corners=False)
        return torch.sigmoid(cut(x[0], [-a for a in start], here))

    def labels(self, probabilities: Tensor) -> Tensor:
        """Return stage 1's label map (z, y, x), as `core.labels.labels_from_channels` writes it."""
        found = probabilities >= self.thresholds
        result = torch.zeros_like(probabilities[0])
        for channel, value in zip(self.order, self.written):  # noqa: B905 - TorchScript knows no strict
            result = torch.where(found[channel], torch.full_like(result, value), result)
        return result

    def masks(self, labels: Tensor) -> Tensor:
        """Return the masks ED, NCR, ET (3, z, y, x) of a label map."""
        return torch.stack([(labels == value).float() for value in self.masked])

    def choose_regions(self, tumor: Tensor) -> list[list[int]]:
        """Return where stage 2's boxes start, as `regions.choose_regions` does."""
        remaining = tumor.clone()
        starts: list[list[int]] = []
        while len(starts) < self.most_regions and int(remaining.sum()) >= self.least_voxels:
            start = centered(remaining, fullest(remaining, self.region, self.step), self.region)
            starts.append(start)
            inside = list(remaining.shape)
            remaining = remaining & ~(cut(torch.ones_like(self.taper)[None], [-a for a in start], inside)[0] > 0)
        return starts


def normalize(values: Tensor, mask: Tensor, clip: list[float]) -> Tensor:
    """Clip (z, y, x) at the mask's percentiles and z-score over it, 0 outside, as `preparing.normalise` does."""
    result = torch.zeros_like(values)
    inside = values[mask]
    if inside.numel() == 0:
        return result
    ordered = inside.sort()[0]
    ends = [percentile(ordered, q) for q in clip]
    kept = inside.clamp(ends[0], ends[1]).double()
    spread = kept.std(unbiased=False)
    kept = kept - kept.mean()
    result[mask] = (kept / spread if bool(spread > 0) else kept).float()
    return result


def fullest(mask: Tensor, size: list[int], step: int) -> list[int]:
    """Return where the box that holds the most voxels of a mask starts, searched in steps from the mask's own box."""
    start, extent = bounds(mask)
    part = cut(mask[None].double(), start, [(n + step - 1) // step * step for n in extent])
    coarse = F.avg_pool3d(part, step, divisor_override=1)
    window = [min((size[i] + step - 1) // step, coarse.shape[i + 1]) for i in range(3)]
    sums = F.avg_pool3d(coarse, window, stride=1, divisor_override=1)[0]
    best = (sums == sums.max()).nonzero()[0]
    return [start[i] + step * int(n) for i, n in enumerate(best.unbind(0))]


def centered(mask: Tensor, start: list[int], size: list[int]) -> list[int]:
    """Move a box so that what it holds of a mask lies in its middle, and into the grid as far as the grid allows."""
    first, extent = bounds(cut(mask[None], start, size)[0])
    moved: list[int] = []
    for i in range(3):
        whole = mask.shape[i]
        # Counted from the grid's own edge where the box reaches beyond it.
        cut_off = max(-start[i], 0)
        begin = max(start[i], 0) + (2 * (first[i] - cut_off) + extent[i]) // 2 - size[i] // 2
        moved.append(min(max(begin, 0), whole - size[i]) if whole >= size[i] else -((size[i] - whole) // 2))
    return moved


_NESTED = (("WT", "ED"), ("TC", "NCR"), ("ET", "ET"))
"""Channels that write the labels ED, NCR and ET, in the order in which they are written."""
_VALUES = {label.key: label.value for label in LABELS}


def _column(values: tuple[float, ...]) -> Tensor:
    return torch.tensor(values, dtype=torch.float32)[:, None, None, None]


def trace_stage(network: NvNet) -> torch.jit.ScriptModule:
    """Return a stage's network as a traced module, (1, C, D, H, W) -> logits, of any size that its unit divides."""
    settings = network.settings
    size = [2 * settings.unit, settings.unit, 3 * settings.unit]
    # Laid out plainly: torch's GroupNorm of channels-last maps on the CPU is wrong from the fourth digit on.
    plain = Logits(copy.deepcopy(network).to(memory_format=torch.contiguous_format)).eval()  # type: ignore[call-overload]
    return torch.jit.trace(plain, torch.zeros(1, settings.in_channels, *size), check_trace=False)


def script_cascade(settings: CascadeSettings, stage1: NvNet, stage2: NvNet | None) -> torch.jit.ScriptModule:
    """Return a cascade as one TorchScript module; the networks' VAE branches are left out."""
    with warnings.catch_warnings(), torch.no_grad():
        # TorchScript is to go one day; it is what MONAI's bundles hold, and nothing else holds such a module.
        warnings.simplefilter("ignore")
        second = None if stage2 is None else trace_stage(stage2)
        return torch.jit.script(CascadeModule(settings, trace_stage(stage1), second).eval())
