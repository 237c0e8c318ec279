"""An answer with its quotes and numbered references as plain text, to be put into a letter or a note."""

from __future__ import annotations

from qa.references.works import doi_of, one_line
from qa.schema import Answer, Citation

_STEP = " \u203a "


def plain_answer(answer: Answer) -> str:
    """The short answer, the quotes in quotation marks, and the references, all numbered alike; "" for an abstention.

    Quotes are given whole, as they stand in the document but for line breaks.
    """
    if not answer.answered:
        return ""
    numbers: dict[str, dict[int, None]] = {}
    for span, citation in zip(answer.spans, answer.citations, strict=True):
        numbers.setdefault(one_line(span.text), {})[citation.number] = None
    short = "; ".join(f"{text} {''.join(f'[{n}]' for n in found)}" for text, found in numbers.items())
    cited = {citation.number: citation for citation in answer.citations}
    quotes = [f"“{' '.join(citation.quote.split())}” [{number}]" for number, citation in cited.items()]
    references = [f"[{number}] {reference_line(citation)}" for number, citation in cited.items()]
    return "\n\n".join([short, "\n".join(quotes), "\n".join(references)])


def reference_line(citation: Citation) -> str:
    """Authors, title, journal and year, where in it (of a note also that it is one), DOI."""
    source = citation.source
    doi = doi_of(one_line(source.doi))
    published = ", ".join(filter(None, (one_line(source.container), one_line(source.year))))
    title = one_line(source.title) or one_line(source.note) or citation.doc_id
    address = f"https://doi.org/{doi}" if doi else one_line(source.url)
    parts = [one_line(source.authors), title, published, place_line(citation)]
    return " ".join([*(_stopped(part) for part in parts if part), *([address] if address else [])])


def place_line(citation: Citation) -> str:
    """Where a quote stands: part of the work, the note that restates it, heading, page."""
    source = citation.source
    titles = (source.title, source.note)
    section = citation.section[1:] if citation.section and citation.section[0] in titles else citation.section
    note = one_line(source.note)
    where = [
        one_line(source.section),
        f"as restated in “{note}”" if note and note != one_line(source.title) and source.title else "",
        one_line(_STEP.join(section)),
        f"page {citation.page}" if citation.page else "",
    ]
    return ", ".join(filter(None, where))


def _stopped(part: str) -> str:
    return part if part.endswith((".", "?", "!")) else f"{part}."
