"""The report: what stands in it, what is left out, and that nothing in it comes alive or from elsewhere."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import matplotlib
import pytest

from qa.evaluation import METRICS, Evaluation, Outcome, plots
from qa.evaluation.measures import retrieval_scores
from qa.evaluation.outcome import Loss
from qa.evaluation.report import STAGES, marked, render

EVIL = "<script>window.pwned = 1</script>\"'><img src=x onerror='window.pwned=1'> & </td></table> Café 😀"
ABOUT: dict[str, Any] = {
    "version": "9.8.7",
    "code_sha256": "c0de" * 16,
    "date": "2026-11-23T03:36:28+00:00",
    "gold": {
        "name": "facts & more",
        "format": "JSONL",
        "sha256": "901d" * 16,
        "questions": 4,
        "half": "dev",
        "words_in_evidence": 0.361,
        "evidence_not_in_documents": 2,
    },
    "index": {"documents": 18, "passages": 171, "sentences": 307, "passages_sha256": "9a55" * 16},
    "model": {"name": "some/model", "sha256": "30de" * 16, "precision": "float32"},
    "threshold": 0.5,
    "machine": {"cpu": "Example CPU", "cores": 2, "python": "3.11.7"},
}


def answered(query_id: str, *, right: bool = True, confidence: float = 0.9, **fields: Any) -> Outcome:
    """A question that is answered by a quote, its right passage on the second place of the ranking."""
    given = confidence >= 0.5
    lost: Loss = "read but not chosen" if not right else "" if given else "wrongly refused"
    outcome = Outcome(
        query_id,
        f"how much of {query_id}?",
        "dose",
        "dev",
        True,
        accepted=("4 mg",),
        evidence=(f"Give 4 mg of {query_id}.",),
        answered=given,
        correct=right,
        confidence=confidence,
        lost=lost,
        short="4 mg",
        quotes=(f"For 14 days, 4 mg of {query_id}.",),
        place="note, line 7",
        ranking=("p1", "p2", "p3"),
        relevant={"p2": 1},
        metrics={"answered_right": float(right and given), "f1": 0.5},
        elapsed_ms=12.0,
    )
    outcome.metrics.update(retrieval_scores(outcome.ranking, outcome.relevant))
    return replace(outcome, **fields)


def unanswerable(query_id: str, *, confidence: float = 0.1, **fields: Any) -> Outcome:
    given = confidence >= 0.5
    lost: Loss = "wrongly answered" if given else ""
    metrics = {"refused_unanswerable": float(not given)}
    base = Outcome(query_id, f"price of {query_id}?", "nonsense", "dev", False, answered=given, confidence=confidence)
    return replace(base, lost=lost, short="2 mg", quotes=("Or 2 mg.",), metrics=metrics, elapsed_ms=9.0, **fields)


@pytest.fixture(scope="module")
def evaluation() -> Evaluation:
    asked = (
        answered("q-right"),
        answered("q-refused", confidence=0.4),
        answered("q-wrong", right=False, half="test", history=("and before that?", "or then?")),
        unanswerable("q-none"),
    )
    return Evaluation(asked, ABOUT)


@pytest.fixture(scope="module")
def page(evaluation: Evaluation) -> str:
    return render(evaluation)


class Page(HTMLParser):
    """The page as a browser's parser takes it apart: elements with attributes, and the text of each row of questions."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.rows: list[str] = []
        self.text = ""
        self._hidden = self._in_row = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        self.elements.append((tag, attributes))
        self._hidden = tag in ("style", "script")
        if tag == "tr":
            self.rows.append("")
            self._in_row = True

    def handle_endtag(self, tag: str) -> None:
        self._hidden = False
        self._in_row = self._in_row and tag != "tr"

    def handle_data(self, data: str) -> None:
        self.text += "" if self._hidden else data
        if self._in_row:
            self.rows[-1] += data

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]


def test_every_question_with_what_became_of_it(page: str, evaluation: Evaluation) -> None:
    found = Page(page)
    rows = {outcome.query_id: row for outcome in evaluation.outcomes for row in found.rows if outcome.query_id in row}
    for outcome in evaluation.outcomes:
        row = rows[outcome.query_id]
        wanted = (outcome.question, outcome.kind, outcome.half, *outcome.history, *outcome.accepted, *outcome.quotes)
        for words in (*wanted, *outcome.evidence, outcome.place, outcome.lost or "right", f"{outcome.confidence:.2f}"):
            assert words in row
        assert ("refused" in row.replace("wrongly refused", "")) is (not outcome.answered)
    stages = [attributes["data-stage"] for attributes in found.all("tr") if "data-stage" in attributes]
    assert stages == ["right", "wrongly refused", "read but not chosen", "right"]
    assert "4 of 4 shown" in found.text
    assert page.count("<mark>4 mg</mark>") == 3
    assert "rank 2" in rows["q-right"]


def test_what_it_was_measured_with(page: str) -> None:
    text = Page(page).text
    for words in ("facts & more", "4 questions, 1 of them unanswerable", "half dev", "2026-11-23, 03:36 UTC"):
        assert words in text
    for words in ("18 documents, 171 passages, 307 sentences", "some/model, float32", "Example CPU, 2 cores", "9.8.7"):
        assert words in text
    assert "2 quotes of evidence are not in the documents" in text
    assert "36 %" in text
    for digest in ("c0de" * 3, "901d" * 3, "9a55" * 3, "30de" * 3):
        assert digest in text
        assert digest + digest[:1] not in text


def test_every_figure_with_value_interval_and_number(page: str, evaluation: Evaluation) -> None:
    rows = Page(page).rows
    for name, value in evaluation.metrics.items():
        (row,) = (row for row in rows if re.search(rf"\s{re.escape(name)}\s", row))
        unit = METRICS[name].unit
        assert METRICS[name].label in row
        assert (f"{value:.1f} ms" if unit else f"{value:.3f}") in row
        assert row.split()[-1] == str(evaluation.counts[name])
        if name in evaluation.intervals:
            assert "–".join(f"{end:.1f}" if unit else f"{end:.3f}" for end in evaluation.intervals[name]) in row


def test_counts_of_stages(page: str) -> None:
    text = " ".join(Page(page).text.split())
    assert "read but not chosen 1 the right words" in text
    assert "wrongly refused 1 the best candidate" in text
    assert "wrongly answered" not in text
    assert [link["data-stage"] for link in Page(page).all("a")] == ["read but not chosen", "wrongly refused"]


def test_every_stage_is_explained() -> None:
    from typing import get_args

    assert ["", *STAGES] == list(get_args(Loss))


def test_nothing_from_outside_comes_alive(page: str) -> None:
    about = json.loads(json.dumps(ABOUT, default=str)) | {"version": EVIL, "date": EVIL, "threshold": EVIL}
    about |= {"machine": {"cpu": EVIL, "cores": EVIL}, "model": {"name": EVIL, "sha256": EVIL}}
    about["gold"] |= {"name": EVIL, "format": EVIL, "half": EVIL, "documents_unread": EVIL}
    names = {"question": EVIL, "kind": EVIL, "place": EVIL, "short": EVIL}
    several = {"history": (EVIL,), "accepted": (EVIL,), "evidence": (EVIL,), "quotes": (f"so {EVIL} it is",)}
    evil = Evaluation((answered(EVIL, **names, **several), unanswerable("q-none")), about)
    found, harmless = Page(render(evil)), Page(page)
    assert len(found.all("script")) == len(harmless.all("script")) == 1
    assert not found.all("img")
    assert not [name for _, attributes in found.elements for name in attributes if name.startswith("on")]
    assert {tag for tag, _ in found.elements} <= {tag for tag, _ in harmless.elements}
    assert found.text.count(EVIL) >= 12
    assert EVIL in [attributes.get("data-kind") for attributes in found.all("tr")]
    assert EVIL in [attributes.get("value") for attributes in found.all("option")]
    assert f"so {EVIL} it is" in found.text


def test_policy_and_no_address_at_all(page: str) -> None:
    policies = [meta["content"] for meta in Page(page).all("meta") if "http-equiv" in meta]
    assert len(policies) == 1
    for rule in ("default-src 'none'", "style-src 'unsafe-inline'", "script-src 'unsafe-inline'", "img-src data:"):
        assert rule in policies[0]
    assert re.findall(r"https?:|//\w|@import|url\((?!#)", page) == []


def test_ids_are_unique_and_labels_point_at_fields(page: str) -> None:
    found = Page(page)
    ids = [
        attributes["id"] for tag, attributes in found.elements if "id" in attributes and tag not in ("path", "clippath")
    ]
    assert len(ids) == len(set(ids))
    assert {label["for"] for label in found.all("label") if "for" in label} == {
        "by-text",
        "by-stage",
        "by-kind",
        "by-half",
    }
    assert {label["for"] for label in found.all("label") if "for" in label} <= set(ids)
    references = set(re.findall(r'(?:url\(|href=")#([^)"]+)', page))
    assert references <= set(re.findall(r'id="([^"]+)"', page))


def test_same_page_again_whatever_the_settings(page: str, evaluation: Evaluation) -> None:
    with matplotlib.rc_context(
        {"svg.fonttype": "path", "font.size": 30, "axes.facecolor": "red", "svg.hashsalt": None}
    ):
        assert render(Evaluation(evaluation.outcomes, evaluation.about)) == page


def test_matplotlib_and_jinja_are_imported_late_and_pyplot_never() -> None:
    code = """
import sys
from qa.evaluation import Evaluation, Outcome
from qa.evaluation.report import render
print(sorted({"matplotlib", "jinja2"} & set(sys.modules)))
render(Evaluation((Outcome("q", "what?", "", "dev", True, metrics={"answered_right": 0.0}),)))
print(sorted({"matplotlib", "jinja2", "matplotlib.pyplot"} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("[]\n['jinja2', 'matplotlib']\n", "")


def test_plots_hold_text_in_the_fonts_and_colours_of_the_page(evaluation: Evaluation) -> None:
    drawn = [f(evaluation) for f in (plots.risk_coverage, plots.reliability, plots.depth, plots.kinds)]
    for plot in filter(None, drawn):
        assert plot.svg.startswith("<svg ")
        assert "<text" in plot.svg
        assert "font-family" not in plot.svg
        assert "metadata" not in plot.svg
        assert set(re.findall(r"(?<!, )#[0-9a-f]{6}\b", plot.svg)) <= {"#ffffff", "#000000"}
    assert sum(plot is not None for plot in drawn) == 4


def test_captions_say_what_the_curves_show(evaluation: Evaluation) -> None:
    risk, reliable, deep = (f(evaluation) for f in (plots.risk_coverage, plots.reliability, plots.depth))
    assert risk and reliable and deep
    assert "threshold of 0.5, 50.0 % of the questions are answered, 50.0 % of them wrongly" in risk.caption
    assert f"{evaluation.metrics['aurc']:.3f}" in risk.caption
    assert f"(ECE) {evaluation.metrics['ece']:.3f}" in reliable.caption
    assert "of 3 whose passages are judged: 0.0 % have it first, 100.0 % among 10" in deep.caption
    counts = re.findall(r"<text[^>]*font-size: 10px[^>]*>(\d+)</text>", reliable.svg)
    assert counts == ["0", "1", "0", "0", "1", "0", "0", "0", "0", "2"]


def test_kinds_show_shares_and_numbers(evaluation: Evaluation) -> None:
    drawn = plots.kinds(evaluation)
    assert drawn
    texts = re.findall(r"<text[^>]*>([^<]*)</text>", drawn.svg)
    assert texts[texts.index("0.33") + 1] == "3"
    assert texts[texts.index("1.00") + 1] == "1"
    assert {"dose", "nonsense", "answered, and rightly", "unanswerable refused"} <= set(texts)
    assert plots.kinds(evaluation.where(lambda outcome: outcome.kind == "dose")) is None


@pytest.mark.parametrize("kind", ["$\\frac$", "漢字 😀", "a\x00b\ud800", "w" * 300, "--> <b>"])
def test_kinds_of_any_name(kind: str) -> None:
    page = render(Evaluation((answered("q", kind=kind), unanswerable("r")), ABOUT))
    page.encode("utf-8")
    assert page.count('role="img"') == 4


def test_without_a_threshold_there_is_no_mark(evaluation: Evaluation) -> None:
    drawn = plots.risk_coverage(Evaluation(evaluation.outcomes))
    assert drawn
    assert "threshold" not in drawn.caption + drawn.svg


def test_ranking_of_documents_alone() -> None:
    ranking = ("d1", "d2", "d<3>")
    scores = retrieval_scores(ranking, {"d<3>": 2, "d1": 0})
    asked = [
        Outcome(f"b{i}", "what?", "", "dev", True, ranking=ranking, relevant={"d<3>": 2, "d1": 0}) for i in range(2)
    ]
    page = render(Evaluation(tuple(replace(outcome, metrics=scores) for outcome in asked), {"gold": {"name": "beir"}}))
    text = Page(page).text
    assert page.count('role="img"') == page.count("<figure") == 1
    assert "Retrieval depth" in text
    for left_out in ("Risk", "Reliability", "Kinds", "Where questions were lost", "Confidence", "refused"):
        assert left_out not in text
    assert "<mark>d&lt;3&gt;</mark>" in page
    assert "<mark>d1" not in page
    assert "1 right" in text
    assert "rank 3" in text
    assert not Page(page).all("select")


def test_answers_without_evidence() -> None:
    kept = ("answered_right", "f1", "refused_unanswerable")
    asked = [
        replace(outcome, relevant={}, metrics={name: v for name, v in outcome.metrics.items() if name in kept})
        for outcome in (answered("q1"), answered("q2", right=False), unanswerable("q3"))
    ]
    page = render(Evaluation(tuple(asked), ABOUT))
    assert "Retrieval depth" not in page
    assert page.count('role="img"') == 3
    assert "rank" not in Page(page).text


def test_nothing_asked() -> None:
    page = render(Evaluation(()))
    assert "0 questions" in page
    assert "<figure" not in page


@pytest.mark.parametrize(
    ("quote", "short", "marks"),
    [
        ("for 14 days: 4 mg", "4", ["4"]),
        ("JAK1; JAK2", "JAK1; JAK2", ["JAK1; JAK2"]),
        ("fever, then rash", "rash; fever; cough", ["fever", "rash"]),
        ("Café 😀 at 5 %", "5 %", ["5 %"]),
        ("half-word", "wor", ["wor"]),
        ("nothing of it", "4 mg", []),
        ("nothing said", "", []),
        ("a (b) c", "(b)", ["(b)"]),
        ("one two", "one two; two", ["one two"]),
    ],
)
def test_answer_is_marked_in_its_quote(quote: str, short: str, marks: list[str]) -> None:
    parts = marked(quote, short)
    assert "".join(text for text, _ in parts) == quote
    assert [text for text, mark in parts if mark] == marks
    if short == "4":
        assert parts[0] == ("for 14 days: ", False)
