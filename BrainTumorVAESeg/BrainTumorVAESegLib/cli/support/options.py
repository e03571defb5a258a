"""Options that several commands share, and how their texts are read."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from ...reporting.report.language import Language

PROGRAM = "braintumorvaeseg"
_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
_SIZE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([KMGT]?)(?:i?B)?\s*", re.IGNORECASE)
_LONGEST_EXAMPLE = 78
_DEVICE = re.compile(r"auto|cpu|mps|cuda(:\d+)?")


class Precision(StrEnum):
    """In how many bits the networks compute."""

    AUTO = "auto"
    FP32 = "fp32"
    FP16 = "fp16"
    BF16 = "bf16"


class EngineName(StrEnum):
    """The names of `inference.segmenting.ENGINES`, which needs torch and would slow the help."""

    TORCH = "torch"
    OPENVINO = "openvino"
    OPENVINO_INT8 = "openvino-int8"


class Numbering(StrEnum):
    """The names of `core.labels.LabelConvention`, which needs numpy and would slow the help."""

    BRATS2021 = "brats2021"
    BRATS2023 = "brats2023"
    BRATS2024 = "brats2024"
    MSD = "msd"


def parse_memory(text: str) -> int:
    """Return the bytes of a size such as `1.5G`, `800M` or `1500000000`; K, M, G and T are powers of 1024.

    Raises typer.BadParameter on any other text and on less than one byte.
    """
    match = _SIZE.fullmatch(str(text))
    size = int(float(match[1]) * _UNITS[match[2].upper()]) if match else 0
    if size < 1:
        raise typer.BadParameter(f"{text!r} is no size of memory; write it as 1.5G, 800M or in bytes.")
    return size


def parse_device(text: str) -> str:
    """Return the name of a device in lower case. Raises typer.BadParameter where it is none."""
    name = str(text).strip().lower()
    if not _DEVICE.fullmatch(name):
        raise typer.BadParameter(f"{text!r} is no device; write auto, cpu, cuda, cuda:0 or mps.")
    return name


def examples(*lines: str) -> str:
    """Return the part of a help text that shows these command lines, a long one as a shell takes it in several."""
    return "\n".join(["[bold]Examples[/bold]", *(_fitting(f"  {PROGRAM} {line}") for line in lines)])


def _fitting(line: str) -> str:
    """Break a command line before its options so that a terminal of 80 columns breaks it nowhere else."""
    first, *options = line.split(" --")
    parts = [first]
    for option in options:
        if len(parts[-1]) + len(option) + len(" -- \\") <= _LONGEST_EXAMPLE:
            parts[-1] += f" --{option}"
        else:
            parts.append(f"      --{option}")
    return " \\\n".join(parts)


def epilog(*lines: str) -> str:
    """Return the end of a command's help: examples, and where the exit codes stand."""
    # A last line that is not indented keeps typer from taking the indentation off the others.
    return f"{examples(*lines)}\n\nExit codes: {PROGRAM} --help"


COMPUTING: dict[str, Any] = {"rich_help_panel": "Computing", "show_default": False}
FLAG: dict[str, Any] = {"metavar": "", "show_default": False}
Model = Annotated[
    str | None,
    typer.Option("--model", "-m", metavar="NAME", help="A name from models list, or a folder.", **COMPUTING),
]
Device = Annotated[
    str,
    typer.Option(
        "--device",
        "-d",
        parser=parse_device,
        metavar="NAME",
        help="auto (default), cpu, cuda, cuda:0 or mps.",
        **COMPUTING,
    ),
]
Memory = Annotated[
    int | None,
    typer.Option(
        "--memory", parser=parse_memory, metavar="SIZE", help="Most memory to use: 1.5G (GiB), 800M.", **COMPUTING
    ),
]
PrecisionOption = Annotated[
    Precision,
    typer.Option("--precision", metavar="FORMAT", help="auto (default), fp32, fp16 or bf16.", **COMPUTING),
]
EngineOption = Annotated[
    EngineName,
    typer.Option("--engine", metavar="NAME", help="torch (default), openvino or openvino-int8.", **COMPUTING),
]
Overwrite = Annotated[
    bool,
    typer.Option("--overwrite", help="Replace results that exist.", **{**FLAG, "rich_help_panel": "Results"}),
]
RESULT_HELP = "The NAME.json that segment wrote, or its folder."
StoredResult = Annotated[Path, typer.Argument(metavar="RESULT", help=RESULT_HELP)]
ImagesFolder = Annotated[
    Path | None, typer.Argument(metavar="CASE_FOLDER", help="Where its images lie (beside RESULT).")
]
_REPORT: dict[str, Any] = {"rich_help_panel": "Report", "show_default": False}
Pdf = Annotated[bool, typer.Option("--pdf", help="Also write the report as PDF.", **{**FLAG, **_REPORT})]
ReportLanguage = Annotated[
    Language, typer.Option("--language", metavar="LANGUAGE", help="Of the report: en (default) or zh.", **_REPORT)
]
Identify = Annotated[
    bool,
    typer.Option("--identify", help="Name patient, case and files in the report.", **{**FLAG, **_REPORT}),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, and nothing else, on stdout.", **FLAG)]
