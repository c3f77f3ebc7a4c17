"""The rules by which words of time become times: patterns over classes of words, in levels.

A level goes over the words from left to right; what the first rule that fits makes of them
stands for them from then on.  The rules are the same for all languages.  Patterns have no
nested repetition, so that a level takes time linear in the words.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Final

from semfs.search.dates import amounts, days, parts, present, ranges, seasons, units, weekdays, years
from semfs.search.dates.lexicon import DROPPED, ORDINAL
from semfs.search.dates.moments import Moment
from semfs.search.dates.reading import Context, Match, Meaning
from semfs.search.dates.tokens import BEFORE_DAY, DIGITS, Token
from semfs.search.spans import Span

# Besides the classes of words (lexicon.py) and figures (tokens.py), what rules make of them:
MOMENT: Final = "X"
SPAN: Final = "Z"
AMOUNT: Final = "L"

Rule = tuple[str, str, Meaning]  # class of the result, unless it is a moment or a span; pattern; meaning


def _behind(meaning: Meaning) -> Meaning:
    """Keep a rule to languages in which "last" may stand behind: semaine dernière."""
    return lambda m, c: meaning(m, c) if c.language.behind else None


def _unspaced(meaning: Meaning) -> Meaning:
    """Keep a rule to Chinese and Japanese."""
    return lambda m, c: None if c.language.spaced else meaning(m, c)


_D: Final = "[don]"  # the number of a day
_TO: Final = "[-~T&]"
_LEVELS: Final[tuple[tuple[Rule, ...], ...]] = (
    (  # years and amounts
        ("X", "6", days.figures),
        ("Y", "E[dn]N?", years.era),
        ("Y", "i?YNN?", years.bare),
        ("Y", "dN(?![xzsu])", years.marked),
        ("Y", "uY(?!-?D)", years.named),
        ("Y", "u[dn](?![ujNJm])", years.counted),
        ("o", "a[dn]", years.nth),
        ("X", "[od]c[dn]D", years.century_decade),
        ("X", "[odR]c|c[odnR]", years.century),
        ("X", "YD|DY|[don]D|D[don]", years.decade),
        ("Y", "YD", years.possessive),
        ("X", "D?9", years.decade_word),
        ("Z", "(?<![umo])s?[dn][sl]u(?![mY])", amounts.shifted),
        ("Y", "dN(?=[xz])", years.marked_zero),
        ("L", "(?<!u)[dn1]u(?!m)|[dn]N(?=[xz<>])|(?<!j)[dn]J(?=[xz<>])", amounts.amount),
        ("L", "[dn]N|(?<=s)[dn]J", _unspaced(amounts.amount)),
        ("L", "u(?=[xz])", _unspaced(amounts.one)),
        ("u", "(?<=[lo])[JjN]", _unspaced(units.marked)),
        ("Y", "[sl]u|r", years.shifted),
        ("Y", "u[sl](?!u)", _behind(years.shifted)),
        ("r", "su|lu(?![mYXslru])|[sl]c", present.relation),
        ("r", "u[sl](?!u)|c[sl]", _behind(present.relation)),
    ),
    (
        ("Y", "iY|YN", years.bare),
        ("Y", "YY", years.second),
        ("Y", "YD", years.possessive),
        ("L", "L(?:&?L)+", amounts.joined),
    ),
    (  # days, months and what a year has of its own
        ("X", "[od]~?m~?d(?!~?[mu])|mod", days.day_short_year),
        ("X", f"Y~?{_D}~?m|Y~?m~?{_D}|m~Y~{_D}|{_D}~Y~m|m~?{_D}~?Y|{_D}u?~?m~?Y", days.day),
        ("Z", f"m~?{_D}{_TO}{_D}(?!~?u?m)~?Y?|{_D}{_TO}{_D}u?~?mY?|m5Y?|5mY?", days.span_in_month),
        ("Z", f"5i?r|r5|{_D}{_TO}{_D}r|rf?{_D}{_TO}{_D}", days.span_in_month),
        ("X", "Y?[dn]j[dn]J?", days.marked),
        ("X", "Y?[dn]j", days.marked_month),
        ("X", f"r{_D}J?|u?{_D}J?u?r", days.in_month),
        ("X", "ouu", days.this_month),
        ("X", "[dn]J|u[dn](?![mjur])", days.only_day),
        ("X", f"{_D}u?~?m|m~?{_D}", days.day),
        ("X", "u?m~?Y|Y~?m|u?m", days.month),
        ("X", "5Y?", days.pair),
        ("X", "g~?Y|Yg|g", seasons.feast),
        ("X", "kd~?Y|Y~?kd|kd|o~?u~?Y|Y~?ou|ouu?(?![mXr])|u[dn]~?Y|Y~?u[dn]|u[dn]", seasons.quarter),
        ("X", "u[dn]~?Y|Yu[dn]|u[dn](?!u?~?[mjJ])", seasons.week),
        ("X", "(?<![XYr])ou(?![mYXrsl])", seasons.week_number),
        ("X", "hY|Yh|Nh|(?<![rXjm])h(?![Xr])", seasons.half_year),
        ("X", "YL", _unspaced(seasons.counted_quarter)),
        ("X", "eY~[Yd]|eY|Ye|e", seasons.season),
        ("X", "o~?[od]Y?|oo", days.numbered),
    ),
    (  # days of the week
        ("X", "[sl]w~?X", weekdays.shifted_dated),
        ("X", "rwX", ranges.same),
        ("X", "owX|lwX|ow[rY]|lw[rY]|Xow|Xlw|Yow|Ylw", weekdays.nth),
        ("X", "w~?X|X~?w", weekdays.beside),
        ("X", "w[-~]?r|r[-~]?w", weekdays.in_week),
        ("X", "[sl]w", weekdays.shifted),
        ("X", "w[sl]X", _behind(weekdays.shifted_dated)),
        ("X", "w[sl]", _behind(weekdays.shifted)),
        ("X", f"wu?{_D}(?!u)", weekdays.with_day),
        ("X", f"{_D}w", weekdays.behind_day),
    ),
    (  # what lies in larger times
        ("X", "[ol]uu", seasons.nth_of_this),
        ("X", "ou[XYr]|lu[XYr]|[ol]L[XYr]|[dn][ol]u[XYr]", seasons.nth_unit),
        ("X", "[XYr][ol]u|[XYr][ol]L", seasons.nth_unit),
        ("X", "[XYr]xL", _unspaced(seasons.first_of)),
        ("X", "uS?X|uS?o|Xu", seasons.week_of),
        ("X", "[sl]X", present.shifted),
        ("X", "X[sl]", _behind(present.shifted)),
        ("X", "XY", days.in_year),
        ("X", "hX|Xh|hr|rh", seasons.half_of),
    ),
    (
        ("X", "XY", days.in_year),
        ("X", "w~?X|X~?w", weekdays.beside),
        ("X", "p~?[XYru]", parts.part),
        ("X", "[XYr]p|[jN]p", parts.part),
        ("X", "up", _unspaced(parts.part)),
        ("X", "[xz][rY]", parts.earlier),
    ),
    (  # what stood alone
        ("X", "Y", units.whole_year),
        ("X", "rD?", present.this_unit),
        ("X", "o", days.only_day),
        ("X", "u", present.weekend),
        ("X", "(?<=L[ABfv])w", weekdays.plain),
        ("X", "u?(?<!L)tD?(?!vL)", present.near),
    ),
    (  # amounts from the present and from other times
        ("Z", "i?[sl]L", amounts.rolling),
        ("Z", "L[sl]", _behind(amounts.rolling)),
        ("Z", "L<", amounts.coming),
        ("Z", "4L[fS]X|LSX|iLSX", amounts.lasting),
        ("X", "Lt", amounts.before_yesterday),
        ("X", "[<>]?L[ABfvz]X|X[xz]L|XF?L[<>]?[xz]|XFL[<>]", amounts.counted),
        ("X", "u[ABv]X|u[AB]", amounts.next_to),
        ("X", "[<>]?Lx|L[<>]x|t?v[<>]?L|LB", amounts.ago),
        ("X", "i[<>]?L|[<>]?Lz|LA", amounts.ahead),
        ("X", "Lp", amounts.later),
    ),
    (
        ("X", "w~?X|X~?w", weekdays.beside),
        ("X", "w", weekdays.plain),
    ),
    (
        ("Z", "[bfS]?X[-~&T]XY", ranges.both_in_year),
        ("Z", "[bfS]?X[-~T]Xy?|[bf]X&X|X&Xy|f?XFXG?y?", ranges.both),
        ("Z", "f?XF?Z", ranges.to_present),
    ),
    (
        ("Z", "f?XP|u?SXP?|f?XF", ranges.since),
        ("Z", "u?AX|f?Xz|>X", ranges.after),
        ("Z", "u?BX|Xx|<X|vX", ranges.before),
        ("Z", "u?TXQ?|XQ", ranges.until),
        ("Z", "XG", ranges.up_to),
        ("X", "[fi]X", ranges.led),
        ("X", "[-~]X|Xy|[-~&fiSb]Z|Zy", ranges.same),
    ),
)


@lru_cache(maxsize=1)
def _compiled() -> list[list[tuple[str, re.Pattern[str], Meaning]]]:
    return [[(cls, re.compile(pattern), meaning) for cls, pattern, meaning in level] for level in _LEVELS]


def reduced(found: list[Token], c: Context) -> list[Token]:
    """Return the tokens with all that has a meaning replaced by moments and spans."""
    for level in _compiled():
        found = _level(found, level, c)
    return found


def _level(found: list[Token], level: list[tuple[str, re.Pattern[str], Meaning]], c: Context) -> list[Token]:
    classes = "".join(token.cls for token in found)
    out: list[Token] = []
    at = 0
    while at < len(found):
        for cls, pattern, meaning in level:
            match = pattern.match(classes, at)
            if match is None:
                continue
            words = found[at : match.end()]
            value = _meant(meaning, words, c)
            if value is not None:
                kind = SPAN if isinstance(value, Span) else MOMENT if isinstance(value, Moment) else cls
                out.append(Token(kind, value, words[0].start, words[-1].end))
                at = match.end()
                break
        else:
            out.append(found[at])
            at += 1
    return out


def _meant(meaning: Meaning, words: list[Token], c: Context) -> Any:
    try:
        return meaning(Match(words), c)
    except (ValueError, OverflowError):  # 30 February, the year 0, week 60
        return None


def kept(found: list[Token], c: Context) -> list[Token]:
    """Return the words that carry something; "le 18" is the eighteenth, and so is German "18."."""
    words: list[Token] = []
    before: Token | None = None
    for token in found:
        if token.cls == DIGITS and before and before.cls == DROPPED and before.value in BEFORE_DAY:
            token = Token(ORDINAL, token.value[0], token.start, token.end)
        elif token.value == "." and before and before.cls == DIGITS and c.language.code == "de":
            words[-1] = Token(ORDINAL, before.value[0], before.start, before.end)
        if token.cls != DROPPED:
            words.append(token)
        before = token
    return words


def meant(token: Token, c: Context) -> Span | None:
    """Return what a reduced token means, if it is a time."""
    if isinstance(token.value, Moment):
        return token.value.past(c.now)
    return token.value if isinstance(token.value, Span) else None
