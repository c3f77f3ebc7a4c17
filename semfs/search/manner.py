"""How a query is put: in words for files, or as a question, a sentence or a task.

A filter is only taken from words for files: "PDFs from 2023" asks for files, "who signed a
treaty in 1985?" asks what one of them says, "read a file larger than 1 GB in python" how
something is done.
"""

from __future__ import annotations

import re
from typing import Final


def _any(words: str) -> str:
    return "|".join(sorted(words.split(), key=len, reverse=True))


# What a question begins with, or has after a few words ("in which year …").
_ASKING: Final = re.compile(
    r"(?<!\w)(?:who|whom|whose|what|when|where|which|why|how"
    r"|wer|wem|wen|wessen|was|wann|wo|woher|wohin|wodurch|womit|warum|weshalb|wieso|wie|welche[rnms]?"
    r"|qui|quoi|quel(?:le)?s?|quand|où|pourquoi|comment|combien|qu'est-ce|est-ce"
    r"|quién|quiénes|qué|cuándo|dónde|cuál|cuáles|cómo|cuántos?|cuántas?|por qué)(?!\w)",
    re.IGNORECASE,
)
_OPENING: Final = re.compile(
    r"^(?:did|does|do|is|are|was|were|can|could|should|would|has|have|had|if|according|name the|name an?"
    r"|ist|sind|war|waren|hat|haben|hatte|kann|können|konnten|wird|wurde|wurden|nenne|gibt)(?!\w)",
    re.IGNORECASE,
)
_ENDING: Final = re.compile(r"(?:[?？吗呢]|(?:です|ます|した|るの|[るたいう])か)\s*[.。]?$|^¿")
_UNSPACED_ASKING: Final = re.compile(
    "谁|誰|什么|甚麼|什麼|哪|多少|几[个次年月人种岁点]|幾|为何|为什么|為什麼|怎么|怎麼|怎样|如何|是否|何时|何地|何人"
    "|なに|何(?:が|を|の|で|は|人|年|月|時)|いつ|どこ|どの|どれ|どう|なぜ|いくつ|いくら"
)
_LONGEST_NOTE: Final = 14  # words; what is longer is a sentence
_SENTENCE: Final = re.compile(r"\w\s*[.。!！]$")

# What one does with files and data: "merge pdfs" asks how, "tax pdfs" for the files.
_TASKS: Final = re.compile(
    r"(?<!\w)(?:"
    + _any(
        "add append apply build calculate call change check combine compare compile compute convert copy"
        " count create define delete detect disable download edit enable export extract fetch fill filter"
        " format generate get import insert install iterate join load loop make merge open parse plot print"
        " process read remove rename replace reset return save send set sort split test upload use using"
        " write python javascript typescript java php sql pandas numpy django flask matplotlib tkinter golang"
    )
    + r")(?!\w)",
    re.IGNORECASE,
)
_DOING: Final = re.compile(
    r"^(?:"
    + _any(
        "adding applying building calculating calling changing checking combining comparing computing"
        " converting counting creating deleting editing extracting fetching filtering finding formatting"
        " generating getting importing installing iterating joining loading looping making merging opening"
        " parsing plotting printing reading removing renaming replacing returning saving sending sorting"
        " splitting testing using writing"
    )
    + r")(?!\w)",
    re.IGNORECASE,
)


def is_question(text: str) -> bool:
    return bool(
        _ENDING.search(text) or _OPENING.search(text) or _ASKING.search(text) or _UNSPACED_ASKING.search(text)
    )


def is_sentence(text: str) -> bool:
    return len(text.split()) > _LONGEST_NOTE or (_SENTENCE.search(text) is not None and " " in text)


def is_task(text: str) -> bool:
    return _TASKS.search(text) is not None or _DOING.match(text) is not None
