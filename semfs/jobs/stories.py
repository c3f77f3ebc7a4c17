"""Word problems: the ways in which the model solves one, and what counts.  Pure.

A program never miscalculates but leaves steps out; in words the model leaves out less and
miscalculates.  Where the two agree, nine of ten are right; where they do not, most of five decide.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from semfs.jobs import voting
from semfs.model import Prompt, Sampling

# Every sentence of the story becomes a comment with what follows from it: programs that small models
# write without are short and leave something out.
PROGRAM: Final = """You solve a word problem by a short Python 3 program. Repeat each sentence of it \
as a comment, then compute what follows from it. Print the result with a few words that say what it is.

Task: Eva had 40 tulips and sold a quarter of them. Then she bought 3 boxes with 12 tulips each, a third \
of which were broken. How many good tulips does she have now?
```python
# Eva had 40 tulips and sold a quarter of them.
tulips = 40 - 40 / 4
# Then she bought 3 boxes with 12 tulips each, a third of which were broken.
bought = 3 * 12
good = bought - bought / 3
# How many good tulips does she have now?
print("Good tulips:", tulips + good)
```

Task: Ben drives his 2 sisters to a lake 60 km away. Petrol costs 2 euros a litre and the car needs 5 litres \
for 100 km. The three share the cost of the way there and back. What does each pay?
```python
# Ben drives his 2 sisters to a lake 60 km away.
people = 1 + 2
way = 60
# Petrol costs 2 euros a litre and the car needs 5 litres for 100 km.
cost_of_a_km = 2 * 5 / 100
# The three share the cost of the way there and back.
cost = 2 * way * cost_of_a_km
# What does each pay?
print("Each pays, in euros:", cost / people)
```

Task: A shirt costs twice as much as a cap. Together they cost 36 euros. With a discount of 25 %, what \
does the shirt cost?
```python
# A shirt costs twice as much as a cap. Together they cost 36 euros.
cap = 36 / (1 + 2)
shirt = 2 * cap
# With a discount of 25 %, what does the shirt cost?
print("The shirt costs, in euros:", shirt * (1 - 25 / 100))
```"""

# In words the model is asked as it was taught to be.  In a form of ours, with short steps and a last
# line "Answer: " in examples, it had 20 of 35 problems right, and with a grammar for that line fewer.
REMINDER: Final = "Reason step by step, and put the final number within \\boxed{}."
_ANSWER: Final = re.compile(r"(?:Answer: *|\\boxed\{)[^\d\n-]{0,12}(-?\d[\d,]*(?:\.\d+)?)")
_NUMBER: Final = re.compile(r"(?<![\w.])-?\d[\d,]*(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Way:
    """One way to solve a problem: by a program that prints the result, or in words that end with it."""

    system: str
    sampling: Sampling
    prefill: str = ""

    @property
    def computes(self) -> bool:
        return bool(self.prefill)

    def prompt(self, task: str) -> Prompt:
        asked = f"Task: {task}" if self.computes else f"{task}\n\n{REMINDER}"
        return Prompt(asked, system=self.system, prefill=self.prefill)


def _program(temperature: float = 0.0, seed: int = 0) -> Way:
    sampling = Sampling(max_tokens=500, stop=("```",), temperature=temperature, seed=seed)
    return Way(PROGRAM, sampling, "```python\n")


def _words(temperature: float = 0.0, seed: int = 0) -> Way:
    sampling = Sampling(max_tokens=500, temperature=temperature, seed=seed)
    return Way("", sampling)


# The ways of a round are tried side by side; the next round only where the results differ.
ROUNDS: Final[tuple[tuple[Way, ...], ...]] = (
    (_words(), _program()),
    (_words(0.7, 1), _program(0.7, 1), _words(0.7, 2)),
)


def concluded(text: str) -> str:
    """Return a solution in words with the answer on its last line, "" if it has none."""
    found = _ANSWER.findall(text) or _NUMBER.findall(text)
    if not found:
        return ""
    steps = text.rpartition("\nAnswer:")[0] if text.rpartition("\n")[2].startswith("Answer:") else text
    return f"{steps.strip()}\nAnswer: {found[-1].replace(',', '')}".strip()


def decided(said: Sequence[str]) -> str:
    """Return the shortest of the results that say what most say, of the first where none agree."""
    most = voting.value(voting.most_common(said, voting.value))
    return min((text for text in said if voting.value(text) == most), key=len)
