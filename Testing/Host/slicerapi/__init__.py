"""What exists in Slicer, CTK and Qt for a scripted module, and the checker that holds code against it."""
