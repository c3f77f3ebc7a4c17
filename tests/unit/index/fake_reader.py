"""A reading process for tests: text files, and names that make it misbehave."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

from semfs.errors import ExtractError, Unsupported
from semfs.index.extract import serve
from semfs.model import Document, Kind, Recognised, Route, Section


class FakeReader:
    def kind_of(self, path: str) -> Kind:
        return Kind.TEXT

    def read(self, path: str) -> tuple[Kind, Document]:
        name = os.path.basename(path)
        if name.startswith("crash"):
            os.kill(os.getpid(), signal.SIGSEGV)
        if name.startswith("hang"):
            time.sleep(600)
        if name.startswith("hungry"):
            bytearray(1 << 40)
        if name.startswith("bug"):
            raise ValueError("a bug")
        if name.startswith("broken"):
            raise ExtractError(path, "it is damaged")
        if name.startswith("image"):
            raise Unsupported(path, "no text inside")
        if name.startswith("growing"):
            with open(path, "a") as file:
                file.write("more\n")
        if name.startswith("loud"):
            print("a parser that prints")
        text = Path(path).read_text("utf-8", "replace")
        if name.startswith("scan"):
            return Kind.PDF, Document([Section("its text layer", page=1)], scans=((2,),))
        return Kind.MARKDOWN, Document([Section(text, line=1)], title=name)

    def recognise(self, path: str, route: Route) -> Recognised:
        name = os.path.basename(path)
        if name.startswith("scan-crash"):
            os.kill(os.getpid(), signal.SIGSEGV)
        if name.startswith("scan-broken"):
            raise ExtractError(path, "it is damaged")
        if name.startswith("scan-slow"):
            time.sleep(1)
        return Recognised(Path(path).read_text("utf-8", "replace"), route[-1])


if __name__ == "__main__":
    if len(sys.argv) > 1:
        sys.exit(3)
    serve(FakeReader())
