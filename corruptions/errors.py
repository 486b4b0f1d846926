"""The exception of this package, which stands alone and so has its own."""


class CorruptionError(ValueError):
    """An image, name, severity, preset or index that cannot be corrupted; the message says what to give instead."""
