"""From a study to what the networks see, and back: checks, the prepared grid, cleaning, the way back."""
