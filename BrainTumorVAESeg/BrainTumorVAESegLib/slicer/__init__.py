"""The one room that knows MRML and Qt (Slicer's slicer, qt, ctk): nodes in and out, the worker's client, the panel."""
