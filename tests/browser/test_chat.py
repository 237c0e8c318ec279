"""The chat in a real browser, with a mouse and with the keyboard, wide and narrow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from chat_fake import DOSE, NOTE, PAYLOADS

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import Watched

pytestmark = pytest.mark.browser

WORDS = "4 mg of baricitinib once daily for 14 days"


def panel_open(page: Page) -> None:
    """Wait until the source has been opened and scrolled."""
    page.wait_for_selector(".vb-open #vb-panel .vb-quoted")
    page.wait_for_timeout(150)


def test_answer_then_source_at_the_words(chat: Watched) -> None:
    page = chat.page
    chat.ask("what is the baricitinib EUA dose")
    assert page.locator(".vb-short strong").inner_text() == WORDS
    assert page.locator("blockquote mark").inner_text() == WORDS
    assert page.locator("blockquote").inner_text() == DOSE
    assert chat.in_view("blockquote mark", "#vb-transcript")
    assert page.get_by_label("Question", exact=True).input_value() == ""
    page.locator(".vb-short .vb-cite").click()
    panel_open(page)
    assert page.locator("#vb-panel mark").inner_text() == WORDS
    assert page.locator("#vb-panel .vb-quoted").all_inner_texts() == [
        DOSE[: DOSE.index(WORDS)],
        WORDS,
        DOSE[DOSE.index(WORDS) + len(WORDS) :],
    ]
    assert chat.in_view("#vb-panel mark", "#vb-panel .vb-text")


def test_source_by_keyboard(chat: Watched) -> None:
    page = chat.page
    chat.ask("what is the baricitinib EUA dose")
    page.locator(".vb-source-link").focus()
    page.keyboard.press("Enter")
    panel_open(page)
    assert chat.in_view("#vb-panel mark", "#vb-panel .vb-text")
    assert page.evaluate("document.activeElement.className") == "vb-text"
    page.keyboard.press("Escape")
    assert page.locator(".vb-open").count() == 0
    assert "vb-cite" in page.evaluate("document.activeElement.className")
    page.keyboard.press("Enter")
    panel_open(page)
    assert chat.in_view("#vb-panel mark", "#vb-panel .vb-text")


def test_close_with_the_mouse_and_open_again_scrolls_back(chat: Watched) -> None:
    page = chat.page
    chat.ask("what is the baricitinib EUA dose")
    page.locator(".vb-source-link").click()
    panel_open(page)
    page.locator("#vb-panel .vb-text").evaluate("node => { node.scrollTop = node.scrollHeight; }")
    page.get_by_label("Close the source").click()
    assert page.locator(".vb-open").count() == 0
    page.locator(".vb-source-link").click()
    panel_open(page)
    assert chat.in_view("#vb-panel mark", "#vb-panel .vb-text")


def test_table_row(chat: Watched) -> None:
    page = chat.page
    chat.ask("usual ruxolitnib dose")
    assert page.locator(".vb-corrected").inner_text() == "Searched for ruxolitinib (for “ruxolitnib”)"
    assert page.locator(".vb-row mark").inner_text() == "10 mg twice daily"
    page.locator(".vb-source-link").click()
    panel_open(page)
    assert "Ruxolitinib" in page.locator("#vb-panel .vb-quoted-row").inner_text()
    assert chat.in_view("#vb-panel mark", "#vb-panel .vb-text")


def test_each_citation_of_a_list(chat: Watched) -> None:
    page = chat.page
    chat.ask("which drugs are there")
    for number, name in enumerate(("Baricitinib", "Ruxolitinib", "Tofacitinib")):
        page.locator(".vb-short .vb-cite").nth(number).click()
        page.wait_for_selector(f"#vb-panel mark:text-is('{name}')")
        panel_open(page)
        assert chat.in_view("#vb-panel mark", "#vb-panel .vb-text")
        page.keyboard.press("Escape")


def test_abstention(chat: Watched) -> None:
    page = chat.page
    chat.ask("what does a course cost?")
    assert page.locator(".vb-abstained").inner_text() == "The documents do not answer this."
    guess = page.locator(".vb-guess strong")
    assert not guess.is_visible()
    page.get_by_text("Show the best guess anyway").click()
    assert guess.is_visible()
    page.locator(".vb-nearest .vb-cite").first.click()
    panel_open(page)
    assert page.locator("#vb-panel .vb-quoted").inner_text().startswith("Baricitinib holds back")
    assert chat.in_view("#vb-panel .vb-quoted", "#vb-panel .vb-text")


def test_example_is_asked_by_a_click(chat: Watched) -> None:
    page = chat.page
    button = page.locator("#vb-start .vb-example").first
    asked = button.inner_text()
    button.click()
    page.wait_for_selector(".vb-answered")
    assert page.locator("h2.vb-question").inner_text() == asked
    assert not page.locator("#vb-start").is_visible()


def test_follow_up_says_how_it_was_understood_and_can_be_asked_by_itself(chat: Watched) -> None:
    page = chat.page
    chat.ask("the dose")
    chat.ask("and the EUA?")
    assert "Asked as: the dose the EUA?" in page.locator(".vb-understood").inner_text()
    page.get_by_role("button", name="Ask it without the conversation").focus()
    page.keyboard.press("Enter")
    page.wait_for_function(
        "document.querySelectorAll('.vb-turn').length === 3 && !document.querySelector('.vb-waiting')"
    )
    assert page.locator("h2.vb-question").last.inner_text() == "and the EUA?"
    assert page.locator(".vb-turn").last.locator(".vb-understood").count() == 0


def test_abstention_says_what_could_be_asked(chat: Watched) -> None:
    page = chat.page
    chat.ask("the weather in March")
    page.wait_for_selector(".vb-unanswered .vb-example")
    page.locator(".vb-unanswered .vb-example").first.click()
    page.wait_for_selector(".vb-answered")


def test_bad_questions_are_told_gently_and_the_chat_goes_on(chat: Watched) -> None:
    page = chat.page
    page.get_by_role("button", name="Ask", exact=True).click()
    page.wait_for_selector(".vb-problem")
    chat.ask("x" * 1001)
    assert "1001 characters" in page.locator(".vb-problem").last.inner_text()
    chat.ask("please break")
    assert "went wrong" in page.locator(".vb-problem").last.inner_text()
    chat.ask("EUA dose")
    assert page.locator(".vb-answered").count() == 1
    assert chat.in_view(".vb-turn:last-child .vb-question", "#vb-transcript")


def test_open_source_follows_the_newest_answer(chat: Watched, size: tuple[int, int]) -> None:
    if size[0] < 860:
        pytest.skip("on small screens the sheet covers the question box")
    page = chat.page
    chat.ask("EUA dose")
    page.locator(".vb-source-link").click()
    panel_open(page)
    chat.ask("usual ruxolitinib dose")
    page.wait_for_selector("#vb-panel mark:text-is('10 mg twice daily')")
    chat.ask("what does it cost?")
    page.wait_for_selector(".vb-open", state="detached")


def test_place_of_another_document_is_refused(chat: Watched) -> None:
    page = chat.page
    chat.ask("EUA dose")
    button = page.locator(".vb-source-link")
    button.evaluate("node => { node.dataset.doc = '../../etc/passwd'; }")
    button.click()
    page.wait_for_selector(".vb-lost")
    assert "no document" in page.locator(".vb-lost").inner_text()
    page.keyboard.press("Escape")
    button.evaluate(f"node => {{ node.dataset.doc = '{NOTE.doc_id}'; node.dataset.quoteEnd = '99999999'; }}")
    button.click()
    page.wait_for_selector(".vb-lost:has-text('has changed')")


def test_nothing_spills_over_the_edge(chat: Watched) -> None:
    page = chat.page
    for question in ("EUA dose", "which drugs are there", "what does it cost?", "payload", "W" * 300):
        chat.ask(question)
    overflow = "document.documentElement.scrollWidth - innerWidth"
    box = "(s => { const n = document.querySelector(s); return n.scrollWidth - n.clientWidth; })"
    assert page.evaluate(overflow) <= 0
    assert page.evaluate(f"{box}('#vb-transcript')") <= 0
    page.locator(".vb-source-link").first.click()
    panel_open(page)
    assert page.evaluate(f"{box}('#vb-panel .vb-text')") <= 0


def test_payloads_are_only_text(chat: Watched) -> None:
    page = chat.page
    for payload in PAYLOADS:
        chat.ask(payload)
        assert page.locator(".vb-question").last.inner_text() == payload
    chat.ask("the payload dose")
    for button in page.locator(".vb-turn:last-child .vb-cite").all():
        button.click()
        panel_open(page)
        shown = page.locator("#vb-panel .vb-text").inner_text()
        for payload in PAYLOADS:
            assert payload in shown
        page.keyboard.press("Escape")
    page.wait_for_timeout(300)
    assert page.locator(".vb-log :is(script, img, iframe, svg, form, input)").count() == 0
    assert page.locator("#vb-panel :is(script, img, iframe, svg, form, input)").count() == 0
