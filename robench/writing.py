"""Records on their way to the disk, while the network works on the next images."""

import contextlib
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor


@contextlib.contextmanager
def write_behind() -> Iterator[Callable[[Callable[[], object]], None]]:
    """Give a function that lets another thread do a write, and returns as soon as the write before is done.

    Flushing a file to the disk takes milliseconds in which nobody computes. Leaving waits for the last write, also
    after an interruption. A write's exception is raised by the next call, or on leaving.
    """
    last: list[Future[object]] = []

    def done() -> None:
        while last:
            last.pop().result()

    with ThreadPoolExecutor(1) as disk:

        def write(work: Callable[[], object]) -> None:
            done()
            last.append(disk.submit(work))

        yield write
        done()
