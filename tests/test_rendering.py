"""The HTML of answers and sources: what is marked, what leads where, and that no text becomes markup."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from chat_fake import DOSE, HOSTILE, NOTE, PAYLOADS, ROWS, TABLE, FakeAssistant, make_citation, make_passage, make_span

from qa import rendering
from qa.rendering import ABSTENTION, Place, Turn, answer_card, lost_source, source_panel, transcript, welcome
from qa.rendering.actions import EXPORT, JUDGING
from qa.rendering.intake import library_search, library_tools
from qa.schema import Answer, Apart, Block, Correction, Document, Hit, Piece, Source

WEB = Path(rendering.__file__).parent / "web"
VOID = {"br", "img", "meta", "link", "input"}
# fmt: off
OWN = {
    "a", "article", "b", "blockquote", "button", "caption", "details", "div", "figcaption", "figure", "h2", "h3", "h4",
    "header", "i", "kbd", "li", "mark", "nav", "ol", "p", "section", "span", "strong", "summary", "table", "tbody", "td", "th",
    "thead", "tr", "ul",
}
# fmt: on


class Page(HTMLParser):
    """What a browser would make of the HTML: elements with their text, and whether they are closed in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.texts: list[list[str]] = []
        self.open: list[int] = []
        self.feed(html)
        self.close()
        assert not self.open, f"not closed: {[self.elements[i] for i in self.open]}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the element."""
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        self.texts.append([])
        if tag not in VOID:
            self.open.append(len(self.elements) - 1)

    def handle_endtag(self, tag: str) -> None:
        """Close the element, which has to be the last that was opened."""
        index = self.open.pop()
        assert self.elements[index][0] == tag

    def handle_data(self, data: str) -> None:
        """Give the text to all open elements."""
        for index in self.open:
            self.texts[index].append(data)

    def find(self, tag: str = "", cls: str = "") -> list[str]:
        """The texts of the elements with this tag and class."""
        return [
            "".join(text)
            for (name, attributes), text in zip(self.elements, self.texts, strict=True)
            if tag in ("", name) and (not cls or cls in attributes.get("class", "").split())
        ]

    def attributes(self, cls: str) -> list[dict[str, str]]:
        """The attributes of the elements of a class."""
        return [a for _, a in self.elements if cls in a.get("class", "").split()]


def assert_harmless(html: str) -> None:
    """Only our own elements, no event handlers, no addresses but those of DOIs."""
    for tag, attributes in Page(html).elements:
        assert tag in OWN, tag
        for name, value in attributes.items():
            assert not name.startswith("on") and name not in ("style", "src", "srcdoc"), (tag, name, value)
            assert name != "href" or value.startswith("https://doi.org/10."), value


@pytest.fixture
def assistant() -> FakeAssistant:
    return FakeAssistant()


def place_of(attributes: dict[str, str]) -> Place:
    """The place of a citation button, read as the browser's script reads it."""
    names = {"doc": "doc", "start": "start", "end": "end", "quoteStart": "quote-start", "quoteEnd": "quote-end"}
    return Place.parse({key: attributes[f"data-{name}"] for key, name in names.items()})


def test_answer_shows_short_answer_marked_quote_and_source(assistant: FakeAssistant) -> None:
    page = Page(answer_card(assistant.ask("EUA dose")))
    assert page.find("strong") == ["4 mg of baricitinib once daily for 14 days"]
    assert page.find("blockquote") == [DOSE]
    assert page.find("mark") == ["4 mg of baricitinib once daily for 14 days"]
    (caption,) = page.find("figcaption")
    for part in ("Kinase inhibitors at the bedside", "Journal of Invented Medicine, 2021", "Dosing and monitoring"):
        assert part in caption
    assert "Restated in “Baricitinib: doses and duration”" in caption and "Emergency use in adults" in caption
    assert [a["href"] for t, a in page.elements if t == "a"] == ["https://doi.org/10.5555/jim.2021.0042"]
    assert all("noopener" in a["rel"] and a["target"] == "_blank" for t, a in page.elements if t == "a")


def test_every_citation_leads_to_its_words(assistant: FakeAssistant) -> None:
    for question in ("EUA dose", "which drugs", "ruxolitnib", "payload", "what does it cost"):
        answer = assistant.ask(question)
        buttons = Page(answer_card(answer)).attributes("vb-cite")
        assert len(buttons) >= len(answer.spans) + 1
        for button in buttons:
            place = place_of(button)
            document = assistant.document(place.doc_id)
            assert place.within(document)
            assert button["aria-label"].startswith("Open source ")
            panel = Page(source_panel(document, place))
            if place.start < place.end:
                assert "".join(panel.find("mark")) == document.slice(place.start, place.end)
            assert "".join(panel.find(cls="vb-quoted"))


def test_offsets_are_code_points() -> None:
    text = "Café 😀. Dose: 4 mg 😀 daily."
    document = Document(
        "d", Source("d.txt"), text, (Block("paragraph", 0, len(text)),), (Piece(0, len(text), 0),), (0,)
    )
    span = make_span(document, "Dose: 4 mg 😀 daily.", "4 mg 😀")
    answer = Answer("q", "q", (span,), (make_citation(document, span, 1),))
    assert Page(answer_card(answer)).find("mark") == ["4 mg 😀"]
    panel = Page(source_panel(document, Place.of_span(span)))
    assert panel.find("mark") == ["4 mg 😀"]
    assert "".join(panel.find(cls="vb-quoted")) == "Dose: 4 mg 😀 daily."


def test_table_row_is_a_table_with_the_cell_marked(assistant: FakeAssistant) -> None:
    page = Page(answer_card(assistant.ask("ruxolitnib dose")))
    assert page.find("th") == ["Drug", "Targets", "Usual dose", "Chief warning"]
    assert page.find("td") == ["Ruxolitinib", "JAK1, JAK2", "10 mg twice daily", "Falling platelets and anaemia"]
    assert page.find("mark") == ["10 mg twice daily"]
    assert page.find("caption") == ["Table: JAK inhibitors with their targets, usual dose and chief warning"]
    assert "|" not in page.find("blockquote")[0]


def test_rows_of_one_table_are_one_table_with_numbers(assistant: FakeAssistant) -> None:
    page = Page(answer_card(assistant.ask("which drugs are there")))
    assert page.find("strong") == ["Baricitinib", "Ruxolitinib", "Tofacitinib"]
    assert len(page.find("table")) == 1 and len(page.find("tr")) == 4
    assert page.find("td", "vb-number") == ["", "1", "2", "3"]
    assert page.find("button", "vb-source-link") == ["1\u20133Kinase inhibitors at the bedside: a teaching review"]


def test_quotes_of_different_places_stand_apart() -> None:
    spans = (
        make_span(NOTE, DOSE, "4 mg"),
        make_span(TABLE, ROWS[0], "2 mg once daily"),
        make_span(NOTE, DOSE, "14 days"),
    )
    documents = (NOTE, TABLE, NOTE)
    citations = tuple(make_citation(d, s, n) for d, s, n in zip(documents, spans, (1, 2, 1), strict=True))
    page = Page(answer_card(Answer("q", "q", spans, citations)))
    assert len(page.find("blockquote")) == 2
    assert page.find("mark") == ["4 mg", "14 days", "2 mg once daily"]
    assert page.find("button", "vb-chip") == ["1", "2", "1"]


def test_an_answer_that_is_its_quote_is_said_once() -> None:
    span = make_span(NOTE, DOSE, DOSE)
    page = Page(answer_card(Answer("q", "q", (span,), (make_citation(NOTE, span, 1),))))
    assert page.find("mark") == [DOSE] and not page.find(cls="vb-short")
    assert len(page.find("button", "vb-cite")) == 1


def test_long_quote_is_cut_around_the_span() -> None:
    text = " ".join(["before"] * 100) + " the dose is 4 mg " + " ".join(["after"] * 100) + "."
    document = Document(
        "d", Source("d.txt"), text, (Block("paragraph", 0, len(text)),), (Piece(0, len(text), 0),), (0,)
    )
    span = make_span(document, text, "4 mg")
    page = Page(answer_card(Answer("q", "q", (span,), (make_citation(document, span, 1),))))
    (quote,) = page.find("blockquote")
    assert page.find("mark") == ["4 mg"]
    assert quote.startswith("… ") and quote.endswith(" …")
    assert quote[2:-2] in text and len(quote[2:-2].split()) <= 80


def test_flattened_table_keeps_its_cells_apart() -> None:
    text = "Drug\nDose\nBaricitinib\n2 mg"
    document = Document("d", Source("d.txt"), text, (Block("table", 0, len(text)),), (Piece(0, len(text), 0),), (0,))
    span = make_span(document, text, "2 mg")
    html = answer_card(Answer("q", "q", (span,), (make_citation(document, span, 1),)))
    assert html.count('<i class="vb-cut"></i>') == 3
    assert Page(html).find("blockquote") == [text]
    assert Page(source_panel(document, Place.of_span(span))).find(cls="vb-flat") == [text]


def test_corrections_are_told(assistant: FakeAssistant) -> None:
    assert "Searched for ruxolitinib (for “ruxolitnib”)" in Page(answer_card(assistant.ask("ruxolitnib dose"))).find(
        "p"
    )
    assert "Searched for" not in answer_card(assistant.ask("EUA dose"))


def test_abstention_is_plain_with_nearest_passages_and_a_folded_guess(assistant: FakeAssistant) -> None:
    page = Page(answer_card(assistant.ask("what does it cost")))
    assert page.find(cls="vb-abstained") == [ABSTENTION]
    assert len(page.find("ol", "vb-nearest")) == 1 and len(page.find("li")) == 3
    (guess,) = page.find("details")
    assert guess.startswith("Show the best guess anyway") and "slows the making of blood cells" in guess
    assert [text[0] for text in page.find("button", "vb-source-link")] == ["1", "2", "3", "4"]
    assert answer_card(Answer("q", "q")).count("<details") == 0


def test_long_passages_are_cut_in_the_list() -> None:
    text = "word " * 200 + "."
    document = Document(
        "d", Source("d.txt"), text, (Block("paragraph", 0, len(text)),), (Piece(0, len(text), 0),), (0,)
    )
    page = Page(answer_card(Answer("q", "q", hits=(Hit(make_passage(document, "word"), 1.0, 1, "fake"),))))
    assert page.find("li")[0].count("word") == 45


def test_conversation() -> None:
    assert not Page(transcript([])).find("h2")
    page = Page(transcript([Turn("a <b>?", problem="no <i>"), Turn("and?")], waiting="Opening"))
    assert page.find("h2", "vb-question") == ["a <b>?", "and?"]
    assert page.find(cls="vb-problem") == ["no <i>"]
    assert page.find(cls="vb-waiting") == ["Opening…"]
    assert not page.find(cls="vb-example")
    assert not Page(transcript([Turn("  ", problem="empty")])).find("h2")


def test_welcome_invites_questions_or_says_why_not() -> None:
    page = Page(welcome(["a <b>?", "c?"]))
    assert page.find("button", "vb-example") == ["a <b>?", "c?"]
    assert [a["data-question"] for a in page.attributes("vb-example")] == ["a <b>?", "c?"]
    assert Page(welcome(problem="no <i> index")).find(cls="vb-problem") == ["no <i> index"]
    assert Page(welcome(waiting="Open <b>")).find(cls="vb-until") == ["Open <b>…"]
    assert Page(welcome(["c?"])).find(cls="vb-until") == []


def test_no_two_parts_of_the_page_use_one_name() -> None:
    page = JUDGING + EXPORT + library_tools(changing=True) + library_search()
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) > 8 and len(ids) == len(set(ids))
    dialogs = re.findall(r'<dialog class="([^"]+)"', page)
    assert len(dialogs) == 2 and len(set(dialogs)) == 2
    styles = [file.read_text(encoding="utf-8") for file in sorted(WEB.glob("*.css"))]
    styled = [set(re.findall(r"^ *(\.vb-[a-z-]+) [{]", style, re.MULTILINE)) for style in styles]
    shared = [one & other for i, one in enumerate(styled) for other in styled[:i]]
    assert len(styles) >= 5 and set().union(*shared) == set()


def test_how_sure_an_answer_is_is_said_in_words_and_as_a_figure(assistant: FakeAssistant) -> None:
    answer = assistant.ask("EUA dose")
    for confidence, words in ((0.999, "Very likely right"), (0.72, "Likely right"), (0.5, "May be wrong")):
        (said,) = Page(answer_card(replace(answer, confidence=confidence))).find(cls="vb-confidence")
        assert said.startswith(words) and f"({min(99, round(100 * confidence))} %)" in said
    assert not Page(answer_card(assistant.ask("the weather"))).find(cls="vb-confidence")


def test_a_question_that_was_understood_otherwise_is_shown_with_a_way_back(assistant: FakeAssistant) -> None:
    answer = assistant.ask("and the EUA?", history=["the dose"])
    page = Page(answer_card(answer))
    assert "Asked as: the dose the EUA?" in page.find(cls="vb-understood")[0]
    (button,) = page.attributes("vb-anew")
    assert (button["data-event"], button["data-question"]) == ("anew", "and the EUA?")
    assert not Page(answer_card(assistant.ask("Ruxolitinib dose?"))).find(cls="vb-understood")
    mended = replace(
        answer, question="ruxolitnib", query="ruxolitinib", corrections=(Correction("ruxolitnib", "ruxolitinib"),)
    )
    assert not Page(answer_card(mended)).find(cls="vb-understood")


def test_an_abstention_says_what_could_be_asked(assistant: FakeAssistant) -> None:
    page = Page(transcript([Turn("weather?", assistant.ask("weather?"), suggestions=("the <b> dose?",))]))
    assert page.find("button", "vb-example") == ["the <b> dose?"]


def test_a_citation_names_its_page(assistant: FakeAssistant) -> None:
    answer = assistant.ask("EUA dose")
    paged = replace(answer, citations=(replace(answer.citations[0], page=7, source=replace(NOTE.source, note="")),))
    assert "page 7" in Page(answer_card(paged)).find("figcaption")[0]


def test_source_panel_shows_the_whole_document(assistant: FakeAssistant) -> None:
    span = make_span(TABLE, ROWS[1], "10 mg twice daily")
    page = Page(source_panel(TABLE, Place.of_span(span)))
    assert page.find("h2") == ["Kinase inhibitors at the bedside: a teaching review"]
    assert page.find("h3") == ["JAK inhibitors in use", "Drugs, targets and warnings", "Shared cautions"]
    assert page.find(cls="vb-where") == [f"Drugs, targets and warnings · line {TABLE.line(span.start)}"]
    assert len(page.find("tr")) == 4 and page.find("mark") == ["10 mg twice daily"]
    (quoted,) = page.find("tr", "vb-quoted-row")
    assert quoted.startswith("Ruxolitinib")
    assert page.find("p", "vb-caption") == ["Table: JAK inhibitors with their targets, usual dose and chief warning"]
    assert page.find("ul")[0].startswith("No two drugs")
    about = page.find("details")[0]
    assert "Restated in “JAK inhibitors in use”" in about and "CC BY 4.0" in about and "current-inhibitors.md" in about
    shown = "".join(page.find(cls="vb-text")).replace(" ", "")
    for block in TABLE.blocks:
        for word in TABLE.slice(block.start, block.end).replace("|", " ").split():
            assert word in shown


def test_quoted_header_row_is_shown() -> None:
    header = "| Drug | Targets | Usual dose | Chief warning |"
    page = Page(source_panel(TABLE, Place.of_span(make_span(TABLE, header, "Usual dose"))))
    assert page.find("mark") == ["Usual dose"]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_payload_in_a_question_stays_text(payload: str) -> None:
    html = transcript([Turn(payload, problem=payload), Turn(payload)]) + welcome([payload], payload)
    assert_harmless(html + lost_source(payload))
    assert payload in Page(html).find("h2")


def test_payloads_in_a_document_stay_text(assistant: FakeAssistant) -> None:
    answer = assistant.ask("payload")
    other = assistant.ask("cost")
    hits = tuple(replace(hit, passage=make_passage(HOSTILE, PAYLOADS[2])) for hit in other.hits)
    html = answer_card(answer) + answer_card(replace(other, hits=hits, candidates=answer.spans))
    html += "".join(source_panel(HOSTILE, Place.of_span(span)) for span in answer.spans)
    assert_harmless(html)
    shown = Page(html).find(cls="vb-text")[0]
    for payload in PAYLOADS:
        assert payload in shown


def test_place_refuses_what_is_none() -> None:
    good = {"doc": "d", "start": "1", "end": "2", "quoteStart": "0", "quoteEnd": "3"}
    assert Place.parse(good) == Place("d", 1, 2, 0, 3)
    assert Place.parse({**good, "start": 1}) == Place("d", 1, 2, 0, 3)
    for bad in ({**good, "start": "-1"}, {**good, "end": "x"}, {**good, "doc": 7}, {}, {**good, "end": "9" * 30}):
        with pytest.raises(ValueError, match="not a place"):
            Place.parse(bad)


def test_place_within() -> None:
    size = len(NOTE.text)
    assert Place("d", 1, 2, 0, size).within(NOTE)
    for start, end, quote_start, quote_end in (
        (1, 2, 0, size + 1),
        (2, 1, 0, 3),
        (0, 2, 1, 3),
        (1, 4, 0, 3),
        (5, 5, 5, 5),
    ):
        assert not Place("d", start, end, quote_start, quote_end).within(NOTE)


def test_other_values_are_shown_with_what_sets_them_apart() -> None:
    span, other = make_span(NOTE, DOSE, "4 mg"), make_span(TABLE, ROWS[0], "2 mg once daily")
    apart = Apart("2 mg once", ("Note", "Gout <i>"), ("a & b",), ("May 2020",), "adults", contradicts=True)
    citations = (make_citation(NOTE, span, 1),)
    card = answer_card(Answer("dose?", "dose?", spans=(span,), citations=citations, others=(other,), apart=(apart,)))
    assert_harmless(card)
    (text,) = Page(card).find("ul", "vb-others")
    for words in ("2 mg once daily", "disagrees with the answer", "a & b", "adults", "May 2020", "Gout <i>"):
        assert words in text
    assert Page(card).find("h3") == ["Also in the documents"]
    assert Page(card).find("button", "vb-chip")[-1] == "2"
    agreeing = replace(apart, contradicts=False)
    card = answer_card(Answer("dose?", "dose?", spans=(span,), citations=citations, others=(other,), apart=(agreeing,)))
    assert "disagrees" not in card


def test_two_things_compared_stand_side_by_side() -> None:
    spans = (make_span(NOTE, DOSE, "4 mg"), make_span(TABLE, ROWS[0], "2 mg once daily"))
    citations = (make_citation(NOTE, spans[0], 1), make_citation(TABLE, spans[1], 2))
    question = "compare the authorised dose with the usual dose"
    card = answer_card(Answer(question, question, spans=spans, citations=citations))
    assert_harmless(card)
    assert len(Page(card).find("div", "vb-pair")) == 1
    assert len(Page(card).find("figure", "vb-quote")) == 2
    plain = answer_card(Answer("doses?", "doses?", spans=spans, citations=citations))
    assert Page(plain).find("div", "vb-pair") == []
