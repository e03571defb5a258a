"""The program: its commands, its help, and how each error becomes one line and an exit code."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Sequence
from typing import Annotated

import typer

from .. import __version__
from ..cohort.summary import DISCLAIMER
from ..core.disk.files import advice, is_full_disk
from ..core.errors import (
    EXIT_CODES,
    UNREAD_EXIT_CODE,
    BrainTumorVAESegError,
    Cancelled,
    CheckError,
    DependencyError,
    OutputError,
)
from ..core.findings import Severity, group_findings
from . import (
    benchmark,
    cohort,
    compare,
    demo,
    dicom,
    doctor,
    evaluate,
    inspect,
    latent,
    models,
    phantoms,
    report,
    robustness,
    segment,
    train,
)
from .support.dependencies import extra_of
from .support.options import FLAG, PROGRAM, examples

_EPILOG = "\n".join(
    [
        examples("segment cases/PATIENT-1 --out results", "models list", "demo"),
        "\n[bold]Exit codes[/bold]",
        *(f"  [bold]{code:>3}[/bold]  {meaning}" for code, meaning in EXIT_CODES.items()),
        f"\n{DISCLAIMER}",
    ]
)
_FINDINGS = "the images must not be segmented as they are (--force segments all the same):"
# Where this class lives differs between releases of typer; it is the parent of all complaints about arguments.
_ARGUMENT_ERROR: type[Exception] = typer.BadParameter.__mro__[2]

app = typer.Typer(
    name=PROGRAM,
    epilog=_EPILOG,
    rich_markup_mode="rich",
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command(epilog=segment.EPILOG)(segment.segment)
app.command(epilog=cohort.EPILOG)(cohort.cohort)
app.command(epilog=demo.EPILOG)(demo.demo)
app.command(epilog=inspect.EPILOG)(inspect.inspect)
app.add_typer(latent.app, name="latent")
app.command(epilog=report.EPILOG)(report.report)
app.command(epilog=compare.EPILOG)(compare.compare)
app.add_typer(models.app, name="models")
app.add_typer(dicom.app, name="dicom")
app.command(epilog=evaluate.EPILOG)(evaluate.evaluate)
app.command(epilog=robustness.EPILOG)(robustness.robustness)
app.command(epilog=train.EPILOG)(train.train)
app.command(epilog=phantoms.EPILOG)(phantoms.phantoms)
app.command(epilog=doctor.EPILOG)(doctor.doctor)
app.command(epilog=benchmark.EPILOG)(benchmark.benchmark)


def _show_version(wanted: bool) -> None:
    if wanted:
        print(f"{PROGRAM} {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and end.", **FLAG)
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show where an error arose; may stand anywhere.", **FLAG)
    ] = False,
) -> None:
    """Segment brain tumors from T1, T1ce, T2 and FLAIR with a two-stage, VAE-regularized network."""


def run(arguments: Sequence[str]) -> int:
    """Run the command line on these arguments and return the exit code.

    An error is one line on standard error; on a terminal, several findings of a check are a line each. Where whoever
    read the output has gone, nothing is said.
    """
    try:
        return _run(arguments)
    except BrokenPipeError:
        return UNREAD_EXIT_CODE
    except SystemExit as ended:  # so typer and rich end for a broken pipe
        if isinstance(ended.__context__, BrokenPipeError):
            return UNREAD_EXIT_CODE
        raise


def _run(arguments: Sequence[str]) -> int:
    debug = "--debug" in arguments
    rest = [argument for argument in arguments if argument != "--debug"] or ["--help"]
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        code = int(typer.main.get_command(app).main(args=rest, prog_name=PROGRAM, standalone_mode=False) or 0)
        if code == Cancelled.exit_code:
            raise Cancelled("cancelled; no unfinished file is left.")
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        raise
    except (Exception, KeyboardInterrupt) as error:  # typer takes it up, but not as it builds the commands
        message, code = explain(error, isinstance(error, CheckError) and _offers_force(rest))
        if debug:
            traceback.print_exc()
        lines = _findings_of(error) if _on_terminal() else ()
        print("error:", "\n  ".join((_FINDINGS, *lines)) if len(lines) > 1 else message, file=sys.stderr)
        return code


def _on_terminal() -> bool:
    return sys.stderr.isatty()


def _findings_of(error: BaseException) -> tuple[str, ...]:
    """Return a line for each finding, the same of several volumes once, that stopped a study."""
    findings = error.findings if isinstance(error, CheckError) else ()
    return tuple(map(str, group_findings(f for f in findings if f.severity is Severity.ERROR)))


def _offers_force(arguments: Sequence[str]) -> bool:
    """Say whether the command that was called has the option --force."""
    command = next((argument for argument in arguments if not argument.startswith("-")), "")
    found = getattr(typer.main.get_command(app), "commands", {}).get(command)
    return found is not None and any("--force" in parameter.opts for parameter in found.params)


def explain(error: Exception | KeyboardInterrupt, force: bool = False) -> tuple[str, int]:
    """Return an error's one line for a person, and the exit code. force: whether the command has the option --force."""
    if isinstance(error, typer.Abort | KeyboardInterrupt):
        return "cancelled; no unfinished file is left.", Cancelled.exit_code
    if isinstance(error, _ARGUMENT_ERROR):
        context = getattr(error, "ctx", None)
        place = context.command_path if context else PROGRAM
        return f"{_complaint(error.format_message())} See {place} --help.", 2  # type: ignore[attr-defined]
    if isinstance(error, CheckError) and error.findings and force:
        return f"{_one_line(str(error))} (--force segments all the same.)", error.exit_code
    if isinstance(error, BrainTumorVAESegError):
        return _one_line(str(error)), error.exit_code
    if isinstance(error, ModuleNotFoundError) and (extra := extra_of(error.name or "")) is not None:
        return f"{error.name} is not installed; pip install 'braintumorvaeseg{extra}'.", DependencyError.exit_code
    if is_full_disk(error):  # standard output's, say; files' errors say which
        return f"the output cannot be written: {advice(error)}.", OutputError.exit_code
    what = _one_line(str(error))
    return f"{type(error).__name__}{': ' + what if what else ''} (unexpected; --debug shows where it arose)", 1


def _complaint(text: str) -> str:
    """Return what typer says of an argument as a sentence, without the kind of error that pydantic names in it."""
    line = _one_line(text).replace("Value error, ", "")
    return line if line.endswith((".", "?", "!")) else f"{line}."


def _one_line(text: str) -> str:
    return " ".join(line.strip() for line in text.splitlines() if line.strip())
