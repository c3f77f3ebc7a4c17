"""Authors, senders and recipients in plain words, in six languages: "from Anna", "mails an Bob", "王伟写的".

"from X" may be a time, a folder or the matter as well, so that a name is only taken if some
file of the catalogue has an author or sender of that name, which a callable is asked; so it is
for recipients, and "to X" is one only in a query that names mail.
"""

from __future__ import annotations

import re
from typing import Final

from semfs.model import Filters
from semfs.search.kinds import FOLLOWING, LEADS
from semfs.search.reading import AUTHOR, CUT, MARK, RECIPIENT, TAGGED, IsName, Reading, words

_WORD: Final = rf"(?:{MARK}+|[^\W\d_][\w.'’&@+-]{{0,60}})"
_NAME: Final = rf"(?P<name>{_WORD}(?: {_WORD}){{0,3}})"
_BY: Final = (
    "from|by|written by|sent by|authored by|created by"
    "|von|vom|geschrieben von|gesendet von|verfasst von"
    "|de|d'|du|par|écrite?s? par|envoyée?s? par|de la part de"
    "|por|escrit[oa]s? por|enviad[oa]s? por|de parte de"
)
_SPACED = re.compile(rf"(?<!\S)(?:{_BY})(?:(?<=') ?| )(?={_NAME})", re.IGNORECASE)
_STUCK_NAME: Final = rf"[^\s{CUT}{MARK}\W的来自由]{{2,12}}?"
_STUCK_FROM: Final = "来自|作者是?|发件人是?"
_WROTE: Final = (
    "所?写的?|撰写的|发的|发来的|寄来的|发送的|[がの]書いた|から送られた|からの|からきた|が送った|著の"
)
_STUCK = re.compile(
    rf"(?:(?:{_STUCK_FROM}|由) ?)?(?P<name>{_STUCK_NAME}) ?(?:{_WROTE})"
    rf"|(?:{_STUCK_FROM}) ?(?P<from>{_STUCK_NAME})(?:的|$)"
)
# What programs write down as the author where nobody has said who it is.
_NOBODY = words("user users administrator admin test unknown anonymous author owner sample info root")
_TAG = re.compile(
    rf"(?<!\S)(?:author|by|from|sender|autor|auteur|作者|发件人):(?P<name>{_WORD})", re.IGNORECASE
)
_TO: Final = (
    "to|sent to|addressed to|written to"
    "|an|gesendet an|geschickt an|gerichtet an|adressiert an"
    "|à|pour|envoyée?s? à|adressée?s? à|écrite?s? à|destinée?s? à"
    "|a|para|enviad[oa]s? a|dirigid[oa]s? a|escrit[oa]s? a"
)
_SPACED_TO = re.compile(rf"(?<!\S)(?:{_TO}) (?={_NAME})", re.IGNORECASE)
# Mail in many words; a query is about it if one of them stands at its head.
_MAIL: Final = (
    r"(?:e-?)?mails?|(?:e-?mail )?messages?|letters?|invitations?"
    r"|nachrichten?|briefe?|einladung(?:en)?"
    r"|courriels?|courriers?|lettres?"
    r"|correos?(?: electrónicos?)?|mensajes?|cartas?|invitaci(?:ón|ones)"
)
_OF_MAIL = re.compile(rf"^\s*{LEADS}(?:[^\s{CUT}{MARK}]+ ){{0,2}}?(?:{_MAIL})(?![\w-])", re.IGNORECASE)
_STUCK_MAIL: Final = "邮件|郵件|信|メール|手紙|邀请|招待"
_STUCK_TO = re.compile(
    rf"(?P<from>{_STUCK_NAME})?(?:[发發]送?[给給]|寄[给給]|写[给給]) ?(?P<name>{_STUCK_NAME})的"
    rf"|(?:(?P<sender>{_STUCK_NAME})から)?(?P<to>{_STUCK_NAME})(?:さん)?(?:[宛あ]て?の|への|に送(?:った|られた))"
)
_TAG_TO = re.compile(
    rf"(?<!\S)(?:to|cc|recipient|empfänger|destinataire|destinatario|收件人|宛先):(?P<name>{_WORD})",
    re.IGNORECASE,
)


def take_tagged(reading: Reading) -> None:
    for match in _TAG_TO.finditer(reading.left):
        name = reading.named(match.span("name")).replace("_", " ")
        _take_recipient(reading, match.span(), name, TAGGED)
    for match in _TAG.finditer(reading.left):
        name = reading.named(match.span("name")).replace("_", " ")
        _take(reading, match.span(), name, TAGGED)


def names_mail(text: str) -> bool:
    """Say whether a query is one for mail: "emails …", "zeige mir Briefe …", "…的邮件"."""
    return bool(_OF_MAIL.match(text) or (not text.isascii() and re.search(_STUCK_MAIL, text)))


def take(reading: Reading) -> None:
    """Take a recipient, if the query is one for mail, then an author."""
    if reading.of_mail:
        _take_recipients(reading)
    if found := _longest(reading, _SPACED, reading.is_author):
        _take(reading, *found, AUTHOR)
    elif not reading.left.isascii():
        _take_stuck(reading)


def _take_recipients(reading: Reading) -> None:
    if found := _longest(reading, _SPACED_TO, reading.is_recipient):
        _take_recipient(reading, *found, RECIPIENT)
        return
    for match in () if reading.left.isascii() else _STUCK_TO.finditer(reading.left):
        given = "name" if match["name"] else "to"
        if reading.is_recipient(match[given]):
            sender = "from" if match["from"] else "sender"
            if match[sender] and reading.is_author(match[sender]):
                _take(reading, match.span(sender), match[sender], AUTHOR)
            _take_recipient(
                reading, (max(match.end(sender), match.start()), match.end()), match[given], RECIPIENT
            )
            return


def _longest(
    reading: Reading, before: re.Pattern[str], is_name: IsName
) -> tuple[tuple[int, int], str] | None:
    """Return where the longest name stands that follows such a word, with the word, and the name."""
    for match in before.finditer(reading.left):
        end = match.end("name")
        while end > match.start("name"):
            name = reading.named((match.start("name"), end)).rstrip(".,")
            if len(name) > 1 and _ends(name, reading.left[end:]) and is_name(name):
                return (match.start(), end), name
            end = reading.left.rfind(" ", match.start("name"), end)
    return None


def _ends(name: str, after: str) -> bool:
    """Say whether a name may end here: "from test results" has none, though files may be by "Test"."""
    if name.casefold() in _NOBODY:
        return False
    following = after.split(maxsplit=1)
    return (
        not following
        or name[0].isupper()
        or following[0][0] in (CUT, MARK)
        or following[0].casefold() in FOLLOWING
    )


def _take_stuck(reading: Reading) -> None:
    for match in _STUCK.finditer(reading.left):
        name = match["name"] or match["from"]
        if reading.is_author(name):
            _take(reading, match.span(), name, AUTHOR)
            return


def _take(reading: Reading, span: tuple[int, int], name: str, doubt: int) -> None:
    reading.take(span, f"author {name}", Filters(author=name), doubt=doubt, content=doubt != TAGGED)


def _take_recipient(reading: Reading, span: tuple[int, int], name: str, doubt: int) -> None:
    asked = Filters(recipient=name)
    reading.take(span, f"recipient {name}", asked, doubt=doubt, content=doubt != TAGGED)
