"""Licences, identifiers and names of persons as references have them, made from what a file states."""

from __future__ import annotations

import re

_CREATIVE = re.compile(
    r"creativecommons\.org/(licenses/([a-z-]+)|publicdomain/(zero|mark))(?:/(\d\.\d))?", re.IGNORECASE
)
_DOI = re.compile(r"10\.\d{4,9}/[^\s\"<>?#]{1,200}")
_YEAR = re.compile(r"(?<!\d)(?:1[5-9]|20)\d\d(?!\d)")
_LENGTH = 300


def licence_name(address: str, words: str = "") -> str:
    """A licence by its address, a Creative Commons one under its short name, else by its words.

    >>> licence_name("https://creativecommons.org/licenses/by-nc/4.0/")
    'CC BY-NC 4.0 (https://creativecommons.org/licenses/by-nc/4.0/)'
    """
    match = _CREATIVE.search(address)
    if match:
        kind = (
            f"CC {match.group(2).upper()}" if match.group(2) else "CC0" if match.group(3) == "zero" else "Public domain"
        )
        version = match.group(4) or ""
        return f"{kind} {version}".strip() + f" ({address})"
    words = " ".join(words.split())[:_LENGTH]
    return f"{words} ({address})" if words and address and address not in words else words or address


def doi_in(text: str) -> str:
    """The first DOI in a text, "" where there is none.

    >>> doi_in("https://doi.org/10.3949/ccjm.87a.ccc060.")
    '10.3949/ccjm.87a.ccc060'
    """
    match = _DOI.search(text)
    return match.group().rstrip(".,;)") if match else ""


def year_in(text: str) -> str:
    """The first year in a date, "" where there is none."""
    match = _YEAR.search(text)
    return match.group() if match else ""


def person(name: str) -> str:
    """A name with its family name last.

    >>> person("Ash, Ann"), person("Bo Birch")
    ('Ann Ash', 'Bo Birch')
    """
    family, comma, given = " ".join(name.split()).partition(", ")
    return f"{given} {family}" if comma and given and "," not in given else " ".join(name.split())
