"""Requests with the plans that they should become: the model's examples, pure data.

They are few and short because the model reads all of them before its first plan; each
shows something that the others do not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Example:
    """A request and its plan."""

    request: str
    plan: str
    within: bool = False  # the request was written in a query directory

    def __str__(self) -> str:
        return f"{ask(self.request)}\n{self.plan}"


def ask(request: str) -> str:
    """Return a request as the model is shown it: one line, so that it is one request."""
    return f"# {' '.join(request.split())}"


EXAMPLES: tuple[Example, ...] = (
    Example(
        "when does our insurance end?",
        'files = find("insurance")\n'
        'reply = answer(files, "When does our insurance end?")\n'
        'save(reply, "answer.md")\n',
    ),
    Example(
        "sum of the receipts of 2022 by shop",
        'files = find("receipts", when="2022")\n'
        'rows = extract(files, shop="text", amount="number")\n'
        'sums = table("select shop, sum(amount) total from rows group by shop", rows)\n'
        'save(sums, "sums.csv")\n',
    ),
    Example(
        "list all spreadsheets about the garden",
        'files = find("garden", kind="spreadsheet")\nsave(files, "files.txt")\n',
    ),
    Example(
        "u=[3,4], v=[1,2]: check that the lengths match and compute the dot product",
        'result = python("check the lengths, dot product of u and v")\nsave(result, "result.txt")\n',
    ),
    Example(
        "summarize the project reports from last week",
        'files = find("project reports", when="last week")\n'
        "summary = summarize(files)\n"
        'save(summary, "summary.md")\n',
    ),
    Example(
        "how many emails mention Anna?",
        'files = find("Anna", kind="email")\n'
        'count = table("select count(*) n from files", files)\n'
        'save(count, "count.csv")\n',
    ),
    Example(
        "how many photos are in the folder trips/2021?",
        'files = find("", kind="image", folder="trips/2021")\n'
        'count = table("select count(*) n from files", files)\n'
        'save(count, "count.csv")\n',
    ),
    Example(
        "which of the contracts have no end date?",
        'files = find("contracts")\nkept = keep(files, "has no end date")\nsave(kept, "contracts.txt")\n',
    ),
    Example(
        "what rent do we pay for the garage?",
        'files = find("garage rent")\n'
        'reply = answer(files, "What rent do we pay for the garage?")\n'
        'save(reply, "answer.md")\n',
    ),
    Example(
        'translate "Good night" into Italian',
        'text = translate("Good night", "Italian")\nsave(text, "text.md")\n',
    ),
    Example(
        "translate the poem into French",
        'files = find("poem")\ntext = translate(files, "French")\nsave(text, "poem.md")\n',
    ),
    Example(
        "the two highest offers since May",
        'files = find("offers", when="since May")\n'
        'rows = extract(files, firm="text", price="number")\n'
        'best = table("select * from rows order by price desc limit 2", rows)\n'
        'save(best, "offers.csv")\n',
    ),
    Example(
        "the four newest drafts of the speech",
        'files = find("speech draft", limit="4 newest")\nsave(files, "files.txt")\n',
    ),
    Example(
        "sum of the column hours in all timesheets, per person",
        'files = find("timesheet", kind="spreadsheet")\n'
        "rows = load(files)\n"
        'sums = table("select person, sum(hours) total from rows group by person", rows)\n'
        'save(sums, "sums.csv")\n',
    ),
    Example(
        "Wann endet der Mietvertrag der Garage?",
        'files = find("Mietvertrag Garage")\n'
        'reply = answer(files, "Wann endet der Mietvertrag der Garage?")\n'
        'save(reply, "answer.md")\n',
    ),
    Example(
        "Fasse die Protokolle zusammen",
        'files = find("Protokolle")\nsummary = summarize(files)\nsave(summary, "summary.md")\n',
    ),
    Example(
        "sort the scans into bills, letters and the rest",
        'files = find("scans")\nrows = classify(files, "bill, letter, other")\nsave(rows, "labels.csv")\n',
    ),
    Example(
        "summarize these",
        'files = hits()\nsummary = summarize(files)\nsave(summary, "summary.md")\n',
        within=True,
    ),
    Example(
        "车库的租金是多少?",
        'files = find("车库 租金")\nreply = answer(files, "车库的租金是多少?")\nsave(reply, "answer.md")\n',
    ),
    Example(
        "按商店统计2022年收据的总金额",
        'files = find("收据", when="2022")\n'
        'rows = extract(files, shop="text", amount="number")\n'
        'sums = table("select shop, sum(amount) total from rows group by shop", rows)\n'
        'save(sums, "sums.csv")\n',
    ),
)

_WORD = re.compile(r"[^\W_]+")


def nearest(request: str, count: int = 2) -> tuple[Example, ...]:
    """Return the examples that share most words with a request."""
    asked = set(_WORD.findall(request.casefold()))

    def shared(example: Example) -> float:
        own = set(_WORD.findall(example.request.casefold()))
        return len(asked & own) / len(asked | own) if own else 0.0

    return tuple(sorted(EXAMPLES, key=shared, reverse=True)[:count])
