"""A made study whose segmentation is known, and what a result would say of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("jinja2", reason="the extra [report] is not installed")

from BrainTumorVAESegLib.core.segmentation import Segmentation
from BrainTumorVAESegLib.phantom.phantom import Phantom, PhantomSettings, make_phantom
from BrainTumorVAESegLib.reporting.report.writing import ReportOptions, write_report

_PLAIN = ReportOptions(view3d=False)
MADE = datetime(2026, 11, 28, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="session")
def phantom() -> Phantom:
    return make_phantom(PhantomSettings(size=(40, 44, 34), spacing=5.0))


@pytest.fixture(scope="session")
def segmentation(phantom: Phantom) -> Segmentation:
    return Segmentation(phantom.labels, phantom.study.reference_volume.geometry)


@pytest.fixture(scope="session")
def no_tumor(segmentation: Segmentation) -> Segmentation:
    return Segmentation(np.zeros_like(segmentation.labels), segmentation.geometry)


@pytest.fixture
def summary(segmentation: Segmentation) -> dict[str, Any]:
    """As much of a `CASE.json` as a report tells, but for the measures."""
    return {
        "name": "DOE_JANE_1950",
        "findings": [
            {
                "code": "background", "severity": "note", "modality": "T2", "advice": "",
                "message": "the background is -1024, not 0; it is taken as 0.",
                "source": "scans/DOE_JANE_1950_t2.nii.gz",
            }
        ],
        "notes": ["5.1 ml that the tumor or its core encloses were filled."],
        "device": "cpu",
        "package": {"name": "made", "version": "1.2.3", "sha256": "ab" * 32},
        "timings_s": {"total": 12.3},
        "images": {m: {"file": f"DOE_JANE_1950_{m.lower()}.nii.gz", "sha256": "cd" * 32} for m in ("T1", "T1ce", "T2")},
        "volumes_ml": segmentation.volumes_ml(),
        "input": None,
        "intervals_ml": {"WT": [10.0, 900.0]},
        "versions": {"braintumorvaeseg": "0.1.0"},
    }  # fmt: skip


@pytest.fixture
def page(phantom: Phantom, segmentation: Segmentation, summary: dict[str, Any], tmp_path: Path) -> Callable[..., str]:
    """Write a report without a 3D view and return its text; what it is written from can be replaced."""

    def write(options: ReportOptions = _PLAIN, **other: Any) -> str:
        path = tmp_path / "report.html"
        said = {**summary, **other.pop("said", {})}
        mask = other.pop("mask", segmentation)
        study = other.pop("study", phantom.study)
        write_report(study, mask, said, path, options=options, made=MADE, **other)
        return path.read_text("utf-8")

    return write
