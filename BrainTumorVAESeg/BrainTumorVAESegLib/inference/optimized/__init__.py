"""A package's networks as OpenVINO's: converted once, kept beside the installed packages, run on the processor."""
