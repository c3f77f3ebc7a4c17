"""Where the words of a prompt go in a model's chat template; pure.

The parts of the template may hold special tokens.  The words of a prompt never do: they
are tokenised as plain text, so that a document which contains "<|im_end|>" ends nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from semfs.model import Prompt

# Marks that stand for the words while a template is applied; no template contains them.
SYSTEM_MARK = "\u2063semfs-system\u2063"
USER_MARK = "\u2063semfs-user\u2063"


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a prompt; `special` if it comes from the template."""

    text: str
    special: bool


@dataclass(frozen=True, slots=True)
class ChatTemplate:
    """What stands before, between and after the words, with and without a system message."""

    before_system: str
    between: str
    after_user: str
    before_user: str  # without a system message

    def shared(self, prompt: Prompt) -> tuple[Part, ...]:
        """Return the beginning that requests with the same `system` share."""
        if not prompt.system:
            return (Part(self.before_user, True),)
        return (
            Part(self.before_system, True),
            Part(prompt.system, False),
            Part(self.between, True),
        )

    def own(self, prompt: Prompt) -> tuple[Part, ...]:
        """Return the rest."""
        return (Part(prompt.user, False), Part(self.after_user, True), Part(prompt.prefill, False))


CHATML = ChatTemplate(
    before_system="<|im_start|>system\n",
    between="<|im_end|>\n<|im_start|>user\n",
    after_user="<|im_end|>\n<|im_start|>assistant\n",
    before_user="<|im_start|>user\n",
)


def learn(apply: Callable[[str, str], str | None]) -> ChatTemplate | None:
    """Find out where a template puts the words, by applying it to marks.

    `apply(system, user)` gives the text up to the model's turn, or None if it cannot.
    """
    both, user_only = apply(SYSTEM_MARK, USER_MARK), apply("", USER_MARK)
    if both is None or user_only is None:
        return None
    before_system, system, rest = both.partition(SYSTEM_MARK)
    between, user, after_user = rest.partition(USER_MARK)
    before_user, alone, _ = user_only.partition(USER_MARK)
    if not (system and user and alone):
        return None
    return ChatTemplate(before_system, between, after_user, before_user)
