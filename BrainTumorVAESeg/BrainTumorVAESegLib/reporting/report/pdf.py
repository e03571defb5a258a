"""A page as PDF, by WeasyPrint: no browser, and nothing is fetched from anywhere."""

from __future__ import annotations

import shutil
import subprocess
from typing import Any

from ...core.disk.guarded import guarded
from ...core.errors import DependencyError, OutputError
from .language import Language


def pdf_bytes(page: str, language: Language = Language.EN) -> bytes:
    """Return a page of this room as a PDF. Raises DependencyError without WeasyPrint or the library Pango."""
    weasyprint = _weasyprint()
    if language is Language.ZH:
        _require_chinese_font()
    from weasyprint.urls import URLFetcher

    fetcher = URLFetcher(allowed_protocols={"data"})
    with guarded(lambda reason: OutputError(f"The PDF cannot be made: {reason}; write the page as .html.")):
        return bytes(weasyprint.HTML(string=page, url_fetcher=fetcher).write_pdf())


def _weasyprint() -> Any:
    try:
        import weasyprint
    except ImportError as error:
        raise DependencyError(
            "PDFs need WeasyPrint; install it with: pip install 'braintumorvaeseg[report]', or print the page as PDF."
        ) from error
    except OSError as error:  # it is there, and its libraries are not
        raise DependencyError(
            "WeasyPrint finds no Pango, which it sets text with; install that (Debian: libpango-1.0-0"
            " libpangoft2-1.0-0), or print the page as PDF."
        ) from error
    return weasyprint


def _require_chinese_font() -> None:
    """Raise DependencyError where fontconfig knows no font with Chinese letters: all would be empty boxes."""
    program = shutil.which("fc-list")
    if program is None:
        return
    found = subprocess.run([program, ":lang=zh", "family"], capture_output=True, timeout=30, check=False)
    if found.returncode == 0 and not found.stdout.strip():
        raise DependencyError("No font with Chinese letters is installed; install one (Debian: fonts-noto-cjk).")
