"""Threads that stay: to start one anew for every batch takes as long as to corrupt several images."""

import functools
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait

import numpy as np

# Of all calls that run at once together; one more waits, or its caller does the work alone.
_MOST_HELPERS = 256


def in_threads(work: Callable[[slice], None], slices: list[slice], threads: int) -> None:
    """Run ``work`` on every slice, in this thread and ``threads`` - 1 others; raise its exception.

    Each takes the next slice when it is done with one. After an exception no slice is begun. When
    this returns or raises, no other thread is at work.
    """
    keep_freed_memory()
    helpers = min(threads, len(slices)) - 1
    # A list's iterator gives each element to one thread, without a task and a result for each.
    waiting = iter(slices)
    futures = [_pool().submit(_work_through, work, waiting) for _ in range(helpers)]
    try:
        _work_through(work, waiting)
    finally:
        # A helper that has not begun by now has nothing left to do.
        begun = [future for future in futures if not future.cancel()]
        wait(begun)
    for future in begun:
        future.result()


def _work_through(work: Callable[[slice], None], waiting: Iterator[slice]) -> None:
    try:
        for chunk in waiting:
            work(chunk)
    except BaseException:
        # Leave nothing to the other threads.
        for _ in waiting:
            pass
        raise


@functools.cache
def _pool() -> ThreadPoolExecutor:
    """Return the helpers; a thread is started when all others are at work."""
    return ThreadPoolExecutor(_MOST_HELPERS, "corruptions")


if hasattr(os, "register_at_fork"):
    # Threads do not survive a fork.
    os.register_at_fork(after_in_child=_pool.cache_clear)


@functools.cache
def keep_freed_memory() -> None:
    """Make the C library keep what is freed, up to 64 MB, for what is allocated next; once a process.

    By default glibc gives a chunk's arrays back to the system, and gets them anew page by page for
    the next chunk, which can take longer than the corruption. The largest block freed so far is
    what it learns from; the one here is never touched and so never in memory.
    """
    block = np.empty(31 << 20, np.uint8)
    del block
