"""Requests for what no plan can do: change or delete files, send, buy.  Pure.

A plan reads files and makes new ones.  A model that is asked for something else writes the
plan that looks most like it, and its result would pass for the deed.
"""

from __future__ import annotations

import re
from typing import Final

_POLITE: Final = (
    "(?:(?:please|can you|could you|would you|i want you to|bitte|kannst du|könntest du"
    "|请你?|帮我|麻烦你?) ?)*"
)
# With what is done to something: "pay slips of 2023" and "forward contracts" are looked for.
_ENGLISH: Final = (
    r"(?:delete|erase|rename|overwrite|move|remove|upload|download|install|send|forward|post|pay|e-?mail)"
    r" (?:the|an?|all|my|our|this|these|that|those|every|each|both|it|them|everything|old|files?|e-?mails?"
    r"|https?:|[\w-]+\.[a-z]{2,4}\b)|buy|order (?:an?|some)\b|reply to|subscribe to|shut down|reboot"
)
_GERMAN: Final = (
    r"lösche?|entferne|benenne|verschiebe?|überschreibe?|installiere|sende|schicke?|verschicke|kaufe?|bestelle?"
    r"|bezahle?|lade?(?=.* (?:herunter|hoch)\b)"
)
_CHINESE: Final = "删除|删掉|移除|重命名|移动|覆盖|上传|下载|安装|卸载|发送|发邮件|购买|订购|支付|打电话"
_DEEDS: Final = re.compile(
    rf"\W*{_POLITE}(?:(?P<deed>(?:{_ENGLISH}|{_GERMAN})\b|{_CHINESE})|[把将给].+?(?P<to>{_CHINESE}|发给))",
    re.IGNORECASE,
)
# What is done to numbers and rows of the request's own, and questions: "remove 3 from [1, 2, 3]".
_OTHERWISE: Final = re.compile(
    r"\[|\d\s*[,;+*/^]\s*\d|from the (?:list|text|sentence)|decimal|duplicate|rows?\b|columns?\b|doppelte"
    r"|重复|什么|多少|哪|谁|吗|怎么|[译成]",
    re.IGNORECASE,
)


def beyond(request: str) -> str:
    """Return the words for what is asked and cannot be done, "" if nothing is."""
    found = _DEEDS.match(" ".join(request.split()))
    return found["deed"] or found["to"] if found and not _OTHERWISE.search(request) else ""
