"""The latent space of stage 1's VAE branch made visible: codes, what they decode to, and how well that works."""
