"""In a browser: logging in and out, and what the chat says of a server that is busy or gone."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("gradio", reason="gradio is not installed")
pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

import httpx
from chat_server import free_port, running
from playwright.sync_api import expect

from qa.chat.users import write_user

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
PASSWORD = "correct horse Café"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    file: Path = tmp_path_factory.mktemp("auth") / "users"
    write_user(file, "anna", PASSWORD)
    with running(auth=str(file)) as address:
        yield address


@pytest.fixture
def page(browser: Browser, size: tuple[int, int]) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(20_000)
    yield page
    context.close()


def box(page: Page) -> str:
    return page.get_by_label("Question", exact=True).input_value()


def ask(page: Page, question: str) -> None:
    page.get_by_label("Question", exact=True).fill(question)
    page.keyboard.press("Enter")


def test_log_in_and_out_by_keyboard(page: Page, guarded: str) -> None:
    page.goto(f"{guarded}/?q=dose")
    assert "/login?next=" in page.url and page.title() == "Log in to Verbatim"
    page.keyboard.type("anna")
    page.keyboard.press("Tab")
    page.keyboard.type("wrong password")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text("The name or the password is wrong.")
    expect(page.get_by_label("Name")).to_have_value("anna")
    expect(page.get_by_label("Password")).to_be_focused()
    wrong: list[str] = []
    page.on("console", lambda m: wrong.append(m.text) if m.type == "error" else None)
    page.on("response", lambda r: wrong.append(f"{r.status}: {r.url}") if r.status >= 400 else None)
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector(".vb-logout")
    assert page.url == f"{guarded}/?q=dose"
    ask(page, "EUA dose")
    page.wait_for_selector(".vb-answered")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth") and wrong == []
    assert "HttpOnly" not in str(page.evaluate("document.cookie")) and "verbatim" not in page.evaluate(
        "document.cookie"
    )
    page.reload()
    leave = page.get_by_role("button", name="Log out")
    leave.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/login")
    page.goto(guarded)
    assert page.url.endswith("/login"), "logged out"


def test_a_login_that_has_ended_is_told(page: Page, guarded: str) -> None:
    page.goto(guarded)
    page.get_by_label("Name").fill("anna")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_selector(".vb-welcome")
    page.context.clear_cookies()
    ask(page, "EUA dose")
    notice = page.get_by_role("alert")
    expect(notice).to_contain_text("your log-in has ended")
    assert box(page) == "EUA dose" and page.locator(".toast-body.error:visible").count() == 0
    notice.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/login*")
    page.get_by_label("Name").fill("anna")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector(".vb-welcome")
    expect(page.get_by_label("Question", exact=True)).to_have_value("EUA dose")


def test_overload_is_told(page: Page) -> None:
    with running(slow=4, queue=1) as address:
        page.goto(address)
        page.wait_for_selector(".vb-welcome")
        page.wait_for_timeout(1500)  # what the page asks for at its beginning has left the queue
        with ThreadPoolExecutor(4) as pool:
            call = {"data": ["EUA dose"]}
            list(pool.map(lambda _: httpx.post(f"{address}/gradio_api/call/ask", json=call), range(4)))
        ask(page, "EUA dose")
        notice = page.get_by_role("alert")
        expect(notice).to_contain_text("Wait a few seconds and ask again")
        assert box(page) == "EUA dose", "nothing is lost"
        assert page.locator(".toast-body.error:visible").count() == 0
        time.sleep(9)
        page.keyboard.press("Enter")
        page.wait_for_selector(".vb-answered")


def test_a_lost_connection_is_told(page: Page) -> None:
    port = free_port()
    with running(port, slow=3) as address:
        page.goto(address)
        page.wait_for_selector(".vb-welcome")
        ask(page, "EUA dose")
        page.wait_for_selector(".vb-waiting")
    expect(page.locator(".vb-turn .vb-problem")).to_contain_text("No answer came")
    notice = page.get_by_role("alert")
    expect(notice).to_contain_text("The connection to the server was lost")
    with running(port) as address:
        time.sleep(3)  # Gradio would reload the page within two seconds
        assert page.locator(".vb-turn").count() == 1, "the conversation stays"
        notice.get_by_role("button", name="Reload").click()
        page.wait_for_selector(".vb-welcome")
        expect(page.get_by_label("Question", exact=True)).to_have_value("EUA dose")
        page.get_by_label("Question", exact=True).press("Enter")
        page.wait_for_selector(".vb-answered")


def test_a_restart_is_told(page: Page) -> None:
    port = free_port()
    with running(port) as address:
        page.goto(address)
        page.wait_for_selector(".vb-welcome")
        ask(page, "what is the moon made of")
        page.wait_for_selector(".vb-turn .vb-nearest")
    with running(port):
        ask(page, "EUA dose")
        expect(page.get_by_role("alert")).to_contain_text("The server was restarted")
        assert page.locator(".vb-turn").count() == 1 and box(page) == "EUA dose"
