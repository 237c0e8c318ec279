"""The conversation and its references as files. Words of documents and users are shown in Markdown, never obeyed by it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from qa.references import FORMATS, doi_address, doi_of, reference_line, works_of
from qa.references.works import one_line
from qa.rendering import ABSTENTION, Turn
from qa.rendering.answer import NEAREST, understood_otherwise
from qa.schema import Answer, Citation, Passage, Source

EMPTY = "There is nothing to export yet: ask a question first."
UNCITED = "No work is cited in this conversation yet."
TYPES = {
    "markdown": "text/markdown",
    "bibtex": "application/x-bibtex",
    "ris": "application/x-research-info-systems",
    "csl": "application/vnd.citationstyles.csl+json",
}


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """A file to be saved by the browser; with a `problem` there is none."""

    name: str = ""
    media_type: str = ""
    text: str = ""
    problem: str = ""


def export(kind: str, turns: Sequence[Turn], today: date) -> ExportedFile:
    """The conversation ("markdown") or the works cited in it ("bibtex", "ris", "csl")."""
    answered = [turn for turn in turns if turn.answer is not None or turn.problem]
    if kind not in TYPES:
        return ExportedFile(problem="This cannot be exported.")
    if not answered:
        return ExportedFile(problem=EMPTY)
    if kind == "markdown":
        return ExportedFile(f"verbatim-{today}.md", TYPES[kind], conversation(answered, today))
    works = works_of(cited(answered))
    if not works:
        return ExportedFile(problem=UNCITED)
    ending, write = FORMATS[kind]
    return ExportedFile(f"verbatim-references-{today}.{ending}", TYPES[kind], write(works))


def cited(turns: Sequence[Turn]) -> list[Source]:
    """The sources of all citations, in order."""
    return [citation.source for turn in turns if turn.answer for citation in turn.answer.citations]


def conversation(turns: Sequence[Turn], today: date) -> str:
    """The conversation as Markdown."""
    parts = [f"# Questions and answers, {today}", "Answers are quoted word for word from the documents."]
    for turn in turns:
        parts.append(f"## {markdown(turn.question) or '(no question)'}")
        if turn.collection:
            parts.append(f"Asked of the collection {markdown(turn.collection)}.")
        parts += _answer(turn.answer) if turn.answer is not None else [f"Not answered: {markdown(turn.problem)}"]
    return "\n\n".join(parts) + "\n"


def _answer(answer: Answer) -> list[str]:
    parts = []
    if understood_otherwise(answer):
        parts.append(f"Asked as: {markdown(answer.query)}")
    parts += [f"Searched for {markdown(c.replacement)} (for {markdown(c.word)})" for c in answer.corrections]
    if not answer.answered:
        parts.append(ABSTENTION)
        if answer.hits:
            parts.append("Nearest passages:")
            parts.append("\n".join(f"- {_nearest(hit.passage)}" for hit in answer.hits[:NEAREST]))
        return parts
    numbers: dict[str, dict[int, None]] = {}
    for span, citation in zip(answer.spans, answer.citations, strict=True):
        numbers.setdefault(span.text, {})[citation.number] = None
    parts += [f"**{markdown(text)}** {_numbers(found)}" for text, found in numbers.items()]
    citations = {citation.number: citation for citation in answer.citations}
    parts += [f"> {markdown(citation.quote)} {_numbers([number])}" for number, citation in citations.items()]
    if answer.others:
        parts.append("Also in the documents:")
        parts.append("\n".join(f"- **{markdown(span.text)}**: {_nearest(span.passage)}" for span in answer.others))
    parts.append("References:")
    parts.append("\n".join(f"{number}. {_reference(c)}" for number, c in citations.items()))
    return parts


def _nearest(passage: Passage) -> str:
    return f"“{markdown(passage.text)}” ({markdown(passage.title or passage.doc_id)})"


def _reference(citation: Citation) -> str:
    """The reference, with a link to its DOI where it has one: the only link that there is."""
    line, doi = reference_line(citation), doi_of(one_line(citation.source.doi))
    if not doi:
        return markdown(line)
    return f"{markdown(line.removesuffix(f'https://doi.org/{doi}'))} <{doi_address(doi)}>"


def _numbers(numbers: Sequence[int] | dict[int, None]) -> str:
    return "".join(f"\\[{number}\\]" for number in numbers)


_ACTIVE = re.compile(r"[\\`*_\[\]{}|~^$!#@]")
_ADDRESS = re.compile(r"(?i)(https?|ftp|mailto|javascript|data|file):|\bwww(?=\.)")
_LEADING = re.compile(r"^([-+=>]|\d{1,9}(?=[.)]))(.?)")


def markdown(text: str) -> str:
    r"""The text on one line such that Markdown shows it as it is: no markup, no HTML, no picture, no address that is made a link.

    >>> markdown("![x](https://evil.example) <b>")
    '\\!\\[x\\](https\\://evil.example) &lt;b&gt;'
    """
    line = one_line(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    line = _ACTIVE.sub(lambda match: "\\" + match[0], line)
    line = _ADDRESS.sub(lambda m: f"{m[1]}\\:" if m[1] else f"{m[0]}\\", line)
    return _LEADING.sub(lambda m: f"{m[1]}\\{m[2]}" if m[1].isdigit() else f"\\{m[0]}", line)
