"""Files to volumes, checks, the prepared grid, and the way back (SimpleITK)."""
