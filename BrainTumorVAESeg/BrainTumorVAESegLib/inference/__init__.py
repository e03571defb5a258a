"""Device, memory, the cascade and the choice of the second stage's regions (torch, not monai)."""
