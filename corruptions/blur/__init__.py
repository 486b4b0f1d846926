"""The family of blur: the image spread over its neighbourhood."""
