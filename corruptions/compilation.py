"""Say it when kernels are compiled: once per machine, seconds in which nothing else seems to happen."""

import functools
import logging
import time

from numba.core import event

_log = logging.getLogger("corruptions")


class _Announcer(event.Listener):
    """Logs what is compiled of one package, and how long it took.

    numba compiles under a lock, so that events nest but never overlap.
    """

    def __init__(self, package: str) -> None:
        self.prefix = f"{package}."
        self.depth = 0
        self.began = 0.0
        self.said = False

    def on_start(self, event: event.Event) -> None:
        """Say once in this process that compiling has begun, and start the clock."""
        if self._is_ours(event):
            if not self.said:
                _log.info(
                    "compiling kernels for this machine; each is compiled once and kept on disk"
                )
                self.said = True
            if self.depth == 0:
                self.began = time.perf_counter()
            self.depth += 1

    def on_end(self, event: event.Event) -> None:
        """Say how long an outermost kernel took, with those that it calls."""
        if self._is_ours(event):
            self.depth -= 1
            if self.depth == 0:
                _log.info("compiled %s in %.1f s", _name(event), time.perf_counter() - self.began)

    def _is_ours(self, event: event.Event) -> bool:
        return _name(event).startswith(self.prefix)


def _name(event: event.Event) -> str:
    function = event.data["dispatcher"].py_func
    return f"{function.__module__}.{function.__name__.lstrip('_')}"


@functools.cache
def announce_compilation(package: str) -> None:
    """Log, to the logger ``corruptions`` at level INFO, every compilation of a kernel of ``package`` from now on."""
    event.register("numba:compile", _Announcer(package))
