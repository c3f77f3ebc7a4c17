"""A request in one language about files in another: its words are translated before they are looked for.

The embedder may know English only, and words find words.  What is translated are words of the
request, never a document, and the translation is only looked for: a small model takes "Kaution"
for the rent, and what is answered is the question as it was asked.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

from semfs.jobs import prompts
from semfs.jobs.context import Context
from semfs.model import FileRow, Sampling
from semfs.store.analysis import is_unspaced

NAMES: Final = {
    "en": "English",
    "de": "German",
    "zh": "Chinese",
    "fr": "French",
    "es": "Spanish",
    "it": "Italian",
}
# Words that requests have and other languages have not, by language.
_WORDS: Final = {
    "de": "der das und für wir ist sind wie viele welche welcher welches wer wann wo wurde von vom mit bei "
    "nach zum zur über alle aller bis im am den dem des eine einen unsere liste fasse zusammen übersetze",
    "fr": "le les des est sont quel quelle qui où quand combien nous avec pour dans résume",
    "es": "el los las es son cuál quién dónde cuándo cuánto con para nuestra resume",
}
_TELLING: Final = {language: frozenset(words.split()) for language, words in _WORDS.items()}
_LEAST: Final = 0.2  # share of the files in a language that makes a translation worth while
_QUERY: Final = Sampling(max_tokens=80, stop=("\n", ">>>"))


def language_of(request: str) -> str:
    """Return the language that a request is likely to be in."""
    if is_unspaced(request):
        return "zh"
    said = re.findall(r"\w+", request.casefold())
    counted = {language: sum(word in telling for word in said) for language, telling in _TELLING.items()}
    best = max(counted, key=lambda language: counted[language])
    return best if counted[best] else "en"


def foreign(request: str, files: Sequence[FileRow]) -> str:
    """Return the name of the language that most files are in, "" if it is the request's own or none is."""
    own = language_of(request)
    counted = Counter(row.language for row in files if row.language in NAMES and row.language != own)
    language, count = next(iter(counted.most_common(1)), ("", 0))
    return NAMES[language] if language and count >= _LEAST * len(files) else ""


def translated(words: str, to: str, context: Context) -> str:
    """Return words of the request in another language."""
    asked = prompts.translate(words, to)
    answer = context.ask(asked, _QUERY).removeprefix(asked.prefill)
    found = " ".join(answer.split())
    context.log(f"in {to}: {found}")
    return found
