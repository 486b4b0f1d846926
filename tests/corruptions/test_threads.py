import hashlib
import multiprocessing
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from corruptions.threads import in_threads


def test_an_exception_in_a_thread_is_raised():
    def work(chunk):
        raise ZeroDivisionError(str(chunk))

    with pytest.raises(ZeroDivisionError):
        in_threads(work, [slice(0, 1), slice(1, 2)], 2)


@pytest.mark.parametrize("threads", [1, 2, 16])
def test_every_chunk_is_worked_on_once(threads):
    done: list[int] = []
    slices = [slice(n, n + 1) for n in range(500)]
    in_threads(lambda chunk: done.append(chunk.start), slices, threads)
    assert sorted(done) == list(range(500))


def test_chunks_after_an_exception_are_not_begun():
    failed = threading.Event()
    begun: list[int] = []

    def work(chunk):
        begun.append(chunk.start)
        if chunk.start == 0:
            failed.set()
            raise RuntimeError("no more")
        failed.wait()
        hashlib.sha256(bytes(1 << 20))

    with pytest.raises(RuntimeError, match="no more"):
        in_threads(work, [slice(n, n + 1) for n in range(500)], 2)
    assert len(begun) < 100


def test_threads_stay_for_the_next_call():
    met = threading.Barrier(3)
    seen: list[threading.Thread] = []

    def work(chunk):
        met.wait(timeout=20)
        seen.append(threading.current_thread())

    in_threads(work, [slice(n, n + 1) for n in range(3)], 3)
    assert len(set(seen)) == 3
    assert all(thread.is_alive() for thread in seen)


def test_several_calls_at_once_each_do_their_own_work():
    def total(first):
        done: list[int] = []
        in_threads(
            lambda chunk: done.append(chunk.start), [slice(first + n, 0) for n in range(50)], 4
        )
        return sum(done)

    with ThreadPoolExecutor(8) as pool:
        totals = list(pool.map(total, range(40)))
    assert totals == [50 * first + 1225 for first in range(40)]


def test_no_thread_is_at_work_after_an_exception():
    met = threading.Barrier(2)
    left: list[int] = []

    def work(chunk):
        met.wait(timeout=20)
        if threading.current_thread() is threading.main_thread():
            raise RuntimeError("interrupted")
        hashlib.sha256(bytes(16 << 20))
        left.append(chunk.start)

    with pytest.raises(RuntimeError, match="interrupted"):
        in_threads(work, [slice(0, 1), slice(1, 2)], 2)
    assert len(left) == 1


def _meet_in_three_threads() -> None:
    met = threading.Barrier(3)
    in_threads(lambda chunk: met.wait(timeout=10), [slice(n, n + 1) for n in range(3)], 3)


@pytest.mark.skipif(
    "fork" not in multiprocessing.get_all_start_methods(), reason="this system does not fork"
)
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_forked_process_starts_threads_of_its_own():
    _meet_in_three_threads()
    child = multiprocessing.get_context("fork").Process(target=_meet_in_three_threads, daemon=True)
    child.start()
    child.join(timeout=30)
    assert child.exitcode == 0
