"""Calendars (ICS) and contacts (VCF), event by event and card by card.

Both are content lines (RFC 5545, RFC 6350).  They are read here rather than by icalendar or
vobject, which give nothing of a file that is cut off, no lines, and in one case no end.
"""

from __future__ import annotations

import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from semfs.indexers.charset import decode
from semfs.indexers.dates import parse_date
from semfs.indexers.source import load_lines
from semfs.model import Document, Kind, Section

LONGEST = 20_000  # characters of a value; pictures and keys are longer
MOMENT = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)(?:T(\d\d):?(\d\d))?")
ESCAPE = re.compile(r"\\([\\;,nN])")
EVENTS = frozenset({"VEVENT", "VTODO", "VJOURNAL"})
SHOWN = {  # what of an event or a card is shown, in this order
    "DTSTART": "Start", "DTEND": "End", "DUE": "Due", "LOCATION": "Location", "ORGANIZER": "Organizer",
    "ATTENDEE": "Attendees", "STATUS": "Status", "CATEGORIES": "Categories", "RRULE": "Repeats", "URL": "URL",
    "NICKNAME": "Nickname", "ORG": "Organisation", "TITLE": "Position", "ROLE": "Role", "EMAIL": "E-mail",
    "TEL": "Phone", "ADR": "Address", "BDAY": "Birthday", "IMPP": "Messenger",
}  # fmt: skip
BODY = ("DESCRIPTION", "COMMENT", "NOTE")
PEOPLE = frozenset({"ORGANIZER", "ATTENDEE"})
TIMES = frozenset({"DTSTART", "DTEND", "DUE", "BDAY"})
LISTED = frozenset({"ORG", "ADR", "N"})  # parts with semicolons between them


@dataclass(slots=True)
class Part:
    """An event or a card: its values by name, in the order of the file."""

    line: int
    values: dict[str, list[str]] = field(default_factory=dict)

    def first(self, name: str) -> str:
        return self.values.get(name, [""])[0]


class Calendar:
    """Read events, tasks and journals."""

    name = "ics"
    kind = Kind.DATA

    def read(self, path: str) -> Document:
        lines = load_lines(path)
        events = list(parts(lines, EVENTS))
        people = dict.fromkeys(person for event in events for person in event.values.get("ATTENDEE", ()))
        dates = [date for event in events if (date := _written(event)) is not None]
        return Document(
            tuple(
                Section(_text(event, event.first("SUMMARY")), event.first("SUMMARY"), line=event.line)
                for event in events
            ),
            title=_name(lines) or (events[0].first("SUMMARY") if events else ""),
            author=next((event.first("ORGANIZER") for event in events if event.first("ORGANIZER")), ""),
            created=max(dates, default=None),
            recipients=", ".join(people),
        )


class Contacts:
    """Read contacts."""

    name = "vcf"
    kind = Kind.DATA

    def read(self, path: str) -> Document:
        cards = list(parts(load_lines(path), frozenset({"VCARD"})))
        names = [_full_name(card) for card in cards]
        return Document(
            tuple(
                Section(_text(card, name), name, line=card.line)
                for card, name in zip(cards, names, strict=True)
            ),
            title=names[0] if len(names) == 1 else "",
        )


def parts(lines: list[str], wanted: frozenset[str]) -> Iterator[Part]:
    """Yield the parts of these sorts; one that is cut off ends with the file."""
    part: Part | None = None
    inside = 0  # alarms and the like within it
    for number, name, value in content_lines(lines):
        if name == "BEGIN":
            if value.upper() in wanted:
                if part is not None:
                    yield part
                part, inside = Part(number), 0
            else:
                inside += 1
        elif name == "END":
            if part is not None and value.upper() in wanted:
                yield part
                part = None
            inside = max(0, inside - 1)
        elif part is not None and not inside:
            part.values.setdefault(name, []).append(value)
    if part is not None:
        yield part


def content_lines(lines: list[str]) -> Iterator[tuple[int, str, str]]:
    """Yield (number of its first line, name, value) of each property, unfolded and decoded."""
    pieces: list[str] = []
    first = 1
    for number, line in enumerate([*lines, ""], start=1):
        soft = bool(pieces) and pieces[-1].endswith("=") and "QUOTED-PRINTABLE" in pieces[0].upper()
        if pieces and line[:1] in {" ", "\t"}:
            pieces.append(line[1:])
        elif soft and line:
            pieces[-1] = pieces[-1][:-1]
            pieces.append(line)
        else:
            if found := _property("".join(pieces)):
                yield first, *found
            pieces, first = [line], number


def _property(line: str) -> tuple[str, str] | None:
    """Return name and value; people are their names and addresses, times are as people write them."""
    line = line[: 2 * LONGEST]
    head, value = _halves(line)
    if not head:
        return None
    name, *parameters = head.split(";")
    name = name.rpartition(".")[2].upper()  # "item1.EMAIL": a group before the name
    if "QUOTED-PRINTABLE" in head.upper():
        value = decode(quopri.decodestring(value.encode("utf-8", "replace")))
    if len(value) > LONGEST or "BASE64" in head.upper() or "ENCODING=B" in head.upper():
        return name, ""
    if name in PEOPLE:
        return name, _person(parameters, value)
    if name in TIMES:
        return name, _moment(value)
    if name in LISTED:
        return name, ", ".join(filter(None, (_unescaped(part) for part in re.split(r"(?<!\\);", value))))
    return name, _unescaped(value)


def _halves(line: str) -> tuple[str, str]:
    """Return what stands before the colon that ends the name and its parameters, and what after it."""
    quoted = False
    for place, sign in enumerate(line):
        if sign == '"':
            quoted = not quoted
        elif sign == ":" and not quoted:
            return line[:place], line[place + 1 :]
    return "", ""


def _unescaped(value: str) -> str:
    return ESCAPE.sub(lambda found: "\n" if found[1] in "nN" else found[1], value).strip()


def _person(parameters: list[str], value: str) -> str:
    name = next((each[3:].strip('"') for each in parameters if each[:3].upper() == "CN="), "")
    address = value[7:] if value[:7].lower() == "mailto:" else value
    return f"{name} <{address}>" if name and name != address else address


def _moment(value: str) -> str:
    found = MOMENT.match(value)
    if not found:
        return value
    day = f"{found[1]}-{found[2]}-{found[3]}"
    return f"{day} {found[4]}:{found[5]}" if found[4] else day


def _written(event: Part) -> float | None:
    """Return when an event was entered, else when it takes place."""
    for name in ("CREATED", "DTSTAMP", "LAST-MODIFIED"):
        try:
            moment = datetime.strptime(event.first(name)[:15], "%Y%m%dT%H%M%S")
        except ValueError:
            continue
        return moment.replace(tzinfo=UTC).timestamp()
    return parse_date(event.first("DTSTART")[:10])


def _text(part: Part, title: str) -> str:
    shown = (
        f"{word}: {'; '.join(filter(None, part.values[name]))}"
        for name, word in SHOWN.items()
        if part.values.get(name)
    )
    body = (value for name in BODY for value in part.values.get(name, ()))
    return "\n".join([title, *shown, *body])


def _full_name(card: Part) -> str:
    return card.first("FN") or card.first("N") or card.first("ORG") or card.first("EMAIL")


def _name(lines: list[str]) -> str:
    return next(
        (line.partition(":")[2].strip() for line in lines[:50] if line.startswith("X-WR-CALNAME")), ""
    )
