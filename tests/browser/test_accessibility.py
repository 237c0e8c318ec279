"""What axe finds on each state of the page: nothing serious."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from .conftest import Watched

pytest.importorskip("axe_playwright_python", reason="axe-playwright-python is not installed")

from axe_playwright_python.sync_playwright import Axe

if TYPE_CHECKING:
    from playwright.sync_api import Page


def serious(page: Page) -> list[dict[str, Any]]:
    """The serious and critical findings, each with the elements that it is about."""
    found = Axe().run(page).response["violations"]
    return [
        {"rule": item["id"], "help": item["help"], "nodes": [node["html"][:200] for node in item["nodes"]]}
        for item in found
        if item["impact"] in ("serious", "critical")
    ]


def opened(page: Page) -> None:
    page.wait_for_function("document.body.classList.contains('vb-open')")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_serious(chat: Watched, scheme: str) -> None:
    page = chat.page
    page.emulate_media(color_scheme=scheme)
    page.reload()
    chat.wrong.clear()  # Gradio logs the requests that a reload cuts off
    page.wait_for_selector("#vb-start .vb-example")
    assert serious(page) == [], "the beginning"
    chat.ask("EUA dose")
    assert serious(page) == [], "an answer"
    page.locator(".vb-answered .vb-cite").first.click()
    opened(page)
    assert serious(page) == [], "its source"
    page.keyboard.press("Escape")
    chat.ask("which drugs are on the list")
    assert serious(page) == [], "a table"
    chat.ask("the weather in March")
    page.wait_for_selector(".vb-unanswered .vb-example")
    page.get_by_text("Show the best guess anyway").click()
    assert serious(page) == [], "no answer"
    page.locator(".vb-turn").first.get_by_role("button", name="Wrong").click()
    page.wait_for_selector("dialog[open]")
    assert serious(page) == [], "a correction"
    page.keyboard.press("Escape")
    chat.ask("please break")
    assert serious(page) == [], "a failure"
    page.get_by_role("link", name="Documents").click()
    page.wait_for_selector(".vb-docs")
    assert serious(page) == [], "the documents"
