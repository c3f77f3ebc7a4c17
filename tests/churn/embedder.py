"""An embedding process for histories: a vector follows from the text's hash, and takes no time.

It writes down what it was asked for, a hash a line, in the file that it is given.
"""

from __future__ import annotations

import hashlib
import struct
import sys

from semfs.index.child import Frame, Frames, settle

DIMENSION = 16


def vector(text: str) -> bytes:
    """Return little-endian floats of length one."""
    raw = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=DIMENSION).digest()
    values = [byte - 127.5 for byte in raw]
    length = sum(value * value for value in values) ** 0.5
    return struct.pack(f"<{DIMENSION}f", *(value / length for value in values))


def main() -> None:
    frames = Frames()
    settle(frames.settings)
    frames.send(Frame({"ready": True}))
    while (request := frames.receive()) is not None:
        texts = request.fields["texts"]
        with open(sys.argv[1], "a", encoding="ascii") as record:
            record.writelines(
                f"{hashlib.blake2b(text.encode(), digest_size=8).hexdigest()}\n" for text in texts
            )
        frames.send(Frame({}, b"".join(map(vector, texts))))


if __name__ == "__main__":
    main()
