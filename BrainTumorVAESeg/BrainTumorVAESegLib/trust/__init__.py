"""What a result tells beyond its mask: maps, doubtful slices, intervals, the input check and the latent space."""
