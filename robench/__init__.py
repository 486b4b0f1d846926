"""robench: how robust is this image classifier, and can the number be trusted?"""

from robench.errors import RobenchError
from robench.version import VERSION as __version__

__all__ = ["RobenchError", "__version__"]
