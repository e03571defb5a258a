"""Cases to samples: the cache, folds, augmentation, what a step is given."""
