"""One network fitted: the loop, its state on disk, processes, precision, memory."""
