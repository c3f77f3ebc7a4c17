"""Files that nobody can cut short while we look into them.

To touch a mapped file beyond an end that somebody has moved kills the process.  The kernel gives a lease on a
file (fcntl(2), F_SETLEASE) to whom it belongs: whoever wants to write to it, or cut it, waits until
the lease is given back, at most for fs.lease-break-time, 45 s, which is far longer than a question takes.  So
it is asked before each question whether somebody waits.  A file system without leases leaves the size.
"""

from __future__ import annotations

import fcntl
import os
import signal
import weakref


class Lease:
    """One file; given back when nobody has a reference to this any more."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """Open it; raises OSError where that fails."""
        self._file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        weakref.finalize(self, os.close, self._file)
        try:
            fcntl.fcntl(self._file, fcntl.F_SETSIG, signal.SIGURG)  # one that nobody minds
            fcntl.fcntl(self._file, fcntl.F_SETLEASE, fcntl.F_RDLCK)
            self.held = True
        except OSError:  # such a file system, somebody else's file, or one that is being written
            self.held = False
        self.size = os.fstat(self._file).st_size

    def fileno(self) -> int:
        return self._file

    def whole(self) -> bool:
        """Return whether the file is as long as it was, and stays so for a while."""
        if self.held:
            return fcntl.fcntl(self._file, fcntl.F_GETLEASE) == fcntl.F_RDLCK
        return os.fstat(self._file).st_size >= self.size
