"""Nodes of the scene: volumes in, segments, label maps, tables and their places out (MRML)."""
