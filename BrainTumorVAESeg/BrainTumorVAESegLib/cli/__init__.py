"""The command line, `braintumorvaeseg`: a file for each command, joined in `app` (typer and rich, the extra `cli`)."""

from __future__ import annotations


def main() -> None:
    """Run the command line on the process's own arguments and end the process with one of `core.errors.EXIT_CODES`."""
    import signal
    import sys

    from ..core.errors import DependencyError

    try:
        from .app import run
    except ModuleNotFoundError as error:
        if error.name not in ("typer", "rich"):
            raise
        print(f"error: {error.name} is not installed; pip install 'braintumorvaeseg[cli]'.", file=sys.stderr)
        sys.exit(DependencyError.exit_code)
    # A batch system's end of time cleans up as Ctrl-C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(run(sys.argv[1:]))
