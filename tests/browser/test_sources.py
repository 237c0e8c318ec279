"""The source beside the chat in a real browser: boxes over the words, pages, citations by key, and what goes wrong."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from chat_server import running

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import Watched

pytestmark = pytest.mark.browser

PLACES = {"column": "1 of 4", "across": "2 of 4", "table": "2 of 4", "turned": "3 of 4", "upside": "4 of 4"}
"""What is asked for, and the page it stands on."""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the chat over files with marked words listens."""
    pytest.importorskip("gradio", reason="gradio is not installed")
    with running(sources=str(tmp_path_factory.mktemp("files"))) as address:
        yield address


def wait_for_page(page: Page, number: str) -> None:
    """Wait until that page is shown, loaded and scrolled to its place."""
    page.wait_for_selector(f".vb-open .vb-tools :text-is('Page {number}')")
    page.wait_for_function("document.querySelector('.vb-leaf img').complete")
    page.wait_for_timeout(150)


def hold_against_red(page: Page) -> None:
    """The strong box lies over red words, and over as much of them as there is: told by the pixels of the screen."""
    from PIL import Image, ImageChops

    box = page.locator(".vb-box-words").bounding_box()
    assert box is not None
    image = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    red, green, blue = image.split()
    strong = ImageChops.subtract(red, ImageChops.lighter(green, blue)).point(lambda value: 255 if value > 120 else 0)
    whole = strong.crop(
        tuple(
            round(value)
            for value in (box["x"] - 40, box["y"] - 12, box["x"] + box["width"] + 40, box["y"] + box["height"] + 12)
        )
    )
    inner = strong.crop(
        tuple(round(value) for value in (box["x"], box["y"], box["x"] + box["width"], box["y"] + box["height"]))
    )
    count = inner.histogram()[255]
    assert count > 20
    assert count == whole.histogram()[255]
    left, top, right, bottom = inner.getbbox() or (0, 0, 0, 0)
    assert right - left > 0.75 * box["width"] or bottom - top > 0.75 * box["height"]


@pytest.mark.parametrize("name", PLACES)
def test_a_click_boxes_the_words_on_their_page(chat: Watched, name: str) -> None:
    page = chat.page
    chat.ask(name)
    page.locator(".vb-short .vb-cite").click()
    wait_for_page(page, PLACES[name])
    for _ in range(2):
        assert chat.in_view(".vb-box-words", "#vb-panel .vb-sheet")
        hold_against_red(page)
        page.locator(".vb-zoom").click()
        page.wait_for_timeout(100)
    assert page.locator(".vb-box").count() > page.locator(".vb-box-words").count()
    alternative = page.locator(".vb-leaf img").get_attribute("alt") or ""
    assert alternative.startswith(f"Page {PLACES[name]} of “Doses") and "box around the quote" in alternative


def test_all_citations_by_key(chat: Watched) -> None:
    page = chat.page
    chat.ask("all")
    page.locator(".vb-short .vb-cite").first.focus()
    page.keyboard.press("Enter")
    wait_for_page(page, "1 of 4")
    assert page.evaluate("document.activeElement.className").startswith("vb-sheet")
    for at, place in enumerate(PLACES.values(), 1):
        wait_for_page(page, place)
        page.wait_for_selector(f".vb-step:text-is('{at} of 5')")
        assert chat.in_view(".vb-box-words", "#vb-panel .vb-sheet")
        hold_against_red(page)
        assert page.evaluate("document.activeElement.className").startswith("vb-sheet")
        if at > 1:
            assert page.locator("body > .vb-spoken").inner_text().startswith(f"Citation {at} of 5, Doses")
        page.keyboard.press("n")
    page.wait_for_function("document.querySelector('.vb-spoken').textContent === 'This is the last citation'")
    page.keyboard.press("p")
    page.wait_for_selector(".vb-step:text-is('4 of 5')")
    page.keyboard.press("Escape")
    assert page.locator(".vb-open").count() == 0
    assert page.evaluate("document.activeElement.getAttribute('aria-label')").startswith("Open source 4")


def test_citations_by_buttons(chat: Watched) -> None:
    page = chat.page
    chat.ask("all")
    page.locator(".vb-short .vb-cite").first.click()
    wait_for_page(page, "1 of 4")
    assert page.get_by_label("Previous citation").is_disabled()
    page.get_by_label("Next citation").click()
    wait_for_page(page, "2 of 4")
    page.wait_for_selector(".vb-step:text-is('2 of 5')")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Next citation"
    page.keyboard.press("Enter")
    page.wait_for_selector(".vb-step:text-is('3 of 5')")
    page.get_by_label("Previous citation").click()
    page.wait_for_selector(".vb-step:text-is('2 of 5')")
    assert page.locator("#vb-transcript [aria-current=true]").count() >= 1


def test_keys_do_nothing_while_one_types(chat: Watched, size: tuple[int, int]) -> None:
    if size[0] < 860:
        pytest.skip("on small screens the sheet covers the question box")
    page = chat.page
    chat.ask("all")
    page.locator(".vb-short .vb-cite").first.click()
    wait_for_page(page, "1 of 4")
    page.get_by_label("Question", exact=True).click()
    page.keyboard.type("no pain, no gain")
    assert page.get_by_label("Question", exact=True).input_value() == "no pain, no gain"
    page.wait_for_timeout(300)
    assert page.locator(".vb-step").inner_text() == "1 of 5"


def test_pages_and_text_by_mouse_and_keyboard(chat: Watched) -> None:
    page = chat.page
    chat.ask("across")
    page.locator(".vb-short .vb-cite").click()
    wait_for_page(page, "2 of 4")
    page.locator(".vb-elsewhere button").click()
    wait_for_page(page, "1 of 4")
    assert page.locator(".vb-box").count() == 1
    assert chat.in_view(".vb-box", "#vb-panel .vb-sheet")
    page.get_by_label("Next page").click()
    wait_for_page(page, "2 of 4")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Next page"
    page.keyboard.press("Enter")
    wait_for_page(page, "3 of 4")
    assert page.locator(".vb-box").count() == 0
    page.get_by_role("button", name="Back to the quote").click()
    wait_for_page(page, "2 of 4")
    page.get_by_role("button", name="Text", exact=True).focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#vb-panel .vb-text mark")
    assert page.locator("#vb-panel mark").inner_text() == "14 days or until"
    page.wait_for_timeout(150)
    assert chat.in_view("#vb-panel mark", "#vb-panel .vb-text")
    page.keyboard.press("Escape")
    chat.ask("table")  # what was chosen stays so
    page.locator(".vb-turn:last-child .vb-cite").first.click()
    page.wait_for_selector("#vb-panel .vb-text mark:text-is('10 mg twice daily')")
    page.get_by_role("button", name="Page", exact=True).click()
    wait_for_page(page, "2 of 4")


@pytest.mark.parametrize(("name", "words"), [("gone", "no longer where it was"), ("changed", "has changed since")])
def test_a_file_that_is_not_the_one_indexed_is_told(chat: Watched, name: str, words: str) -> None:
    page = chat.page
    chat.ask(f"{name} column")
    page.locator(".vb-short .vb-cite").click()
    page.wait_for_selector(f".vb-open .vb-trouble:has-text('{words}')")
    page.wait_for_timeout(150)
    assert chat.in_view("#vb-panel mark", "#vb-panel .vb-text")
    assert page.locator("#vb-panel img").count() == 0


def test_a_long_document_comes_in_parts(chat: Watched) -> None:
    page = chat.page
    chat.ask("long")
    page.locator(".vb-short .vb-cite").first.click()
    page.wait_for_selector("#vb-panel mark:text-is('4000')")
    page.wait_for_timeout(200)
    assert chat.in_view("#vb-panel mark", "#vb-panel .vb-text")
    first = page.locator("#vb-panel .vb-text > p:not(.vb-more)").first.inner_text()
    page.get_by_role("button", name="Show the text before this").click()
    page.wait_for_function("f => !document.querySelector('#vb-panel .vb-text').innerText.includes(f)", arg=first[:25])
    page.wait_for_timeout(200)
    assert page.locator("#vb-panel .vb-text").evaluate("n => n.scrollTop + n.clientHeight > n.scrollHeight - 5")
    page.keyboard.press("n")
    page.wait_for_selector("#vb-panel mark:text-is('2500 mg')")
    page.wait_for_timeout(200)
    assert chat.in_view("#vb-panel mark", "#vb-panel .vb-text")


def test_a_source_that_is_lost_can_be_left_by_key(chat: Watched) -> None:
    page = chat.page
    chat.ask("all")
    page.locator(".vb-cite").evaluate_all(
        "all => all.forEach(n => { if (n.textContent.startsWith('2')) n.dataset.doc = 'x'; })"
    )
    page.locator(".vb-short .vb-cite").first.click()
    wait_for_page(page, "1 of 4")
    page.keyboard.press("n")
    page.wait_for_selector(".vb-lost:has-text('no document “x” any more')")
    for _ in range(2):  # closed and opened again, the same words are shown again
        page.keyboard.press("Escape")
        assert page.locator(".vb-open").count() == 0
        page.keyboard.press("Enter")
        page.wait_for_selector(".vb-open .vb-lost")
    page.wait_for_timeout(600)
    assert page.locator("#vb-side.vb-busy").count() == 0
    page.keyboard.press("n")
    page.wait_for_selector(".vb-step:text-is('3 of 5')")


def test_nothing_spills_over_the_edge(chat: Watched) -> None:
    page = chat.page
    chat.ask("all")
    page.locator(".vb-short .vb-cite").first.click()
    wait_for_page(page, "1 of 4")
    for place in ("html", "#vb-panel .vb-source", "#vb-panel header", "#vb-panel .vb-tools"):
        assert page.locator(place).evaluate("n => n.scrollWidth - n.clientWidth") <= 0, place
    if page.viewport_size and page.viewport_size["width"] > 860:
        assert page.locator(".vb-sheet").evaluate("n => n.scrollWidth - n.clientWidth") <= 0
