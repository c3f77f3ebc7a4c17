"""An embedding process for tests: vectors of two values, or the trouble given as an argument."""

from __future__ import annotations

import sys

import numpy as np

from semfs.index.child import Frame, Frames, settle

if __name__ == "__main__":
    frames = Frames()
    settle(frames.settings)
    frames.send(Frame({"ready": True}))
    if len(sys.argv) > 1:
        frames.send(Frame({"error": sys.argv[1]}))
        sys.exit(0)
    while (request := frames.receive()) is not None:
        texts = request.fields["texts"]
        if any("crash" in text for text in texts):
            sys.exit(5)
        values = np.array([[len(text), 1] for text in texts], "<f4")
        frames.send(Frame({}, (values / np.linalg.norm(values, axis=1, keepdims=True)).tobytes()))
