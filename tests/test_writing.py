import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from robench.writing import write_behind

TIMEOUT_S = 30


def test_a_write_does_not_keep_its_caller_waiting_and_the_next_one_waits_for_it() -> None:
    begun, may_end = threading.Event(), threading.Event()
    written: list[int] = []

    def slow() -> None:
        begun.set()
        assert may_end.wait(TIMEOUT_S)
        written.append(1)

    with write_behind() as write:
        write(slow)
        assert begun.wait(TIMEOUT_S)
        assert written == []
        with ThreadPoolExecutor(1) as caller:
            second = caller.submit(write, lambda: written.append(2))
            assert not second.done()
            may_end.set()
            second.result(TIMEOUT_S)
    assert written == [1, 2]


def test_leaving_waits_also_after_an_interruption() -> None:
    written: list[int] = []
    may_end = threading.Event()

    def slow() -> None:
        assert may_end.wait(TIMEOUT_S)
        written.append(1)

    with pytest.raises(KeyboardInterrupt), write_behind() as write:
        write(slow)
        threading.Timer(0.05, may_end.set).start()
        raise KeyboardInterrupt
    assert written == [1]


def fail() -> None:
    raise OSError("disk full")


def test_a_failed_write_is_raised_by_the_next_or_on_leaving() -> None:
    written: list[int] = []
    with pytest.raises(OSError, match="disk full"), write_behind() as write:
        write(fail)
        write(lambda: written.append(2))
        pytest.fail("went on")
    assert written == []
    with pytest.raises(OSError, match="disk full"), write_behind() as write:
        write(fail)
