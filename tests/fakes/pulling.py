"""A small model, a hub that misbehaves as told, and wheels, for the tests of pulling."""

from __future__ import annotations

import hashlib
import random
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from semfs.engine.models import ModelFile, ModelSpec, Parts, Purpose

CONTENT = b"GGUF" + random.Random(1).randbytes(2_500_000)
HASH = hashlib.sha256(CONTENT).hexdigest()
PART_BYTES = 1_000_000
FILE = ModelFile(
    "tiny.gguf",
    len(CONTENT),
    HASH,
    "remote.gguf",
    Parts("tiny-model-part{n}", "1.0", "tiny_model_part{n}/data/part{n:02d}.bin", 3, PART_BYTES),
)
MODEL = ModelSpec("tiny", Purpose.LANGUAGE, "a model", "MIT", "owner/tiny", (FILE,))


class ScriptedHub(ThreadingHTTPServer):
    """Serves `files` by path; `cuts` are lengths after which an answer breaks off, one an answer."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files: dict[str, bytes] = {"/owner/tiny/resolve/main/remote.gguf": CONTENT}
        self.cuts: list[int] = []
        self.ranges: list[str] = []  # the Range header of each request, "" without one
        self.honours_ranges = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: ScriptedHub

    def do_GET(self) -> None:
        hub = self.server
        wanted = self.headers.get("Range", "")
        hub.ranges.append(wanted)
        body = hub.files.get(self.path)
        if body is None:
            self.send_error(404)
            return
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and hub.honours_ranges else 0
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(body) - start))
        self.end_headers()
        cut = hub.cuts.pop(0) if hub.cuts else len(body)
        self.wfile.write(body[start : start + cut])

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def scripted_hub() -> Iterator[ScriptedHub]:
    hub = ScriptedHub()
    thread = threading.Thread(target=hub.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield hub
    finally:
        hub.shutdown()
        thread.join()
        hub.server_close()


def write_wheels(folder: Path, *, content: bytes = CONTENT) -> None:
    """Write the wheels that carry a model, with an __init__ that must never be run."""
    for number in range(1, 4):
        name = f"tiny_model_part{number}"
        info = f"{name}-1.0.dist-info"
        with zipfile.ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w") as wheel:
            wheel.writestr(f"{name}/__init__.py", "raise SystemExit('a wheel of data was run')")
            piece = content[(number - 1) * PART_BYTES : number * PART_BYTES]
            wheel.writestr(f"{name}/data/part{number:02d}.bin", piece)
            wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
            wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            wheel.writestr(f"{info}/RECORD", "")
