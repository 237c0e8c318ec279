"""The works behind citations, each once, with a key that is the same in every export."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import quote as percent_encode

from qa.references.names import Names, split_names
from qa.schema import Source

_DOI = re.compile(r"10\.\d{4,9}/\S+")
_YEAR = re.compile(r"\b(1[5-9]\d\d|20\d\d)(?:-(\d\d)(?:-(\d\d))?)?\b")
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_SMALL = frozenset("a an the of on in for and to with from by at is are".split())


@dataclass(frozen=True, slots=True)
class Work:
    """A work as a reference manager takes it: all texts on one line, `date` as (year,), (year, month) or all three."""

    key: str
    title: str
    authors: Names
    container: str = ""
    date: tuple[int, ...] = ()
    stated_year: str = ""
    """What stands in the place of a year where that is none."""
    doi: str = ""
    url: str = ""


def works_of(sources: Iterable[Source]) -> tuple[Work, ...]:
    """The works that the sources cite, in order, each once: a note is cited as the work that it restates."""
    works: dict[tuple[str, ...], Work] = {}
    for source in sources:
        work = work_of(source)
        same = (
            (work.doi.casefold(),) if work.doi else (work.title.casefold(), work.container.casefold(), work.stated_year)
        )
        works.setdefault(same, work)
    return tuple(works.values())


def work_of(source: Source) -> Work:
    """The work that a source is of."""
    title = one_line(source.title) or one_line(source.note) or PurePosixPath(one_line(source.path)).stem
    authors = split_names(one_line(source.authors))
    year = one_line(source.year)
    match = _YEAR.search(year)
    date = tuple(int(part) for part in match.groups() if part) if match else ()
    doi = doi_of(one_line(source.doi))
    url = one_line(source.url)
    return Work(
        _key(title, authors, date, doi or one_line(source.container)),
        title,
        authors,
        one_line(source.container),
        date,
        year,
        doi,
        url if re.match(r"https?://[^\s<>\"]+$", url) else "",
    )


def doi_of(text: str) -> str:
    """The DOI in a text without what leads to it, or nothing.

    >>> doi_of("https://doi.org/10.5555/jim.2021.0042")
    '10.5555/jim.2021.0042'
    """
    match = _DOI.search(text)
    return match[0] if match else ""


def doi_address(doi: str) -> str:
    """Where a DOI leads, safe in HTML and in Markdown whatever it holds."""
    return f"https://doi.org/{percent_encode(doi, safe='/.():;-_')}"


def one_line(text: str) -> str:
    r"""The text on one line, without characters that cannot be seen.

    >>> one_line("JAK\u202e \n inhibi\x1btors")
    'JAK inhibitors'
    """
    spaced = "".join(" " if character.isspace() else character for character in text)
    return " ".join("".join(c for c in spaced if unicodedata.category(c) not in _UNSEEN).split())


def _key(title: str, authors: Names, date: tuple[int, ...], rest: str) -> str:
    """First author, year and first word, to be known by, and four digits of a hash, to be the same in every export."""
    first = (authors.names[0].family or authors.names[0].literal) if authors.names else ""
    words = [word for word in _plain(title).split() if word not in _SMALL]
    year = str(date[0]) if date else ""
    names, head = "".join(_plain(first).split()[-1:]), "".join(words[:1])
    told = names + year + head if names else head + year
    identity = "\x00".join((title, *(name.text for name in authors.names), year, rest))
    return f"{told[:40] or 'work'}-{hashlib.sha256(identity.encode()).hexdigest()[:4]}"


def _plain(text: str) -> str:
    """Lower-case ASCII letters and digits, with spaces between words."""
    bare = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", " ", bare)
