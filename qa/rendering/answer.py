"""The card that shows an answer: short answer, quotes and sources, or an abstention."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from qa.reader import expect
from qa.rendering.markup import Range, doi_link, dotted, escape, marked, trail, work_title
from qa.rendering.place import Place, chip, source_button
from qa.schema import MAX_ANSWER_WORDS, Answer, Apart, Cell, Citation, Correction, Passage, Span, clip
from qa.text import fold, plain_words

ABSTENTION = "The documents do not answer this."
NEAREST = 3
NEAREST_WORDS = 45
WORDY = 14
"""Words above which a short answer is set smaller."""

CONFIDENCE = (
    (0.85, "sure", "Very likely right"),
    (0.7, "fair", "Likely right"),
    (0.0, "unsure", "May be wrong: check the quote"),
)
"""Least calibrated probability, name for the style sheet, words."""

Quote = tuple[Citation, list[Span]]


def answer_card(answer: Answer, suggestions: Sequence[str] = ()) -> str:
    """The short answer, the quotes with the answering words marked, and their sources; or a plain abstention.

    `suggestions` are questions that the documents do answer, shown under an abstention.
    """
    parts = [_understood(answer), _corrections(answer.corrections)]
    if answer.answered:
        parts += [_short(answer), _quotes(answer), _confidence(answer.confidence), _others(answer)]
    else:
        instead = f"<h3>You could ask</h3>{example_buttons(suggestions)}" if suggestions else ""
        parts += [f'<p class="vb-abstained">{escape(ABSTENTION)}</p>', _nearest(answer), _guesses(answer), instead]
    kind = "answered" if answer.answered else "unanswered"
    return f'<article class="vb-card vb-{kind}" aria-label="Answer">{"".join(parts)}</article>'


def example_buttons(questions: Sequence[str]) -> str:
    """Questions to be asked by a click."""
    button = '<li><button type="button" class="vb-example" data-event="example" data-question="{0}">{0}</button></li>'
    chips = "".join(button.format(escape(question)) for question in questions)
    return f'<ul class="vb-examples" aria-label="Questions to ask">{chips}</ul>' if chips else ""


def _understood(answer: Answer) -> str:
    """What a question that leans on earlier ones was taken for, and the question by itself at one click."""
    if not understood_otherwise(answer):
        return ""
    return (
        f'<p class="vb-understood">Asked as: <b>{escape(answer.query)}</b> <button type="button" class="vb-anew" '
        f'data-event="anew" data-question="{escape(answer.question)}">Ask it without the conversation</button></p>'
    )


def understood_otherwise(answer: Answer) -> bool:
    """Whether more than typing errors sets the question as understood apart from the question as asked."""
    asked = answer.question
    for correction in answer.corrections:
        asked = asked.replace(correction.word, correction.replacement)
    return [*map(fold, plain_words(asked))] != [*map(fold, plain_words(answer.query))]


def _confidence(confidence: float) -> str:
    """How sure the answer is, in words and as the calibrated share of such answers that are right."""
    level, said = next((level, said) for least, level, said in CONFIDENCE if confidence >= least)
    percent = min(99, round(100 * confidence))
    title = f"Of 100 answers that are as sure as this one, about {percent} are right"
    return f'<p class="vb-confidence vb-{level}" title="{title}">{said} <span>({percent} %)</span></p>'


def _corrections(corrections: Iterable[Correction]) -> str:
    """What was searched for in place of words that the documents do not know."""
    pairs = ", ".join(
        f"<b>{escape(correction.replacement)}</b> <span>(for “{escape(correction.word)}”)</span>"
        for correction in corrections
    )
    return f'<p class="vb-corrected">Searched for {pairs}</p>' if pairs else ""


def _grouped(answer: Answer) -> list[list[Quote]]:
    """Each quote once, with all spans in it, in the order of the answer; the rows of one table together."""
    quotes: dict[tuple[str, int, int], Quote] = {}
    for span, citation in zip(answer.spans, answer.citations, strict=True):
        quotes.setdefault((citation.doc_id, citation.start, citation.end), (citation, []))[1].append(span)

    def table(quote: Quote) -> tuple[object, ...]:
        citation, spans = quote
        passage = spans[0].passage
        headers = tuple(cell.header for cell in passage.cells)
        row = passage.kind == "table_row" and _cells(passage, citation.start, citation.end)
        return (citation.doc_id, passage.caption, headers) if row else (citation.doc_id, citation.start, citation.end)

    return [list(members) for _, members in groupby(quotes.values(), table)]


def _short(answer: Answer) -> str:
    """The answering words in bold, each followed by the numbers of the quotes that it stands in.

    Nothing where the answer is a whole quote: it would only be said twice.
    """
    if len(answer.spans) == 1 and answer.spans[0].text == answer.citations[0].quote:
        return ""
    numbers: dict[str, dict[int, Span]] = {}
    for span, citation in zip(answer.spans, answer.citations, strict=True):
        numbers.setdefault(span.text, {}).setdefault(citation.number, span)
    parts = []
    for text, places in numbers.items():
        chips = "".join(chip(n, Place.of_span(span), passage_title(span.passage)) for n, span in places.items())
        parts.append(f"<span><strong>{escape(text)}</strong>{chips}</span>")
    size = " vb-several" if len(parts) > 1 else " vb-wordy" if len(answer.short.split()) > WORDY else ""
    return f'<p class="vb-short{size}">{"".join(parts)}</p>'


def _quotes(answer: Answer) -> str:
    """The quotes one below the other; of two things compared side by side."""
    quoted = [_quoted(quotes) for quotes in _grouped(answer)]
    if len(quoted) == 2 and expect(answer.query).compared:
        return f'<div class="vb-pair">{"".join(quoted)}</div>'
    return "".join(quoted)


def _others(answer: Answer) -> str:
    """Other values that the documents give, each with what sets it apart and the place it stands at."""
    items = []
    number = max((citation.number for citation in answer.citations), default=0)
    for span, apart in zip(answer.others, answer.apart, strict=True):
        number += 1
        button = chip(number, Place.of_span(span), passage_title(span.passage))
        against = '<b class="vb-against">disagrees with the answer</b>' if apart.contradicts else ""
        place = [*apart.row, apart.population, *apart.dates]
        told = dotted(
            against, *(escape(words) for words in dict.fromkeys(place) if words), escape(_heading(span, apart))
        )
        items.append(f"<li><strong>{escape(span.text)}</strong>{button}{told}</li>")
    return f'<h3>Also in the documents</h3><ul class="vb-others">{"".join(items)}</ul>' if items else ""


def _heading(span: Span, apart: Apart) -> str:
    """The last heading over another value where it is not the answer's, or the title of its document."""
    return apart.section[-1] if apart.section else "" if apart.row else passage_title(span.passage)


def _quoted(quotes: Sequence[Quote]) -> str:
    """A quote, or the quoted rows of one table, with the source below."""
    citation, spans = quotes[0]
    last = quotes[-1][0]
    words = _table_rows(
        [
            (quote.number if len(quotes) > 1 else None, found[0].passage, Place.of_span(found[0]), _ranges(found))
            for quote, found in quotes
        ]
    ) or _prose(spans[0].passage, citation.quote, citation.start, _ranges(spans))
    number = str(citation.number) if len(quotes) == 1 else f"{citation.number}\u2013{last.number}"
    source = citation.source
    button = source_button(number, Place.of_span(spans[0]), work_title(source) or spans[0].passage.title)
    return (
        f'<figure class="vb-quote"><blockquote>{words}</blockquote>'
        f"<figcaption>{button}{_reference(citation)}{_also(citation, number)}</figcaption></figure>"
    )


def _also(citation: Citation, number: str) -> str:
    """Other documents in which the passage stands word for word, each to be opened."""
    buttons = (
        source_button(
            number,
            Place(other.doc_id, other.start, other.start, other.start, other.end),
            work_title(other.source) or other.doc_id,
        )
        for other in citation.also
    )
    return "".join(f'<div class="vb-also">also in {button}</div>' for button in buttons)


def _reference(citation: Citation) -> str:
    """Journal, year, section, page and DOI; where a note restates the work, the note and its heading on the next line."""
    source = citation.source
    published = ", ".join(filter(None, (source.container, source.year)))
    heading = escape(trail(citation.section, source.title, source.note))
    page = f"page {citation.page}" if citation.page else ""
    if not source.note or source.note == source.title:
        return dotted(escape(published), escape(source.section), heading, page, doi_link(source.doi))
    return dotted(escape(published), escape(source.section), doi_link(source.doi)) + dotted(
        f"Restated in “{escape(source.note)}”", heading
    )


def _ranges(spans: Iterable[Span]) -> list[Range]:
    return [(span.start, span.end) for span in spans]


def _prose(passage: Passage, quote: str, start: int, marks: Sequence[Range]) -> str:
    """The quote, or of a longer one the part of at most 80 words that holds the first mark."""
    first, last = marks[0][0] - start, marks[0][1] - start
    shown = clip(quote, first, last, MAX_ANSWER_WORDS)
    begin = max(quote.rfind(shown, 0, first + len(shown)), 0)
    before = "… " if begin else ""
    after = " …" if begin + len(shown) < len(quote) else ""
    words = marked(shown, start + begin, marks)
    if passage.kind == "table":  # flattened, a cell to a line: the style sheet draws a stroke between them
        words = words.replace("\n", '<i class="vb-cut"></i>\n')
    return f"<p>{before}{words}{after}</p>"


def _cells(passage: Passage, start: int, end: int) -> list[Cell]:
    """The cells of a row that lie in the quote."""
    return [cell for cell in passage.cells if start <= cell.start and cell.end <= end]


def _table_rows(rows: Sequence[tuple[int | None, Passage, Place, Sequence[Range]]]) -> str:
    """Quoted rows of one table under their column headers, each with its number if it has one.

    Nothing where the first is no table row with known cells.
    """
    _, passage, place, _ = rows[0]
    cells = _cells(passage, place.quote_start, place.quote_end)
    if passage.kind != "table_row" or not cells:
        return ""
    numbered = any(number is not None for number, *_ in rows)
    headers = '<td class="vb-number"></td>' if numbered else ""
    headers += "".join(f'<th scope="col">{escape(cell.header)}</th>' for cell in cells)
    body = []
    for number, passage, place, marks in rows:
        button = chip(number, place, passage_title(passage)) if number is not None else ""
        values = f'<td class="vb-number">{button}</td>' if numbered else ""
        for cell in _cells(passage, place.quote_start, place.quote_end):
            words = marked(passage.slice(cell.start, cell.end), cell.start, marks)
            values += f'<td data-header="{escape(cell.header)}"><div>{words}</div></td>'
        body.append(f"<tr>{values}</tr>")
    caption = f"<caption>{escape(passage.caption)}</caption>" if passage.caption else ""
    head = f"<thead><tr>{headers}</tr></thead>"
    return f'<table class="vb-row">{caption}{head}<tbody>{"".join(body)}</tbody></table>'


def _nearest(answer: Answer) -> str:
    """The passages that came nearest to an answer, each of which can be opened."""
    items = []
    for number, hit in enumerate(answer.hits[:NEAREST], 1):
        passage = hit.passage
        # A text before a table ends with the names of its columns, which mean nothing without a row.
        lines = [line for line in passage.text.splitlines() if not line.startswith("|")]
        words = " ".join(lines).split() or passage.text.split()
        text = " ".join(words[:NEAREST_WORDS]) + (" …" if len(words) > NEAREST_WORDS else "")
        place = Place.of_passage(passage)
        shown = _table_rows([(None, passage, place, ())]) or f"<p>{escape(text)}</p>"
        button = source_button(str(number), place, passage_title(passage))
        section = dotted(escape(trail(passage.section, passage.title)))
        items.append(f'<li>{shown}<p class="vb-from">{button}{section}</p></li>')
    return f'<h3>Nearest passages</h3><ol class="vb-nearest">{"".join(items)}</ol>' if items else ""


def _guesses(answer: Answer) -> str:
    """The best spans that were not good enough, folded away."""
    guesses = []
    first = min(len(answer.hits), NEAREST) + 1
    for number, span in enumerate(answer.candidates[:NEAREST], first):
        place, passage, marks = Place.of_span(span), span.passage, _ranges([span])
        words = _table_rows([(None, passage, place, marks)]) or _prose(passage, span.quote, span.quote_start, marks)
        button = source_button(str(number), place, passage_title(passage))
        section = dotted(escape(trail(passage.section, passage.title)))
        guesses.append(
            f'<p class="vb-short"><span><strong>{escape(span.text)}</strong></span></p><figure class="vb-quote">'
            f"<blockquote>{words}</blockquote><figcaption>{button}{section}</figcaption></figure>"
        )
    if not guesses:
        return ""
    return f'<details class="vb-guess"><summary>Show the best guess anyway</summary>{"".join(guesses)}</details>'


def passage_title(passage: Passage) -> str:
    """The title of the document that a passage comes from."""
    return passage.title or passage.doc_id
