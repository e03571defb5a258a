"""UIDs that are the same whenever what they name is the same."""

from __future__ import annotations

import json
import uuid

_NAMESPACE = uuid.UUID("5d0c6c4e-3c53-4b0f-9a5e-0b6f1f2f8a71")


def make_uid(*parts: object) -> str:
    """Return the UID of what these parts, as text, describe: a UUID of their hash, under the root 2.25 for such.

    Two objects of the same voxels, sources, package and version are one object made twice, and a PACS that has it keeps
    one. Source: DICOM PS3.5 B.2, RFC 9562 (version 5).
    """
    return f"2.25.{uuid.uuid5(_NAMESPACE, json.dumps([str(part) for part in parts])).int}"
