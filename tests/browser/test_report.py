"""The report in a real browser: filters, width, and that it asks nobody for anything."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from qa.evaluation import Evaluation, Outcome
from qa.evaluation.report import render

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

EVIL = "<script>window.pwned = 1</script>\"'><img src=x onerror='window.pwned = 1'> Café 😀"


def outcomes() -> tuple[Outcome, ...]:
    """Right, refused, lost and unanswerable questions of both halves, with long words and markup."""
    asked = Outcome("q1", EVIL, EVIL, "dev", True, accepted=("4 mg",), answered=True, correct=True, confidence=0.9)
    said = {"short": "4 mg", "quotes": ("For 14 days 4 mg. " * 20,), "place": "note" * 40}
    asked = replace(
        asked, **said, ranking=("a", "b"), relevant={"b": 1}, metrics={"answered_right": 1.0, "success@1": 0.0}
    )
    wrong = replace(asked, correct=False, metrics={"answered_right": 0.0, "success@1": 0.0})
    return (
        asked,
        replace(wrong, query_id="q2", question="w" * 300, kind="dose", half="test", lost="not retrieved"),
        replace(wrong, query_id="q3", question="gélules?", kind="dose", answered=False, lost="wrongly refused"),
        Outcome("q4", "spoon?", "nonsense", "dev", False, confidence=0.2, metrics={"refused_unanswerable": 1.0}),
    )


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Where the report lies."""
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(render(Evaluation(outcomes(), {"gold": {"name": EVIL}, "threshold": 0.5})), encoding="utf-8")
    return path.as_uri()


@pytest.fixture
def report(browser: Browser, address: str, size: tuple[int, int]) -> Iterator[Page]:
    """The opened report; afterwards it has logged no error and asked for nothing but itself."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]})
    page = context.new_page()
    page.set_default_timeout(15_000)
    wrong: list[str] = []
    page.on("request", lambda r: None if r.url.split("#")[0] == address or r.url == "data:," else wrong.append(r.url))
    page.on("console", lambda m: wrong.append(m.text))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(address)
    yield page
    assert wrong == []
    assert page.evaluate("window.pwned") is None
    context.close()


def shown(page: Page, count: int) -> list[str]:
    """Wait until so many questions are said to be shown, and give the ids of those that are."""
    page.wait_for_function("n => document.getElementById('shown').value === `${n} of 4 shown`", arg=count)
    return page.locator("#list tbody tr:visible .tags span:first-child").all_inner_texts()


def test_filters(report: Page) -> None:
    assert shown(report, 4) == ["q1", "q2", "q3", "q4"]
    report.get_by_label("Failures only").check()
    assert shown(report, 2) == ["q2", "q3"]
    report.get_by_label("Half", exact=True).select_option("test")
    assert shown(report, 1) == ["q2"]
    report.get_by_label("Stage", exact=True).select_option("right")
    assert shown(report, 0) == []
    report.get_by_role("button", name="Clear").click()
    assert shown(report, 4) == ["q1", "q2", "q3", "q4"]
    report.get_by_label("Kind", exact=True).select_option(EVIL)
    assert shown(report, 1) == ["q1"]


def test_filters_by_keyboard(report: Page) -> None:
    report.get_by_label("Text", exact=True).focus()
    report.keyboard.type("GELULES 4 mg")
    assert shown(report, 1) == ["q3"]
    report.keyboard.press("Enter")
    assert shown(report, 1) == ["q3"]
    report.keyboard.press("Control+A")
    report.keyboard.press("Delete")
    assert shown(report, 4)
    for _ in range(4):
        report.keyboard.press("Tab")
    report.keyboard.press("Space")
    assert shown(report, 2) == ["q2", "q3"]


def test_stage_leads_to_its_questions(report: Page) -> None:
    report.get_by_label("Failures only").check()
    report.locator("a[data-stage='wrongly refused']").click()
    assert shown(report, 1) == ["q3"]
    assert report.get_by_label("Stage", exact=True).input_value() == "wrongly refused"
    assert not report.get_by_label("Failures only").is_checked()


def test_fits_the_width(report: Page, size: tuple[int, int]) -> None:
    for summary in report.locator("summary").all():
        summary.click()
    assert report.evaluate("document.documentElement.scrollWidth") <= size[0]
    assert report.locator("svg").count() == 4
    widths = report.locator("svg").evaluate_all("nodes => nodes.map((node) => node.getBoundingClientRect().width)")
    assert all(200 < width < size[0] for width in widths)


def test_whole_without_scripts(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    assert page.locator("#list tbody tr:visible").count() == 4
    assert not page.locator("#filters").is_visible()
    context.close()
