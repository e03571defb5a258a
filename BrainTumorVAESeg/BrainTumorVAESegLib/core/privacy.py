"""Nothing is reported to anybody: what libraries would tell their makers about their use, they keep to themselves."""

from __future__ import annotations

import os
import sys


def forbid_reports() -> None:
    """Keep OpenVINO, NNCF and onnxruntime from reporting their use; to be called before any of them is imported.

    OpenVINO and NNCF do without the package that sends. onnxruntime (1DS, its Privacy.md) would look for a server of
    its maker every few seconds, and keep a number for this machine in the person's cache.
    """
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]  # so that its import fails
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
