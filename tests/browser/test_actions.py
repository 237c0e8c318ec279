"""Verdicts, copies, links and files in a real browser, with a mouse and with the keyboard, wide and narrow."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from chat_fake import DOSE, PAYLOADS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

    from tests.browser.conftest import Watched

pytestmark = pytest.mark.browser

WORDS = "4 mg of baricitinib once daily for 14 days"


def said(page: Page, turn: int, words: str) -> None:
    """Wait until something is said under an answer."""
    page.wait_for_function(
        "([turn, words]) => document.querySelector(`.vb-turn[data-turn='${turn}'] .vb-said`).textContent.includes(words)",
        arg=[turn, words],
    )


def left(chat: Watched) -> None:
    """Gradio logs the requests that leaving a page ends; nothing is wrong with that."""
    ended = ("AbortError", "Connection errored out")
    chat.wrong[:] = [item for item in chat.wrong if not any(words in item for words in ended)]


def act(page: Page, name: str, turn: int = 0) -> Locator:
    return page.locator(f".vb-turn[data-turn='{turn}'] [data-act={name}]")


def test_verdict_is_given_changed_and_taken_back(chat: Watched) -> None:
    page = chat.page
    chat.ask("EUA dose")
    act(page, "up").click()
    said(page, 0, "noted as right")
    assert act(page, "up").get_attribute("aria-pressed") == "true"
    chat.ask("usual ruxolitinib dose")  # the conversation is drawn anew
    assert act(page, "up").get_attribute("aria-pressed") == "true"
    assert act(page, "up", 1).get_attribute("aria-pressed") == "false"
    act(page, "down").click()
    said(page, 0, "noted as wrong")
    page.get_by_role("dialog").get_by_role("button", name="Close").click()
    assert act(page, "down").get_attribute("aria-pressed") == "true"
    assert act(page, "up").get_attribute("aria-pressed") == "false"
    act(page, "down").click()
    said(page, 0, "Taken back")
    assert page.locator(".vb-judge[aria-pressed=true]").count() == 0
    assert page.get_by_role("dialog").count() == 0


def test_right_passage_by_mouse(chat: Watched) -> None:
    page = chat.page
    chat.ask("what does it cost?")
    act(page, "down").click()
    dialog = page.get_by_role("dialog", name="What would be right?")
    assert "what does it cost?" in dialog.inner_text()
    assert "kept on this server" in dialog.inner_text()
    dialog.get_by_label("The words that answer").fill("6 mg")
    dialog.get_by_role("button", name="This is the right passage").nth(1).click()
    page.wait_for_selector(".vb-dialog-said.vb-failed:has-text('does not stand in this passage')")
    dialog.get_by_label("The words that answer").fill("5 mg twice daily")
    dialog.get_by_label("Comment").fill("It is the third row.")
    dialog.get_by_role("button", name="This is the right passage").nth(1).click()
    said(page, 0, "noted as right: “5 mg twice daily”")
    assert not dialog.is_visible()
    assert act(page, "down").get_attribute("aria-pressed") == "true"
    assert chat.in_view(".vb-said", "#vb-transcript")


def test_feedback_by_keyboard(chat: Watched) -> None:
    page = chat.page
    chat.ask("EUA dose")
    act(page, "down").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    dialog.wait_for()
    page.keyboard.press("Escape")
    dialog.wait_for(state="hidden")
    assert page.evaluate("document.activeElement.dataset.act") == "down"
    page.keyboard.press("Enter")
    said(page, 0, "Taken back")
    page.keyboard.press("Enter")
    dialog.wait_for()
    dialog.get_by_label("Comment").focus()
    page.keyboard.type("Too old")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector(".vb-dialog-said:has-text('noted as wrong')")
    dialog.get_by_role("button", name="The documents do not answer this").focus()
    page.keyboard.press("Space")
    said(page, 0, "the documents do not answer")


def test_comment_that_was_begun_is_still_there(chat: Watched) -> None:
    page = chat.page
    chat.ask("EUA dose")
    act(page, "down").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Comment").fill("half a thou")
    page.keyboard.press("Escape")
    act(page, "down").click()
    said(page, 0, "Taken back")
    act(page, "down").click()
    assert dialog.get_by_label("Comment").input_value() == "half a thou"


def test_selected_words_of_the_source(chat: Watched) -> None:
    page = chat.page
    chat.ask("EUA dose")
    use = page.get_by_role("button", name="Use the selected words")
    assert use.count() == 0
    page.locator(".vb-source-link").click()
    page.wait_for_selector(".vb-open #vb-panel .vb-quoted")
    page.evaluate(
        """() => { const words = document.querySelector("#vb-panel mark"), range = document.createRange();
        range.selectNodeContents(words); getSelection().removeAllRanges(); getSelection().addRange(range); }"""
    )
    use.wait_for()
    assert "EUA dose" in use.inner_text()
    use.click()
    said(page, 0, f"noted as right: “{WORDS}”")
    use.wait_for(state="hidden")
    assert act(page, "down").get_attribute("aria-pressed") == "true"


def test_copy_and_link(chat: Watched, address: str) -> None:
    page = chat.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=address)
    chat.ask("EUA dose")
    chat.ask("and the one of ruxolitinib?")
    act(page, "copy").click()
    said(page, 0, "Copied.")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(f"{WORDS} [1]") and f"“{DOSE}” [1]" in copied and "doi.org/10.5555/jim.2021.0042" in copied
    act(page, "link", 1).focus()
    page.keyboard.press("Enter")
    said(page, 1, "Link copied.")
    link = page.evaluate("navigator.clipboard.readText()")
    assert link == f"{address}/?q=EUA+dose+the+one+of+ruxolitinib%3F"
    page.goto(link)
    page.wait_for_selector(".vb-answered")
    assert page.locator(".vb-question").all_inner_texts() == ["EUA dose the one of ruxolitinib?"]
    left(chat)


def test_copy_without_a_clipboard(chat: Watched) -> None:
    page = chat.page
    page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    chat.ask("EUA dose")
    act(page, "copy").click()
    said(page, 0, "Copied.")
    page.get_by_label("Question", exact=True).focus()
    page.keyboard.press("Control+V")
    assert WORDS in page.get_by_label("Question", exact=True).input_value()
    page.evaluate("document.execCommand = () => false")
    act(page, "link").click()
    said(page, 0, "address bar")
    assert page.url.endswith("/?q=EUA+dose")


def test_link_asks_once_and_the_way_back_leads_to_the_answer(chat: Watched, address: str) -> None:
    page = chat.page
    page.goto(f"{address}/?q=EUA%20dose&collection=")
    page.wait_for_selector(".vb-answered")
    chat.ask("usual ruxolitinib dose")
    assert page.locator(".vb-question").all_inner_texts() == ["EUA dose", "usual ruxolitinib dose"]
    page.reload()
    page.wait_for_selector(".vb-answered")
    page.wait_for_timeout(500)
    assert page.locator(".vb-question").all_inner_texts() == ["EUA dose"]
    page.goto(f"{address}/?q=which%20drugs")
    page.wait_for_selector(".vb-answered")
    assert page.locator(".vb-question").all_inner_texts() == ["which drugs"]
    page.go_back()
    page.wait_for_selector(".vb-question:text-is('EUA dose')")
    page.wait_for_selector(".vb-answered")
    assert page.locator(".vb-question").all_inner_texts() == ["EUA dose"]
    left(chat)


@pytest.mark.parametrize("question", [*PAYLOADS[:4], "W" * 5000, "  "])
def test_hostile_links_are_only_text(chat: Watched, address: str, question: str) -> None:
    from urllib.parse import quote

    page = chat.page
    page.goto(f"{address}/?q={quote(question)}&collection={quote(PAYLOADS[1])}")
    if not question.strip():
        page.wait_for_selector(".vb-example")
        page.wait_for_timeout(500)
        assert page.locator(".vb-turn").count() == 0
        left(chat)
        return
    page.wait_for_selector(".vb-turn :is(.vb-abstained, .vb-answered, .vb-problem)")
    assert page.locator(".vb-question").inner_text() == question[:2000]
    left(chat)
    assert page.locator(".vb-log :is(script, img, iframe, svg, form, input)").count() == 0


def saved(page: Page, name: str, tmp_path: Path) -> str:
    """What a choice of the menu saves; the file is named after the day."""
    page.get_by_text("Export", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("button", name=name, exact=True).click()
    page.wait_for_selector(f".vb-exported:has-text('{download.value.suggested_filename}')")
    assert re.fullmatch(r"verbatim(-references)?-\d{4}-\d\d-\d\d\.\w+", download.value.suggested_filename)
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    return path.read_text(encoding="utf-8")


def test_files(chat: Watched, tmp_path: Path) -> None:
    page = chat.page
    page.get_by_text("Export", exact=True).click()
    page.get_by_role("button", name="BibTeX").click()
    page.wait_for_selector(".vb-exported:has-text('nothing to export')")
    chat.ask("EUA dose")
    chat.ask("the payload dose")
    text = saved(page, "Markdown", tmp_path)
    assert "## EUA dose" in text and f"> {DOSE}" in text and "<img" not in text
    assert "title = {{Kinase inhibitors" in saved(page, "BibTeX", tmp_path)
    assert "TI  - Kinase inhibitors" in saved(page, "RIS", tmp_path)
    assert json.loads(saved(page, "CSL-JSON", tmp_path))[0]["title"].startswith("Kinase inhibitors")


def test_menu_by_keyboard(chat: Watched) -> None:
    page = chat.page
    chat.ask("EUA dose")
    summary = page.get_by_text("Export", exact=True)
    summary.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.dataset.export") == "markdown"
    assert chat.in_view(".vb-menu", "body")
    page.keyboard.press("Escape")
    assert not page.locator(".vb-menu").is_visible()
    assert page.evaluate("document.activeElement.textContent") == "Export"
    page.keyboard.press("Enter")
    page.locator("#vb-transcript").click(position={"x": 5, "y": 5})
    assert not page.locator(".vb-menu").is_visible()


def test_everything_fits(chat: Watched) -> None:
    page = chat.page
    chat.ask("EUA dose")
    act(page, "down").click()
    box = "(s => { const n = document.querySelector(s); return n.scrollWidth - n.clientWidth; })"
    assert chat.in_view(".vb-dialog", "body")
    assert page.evaluate(f"{box}('.vb-dialog-body')") <= 0
    page.keyboard.press("Escape")
    assert page.evaluate(f"{box}('#vb-transcript')") <= 0
    tops = page.locator(".vb-actions .vb-act").evaluate_all("nodes => nodes.map(n => n.getBoundingClientRect().top)")
    assert len(tops) == 4 and max(tops) - min(tops) < 2


def test_without_a_store_there_are_no_thumbs(browser: Browser, address: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(f"{address}/?q=EUA+dose")
    page.wait_for_selector(".vb-answered")
    page.evaluate("document.querySelector('.vb-dialog').remove()")
    assert not act(page, "up").is_visible() and act(page, "copy").is_visible()
    context.close()


def test_a_server_that_cannot_keep_it_is_told_and_the_verdict_taken_off(chat: Watched) -> None:
    page = chat.page
    chat.ask("EUA dose")
    act(page, "up").click()
    said(page, 0, "noted as right")
    page.locator(".vb-actions").evaluate("node => { node.dataset.turn = '7'; node.parentElement.dataset.turn = '7'; }")
    act(page, "up", 7).click()
    said(page, 7, "not in the conversation any more")
    assert act(page, "up", 7).get_attribute("aria-pressed") == "false"


def test_quick_verdicts_end_as_the_last_one(chat: Watched) -> None:
    page = chat.page
    chat.ask("EUA dose")
    page.evaluate("() => { for (let i = 0; i < 5; i++) document.querySelector('[data-act=up]').click(); }")
    said(page, 0, "noted as right")
    page.wait_for_timeout(1500)
    assert page.locator(".vb-said").inner_text() == "Thank you: noted as right."
    assert act(page, "up").get_attribute("aria-pressed") == "true"
