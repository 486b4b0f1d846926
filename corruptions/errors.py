"""The exception of this package, which stands alone and so has its own."""


class CorruptionError(ValueError):
    """What cannot be corrupted: an image, name, severity, preset or index; says what to give."""
