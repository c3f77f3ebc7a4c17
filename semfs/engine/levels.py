"""The queues of the scheduler: who is how important now; pure.

Three queues for each priority.  A sequence begins in the first of its priority's and sinks as
it is served; one that waits rises by a queue every AGE seconds, to the first of all.
"""

from __future__ import annotations

from bisect import bisect_right

from semfs.model import Priority

QUEUES = 3  # of each priority
FIRST = {Priority.HIGH: 0, Priority.NORMAL: QUEUES, Priority.LOW: 2 * QUEUES}
SINKS = (512, 2048)  # tokens served after which a sequence sinks: a question with its passages, a long text
AGE = 5.0  # seconds without a token after which a sequence rises by a queue; the last reaches the first in 40


def queue_of(priority: Priority, *, served: int, waited: float) -> int:
    """Return the number of the queue, 0 the most important."""
    return max(0, FIRST[priority] + bisect_right(SINKS, served) - int(waited // AGE))


def gives_way(running: int, waiting: int) -> bool:
    """Say whether one in queue `running` is swapped out for one in queue `waiting`.

    Within a priority only the long for the short: a neighbouring queue is not worth a swap.
    """
    return running // QUEUES > waiting // QUEUES or running >= waiting + QUEUES - 1


def priority_of(queue: int) -> int:
    """Return which priority's queue it is, 0 the highest."""
    return queue // QUEUES
