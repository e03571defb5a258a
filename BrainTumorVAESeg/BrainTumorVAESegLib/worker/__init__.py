"""The headless process behind the panel in Slicer: `python -m BrainTumorVAESegLib.worker`; see `core.protocol`."""
