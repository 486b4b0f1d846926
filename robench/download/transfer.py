"""Fetch a file over HTTP so that a transfer that breaks goes on where it broke.

requests, rather than urllib3 alone, because it knows the proxies and certificates of clusters and companies from the
environment; rather than pooch, because pooch throws a partial file away. Its own retries cover connecting only; a body
that stalls or ends early is taken up again here, with a Range request.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import requests

from robench.download.room import refuse_full_disk
from robench.errors import RobenchError
from robench.progress import bar
from robench.version import VERSION

CHUNK_BYTES = 1 << 16  # also what a connection that breaks can lose
LONGEST_PAUSE_S = 60.0
PARTIAL, WHOLE_ALREADY = 206, 416
BUSY = (408, 425, 429, 500, 502, 503, 504)  # worth another attempt
# As they come: gzip on the way would make the counts of bytes useless.
HEADERS = {"Accept-Encoding": "identity", "User-Agent": f"robench/{VERSION}"}


@dataclass(frozen=True)
class Patience:
    """How long to wait for a server.

    Attributes:
        timeout_s: silence after which a connection counts as broken.
        attempts: how often in a row a transfer may break without having gained a byte.
        pause_s: before the second attempt; doubled for each further one.
    """

    timeout_s: float = 30.0
    attempts: int = 6
    pause_s: float = 2.0


class UnreachableError(RobenchError):
    """The server cannot be reached, or broke off too often; what came is kept."""


class _BrokenError(Exception):
    """The transfer broke off in a way that another attempt may mend."""


def remote_size(url: str, patience: Patience) -> int | None:
    """Return the bytes of a file by its server's word, or None when the server does not say.

    Raises UnreachableError when there is no server.
    """
    try:
        response = requests.head(
            url, headers=HEADERS, timeout=patience.timeout_s, allow_redirects=True
        )
    except requests.RequestException as error:
        raise UnreachableError(f"cannot reach {url} ({_reason(error)})") from None
    length = response.headers.get("Content-Length", "")
    return int(length) if response.ok and length.isdigit() else None


def fetch(
    url: str,
    part: Path,
    *,
    patience: Patience,
    progress: bool = False,
    say: Callable[[str], None] = print,
) -> None:
    """Bring a file into ``part``, going on from the bytes that are there already.

    However this ends, by Ctrl-C too, ``part`` keeps what has come. Nothing is checked but the length.

    Raises:
        UnreachableError: when the server cannot be reached or breaks off too often.
        RobenchError: when it refuses, or the disk is too small.
    """
    failures = 0
    with requests.Session() as session:
        session.headers.update(HEADERS)
        while True:
            before = _size(part)
            try:
                return _receive(session, url, part, patience.timeout_s, progress, say)
            except (requests.RequestException, _BrokenError) as error:
                failures = 0 if _size(part) > before else failures + 1
                if failures >= patience.attempts:
                    raise UnreachableError(
                        f"cannot get {url} ({_reason(error)}); {_size(part)} bytes are kept"
                    ) from None
                pause_s = patience.pause_s * 2 ** max(failures - 1, 0)
                time.sleep(min(pause_s, LONGEST_PAUSE_S))


def _receive(
    session: requests.Session,
    url: str,
    part: Path,
    timeout_s: float,
    progress: bool,
    say: Callable[[str], None],
) -> None:
    """Make one attempt at the bytes that ``part`` lacks."""
    start = _size(part)
    asked = {"Range": f"bytes={start}-"} if start else {}
    with session.get(url, headers=asked, stream=True, timeout=timeout_s) as response:
        if start and response.status_code == WHOLE_ALREADY:
            return _settle(response, part, start)
        _refuse_bad_status(response, url)
        if start and response.status_code != PARTIAL:
            say(f"{part.stem}: the server cannot go on in the middle; starting again")
            start = 0
        elif start and not _content_range(response).startswith(f"{start}-"):
            raise RobenchError(
                f"{url} sent bytes {_content_range(response)} when asked for those from {start} on; "
                f"delete {part} and try again"
            )
        expected = _expected_size(response, start)
        if expected is not None:
            refuse_full_disk(part, expected - start)
        with (
            _writing(part, start) as file,
            bar(
                expected,
                initial=start,
                desc=part.stem,
                unit="B",
                unit_scale=True,
                shown=progress,
            ) as shown,
        ):
            for chunk in response.iter_content(CHUNK_BYTES):
                shown.update(_written(file, chunk, part))
    if expected is not None and _size(part) != expected:
        raise _BrokenError(f"{_size(part)} of {expected} bytes came")


def _settle(response: requests.Response, part: Path, start: int) -> None:
    """Nothing follows byte ``start``: that is the end of the file, or ``part`` is not its beginning."""
    if response.headers.get("Content-Range", "").endswith(f"/{start}"):
        return
    part.unlink()
    raise _BrokenError("the partial file was longer than the file")


def _refuse_bad_status(response: requests.Response, url: str) -> None:
    if response.status_code in BUSY:
        raise _BrokenError(f"the server says {response.status_code} {response.reason}")
    if not response.ok:
        raise RobenchError(f"{url} is refused: {response.status_code} {response.reason}")


def _content_range(response: requests.Response) -> str:
    return response.headers.get("Content-Range", "").removeprefix("bytes ")


def _expected_size(response: requests.Response, start: int) -> int | None:
    length = response.headers.get("Content-Length", "")
    return start + int(length) if length.isdigit() else None


@contextmanager
def _writing(part: Path, start: int) -> Iterator[BinaryIO]:
    try:
        file = part.open("ab" if start else "wb")
    except OSError as error:
        raise RobenchError(f"cannot write {part}: {error.strerror}") from None
    with file:
        yield file


def _written(file: BinaryIO, chunk: bytes, part: Path) -> int:
    try:
        return file.write(chunk)
    except OSError as error:
        raise RobenchError(
            f"cannot write {part}: {error.strerror}; what came is kept, repeat the command"
        ) from None


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _reason(error: BaseException) -> str:
    """Return the innermost cause in a few words; requests wraps it several layers deep."""
    if isinstance(error, requests.exceptions.Timeout):
        return "no answer in time"
    text = str(error) or type(error).__name__
    innermost = text.rsplit(": ", 1)[-1].strip("')\" ")
    return innermost + ")" * (innermost.count("(") > innermost.count(")"))
