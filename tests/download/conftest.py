"""A web server on this machine that misbehaves as told, and archives for it to serve."""

import hashlib
import io
import tarfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from robench.download import Archive, Patience

# Short, so that a stalling server costs a fraction of a second; no pause, because tests do not sleep.
IMPATIENT = Patience(timeout_s=0.3, attempts=3, pause_s=0)


@dataclass
class Site:
    """What the server serves and how it misbehaves.

    Attributes:
        files: path -> content.
        ranges: does it know Range requests?
        slip: how far from where it was asked to it starts.
        cut_after: it sends at most so many bytes of a body and closes, for as many requests as ``cuts``.
        stall_after: it sends so many bytes and then falls silent.
        statuses: sent instead of files, one per GET, while there are any.
        requests: ("GET", path, Range header or "") of each request.
    """

    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    ranges: bool = True
    slip: int = 0
    cut_after: int | None = None
    cuts: int = 10**6
    stall_after: int | None = None
    statuses: list[int] = field(default_factory=list)
    requests: list[tuple[str, str, str]] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)

    def archive(
        self, name: str, content: bytes, folder: str = "Toy-C", **changes: object
    ) -> Archive:
        """Serve ``content`` under ``name`` and return its description, md5 and all."""
        self.files[f"/{name}"] = content
        md5 = hashlib.md5(content).hexdigest()
        return Archive(**{"url": f"{self.url}/{name}", "md5": md5, "folder": folder, **changes})  # type: ignore[arg-type]

    def gets(self) -> list[str]:
        return [asked for method, _, asked in self.requests if method == "GET"]


def handler_for(site: Site) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

        def do_HEAD(self) -> None:
            self.respond(body=False)

        def do_GET(self) -> None:
            self.respond(body=True)

        def respond(self, body: bool) -> None:
            asked = self.headers.get("Range", "")
            site.requests.append((self.command, self.path, asked))
            content = site.files.get(self.path)
            if body and site.statuses:
                return self.send_empty(site.statuses.pop(0))
            if content is None:
                return self.send_empty(404)
            start = int(asked.removeprefix("bytes=").rstrip("-")) if asked and site.ranges else 0
            if start and start >= len(content):
                return self.send_empty(416, **{"Content-Range": f"bytes */{len(content)}"})
            start += site.slip
            self.send_response(206 if start else 200)
            if start:
                self.send_header(
                    "Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}"
                )
            self.send_header("Content-Length", str(len(content) - start))
            self.end_headers()
            if body:
                self.send_body(content[start:])

        def send_body(self, content: bytes) -> None:
            if site.cut_after is not None and site.cuts:
                site.cuts -= 1
                self.wfile.write(content[: site.cut_after])
                self.close_connection = True
            elif site.stall_after is not None:
                self.wfile.write(content[: site.stall_after])
                self.wfile.flush()
                site.closing.wait()
                self.close_connection = True
            else:
                self.wfile.write(content)

        def send_empty(self, status: int, **headers: str) -> None:
            self.send_response(status)
            for name, value in {"Content-Length": "0", **headers}.items():
                self.send_header(name, value)
            self.end_headers()

    return Handler


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler_for(site))
    server.daemon_threads = True
    site.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield site
    site.closing.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def nobody_listens() -> str:
    """Return an address on this machine that refuses connections."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    server.server_close()
    return f"http://127.0.0.1:{server.server_port}"


def tar_of(files: dict[str, bytes], mode: str = "w", *others: tarfile.TarInfo) -> bytes:
    """Return a tar archive of ``files`` and of entries without content."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as tar:  # type: ignore[call-overload]
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
        for entry in others:
            tar.addfile(entry)
    return buffer.getvalue()


def tree(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder that is not hidden, by its path."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not any(part[0] == "." for part in path.relative_to(folder).parts)
    }


Said = list[str]
Say = Callable[[str], None]
