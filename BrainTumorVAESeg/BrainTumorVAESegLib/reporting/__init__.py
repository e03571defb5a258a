"""Volumes, diameters, figures and reports of a finished segmentation (matplotlib, only where a figure is drawn)."""
