"""A real server with the fake assistant, and a real browser; skipped with the reason where either is missing."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
OWN = ("http://127.0.0.1:", "http://localhost:", "data:", "blob:")


@dataclass
class Watched:
    """A page, and all that it did which it should not do."""

    page: Page
    wrong: list[str] = field(default_factory=list)

    def ask(self, question: str) -> None:
        """Type a question, press Enter and wait until it is answered."""
        before = self.page.locator(".vb-turn").count()
        self.page.get_by_label("Question", exact=True).fill(question)
        self.page.keyboard.press("Enter")
        self.page.wait_for_function(
            "n => document.querySelectorAll('.vb-turn').length > n && !document.querySelector('.vb-waiting')",
            arg=before,
        )

    def in_view(self, inner: str, outer: str) -> bool:
        """Whether the first element of one selector lies within the visible part of that of another."""
        return bool(
            self.page.evaluate(
                """([inner, outer]) => {
                    const a = document.querySelector(inner).getBoundingClientRect();
                    const b = document.querySelector(outer).getBoundingClientRect();
                    const bottom = Math.min(b.bottom, innerHeight), right = Math.min(b.right, innerWidth);
                    const across = a.left >= b.left - 1 && a.right <= right + 1;
                    return a.width > 0 && across && a.top >= b.top && a.bottom <= bottom;
                }""",
                [inner, outer],
            )
        )


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    """Where the chat over the fake assistant listens."""
    pytest.importorskip("gradio", reason="gradio is not installed")
    from chat_server import running

    with running() as address:
        yield address


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Debian's chromium, headless; closed behind these tests, as playwright keeps an event loop that others could not begin."""
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not CHROMIUM.exists():
        pytest.skip(f"no browser at {CHROMIUM}; install chromium or set CHROMIUM")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(params=[(1280, 800), (390, 844)], ids=["1280", "390"])
def size(request: pytest.FixtureRequest) -> tuple[int, int]:
    """Width and height of the window."""
    width, height = request.param
    return width, height


@pytest.fixture
def chat(browser: Browser, address: str, size: tuple[int, int]) -> Iterator[Watched]:
    """The opened chat; afterwards it has logged no error, shown no dialog and asked no other machine for anything."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(15_000)
    watched = Watched(page)
    wrong = watched.wrong
    page.on("request", lambda r: None if r.url.startswith(OWN) else wrong.append(f"request: {r.url}"))
    page.on("response", lambda r: wrong.append(f"{r.status}: {r.url}") if r.status >= 400 else None)
    page.on("console", lambda m: wrong.append(f"console: {m.text}") if m.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(f"error: {error}"))

    def refuse(dialog: object) -> None:
        wrong.append("dialog")
        dialog.dismiss()  # type: ignore[attr-defined]

    page.on("dialog", refuse)
    page.goto(address)
    page.wait_for_selector(".vb-welcome")
    yield watched
    assert wrong == []
    assert page.evaluate("window.pwned") is None
    context.close()
