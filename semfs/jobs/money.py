"""Which currency an amount is in: signs, codes and words in several languages.  Pure."""

from __future__ import annotations

import re
import unicodedata

# ISO 4217.  A sign that several countries share stands for the most traded one, unless it is
# written with its country ("A$").
_SIGNS = {
    "EUR": "€ euro euros eur",
    "USD": "$ us$ usd dollar dollars",
    "GBP": "£ gbp pound pounds pfund",
    "JPY": "¥ jpy jp¥ yen 円 日元",
    "CNY": "cny rmb cn¥ yuan renminbi 元 人民币 块",
    "CHF": "chf fr sfr franken",
    "CAD": "cad ca$ c$",
    "AUD": "aud au$ a$",
    "NZD": "nzd nz$",
    "HKD": "hkd hk$",
    "SGD": "sgd s$",
    "TWD": "twd nt$",
    "INR": "₹ inr rs rupee rupees rupien",
    "KRW": "₩ krw won",
    "BRL": "r$ brl reais",
    "MXN": "mxn mx$",
    "SEK": "sek",
    "NOK": "nok",
    "DKK": "dkk",
    "PLN": "zł pln złoty",
    "CZK": "kč czk",
    "HUF": "ft huf forint",
    "RON": "ron lei",
    "RUB": "₽ rub рублей руб",
    "UAH": "₴ uah",
    "TRY": "₺ tl",
    "ILS": "₪ ils",
    "ZAR": "zar",
    "THB": "฿ thb",
    "VND": "₫ vnd",
}
CODES = {sign: code for code, signs in _SIGNS.items() for sign in signs.split()}
_WORD = re.compile(r"[^\W\d_]*[$¥][^\W\d_]*|[€£₹₩₽₴₺₪฿₫]|[^\W\d_]+")


def currency(text: str) -> str | None:
    """Return the ISO code of the first currency that a text names, None if it names none."""
    text = unicodedata.normalize("NFKC", text).casefold()
    for word in _WORD.findall(text):
        if code := CODES.get(word):
            return code
    return None
