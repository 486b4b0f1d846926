"""The family of digital: contrast, warps and lossy encoding."""
