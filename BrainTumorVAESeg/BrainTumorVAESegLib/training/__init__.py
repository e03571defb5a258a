"""Data sets, augmentation and the training of both stages (Lightning, MONAI)."""
