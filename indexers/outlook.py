"""Messages that were saved from Outlook (MSG), each attachment as its own indexer reads it.

A message is an OLE file whose streams are properties, named by their number and type in
[MS-OXPROPS] and [MS-OXMSG]; what is attached and who had it are folders with properties of their own.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import olefile  # type: ignore[import-untyped]

from semfs.errors import ExtractError
from semfs.indexers.charset import decode, tidy
from semfs.indexers.dates import timestamp
from semfs.indexers.html import text_of
from semfs.indexers.mail import add_attached
from semfs.indexers.members import Load, members_of
from semfs.indexers.source import load
from semfs.model import Document, Kind, Section

BROKEN = (OSError, ValueError, IndexError, TypeError, OverflowError, AttributeError, struct.error)
SUBJECT, BODY, HTML = 0x0037, 0x1000, 0x1013
SENDER_NAME, SENDER_ADDRESS, SENDER_SMTP = 0x0C1A, 0x0C1F, 0x5D01
SHOWN_TO, SHOWN_CC = 0x0E04, 0x0E03
NAME, ADDRESS, SMTP = 0x3001, 0x3003, 0x39FE  # of a recipient
LONG_NAME, SHORT_NAME, CONTENT = 0x3707, 0x3704, 0x3701  # of an attachment
SUBMITTED, DELIVERED, CREATED = 0x0039, 0x0E06, 0x3007
CODE_PAGE, INTERNET_CODE_PAGE = 0x3FFD, 0x3FDE
ISO_8859 = 28590  # code page of part 1 is one more, and so on
UNICODE, NARROW, BINARY, OBJECT = 0x001F, 0x001E, 0x0102, 0x000D  # types of properties
PROPERTIES, HEADER, ENTRY = "__properties_version1.0", 32, struct.Struct("<HHIQ")
EPOCH = datetime(1601, 1, 1, tzinfo=UTC)  # of FILETIME, in units of 100 ns
FOLDER = re.compile(r"__(recip|attach)_version1\.0_#")
X500 = re.compile(r"/o=", re.IGNORECASE)  # an address that only Exchange understands


class OutlookMessage:
    """Read a message: its subject is the title, its sender the author."""

    name = "msg"
    kind = Kind.EMAIL

    def read(self, path: str) -> Document:
        data = load(path)
        try:
            with olefile.OleFileIO(data) as file:
                message = _Message(file)
                recipients = list(dict.fromkeys(message.people()))
                with members_of(path, len(data)) as members:
                    add_attached(tuple(message.attached(path)), members)
                return Document(
                    (Section(message.text(recipients), message.said(SUBJECT)), *members.sections),
                    title=message.said(SUBJECT),
                    author=message.sender(),
                    created=message.date(),
                    recipients=", ".join(recipients),
                    incomplete=members.missing,
                    scans=members.scans,
                )
        except BROKEN as error:
            raise ExtractError(path, "damaged: cannot be read as an Outlook message") from error


class _Message:
    """The properties of a message, or of one that is attached, which lies `below` a folder."""

    def __init__(self, file: Any, below: str = "") -> None:
        self._file = file
        self._below = below
        self._numbers = dict(self._fixed())
        page = self._numbers.get(CODE_PAGE) or self._numbers.get(INTERNET_CODE_PAGE, 1252)
        self._page = _codec(page & 0xFFFF)

    def said(self, property: int, below: str = "") -> str:
        """Return a property as text, "" if there is none."""
        if (wide := self._stream(property, UNICODE, below)) is not None:
            return tidy(wide.decode("utf-16-le", "replace"))
        narrow = self._stream(property, NARROW, below)
        if narrow is None:
            return ""
        try:
            return tidy(narrow.decode(self._page))
        except (LookupError, UnicodeDecodeError):
            return decode(narrow)

    def sender(self) -> str:
        address = self.said(SENDER_SMTP) or self.said(SENDER_ADDRESS)
        return _person(self.said(SENDER_NAME), address)

    def people(self) -> Iterator[str]:
        """Yield those to whom it was sent."""
        folders = self._folders("recip")
        for folder in folders:
            address = self.said(SMTP, folder) or self.said(ADDRESS, folder)
            if person := _person(self.said(NAME, folder), address):
                yield person
        if not folders:
            yield from filter(None, (self.said(SHOWN_TO), self.said(SHOWN_CC)))

    def date(self) -> float | None:
        ticks = next(
            (self._numbers[one] for one in (SUBMITTED, DELIVERED, CREATED) if one in self._numbers), 0
        )
        try:
            return timestamp(EPOCH + timedelta(microseconds=ticks // 10)) if ticks else None
        except OverflowError:
            return None

    def text(self, recipients: list[str]) -> str:
        """Return the message as a mail is shown."""
        names = [self._name_of(folder) for folder in self._folders("attach")]
        created = self.date()
        date = datetime.fromtimestamp(created, UTC).strftime("%a, %d %b %Y %H:%M:%S %z") if created else ""
        fields = {
            "From": self.sender(),
            "To": ", ".join(recipients),
            "Date": date,
            "Subject": self.said(SUBJECT),
            "Attachments": ", ".join(filter(None, names)),
        }
        lines = [f"{name}: {value}" for name, value in fields.items() if value]
        return "\n".join([*lines, "", self._body()]).strip("\n")

    def attached(self, path: str) -> Iterator[tuple[str, Load]]:
        """Yield the name of each attachment and how to have its bytes; an attached message as a mail."""
        for folder in self._folders("attach"):
            inner = f"{folder}/{_named(CONTENT, OBJECT)}"
            if self._file.exists(f"{self._below}{inner}/{PROPERTIES}"):
                message = _Message(self._file, f"{self._below}{inner}/")
                yield f"{message.said(SUBJECT) or 'message'}.eml", message.as_mail
            elif self._file.exists(f"{self._below}{folder}/{_named(CONTENT, BINARY)}"):
                yield self._name_of(folder) or "attachment", partial(self._content, path, folder)

    def as_mail(self) -> bytes:
        return self.text(list(self.people())).encode("utf-8", "replace")

    def _content(self, path: str, folder: str) -> bytes:
        try:
            return self._stream(CONTENT, BINARY, folder) or b""
        except BROKEN as error:
            raise ExtractError(path, "damaged: cannot be taken out of the message") from error

    def _body(self) -> str:
        if plain := self.said(BODY):
            return plain
        page = self._stream(HTML, BINARY)
        return text_of(decode(page) if page else self.said(HTML))

    def _name_of(self, folder: str) -> str:
        return self.said(LONG_NAME, folder) or self.said(SHORT_NAME, folder) or self.said(NAME, folder)

    def _folders(self, sort: str) -> list[str]:
        depth = self._below.count("/")
        names = {
            entry[depth] for entry in self._file.listdir() if self._is_below(entry) and len(entry) > depth + 1
        }
        return sorted(name for name in names if (found := FOLDER.match(name)) and found[1] == sort)

    def _is_below(self, entry: list[str]) -> bool:
        return "/".join(entry).lower().startswith(self._below.lower())

    def _stream(self, property: int, type: int, below: str = "") -> bytes | None:
        place = f"{self._below}{f'{below}/' if below else ''}{_named(property, type)}"
        if not self._file.exists(place) or self._file.get_type(place) != olefile.STGTY_STREAM:
            return None
        content: bytes = self._file.openstream(place).read()
        return content

    def _fixed(self) -> Iterator[tuple[int, int]]:
        """Yield the properties that are numbers."""
        if not self._file.exists(f"{self._below}{PROPERTIES}"):
            return
        data = self._file.openstream(f"{self._below}{PROPERTIES}").read()
        start = HEADER - (8 if self._below else 0)
        for place in range(start, len(data) - ENTRY.size + 1, ENTRY.size):
            _type, property, _flags, value = ENTRY.unpack_from(data, place)
            yield property, value


def _codec(page: int) -> str:
    return f"iso8859-{page - ISO_8859}" if ISO_8859 < page <= ISO_8859 + 16 else f"cp{page}"


def _named(property: int, type: int) -> str:
    return f"__substg1.0_{property:04X}{type:04X}"


def _person(name: str, address: str) -> str:
    """Return a name with its address, unless that says nothing more or only something to Exchange."""
    name = name.strip(" '")
    address = "" if X500.match(address) else address.strip()
    return f"{name} <{address}>" if name and address and address != name else name or address
