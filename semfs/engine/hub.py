"""Models from a hub in the layout of huggingface.co, over HTTPS with ranges.

A `Hub` belongs to one pull and one thread.  That the hub cannot be reached is found out once, in
a few seconds, and remembered for the life of the process.
"""

from __future__ import annotations

import functools
import http.client
import json
import os
import socket
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from semfs.engine.models import ModelFile, ModelSpec, Purpose, hub_path
from semfs.errors import ModelMissing, ModelUnknown

CONNECT_SECONDS = 5.0
READ_SECONDS = 30.0
# Cut connections in a row that brought nothing new before the hub is given up.
FRUITLESS = 3
BLOCK = 1 << 20
LONGEST_LISTING = 16 << 20  # bytes; a repository of a thousand files has some 300 kB
# What an embedder's repository may hold that is read; weights as pickles are not.
WANTED_SUFFIXES = (".json", ".txt", ".model", ".safetensors")


def endpoint() -> str:
    return os.environ.get("HF_ENDPOINT", "https://huggingface.co").rstrip("/")


class Hub:
    """The source that streams a file, and goes on where a connection was cut."""

    name = "hub"

    def offers(self, model: ModelSpec, file: ModelFile) -> bool:
        return bool(model.repository)

    def fetch(self, model: ModelSpec, file: ModelFile, part: Path, grown: Callable[[], None]) -> None:
        url = f"{endpoint()}/{model.repository}/resolve/main/{urllib.parse.quote(file.remote)}"
        fruitless = 0
        while _length(part) != file.bytes:
            before = _length(part)
            try:
                _append(url, part, limit=file.bytes, grown=grown)
                reason = "the connection ended too early"
            except (http.client.HTTPException, ConnectionError, TimeoutError) as error:
                reason = str(error) or type(error).__name__
            if _length(part) > file.bytes:
                part.unlink()
                raise ModelMissing(f"{url}: is longer than the catalogue says, and was thrown away")
            fruitless = 0 if _length(part) > before else fruitless + 1
            if fruitless == FRUITLESS:
                raise ModelMissing(f"{url}: {reason}")

    def close(self) -> None:
        """Nothing is kept open between files."""


def describe(name: str) -> ModelSpec:
    """Ask the hub what OWNER/REPOSITORY[/FILE.gguf] consists of; raise ModelUnknown or ModelMissing."""
    owner, repository, *rest = name.split("/")
    wanted = [file for file in _listed(f"{owner}/{repository}") if _is_wanted(file.remote, rest)]
    if not wanted:
        what = rest[0] if rest else "safetensors of a sentence-transformers model"
        raise ModelUnknown(f"{owner}/{repository} on the hub has no {what}")
    return ModelSpec(
        name=hub_path(name).name,
        purpose=Purpose.LANGUAGE if rest else Purpose.EMBEDDING,
        what=name,
        licence="see the hub",
        repository=f"{owner}/{repository}",
        files=tuple(replace(file, name=hub_path(name).name) if rest else file for file in wanted),
    )


def _is_wanted(path: str, rest: list[str]) -> bool:
    if rest:
        return path == rest[0]
    inside = path.isprintable() and not path.startswith("/") and ".." not in path.split("/")
    return inside and path.endswith(WANTED_SUFFIXES) and not path.startswith(("onnx/", "openvino/"))


def _listed(repository: str) -> list[ModelFile]:
    """Return the files of a repository by their paths there, which may be anything."""
    url = f"{endpoint()}/api/models/{repository}/tree/main?recursive=true"
    try:
        with _open(url, 0) as response:
            entries = json.loads(response.read(LONGEST_LISTING))
        return [_file(entry) for entry in entries if entry["type"] == "file"]
    except (http.client.HTTPException, ConnectionError, TimeoutError) as error:
        raise ModelMissing(f"{url}: {error or type(error).__name__}") from error
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise ModelMissing(f"{url}: what the hub says cannot be understood: {error}") from error


def _file(entry: dict[str, Any]) -> ModelFile:
    path, hashed = str(entry["path"]), entry.get("lfs") or {}
    return ModelFile(path, int(entry["size"]), str(hashed.get("oid", "")), path)


def _append(url: str, part: Path, *, limit: int, grown: Callable[[], None]) -> None:
    """Append what the hub sends from the end of `part` on, one byte too many at most."""
    have = _length(part)
    with _open(url, have) as response, part.open("ab") as file:
        if response.status != http.client.PARTIAL_CONTENT:
            file.truncate(0)
            have = 0
        while have <= limit and (block := response.read(min(BLOCK, limit + 1 - have))):
            file.write(block)
            have += len(block)
            grown()


def _open(url: str, start: int) -> http.client.HTTPResponse:
    if problem := _unreachable(url.split("/api/")[0] if "/api/" in url else endpoint()):
        raise ModelMissing(problem)
    request = urllib.request.Request(url, headers={"User-Agent": "semfs"})
    if start:
        request.add_header("Range", f"bytes={start}-")
    try:
        response: http.client.HTTPResponse = urllib.request.urlopen(request, timeout=READ_SECONDS)
        return response
    except urllib.error.HTTPError as error:
        if error.code in (429, 500, 502, 503, 504):
            raise ConnectionError(f"HTTP {error.code} {error.reason}") from error
        raise ModelMissing(f"{url}: HTTP {error.code} {error.reason}") from error
    except urllib.error.URLError as error:
        raise ConnectionError(str(error.reason)) from error


@functools.cache
def _unreachable(base: str) -> str:
    """Return why the hub, or the proxy in front of it, takes no connection; "" if it does."""
    address = urllib.parse.urlsplit(base)
    host = address.hostname or ""
    proxy = urllib.request.getproxies().get(address.scheme, "")
    if proxy and not urllib.request.proxy_bypass(host):
        address = urllib.parse.urlsplit(proxy if "//" in proxy else f"//{proxy}")
    port = address.port or (443 if address.scheme == "https" else 80)
    try:
        socket.create_connection((address.hostname or "", port), CONNECT_SECONDS).close()
    except OSError as error:
        return f"{base} cannot be reached: {error}"
    return ""


def _length(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
