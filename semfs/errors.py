"""Every error that semfs raises on purpose, as one tree.

SemfsError
├── UsageError            the command line was used wrongly
├── ConfigError           the configuration cannot be used
├── MissingPart           something that should be installed is not
├── MountError            a mount point cannot be used
├── StoreError            catalog.db or state.db cannot be used
│   ├── CatalogDamaged      derived data is corrupt: set it aside and build again
│   ├── CacheUnfit          a cache of the catalogue is damaged or of another one: build it again
│   ├── DiskFull            nothing can be written until there is room
│   ├── StoreBusy           another program keeps state.db locked
│   └── StateNewer          state.db was written by a newer semfs
├── ModelError
│   ├── ModelUnknown        no such model in the catalogue
│   ├── ModelMissing        known, but not pulled
│   ├── ModelDamaged        the file does not match its hash, or cannot be loaded
│   ├── PromptTooLong       prompt and answer do not fit the context
│   ├── DeadlinePassed      a request was not answered within the time it was given
│   └── EngineLost          the engine process went away in the middle of a request
├── ExtractError          one file could not be read by its indexer
│   └── Unsupported         it has no text to read, by design: found by its name only
├── PlanError             a plan is not valid (line, column)
│   ├── PlanSyntaxError
│   └── PlanTypeError
├── PlanningFailed        the model gave no valid plan
├── StepFailed            a step of a job failed; its words are the job's `error`
└── RequestError          what somebody wrote or opened in the mount is refused
    ├── BadRequest          empty or malformed                 (EINVAL)
    ├── RequestTooLong                                         (E2BIG)
    ├── QueueFull                                              (EAGAIN)
    ├── NotPermitted                                           (EPERM)
    ├── NoSuchEntry                                            (ENOENT)
    ├── AlreadyExists                                          (EEXIST)
    ├── NameTooLong                                            (ENAMETOOLONG)
    ├── NoAttribute         no extended attribute of this name (ENODATA)
    └── Interrupted         the caller stopped waiting         (EINTR)

`exit_code` is what the command line ends with; `semfs.1` lists the codes, which
follow sysexits(3) where one fits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from semfs.model import Document


class SemfsError(Exception):
    """Base of all errors that semfs raises on purpose; `str()` is fit for a user."""

    exit_code: ClassVar[int] = 1


class UsageError(SemfsError):
    """The command line was used wrongly."""

    exit_code = 2


class ConfigError(SemfsError):
    """The configuration file cannot be used."""

    exit_code = 78

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


class MissingPart(SemfsError):
    """Something that should be installed is not."""

    exit_code = 69

    def __init__(self, part: str, remedy: str) -> None:
        super().__init__(f"{part} is missing: {remedy}")
        self.part = part
        self.remedy = remedy


class MountError(SemfsError):
    """A mount point cannot be used."""

    exit_code = 73

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


class StoreError(SemfsError):
    """catalog.db or state.db cannot be used."""

    exit_code = 74

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


class CatalogDamaged(StoreError):
    """The catalogue is corrupt; it is derived, so it is set aside and built again."""


class CacheUnfit(StoreError):
    """A cache of the catalogue is damaged or does not belong to it; it is built again."""


class DiskFull(StoreError):
    """Nothing can be written until there is room on the disk."""


class StoreBusy(StoreError):
    """Another program keeps state.db locked; nothing was written, and it may be tried again."""

    exit_code = 75


class StateNewer(StoreError):
    """state.db was written by a newer semfs and is left untouched."""


class ModelError(SemfsError):
    """A model cannot be used."""

    exit_code = 69


class ModelUnknown(ModelError):
    """No model of this name is in the catalogue, and it is no path either."""


class ModelMissing(ModelError):
    """The model is known but not on this machine."""


class ModelDamaged(ModelError):
    """The model's file does not match its hash or cannot be loaded."""


class PromptTooLong(ModelError):
    """The prompt and its answer together do not fit the model's context."""

    exit_code = 65


class DeadlinePassed(ModelError):
    """A request was not answered within the time it was given."""

    exit_code = 75


class EngineLost(ModelError):
    """The engine process went away in the middle of a request; the request may be repeated."""


class ExtractError(SemfsError):
    """One file could not be read; `reason` becomes its row in `sys/errors`."""

    exit_code = 65

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


class Unsupported(ExtractError):
    """The file holds no text that an indexer could read (a picture, sound, a program).

    `about` is what it says about itself all the same: title, author and date of a scanned PDF.
    """

    def __init__(self, path: str, reason: str, about: Document | None = None) -> None:
        super().__init__(path, reason)
        self.about = about


class PlanError(SemfsError):
    """A plan is not valid; lines and columns count from 1."""

    exit_code = 65

    def __init__(self, reason: str, *, line: int = 0, column: int = 0) -> None:
        super().__init__(f"line {line}, column {column}: {reason}" if line else reason)
        self.reason = reason
        self.line = line
        self.column = column


class PlanSyntaxError(PlanError):
    """The text is not in the plan language."""


class PlanTypeError(PlanError):
    """A call has an unknown operator, an unknown name or a value of the wrong type."""


class PlanningFailed(SemfsError):
    """The model gave no valid plan; `str()` says what was tried."""


class StepFailed(SemfsError):
    """A step of a job failed for a reason that the user can read."""


class RequestError(SemfsError):
    """What was written to or opened in the mount is refused."""


class BadRequest(RequestError):
    """Empty or malformed."""

    exit_code = 65


class RequestTooLong(RequestError):
    """Longer than `jobs.max_request_bytes`."""

    exit_code = 65


class QueueFull(RequestError):
    """Too many jobs or readers are waiting."""

    exit_code = 75


class NotPermitted(RequestError):
    """Not allowed at this place of the tree."""

    exit_code = 77


class NoSuchEntry(RequestError):
    """There is no such thing."""


class AlreadyExists(RequestError):
    """There is something of this name."""


class NameTooLong(RequestError):
    """Longer than a name that is listed may be."""


class NoAttribute(RequestError):
    """There is no extended attribute of this name."""


class Interrupted(RequestError):
    """The caller stopped waiting."""

    exit_code = 130
