"""`braintumorvaeseg benchmark`: time and memory against the public two-stage code's arrangement."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from dataclasses import asdict
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..cohort.summary import versions
from ..core.disk.files import write_json
from ..core.disk.paths import require_output_path
from ..core.errors import PackageError
from ..core.rounding import as_written
from .support.dependencies import require
from .support.earlier import Change, compare_sides, read_earlier
from .support.options import FLAG, Device, EngineName, Json, Precision, epilog
from .support.processes import time_processes, time_worker
from .support.screen import Screen, open_screen

if TYPE_CHECKING:
    from ..inference.benchmark import Figures, Way

EPILOG = epilog(
    "benchmark",
    "benchmark --preset fast --repeats 5",
    "benchmark --training",
    "benchmark --device cuda --json",
    "benchmark --preset standard --engine torch --engine openvino --save today.json --compare before.json",
)


def benchmark(
    preset: Annotated[
        list[str] | None,
        typer.Option(
            "--preset",
            metavar="NAME",
            help="standard, fast, small or paper; may be repeated (all).",
            show_default=False,
        ),
    ] = None,
    repeats: Annotated[int, typer.Option("--repeats", min=1, help="Counted runs of each side, in turn.")] = 3,
    device: Device = "auto",
    threads: Annotated[
        int | None, typer.Option("--threads", min=1, help="Threads of every side (torch's own number).")
    ] = None,
    precision: Annotated[
        list[Precision] | None,
        typer.Option("--precision", metavar="FORMAT", help="fp32, fp16, bf16 (fp32 and bf16).", show_default=False),
    ] = None,
    engine: Annotated[
        list[EngineName] | None,
        typer.Option(
            "--engine",
            metavar="NAME",
            help="torch, openvino, openvino-int8 (all here).",
            show_default=False,
        ),
    ] = None,
    save: Annotated[
        Path | None, typer.Option("--save", metavar="FILE", help="Keep the figures (JSON).", show_default=False)
    ] = None,
    compare: Annotated[
        Path | None, typer.Option("--compare", metavar="FILE", help="Show kept ones beside.", show_default=False)
    ] = None,
    whole: Annotated[
        list[str] | None,
        typer.Option(
            "--whole", metavar="NAME", help="A package: also time segment, and the worker.", show_default=False
        ),
    ] = None,
    training: Annotated[
        bool, typer.Option("--training", help="Time a step of the training, not the segmentation.", **FLAG)
    ] = False,
    json: Json = False,
) -> None:
    """Time both stages, or a training step, against plain torch arranged as the public code.

    Every side runs in a process of its own, one run to warm up, then in turn; the figures are medians. Weights are
    random. Our side goes from the prepared grid to labels, with one region of 128 cubed for stage 2, by torch and, on
    the processor, by OpenVINO where that is installed, and in bf16 where the processor computes in it.
    With --training it is a step of stage 1 at 128 cubed.
    """
    if training:
        others = {"preset": preset, "precision": precision, "engine": engine, "save": save, "compare": compare,
                  "whole": whole}  # fmt: skip
        if given := [f"--{name}" for name, value in others.items() if value]:
            raise typer.BadParameter(
                f"--training always times the same sides and keeps none; leave {', '.join(given)} out."
            )
        require("lightning", "monai", "yaml")
    with open_screen(json) as screen:
        if training:
            return _time_steps(screen, repeats, device, threads)
        from ..core.settings import PRESETS
        from ..inference.benchmark import count_operations, run_benchmark
        from ..inference.device import choose_device, describe_device
        from ..inference.limits import product_rate

        earlier = read_earlier(compare) if compare is not None else None
        if save is not None:
            require_output_path(save)

        presets = tuple(preset or PRESETS)
        unknown = [name for name in presets if name not in PRESETS]
        if unknown:
            raise typer.BadParameter(f"{unknown[0]!r} is no preset; write {', '.join(PRESETS)}.")
        chosen = choose_device(device)
        operations = count_operations()
        ways = list_ways(chosen.type, engine or [], precision or [])
        figures = run_benchmark(presets, repeats, str(chosen), threads, screen.step, ways)
        summary = _summarize(figures, operations, describe_device(chosen), repeats)
        summary["limit_tflops"] = product_rate(str(chosen))
        _show(screen, summary)
        if whole:
            summary["whole"] = _time_whole(screen, whole, ways, str(chosen), repeats)
            summary["worker"] = _time_worker(screen, repeats)
        if earlier is not None:
            summary["changes"] = [asdict(change) for change in compare_sides(summary, earlier)]
            _show_changes(screen, compare_sides(summary, earlier), earlier)
        summary = as_written(summary)
        if save is not None:
            write_json(save, summary)
            screen.line(f"saved in {save}")
        screen.emit(summary)


def _time_whole(
    screen: Screen, packages: list[str], ways: tuple[Way, ...], device: str, repeats: int
) -> list[dict[str, Any]]:
    """Time whole processes of `segment` by packages and ways, show them, and return them as plain JSON values."""
    from ..inference.optimized.storage import KINDS, read_optimized
    from ..models.library import find_package

    found = {name: find_package(name, verify=False) for name in packages}
    sides: dict[str, tuple[str, ...]] = {}
    for package, way in product(packages, ways):
        if way.engine in KINDS:
            try:
                read_optimized(found[package], way.engine)
            except PackageError as error:
                screen.line(f"{way.side(package)} is left out: {error}")
                continue
        wishes = ("--engine", way.engine, "--precision", way.precision, "--device", device)
        sides[way.side(package)] = ("--model", package, *wishes)
    timed = time_processes(sides, repeats, screen.step)
    screen.line("\nWhole processes of segment on a made case, imports and writing included")
    rows = [
        (each.side, f"{each.seconds:.2f}", f"{each.networks:.2f}", f"{each.ratio:.2f}", f"{each.peak:.0f}")
        for each in timed
    ]
    screen.table(("Side", "Whole, s", "Networks, s", "Ratio", "Peak, MiB"), rows, numbers=4)
    return [{**asdict(each), "ratio": each.ratio} for each in timed]


def _time_worker(screen: Screen, repeats: int) -> dict[str, float]:
    """Time the panel's worker from its start, show that, and return it as plain JSON values."""
    found = time_worker(repeats, screen.step)
    screen.line(f"\nThe panel's worker listens after {found.ready:.2f} s, and has its networks' library after")
    screen.line(f"{found.warm:.2f} s (medians of {repeats}).")
    return asdict(found)


def list_ways(device: str, engines: Sequence[EngineName], precisions: Sequence[Precision]) -> tuple[Way, ...]:
    """Return the ways to compute on a kind of device: those asked for, else those by what is installed and native.

    8 bits know no other precision.
    """
    from ..inference.benchmark import AUTO, Way
    from ..inference.device import cpu_computes_bf16
    from ..inference.optimized.storage import OPENVINO_INT8

    here = device == "cpu"
    if not engines:
        modules = {EngineName.OPENVINO: "openvino", EngineName.OPENVINO_INT8: "nncf"} if here else {}
        found = [engine for engine, module in modules.items() if importlib.util.find_spec(module) is not None]
        engines = [EngineName.TORCH, *found]
    asked = [AUTO if each is Precision.AUTO or (here and each is Precision.FP32) else each.value for each in precisions]
    asked = asked or [AUTO, *(["bf16"] if here and cpu_computes_bf16() else [])]
    ways = [
        Way(engine.value, AUTO if engine.value == OPENVINO_INT8 else precision)
        for engine, precision in product(engines, asked)
    ]
    return tuple(dict.fromkeys(ways))


def _time_steps(screen: Screen, repeats: int, device: str, threads: int | None) -> None:
    from ..inference.device import choose_device, cpu_computes_bf16, describe_device
    from ..training.fit.benchmark import FED, PAPER_STEP, run_step_benchmark

    chosen = choose_device(device)
    half = chosen.type == "cuda" or cpu_computes_bf16()
    figures = run_step_benchmark(repeats, str(chosen), threads, half, screen.step)
    screen.line(f"\nA step; medians of {repeats} run{'' if repeats == 1 else 's'} in turn on {describe_device(chosen)}")
    first = figures[0]
    rows = []
    for side in figures:
        ratios = (f"{side.seconds / first.seconds:.2f}", f"{side.peak / first.peak:.2f}")
        rows.append((side.side, f"{side.seconds:.2f}", ratios[0], f"{side.peak:.0f}", ratios[1]))
    screen.table(("Side", "Step, s", "Ratio", "Peak, MiB", "Ratio"), rows, numbers=4)
    seconds = {side.side: side.seconds for side in figures}
    share = seconds[PAPER_STEP] / seconds[FED]
    screen.line(f"With the loader feeding, {100 * share:.0f} % of the pure step's rate.")
    screen.emit(
        {
            "device": describe_device(chosen),
            "repeats": repeats,
            "steps": as_written([asdict(side) for side in figures]),
            "loader_share": as_written(share),
            "versions": versions(),
        }
    )


def _show(screen: Screen, summary: dict[str, Any]) -> None:
    repeats, operations = summary["repeats"], summary["public_tflop"]
    screen.line(f"\nMedians of {repeats} run{'' if repeats == 1 else 's'} in turn on {summary['device']}")
    rows = [
        (
            side["side"],
            f"{side['stage1']:.2f}",
            f"{side['stage2']:.2f}",
            f"{side['total']:.2f}",
            f"{side['time_ratio']:.2f}",
            f"{side['peak']:.0f}",
            f"{side['memory_ratio']:.2f}",
            f"{side['tflops']:.3g}",
        )
        for side in summary["sides"]
    ]
    heads = ("Side", "Stage 1", "Stage 2", "Both, s", "Ratio", "MiB", "Ratio", "TFLOP/s")
    screen.table(heads, rows, numbers=7)
    screen.line(f"The public side's passes take {operations[0]:.2f} and {operations[1]:.2f} TFLOP (counted by torch).")
    screen.line(f"Products of large matrices reach {summary['limit_tflops']:.3g} TFLOP/s here.")


def _show_changes(screen: Screen, changes: list[Change], earlier: dict[str, Any]) -> None:
    def shown(value: float | None) -> str:
        return "" if value is None else f"{value:.2f}"

    screen.line(f"\nOver the public side, beside what was kept ({earlier.get('device', 'of a device not named')})")
    rows = [
        (each.side, shown(each.time_then), shown(each.time), shown(each.memory_then), shown(each.memory))
        for each in changes
    ]
    screen.table(("Side", "Time then", "Time now", "Memory then", "Memory now"), rows, numbers=4)


def _summarize(figures: list[Figures], operations: tuple[float, float], device: str, repeats: int) -> dict[str, Any]:
    from ..inference.benchmark import PUBLIC, count_preset

    public = figures[0]
    return {
        "device": device,
        "repeats": repeats,
        "public_tflop": list(operations),
        "sides": [
            {
                **asdict(side),
                "time_ratio": side.total / public.total,
                "memory_ratio": side.peak / max(public.peak, 1.0),
                "tflops": (sum(operations) if side.side == PUBLIC else count_preset(side.side.partition(",")[0]))
                / side.total,
            }
            for side in figures
        ],
        "versions": versions(),
    }
