"""The queues of the scheduler: who is how important now; pure.

Three queues for each priority.  A sequence begins in the first of its priority's and sinks as
it is served; one that waits rises by a queue every AGE seconds, to the first of its priority's.
"""

from __future__ import annotations

from bisect import bisect_right

from semfs.model import Priority

QUEUES = 3  # of each priority
FIRST = {Priority.HIGH: 0, Priority.NORMAL: QUEUES, Priority.LOW: 2 * QUEUES}
SINKS = (512, 2048)  # tokens served after which a sequence sinks: a question with its passages, a long text
AGE = 5.0  # seconds without a token after which a sequence rises by a queue


def queue_of(priority: Priority, *, served: int, waited: float) -> int:
    """Return the number of the queue, 0 the most important."""
    first = FIRST[priority]
    return max(first, first + bisect_right(SINKS, served) - int(waited // AGE))


def priority_of(queue: int) -> int:
    """Return which priority's queue it is, 0 the highest."""
    return queue // QUEUES


def long_for_short(running: int, waiting: int) -> bool:
    """Say whether of one priority the one in queue `running` is so much longer that it gives way.

    A neighbouring queue is not worth a swap.
    """
    return priority_of(running) == priority_of(waiting) and running >= waiting + QUEUES - 1
