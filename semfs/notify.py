"""What the service manager that started the program is told: sd_notify(3), in datagrams.

The protocol is covered by systemd's interface promise and takes one `sendto`; the bindings to
libsystemd need a compiler on every machine, and those without one are no longer kept.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class ServiceManager:
    """Whoever listens at `address`, or nobody; `ping_s` is how often it wants to hear of us."""

    address: str | None = None
    ping_s: float | None = None
    _stopped: threading.Event = field(default_factory=threading.Event)

    def ready(self, alive: Callable[[], object]) -> None:
        """Say that the program serves; from now on ping it each time that `alive` returns.

        `alive` is called on a thread of its own.  Where it hangs or raises OSError no ping is sent,
        and the manager ends the program when its patience does.
        """
        self._tell("READY=1")
        if self.ping_s is not None:
            threading.Thread(target=self._ping, args=(self.ping_s, alive), name="notify", daemon=True).start()

    def stopping(self) -> None:
        """Say that the program is on its way out."""
        self._stopped.set()
        self._tell("STOPPING=1")

    def _ping(self, every: float, alive: Callable[[], object]) -> None:
        while not self._stopped.wait(every):
            try:
                alive()
            except OSError as error:
                logger.warning("the mount does not answer: %s", error)
            else:
                self._tell("WATCHDOG=1")

    def _tell(self, words: str) -> None:
        if self.address is None:
            return
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
            try:
                sender.sendto(words.encode(), self.address)
            except OSError as error:
                logger.warning("the service manager did not hear %s: %s", words, error)


def manager() -> ServiceManager:
    """Return the manager named by the environment, and take its name from there: children are not it."""
    address = os.environ.pop("NOTIFY_SOCKET", "")
    patience = os.environ.pop("WATCHDOG_USEC", "")
    whose = os.environ.pop("WATCHDOG_PID", "")
    if not address.startswith(("/", "@")):
        return ServiceManager()
    watched = patience.isdecimal() and int(patience) > 0 and whose in ("", str(os.getpid()))
    # Half of its patience, as sd_watchdog_enabled(3) recommends.
    return ServiceManager(
        address="\0" + address[1:] if address.startswith("@") else address,
        ping_s=int(patience) / 2e6 if watched else None,
    )
