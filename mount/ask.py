"""`ask/`: a name is a question, and reading it gives the answer as it is written."""

from __future__ import annotations

from semfs.errors import NoSuchEntry, NotPermitted
from semfs.mount.answers import Answers
from semfs.mount.denied import is_denied
from semfs.mount.names import matched
from semfs.mount.node import Access, Directory, File, Handle, Node


class AskDirectory(Directory):
    """`ask/` lists nothing: nobody has asked yet."""

    def __init__(self, inode: int, mtime: float, answers: Answers) -> None:
        super().__init__(inode, mtime)
        self._answers = answers

    def lookup(self, name: str) -> Node:
        if is_denied(name):
            raise NoSuchEntry(name)
        return AnswerFile(self.below(name), self.mtime, matched(name), self._answers)

    def entries(self) -> list[tuple[str, Node]]:
        return []

    def remove(self, name: str) -> None:
        raise NotPermitted("a question is not stored, so it cannot be removed")


class AnswerFile(File):
    """The answer to one question; nothing is computed before somebody reads it."""

    def __init__(self, inode: int, mtime: float, question: str, answers: Answers) -> None:
        super().__init__(inode, mtime)
        self._question = question
        self._answers = answers

    def length(self) -> int:
        return self._answers.length(self._question)

    def open(self, access: Access) -> Handle:
        self._refuse_writing(access)
        return self._answers.open(self._question)
