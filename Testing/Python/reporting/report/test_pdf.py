"""The page as PDF: two sheets of A4, or a sentence on what is missing."""

from __future__ import annotations

import re
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from BrainTumorVAESegLib.core.errors import DependencyError
from BrainTumorVAESegLib.reporting.report import pdf
from BrainTumorVAESegLib.reporting.report.language import Language
from BrainTumorVAESegLib.reporting.report.pdf import pdf_bytes


def require_weasyprint() -> None:
    try:
        pdf._weasyprint()
    except DependencyError as error:
        pytest.skip(str(error))


def objects(data: bytes) -> bytes:
    """A PDF's bytes, the streams of its objects unpacked."""
    unpacked = [data]
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", data, re.DOTALL):
        try:
            unpacked.append(zlib.decompress(stream))
        except zlib.error:
            continue
    return b"\n".join(unpacked)


def test_a_report_is_two_sheets_of_a4(page) -> None:
    require_weasyprint()
    data = pdf_bytes(page())
    whole = objects(data)
    sizes = [tuple(map(float, box.split())) for box in re.findall(rb"/MediaBox \[([^\]]*)\]", whole)]
    assert data.startswith(b"%PDF-") and len(sizes) == 2
    assert all(size == pytest.approx((0, 0, 595.28, 841.89), abs=0.01) for size in sizes)


def test_a_pdf_is_made_of_the_page_alone() -> None:
    require_weasyprint()
    listening = f'<img src="file://{Path(__file__)}"><img src="http://127.0.0.1:9/x.png"><p>text'
    assert pdf_bytes(listening).startswith(b"%PDF-")  # neither is fetched, and both are left out


def test_what_is_missing_for_a_pdf_is_said(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(DependencyError, match=r"PDFs need WeasyPrint; install it with: pip install"):
        pdf_bytes("<p>text")


def test_chinese_without_a_font_for_it_is_refused(monkeypatch) -> None:
    require_weasyprint()
    monkeypatch.setattr(pdf.shutil, "which", lambda name: "fc-list")
    nothing = subprocess.CompletedProcess([], 0, b"\n", b"")
    monkeypatch.setattr(pdf.subprocess, "run", lambda *arguments, **options: nothing)
    with pytest.raises(DependencyError, match="No font with Chinese letters"):
        pdf_bytes("<p>text", Language.ZH)
