"""The sequences of the -P benchmarks: one image as a short film of a slowly growing change."""
