"""Overlap of a segmentation with the ground truth."""
