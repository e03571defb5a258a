"""The made brain: anatomy, tumor, contrast, and cases of it as files."""
