"""The model package: reading, verifying, writing, installing and importing; torch is imported only for tensors."""
