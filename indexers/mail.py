"""E-mail: single messages (EML) and mailboxes (mbox), each attachment as its own indexer reads it."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import policy
from email.errors import MessageError
from email.message import Message
from email.parser import BytesParser
from email.utils import getaddresses
from functools import partial

from semfs.errors import ExtractError
from semfs.indexers.charset import decode
from semfs.indexers.dates import parse_date
from semfs.indexers.html import text_of
from semfs.indexers.members import Bomb, Load, Members, members_of
from semfs.indexers.source import load
from semfs.model import Document, Kind, Section

SHOWN = ("From", "To", "Cc", "Bcc", "Date", "Subject")
RECIPIENTS = ("To", "Cc", "Bcc")
SEPARATOR = re.compile(rb"^From \S.{0,200}?\d\d:\d\d.{0,40}?\d{4}\s{0,3}$", re.MULTILINE)
# What the standard library raises at header fields that break the rules.
UNSOUND = (
    ValueError, ArithmeticError, LookupError, AttributeError, TypeError, RecursionError, MessageError,
)  # fmt: skip
TEXT_TYPES = ("text/plain", "text/html")


@dataclass(frozen=True, slots=True)
class Letter:
    """One message as it is indexed."""

    subject: str
    sender: str
    recipients: tuple[str, ...]
    date: str
    text: str
    attached: tuple[tuple[str, Load], ...]  # name, and how to have its bytes


class Mail:
    """Read one message: its subject is the title, its sender the author."""

    name = "eml"
    kind = Kind.EMAIL

    def read(self, path: str) -> Document:
        data = load(path)
        letter = _letter(data)
        with members_of(path, len(data)) as members:
            add_attached(letter.attached, members)
        return Document(
            (Section(letter.text, letter.subject), *members.sections),
            title=letter.subject,
            author=letter.sender,
            created=parse_date(letter.date),
            recipients=", ".join(letter.recipients),
            incomplete=members.missing,
            scans=members.scans,
        )


class Mailbox:
    """Read a mailbox, a section a message: its authors are the senders, its date that of the newest."""

    name = "mbox"
    kind = Kind.EMAIL

    def read(self, path: str) -> Document:
        data = load(path)
        letters: list[Letter] = []
        with members_of(path, len(data)) as members:
            for line, message in _messages(data):
                if members.done:
                    break
                letter = _letter(message)
                if not letter.text:
                    continue
                letters.append(letter)
                members.sections.append(Section(letter.text, letter.subject, line=line))
                add_attached(letter.attached, members, under=letter.subject)
        dates = [date for letter in letters if (date := parse_date(letter.date)) is not None]
        return Document(
            members.sections or (Section(decode(data), line=1),),
            title=letters[0].subject if len(letters) == 1 else "",
            author=", ".join(dict.fromkeys(letter.sender for letter in letters if letter.sender)),
            created=max(dates, default=None),
            recipients=", ".join(dict.fromkeys(one for letter in letters for one in letter.recipients)),
            incomplete=members.missing,
            scans=members.scans,
        )


def add_attached(attached: tuple[tuple[str, Load], ...], members: Members, *, under: str = "") -> None:
    """Read what is attached to a message, as far as there is room; a bomb costs no message its text."""
    try:
        for name, content in attached:
            if not members.room():
                return
            members.add(name, content, under=under)
    except Bomb as error:
        members.stop(error.reason)


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
    names = [name for part in _parts(message) if (name := _filename(part))]
    lines = [f"{name}: {value}" for name, value in fields.items() if value]
    if names:
        lines.append(f"Attachments: {', '.join(names)}")
    return Letter(
        fields["Subject"],
        fields["From"],
        tuple(dict.fromkeys(one for name in RECIPIENTS for one in _people(fields[name]))),
        fields["Date"],
        "\n".join([*lines, "", _body(message)]).strip("\n"),
        tuple((_called(part), partial(_content, part)) for part in _parts(message) if _is_attached(part)),
    )


def _field(message: Message, name: str) -> str:
    """Return a header field decoded; what breaks the rules is kept as it stands."""
    raw = message.get(name)
    if raw is None:
        return ""
    try:
        value = str(policy.default.header_factory(name, str(raw).replace("\n", " ").replace("\r", " ")))
    except UNSOUND:
        value = str(raw)
    return " ".join(value.split())


def _people(field: str) -> list[str]:
    """Return those whom a field names one by one; all of it as one where it breaks the rules."""
    pairs = [pair for pair in getaddresses([field]) if any(pair)] if field else []
    return [f"{name} <{address}>" if name and address else name or address for name, address in pairs] or (
        [field] if field else []
    )


def _parts(message: Message) -> Iterator[Message]:
    """Yield the parts of a message in order, not those of messages that are attached to it."""
    waiting = [message]
    while waiting:
        part = waiting.pop()
        yield part
        if not _is_message(part):
            waiting += reversed(_inside(part))


def _inside(part: Message) -> list[Message]:
    payload = part.get_payload() if part.is_multipart() else []
    return [inner for inner in payload if isinstance(inner, Message)]


def _is_message(part: Message) -> bool:
    return part.get_content_maintype() == "message"


def _body(message: Message) -> str:
    """Return plain text where there is some, else what the HTML says; all parts in order."""
    texts: dict[str, list[str]] = {kind: [] for kind in TEXT_TYPES}
    for part in _parts(message):
        kind = part.get_content_type()
        if kind in texts and part.get_content_disposition() != "attachment":
            texts[kind].append(_text(part))
    plain = "\n\n".join(text.strip("\n") for text in texts["text/plain"] if text.strip())
    return plain or "\n\n".join(text_of(text) for text in texts["text/html"])


def _text(part: Message) -> str:
    payload = part.get_payload(decode=True)
    return decode(payload, part.get_content_charset("")) if isinstance(payload, bytes) else ""


def _is_attached(part: Message) -> bool:
    if part.get_content_type() == "message/rfc822":
        return True
    if part.is_multipart() or _is_message(part):  # of several parts, or about the delivery
        return False
    return part.get_content_disposition() == "attachment" or part.get_content_type() not in TEXT_TYPES


def _content(part: Message) -> bytes:
    try:
        for message in _inside(part):
            return message.as_bytes()
        content = part.get_payload(decode=True)
    except (ValueError, LookupError, AttributeError, TypeError, MessageError) as error:
        raise ExtractError(_called(part), "damaged: cannot be decoded") from error
    return content if isinstance(content, bytes) else b""


def _called(part: Message) -> str:
    """Return what an attachment is called; a message without a file name goes by its subject."""
    if name := _filename(part):
        return name
    for message in _inside(part):
        return f"{_field(message, 'Subject') or 'message'}.eml"
    return f"attachment{mimetypes.guess_extension(part.get_content_type()) or ''}"


def _filename(part: Message) -> str:
    try:
        return " ".join((part.get_filename() or "").split())
    except (ValueError, LookupError, TypeError):
        return ""
