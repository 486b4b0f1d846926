"""What draws can be keyed by: they are words of a counter and a key of 32 bits each (``baselines.keyed_uniforms``)."""

MAX_EPOCH = 2**16
MAX_SEED = 2**64
MAX_INDEX = 2**32
