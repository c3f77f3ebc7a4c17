"""E-mail: single messages (EML) and mailboxes (mbox)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import policy
from email.errors import MessageError
from email.message import Message
from email.parser import BytesParser

from semfs.indexers.charset import decode
from semfs.indexers.dates import parse_date
from semfs.indexers.html import text_of
from semfs.indexers.source import load
from semfs.model import Document, Kind, Section

SHOWN = ("From", "To", "Cc", "Bcc", "Date", "Subject")
RECIPIENTS = ("To", "Cc", "Bcc")
SEPARATOR = re.compile(rb"^From \S.{0,200}?\d\d:\d\d.{0,40}?\d{4}\s{0,3}$", re.MULTILINE)
TEXT_TYPES = ("text/plain", "text/html")


@dataclass(frozen=True, slots=True)
class Letter:
    """One message as it is indexed."""

    subject: str
    sender: str
    recipients: tuple[str, ...]
    date: str
    text: str


class Mail:
    """Read one message: its subject is the title, its sender the author."""

    name = "eml"
    kind = Kind.EMAIL

    def read(self, path: str) -> Document:
        letter = _letter(load(path))
        return Document(
            (Section(letter.text, letter.subject),),
            title=letter.subject,
            author=letter.sender,
            created=parse_date(letter.date),
            recipients=", ".join(letter.recipients),
        )


class Mailbox:
    """Read a mailbox, a section a message: its authors are the senders, its date that of the newest."""

    name = "mbox"
    kind = Kind.EMAIL

    def read(self, path: str) -> Document:
        data = load(path)
        letters = [(line, letter) for line, message in _messages(data) if (letter := _letter(message)).text]
        sections = tuple(Section(letter.text, letter.subject, line=line) for line, letter in letters)
        dates = [date for _, letter in letters if (date := parse_date(letter.date)) is not None]
        return Document(
            sections or (Section(decode(data), line=1),),
            title=letters[0][1].subject if len(letters) == 1 else "",
            author=", ".join(dict.fromkeys(letter.sender for _, letter in letters if letter.sender)),
            created=max(dates, default=None),
            recipients=", ".join(dict.fromkeys(one for _, letter in letters for one in letter.recipients)),
        )


def _messages(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield (line that it begins at, message without its "From " line)."""
    starts = [found.start() for found in SEPARATOR.finditer(data) if _after_blank(data, found.start())]
    line = 1
    for begin, end in zip(starts or [0], [*starts[1:], len(data)], strict=True):
        message = data[begin:end]
        headed = message.partition(b"\n")[2] if starts else message
        yield line, headed.replace(b"\n>From ", b"\nFrom ")
        line += message.count(b"\n")


def _after_blank(data: bytes, start: int) -> bool:
    return start == 0 or data[max(0, start - 4) : start].replace(b"\r", b"").endswith(b"\n\n")


def _letter(data: bytes) -> Letter:
    message = BytesParser(policy=policy.compat32).parsebytes(data.lstrip())
    fields = {name: _field(message, name) for name in SHOWN}
    names = _attachments(message)
    lines = [f"{name}: {value}" for name, value in fields.items() if value]
    if names:
        lines.append(f"Attachments: {', '.join(names)}")
    return Letter(
        fields["Subject"],
        fields["From"],
        tuple(fields[name] for name in RECIPIENTS if fields[name]),
        fields["Date"],
        "\n".join([*lines, "", _body(message)]).strip("\n"),
    )


def _field(message: Message, name: str) -> str:
    """Return a header field decoded; what breaks the rules is kept as it stands."""
    raw = message.get(name)
    if raw is None:
        return ""
    try:
        value = str(policy.default.header_factory(name, str(raw).replace("\n", " ").replace("\r", " ")))
    except (ValueError, LookupError, IndexError, AttributeError, TypeError, MessageError):
        value = str(raw)
    return " ".join(value.split())


def _body(message: Message) -> str:
    """Return plain text where there is some, else what the HTML says; all parts in order."""
    texts: dict[str, list[str]] = {kind: [] for kind in TEXT_TYPES}
    for part in message.walk():
        kind = part.get_content_type()
        if kind in texts and part.get_content_disposition() != "attachment":
            texts[kind].append(_text(part))
    plain = "\n\n".join(text.strip("\n") for text in texts["text/plain"] if text.strip())
    return plain or "\n\n".join(text_of(text) for text in texts["text/html"])


def _text(part: Message) -> str:
    payload = part.get_payload(decode=True)
    return decode(payload, part.get_content_charset("")) if isinstance(payload, bytes) else ""


def _attachments(message: Message) -> list[str]:
    return [name for part in message.walk() if (name := _filename(part))]


def _filename(part: Message) -> str:
    try:
        return " ".join((part.get_filename() or "").split())
    except (ValueError, LookupError, TypeError):
        return ""
