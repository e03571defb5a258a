"""`braintumorvaeseg benchmark`: time and memory against the public two-stage code's arrangement."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..cohort.summary import versions
from .support.dependencies import require
from .support.options import FLAG, Device, Json, Precision, PrecisionOption, epilog
from .support.screen import Screen, open_screen

if TYPE_CHECKING:
    from ..inference.benchmark import Figures

EPILOG = epilog(
    "benchmark",
    "benchmark --preset fast --repeats 5",
    "benchmark --training",
    "benchmark --device cuda --json",
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
    precision: PrecisionOption = Precision.AUTO,
    training: Annotated[
        bool, typer.Option("--training", help="Time a step of the training, not the segmentation.", **FLAG)
    ] = False,
    json: Json = False,
) -> None:
    """Time both stages, or a training step, against plain torch arranged as the public code.

    Every side runs in a process of its own, one run to warm up, then in turn; the figures are medians. Weights are
    random. Our side goes from the prepared grid to labels, with one region of 128 cubed for stage 2. With --training it
    is a step of stage 1 at 128 cubed.
    """
    if training:
        require("lightning", "monai", "yaml")
    with open_screen(json) as screen:
        if training:
            return _time_steps(screen, repeats, device, threads)
        from ..core.settings import PRESETS
        from ..inference.benchmark import count_operations, run_benchmark
        from ..inference.device import choose_device, describe_device

        presets = tuple(preset or PRESETS)
        unknown = [name for name in presets if name not in PRESETS]
        if unknown:
            raise typer.BadParameter(f"{unknown[0]!r} is no preset; write {', '.join(PRESETS)}.")
        chosen = choose_device(device)
        operations = count_operations()
        figures = run_benchmark(presets, repeats, str(chosen), threads, precision.value, screen.step)
        _show(screen, figures, operations, describe_device(chosen), repeats)
        screen.emit(_summarize(figures, operations, describe_device(chosen), repeats))


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
            "steps": [asdict(side) for side in figures],
            "loader_share": share,
            "versions": versions(),
        }
    )


def _show(screen: Screen, figures: list[Figures], operations: tuple[float, float], device: str, repeats: int) -> None:
    public = figures[0]
    screen.line(f"\nMedians of {repeats} run{'' if repeats == 1 else 's'} in turn on {device}")
    rows = [
        (
            side.side,
            f"{side.stage1:.2f}",
            f"{side.stage2:.2f}",
            f"{side.total:.2f}",
            f"{side.total / public.total:.2f}",
            f"{side.peak:.0f}",
            f"{side.peak / public.peak:.2f}",
        )
        for side in figures
    ]
    screen.table(("Side", "Stage 1, s", "Stage 2, s", "Both, s", "Ratio", "Peak, MiB", "Ratio"), rows, numbers=6)
    screen.line(f"The public side's passes take {operations[0]:.2f} and {operations[1]:.2f} TFLOP (counted by torch).")


def _summarize(figures: list[Figures], operations: tuple[float, float], device: str, repeats: int) -> dict[str, Any]:
    public = figures[0]
    return {
        "device": device,
        "repeats": repeats,
        "public_tflop": list(operations),
        "sides": [
            {**asdict(side), "time_ratio": side.total / public.total, "memory_ratio": side.peak / public.peak}
            for side in figures
        ],
        "versions": versions(),
    }
