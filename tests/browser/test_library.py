"""The documents in a real browser: looked through, added, asked about, moved and removed, with a mouse and with the keyboard."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from chat_server import running
from make_pdf import make_paper

if TYPE_CHECKING:
    from playwright.sync_api import Browser, FileChooser, Page

    from tests.browser.conftest import Watched

pytestmark = pytest.mark.browser

ALPHA = "# Baricitinib at the bedside\n\nThe dose of baricitinib is 4 mg once daily. Café 😀.\n"
PAPER = "# Tofacitinib in practice\n\nThe usual dose of tofacitinib is 5 mg twice daily in rheumatoid arthritis.\n"
SEARCH = "Search the documents"
NAME = "=cmd <img src=x onerror='window.pwned=1'>.md"


def watch_choosers(page: Page) -> list[FileChooser]:
    """The file dialogs that are opened; listened for from the beginning, as the browser takes a while to tell of them."""
    choosers: list[FileChooser] = []
    page.on("filechooser", lambda chooser: choosers.append(chooser))
    return choosers


def choose(page: Page, choosers: list[FileChooser], *files: Path) -> None:
    """Choose files in the dialog that has been opened."""
    for _ in range(100):
        if choosers:
            break
        page.wait_for_timeout(100)
    choosers.pop().set_files([str(file) for file in files])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder for an index, with files to add."""
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "alpha.md").write_text(ALPHA)
    (tmp_path / "paper.pdf").write_bytes(make_paper([PAPER], title="Tofacitinib in practice"))
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.4 nothing")
    return tmp_path


@pytest.fixture
def address(folder: Path) -> Iterator[str]:
    """A server of its own for each test, as they change the documents."""
    pytest.importorskip("gradio", reason="gradio is not installed")
    with running(folder=str(folder / "index")) as address:
        yield address


def open_documents(page: Page) -> None:
    page.get_by_role("link", name="Documents", exact=True).click()
    page.wait_for_selector(".vb-docs")


def titles(page: Page) -> list[str]:
    return page.locator(".vb-open-doc").all_inner_texts()


def job(page: Page, name: str, state: str) -> str:
    """What is said of a file once it is in a state."""
    row = page.locator(f".vb-job.vb-is-{state}", has_text=name)
    row.wait_for(timeout=60_000)  # each file is read in a process of its own, which a busy machine starts late
    return row.locator(".vb-stage").inner_text()


def test_add_a_paper_and_ask_about_it(chat: Watched, folder: Path) -> None:
    page = chat.page
    choosers = watch_choosers(page)
    open_documents(page)
    assert titles(page) == ["Baricitinib at the bedside"]
    assert (
        "50 MB each" in page.locator(".vb-drop").inner_text() and "Everybody" in page.locator(".vb-drop").inner_text()
    )
    files = [folder / "broken.pdf", folder / "paper.pdf", folder / "notes" / "alpha.md"]
    page.get_by_role("button", name="choose files").click()
    choose(page, choosers, *files)
    assert job(page, "paper.pdf", "done").startswith("Done: ")
    assert "PDF" in job(page, "broken.pdf", "failed")
    assert job(page, "alpha.md", "same") == "Already there as “Baricitinib at the bedside”"
    page.wait_for_selector(".vb-open-doc:has-text('Tofacitinib in practice')")
    assert page.locator(".vb-sending li").count() == 0
    page.get_by_role("link", name="Ask", exact=True).click()
    chat.ask("what is the usual dose of tofacitinib?")
    assert "5 mg twice daily" in page.locator(".vb-card").inner_text()
    page.locator(".vb-source-link").first.click()
    page.wait_for_selector(".vb-open #vb-panel :is(.vb-box, .vb-quoted)")
    assert "Tofacitinib in practice" in page.locator("#vb-panel h2").inner_text()


def test_drag_and_drop_into_a_collection_and_ask_it(chat: Watched, folder: Path) -> None:
    page = chat.page
    assert page.locator("#vb-collection").is_hidden()
    open_documents(page)
    page.get_by_label("Into the collection").fill("Tofa <b>")
    data = base64.b64encode((folder / "paper.pdf").read_bytes()).decode()
    transfer = page.evaluate_handle(
        """([data, hostile]) => {
            const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
            const transfer = new DataTransfer();
            transfer.items.add(new File([bytes], "paper.pdf"));
            transfer.items.add(new File(["Words of another kind.\\n"], hostile));
            transfer.items.add(new File(["MZ"], "run.exe"));
            return transfer;
        }""",
        [data, NAME],
    )
    page.dispatch_event(".vb-drop", "dragover", {"dataTransfer": transfer})
    assert page.locator(".vb-drop.vb-over").count() == 1
    page.dispatch_event(".vb-drop", "drop", {"dataTransfer": transfer})
    assert job(page, "paper.pdf", "done")
    assert job(page, NAME, "done")
    assert "cannot be read" in job(page, "run.exe", "failed")
    page.get_by_role("button", name="Dismiss run.exe").click()
    page.get_by_label("Collection", exact=True).and_(page.locator("#vb-filter")).select_option("Tofa <b>")
    page.wait_for_function("document.querySelectorAll('.vb-open-doc').length === 2")
    page.get_by_role("link", name="Ask", exact=True).click()
    page.locator("#vb-collection").select_option("Tofa <b>")
    chat.ask("what is the dose of baricitinib?")
    assert page.locator(".vb-asked-of").inner_text() == "Asked of the collection Tofa <b>"
    assert "4 mg" not in page.locator(".vb-card").inner_text()
    page.locator("#vb-collection").select_option("")
    chat.ask("what is the dose of baricitinib?")
    assert page.locator(".vb-turn").last.locator(".vb-asked-of").count() == 0
    assert "4 mg" in page.locator(".vb-card").last.inner_text()


def test_everything_by_keyboard(chat: Watched, folder: Path) -> None:
    page = chat.page
    choosers = watch_choosers(page)
    page.get_by_role("link", name="Documents", exact=True).focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(".vb-open-doc")
    page.locator(".vb-open-doc").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(".vb-open #vb-panel .vb-text")
    assert "4 mg once daily" in page.locator("#vb-panel .vb-text").inner_text()
    assert page.locator("#vb-panel mark, #vb-panel .vb-quoted").count() == 0
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.classList.contains('vb-open-doc')")
    page.get_by_role("button", name="choose files").focus()
    page.keyboard.press("Enter")
    choose(page, choosers, folder / "paper.pdf")
    job(page, "paper.pdf", "done")
    page.get_by_role("button", name="Collection of Tofacitinib in practice").focus()
    page.keyboard.press("Enter")
    page.keyboard.type("Trials")
    page.keyboard.press("Enter")
    page.wait_for_selector(".vb-docs td.vb-collection:has-text('Trials')")
    page.get_by_role("button", name="Remove Tofacitinib in practice").focus()
    page.keyboard.press("Enter")
    assert page.locator("dialog h3").inner_text() == "Remove “Tofacitinib in practice”?"
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.dataset.ask") == "remove"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_function("document.querySelectorAll('.vb-open-doc').length === 1")
    assert [file.name for file in (folder / "index-removed").glob("*/*")] == ["paper.pdf"]


def test_a_failed_file_can_be_tried_again_and_dismissed(chat: Watched, folder: Path) -> None:
    page = chat.page
    open_documents(page)
    page.set_input_files("#vb-files", str(folder / "broken.pdf"))
    job(page, "broken.pdf", "failed")
    page.get_by_role("button", name="Try broken.pdf again").click()
    page.locator(".vb-job:not(.vb-is-failed)", has_text="broken.pdf").wait_for()  # no longer the failure before
    job(page, "broken.pdf", "failed")
    page.get_by_role("button", name="Dismiss broken.pdf").first.click()
    job(page, "broken.pdf", "done")
    page.get_by_role("button", name="Clear what is done").click()
    page.wait_for_function("!document.querySelector('.vb-job') && !document.querySelector('.vb-troubles')")


def test_the_view_survives_a_reload_and_the_conversation_a_switch(chat: Watched) -> None:
    page = chat.page
    chat.ask("what is the dose of baricitinib?")
    open_documents(page)
    assert page.locator("#vb-chat").is_hidden()
    page.get_by_role("link", name="Ask", exact=True).click()
    assert page.locator(".vb-turn").count() == 1 and page.locator("#vb-documents").is_hidden()
    page.go_back()
    assert page.locator("#vb-documents").is_visible()
    assert chat.wrong == []
    page.reload()
    page.wait_for_selector(".vb-docs")
    chat.wrong.clear()  # the page that was left complains that its requests were cut off
    assert page.locator("#vb-chat").is_hidden()


def test_search_and_sort(chat: Watched, folder: Path) -> None:
    page = chat.page
    open_documents(page)
    page.set_input_files("#vb-files", str(folder / "paper.pdf"))
    job(page, "paper.pdf", "done")
    page.wait_for_function("document.querySelectorAll('.vb-open-doc').length === 2")
    page.get_by_role("button", name="Document", exact=True).click()
    page.wait_for_selector("th.vb-title[aria-sort='descending']")
    assert titles(page) == ["Tofacitinib in practice", "Baricitinib at the bedside"]
    page.get_by_label(SEARCH).press_sequentially("bedSIDE")
    page.wait_for_function("document.querySelectorAll('.vb-open-doc').length === 1")
    assert page.locator(".vb-count").inner_text() == "1 of 2 documents"
    page.get_by_label(SEARCH).fill("nothing like it")
    page.get_by_role("button", name="Show all documents").click()
    page.wait_for_function("document.querySelectorAll('.vb-open-doc').length === 2")


def test_nothing_is_wider_than_the_window(chat: Watched, folder: Path) -> None:
    page = chat.page
    open_documents(page)
    page.set_input_files("#vb-files", [str(folder / "paper.pdf"), str(folder / "broken.pdf")])
    job(page, "broken.pdf", "failed")
    over = "node => node.scrollWidth - node.clientWidth"
    assert page.locator("#vb-documents").evaluate(over) <= 0


def test_the_rest_is_reachable_while_a_server_without_uploads_shows_its_documents(browser: Browser) -> None:
    with running() as address:
        page = browser.new_page()
        page.goto(f"{address}#documents")
        page.wait_for_selector(".vb-docs")
        assert page.locator(".vb-drop, [data-ask], [data-do]").count() == 0
        page.locator("#vb-filter").select_option("Tables")
        page.wait_for_function("document.querySelectorAll('.vb-open-doc').length === 1")
        page.close()
