"""The family of noise: random noise on every value."""
