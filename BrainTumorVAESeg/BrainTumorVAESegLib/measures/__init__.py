"""Measures of a segmentation: volumes, lesions, diameters, side (numpy and SimpleITK alone)."""
