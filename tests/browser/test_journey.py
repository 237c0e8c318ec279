"""One visit to the chat over the real model and the notes of the repository: by mouse, then by keyboard."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from chat_server import free_port
from make_pdf import Look, make_paper

from .conftest import OWN, Watched
from .test_accessibility import serious

if TYPE_CHECKING:
    from playwright.sync_api import Browser, FileChooser, Locator, Page

pytestmark = [pytest.mark.browser, pytest.mark.model]

ROOT = Path(__file__).resolve().parents[2]
TITLE = "Zelvarocitinib in adults with alopecia areata"
NOTE = f"""# {TITLE}

The starting dose of zelvarocitinib is 35 mg once daily with food. Café 😀.

## Safety

Zelvarocitinib was stopped because of herpes zoster in 3 of 214 patients.
"""
DOSE = "what is the baricitinib EUA dose"
ACTIVE = "node => node === document.activeElement"
SHOWN = """() => { const box = document.activeElement.getBoundingClientRect();
    return box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth; }"""
BEFORE = """node => document.activeElement !== document.body
    && Boolean(node.compareDocumentPosition(document.activeElement) & Node.DOCUMENT_POSITION_FOLLOWING)"""
WORKED_OFF = "n => document.querySelectorAll('.vb-turn').length === n && !document.querySelector('.vb-waiting')"
MOST = 250
"""Times that Tab is pressed before something counts as out of reach."""


class Mouse:
    """Whoever points at things."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, target: Locator) -> None:
        target.click()

    def write(self, target: Locator, text: str) -> None:
        target.click()
        self.page.keyboard.type(text)

    def ask(self, question: str) -> None:
        self.write(self.page.get_by_label("Question", exact=True), question)
        self.press(self.page.locator("#vb-send"))

    def step(self, by: int) -> None:
        self.press(self.page.locator(f"#vb-panel [data-step='{by}']"))

    def close(self) -> None:
        self.press(self.page.get_by_role("button", name="Close the source"))


class Keys(Mouse):
    """Whoever has only a keyboard: everything is reached by Tab, and what has the focus can always be seen."""

    def reach(self, target: Locator) -> None:
        target.wait_for()
        for _ in range(MOST):
            if target.evaluate(ACTIVE):
                return
            self.page.keyboard.press("Shift+Tab" if target.evaluate(BEFORE) else "Tab")
            if self.page.evaluate("document.activeElement !== document.body"):
                self.shown()
        raise AssertionError(f"not reached by Tab: {target}")

    def shown(self) -> None:
        """What has the focus is in view, once the page has come to rest; a busy machine scrolls late."""
        from playwright.sync_api import TimeoutError  # the suite is collected without a browser too

        try:
            self.page.wait_for_function(SHOWN, timeout=3_000)
        except TimeoutError:
            raise AssertionError(self.page.evaluate("document.activeElement.outerHTML")) from None

    def press(self, target: Locator) -> None:
        self.reach(target)
        self.page.keyboard.press("Enter")

    def write(self, target: Locator, text: str) -> None:
        self.reach(target)
        self.page.keyboard.type(text)

    def ask(self, question: str) -> None:
        self.write(self.page.get_by_label("Question", exact=True), question)
        self.page.keyboard.press("Enter")

    def step(self, by: int) -> None:
        self.page.keyboard.press("n" if by > 0 else "p")

    def close(self) -> None:
        self.page.keyboard.press("Escape")


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "qa.cli", *arguments]


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the notes and an index of them."""
    folder = tmp_path_factory.mktemp("journey")
    shutil.copytree(ROOT / "corpus" / "documents", folder / "documents")
    places = ["--corpus", str(folder / "documents"), "--index", str(folder / "index")]
    subprocess.run(command("index", *places), check=True, cwd=ROOT, env=environment(), capture_output=True)
    return folder


@pytest.fixture
def folder(built: Path, tmp_path: Path) -> Path:
    """The index for one visit alone, and a paper to add."""
    shutil.copytree(built / "index", tmp_path / "index")
    (tmp_path / "zelvarocitinib.pdf").write_bytes(make_paper([NOTE], Look(columns=1), title=TITLE))
    return tmp_path


@pytest.fixture
def address(folder: Path) -> Iterator[str]:
    """Where `qa serve` listens."""
    pytest.importorskip("gradio", reason="gradio is not installed")
    options = ["--allow-uploads", "--index", str(folder / "index"), "--port", str(free_port())]
    with subprocess.Popen(
        command("serve", *options), cwd=ROOT, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:  # fmt: skip
        try:
            assert process.stdout is not None
            line = process.stdout.readline().strip()
            assert line.startswith("Verbatim is at "), line
            yield line.removeprefix("Verbatim is at ")
        finally:
            process.terminate()


class Visit:
    """A page with what its visitor does on it; `seconds` since it was opened, without the checks."""

    def __init__(self, page: Page, hand: type[Mouse], address: str) -> None:
        self.page, self.hand, self.address = page, hand(page), address
        self.watched = Watched(page)
        self.keyboard = hand is Keys
        self.turns = 0
        self.checking = 0.0
        self.began = time.monotonic()
        wrong = self.watched.wrong
        page.on("request", lambda r: None if r.url.startswith(OWN) else wrong.append(f"request: {r.url}"))
        page.on("response", lambda r: wrong.append(f"{r.status}: {r.url}") if r.status >= 400 else None)
        page.on("console", lambda m: wrong.append(f"console: {m.text}") if m.type == "error" else None)
        page.on("pageerror", lambda error: wrong.append(f"error: {error}"))
        self.choosers: list[FileChooser] = []
        page.on("filechooser", lambda chooser: self.choosers.append(chooser))

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began - self.checking

    @property
    def last(self) -> Locator:
        return self.page.locator(".vb-turn").last

    def check(self, where: str) -> None:
        """Nothing that axe calls serious, and nothing in the log."""
        started = time.monotonic()
        assert serious(self.page) == [], where
        assert self.watched.wrong == [], where
        self.checking += time.monotonic() - started

    def answered(self) -> Locator:
        """The next answer; that it can be seen without scrolling is checked."""
        self.turns += 1
        self.page.wait_for_function(WORKED_OFF, arg=self.turns)
        card = self.last.locator(".vb-card")
        top, composer = card.bounding_box(), self.page.locator("#vb-composer").bounding_box()
        assert top and composer and 0 < top["y"] < composer["y"] - 60
        return card

    def ask(self, question: str) -> Locator:
        self.hand.ask(question)
        card = self.answered()
        assert self.page.get_by_label("Question", exact=True).evaluate(ACTIVE), "one can go on typing"
        assert self.page.get_by_label("Question", exact=True).input_value() == ""
        return card

    def marked(self, selector: str, view: str, words: str) -> None:
        """Wait for the source with the words, and find them in view."""
        self.page.wait_for_selector(f".vb-open #vb-panel {selector}")
        if selector == "mark":
            self.page.wait_for_function(
                "w => [...document.querySelectorAll('#vb-panel mark')].map((n) => n.textContent).join('').includes(w)",
                arg=words,
            )
        self.page.wait_for_timeout(300)
        assert self.watched.in_view(f"#vb-panel {selector}", f"#vb-panel {view}"), words

    def view(self, name: str) -> None:
        self.hand.press(self.page.get_by_role("link", name=name, exact=True))


def act(visit: Visit, name: str, turn: int) -> Locator:
    return visit.page.locator(f".vb-turn[data-turn='{turn}'] [data-act={name}]")


def said(visit: Visit, turn: int, words: str) -> None:
    visit.page.locator(f".vb-turn[data-turn='{turn}'] .vb-said:has-text('{words}')").wait_for()


@pytest.fixture(params=[Mouse, Keys], ids=["mouse", "keyboard"])
def visit(
    request: pytest.FixtureRequest, browser: Browser, address: str, size: tuple[int, int]
) -> Iterator[Visit]:  # fmt: skip
    """The opened page: in light for the mouse, in dark for the keyboard."""
    scheme: Any = "light" if request.param is Mouse else "dark"
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, reduced_motion="reduce", color_scheme=scheme
    )
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=address)
    page = context.new_page()
    page.set_default_timeout(30_000)
    visit = Visit(page, request.param, address)
    page.goto(address)
    page.wait_for_selector("#vb-start .vb-example")
    yield visit
    assert visit.watched.wrong == []
    context.close()


def test_journey(visit: Visit, folder: Path, tmp_path: Path) -> None:
    ask_and_look_up(visit)
    follow_up(visit)
    ask_what_is_not_there(visit)
    add_a_paper(visit, folder / "zelvarocitinib.pdf")
    assert visit.seconds < 120, "first answer, source, follow-up and upload"
    judge(visit)
    take_along(visit, tmp_path)
    reopen(visit)
    remove_it(visit)


def ask_and_look_up(visit: Visit) -> None:
    page, hand = visit.page, visit.hand
    assert page.get_by_label("Question", exact=True).evaluate(ACTIVE)
    visit.check("the beginning")
    card = visit.ask(DOSE)
    assert "4 mg" in card.locator(".vb-short").inner_text()
    visit.check("an answer")
    cites = card.locator(".vb-cite")
    assert cites.count() >= 2
    for number in range(cites.count()):
        cite = cites.nth(number)
        hand.press(cite)
        start = cite.get_attribute("data-start")
        page.wait_for_selector(f".vb-open #vb-panel .vb-source[data-start='{start}']")
        visit.marked("mark", ".vb-text", "mg")
        hand.close()
        page.wait_for_selector("body:not(.vb-open)")
        assert cite.evaluate(ACTIVE), "the focus is back where it was"
    hand.press(cites.first)
    visit.marked("mark", ".vb-text", "4 mg")
    visit.check("a source")
    hand.step(1)
    visit.marked("mark", ".vb-text", "2 mg")
    assert page.locator("#vb-panel .vb-step").inner_text() == "2 of 2"
    hand.step(-1)
    visit.marked("mark", ".vb-text", "4 mg")
    hand.close()
    page.wait_for_selector("body:not(.vb-open)")


def follow_up(visit: Visit) -> None:
    card = visit.ask("and who makes it?")
    assert "baricitinib" in card.locator(".vb-understood b").inner_text()
    assert "Eli Lilly" in card.inner_text()
    visit.check("a follow-up")
    visit.hand.press(card.get_by_role("button", name="Ask it without the conversation"))
    card = visit.answered()
    assert card.locator(".vb-understood").count() == 0
    assert visit.last.locator(".vb-question").evaluate(ACTIVE), "the focus goes along"


def ask_what_is_not_there(visit: Visit) -> None:
    card = visit.ask("which football club won the league in 1987?")
    assert "The documents do not answer this" in card.inner_text()
    visit.hand.press(card.get_by_text("Show the best guess anyway"))
    card.locator(".vb-guess .vb-cite").first.wait_for()
    visit.check("no answer")
    suggested = card.locator(".vb-example").first
    words = suggested.inner_text()
    visit.hand.press(suggested)
    card = visit.answered()
    assert visit.last.locator(".vb-question").inner_text() == words
    assert card.locator(".vb-cite").count() and visit.last.locator(".vb-answered").count(), words
    assert visit.last.locator(".vb-question").evaluate(ACTIVE), "the focus goes along"


def add_a_paper(visit: Visit, paper: Path) -> None:
    page, hand = visit.page, visit.hand
    visit.view("Documents")
    page.wait_for_selector(".vb-docs")
    visit.check("the documents")
    hand.press(page.get_by_role("button", name="choose files"))
    for _ in range(100):
        if visit.choosers:
            break
        page.wait_for_timeout(100)
    visit.choosers.pop().set_files(str(paper))
    ended = page.locator(".vb-job:is(.vb-is-done, .vb-is-failed)")
    ended.wait_for(timeout=90_000)
    assert ended.inner_text().count("Done") == 1, ended.inner_text()
    visit.check("an added document")
    visit.view("Ask")
    assert page.get_by_label("Question", exact=True).evaluate(ACTIVE), "one can type"
    card = visit.ask("what is the starting dose of zelvarocitinib?")
    assert card.locator(".vb-short strong").inner_text().startswith("35 mg")
    hand.press(card.locator(".vb-cite").first)
    visit.marked(".vb-box-words", ".vb-sheet", "35 mg")
    assert "35 mg" in str(page.locator("#vb-panel img").get_attribute("alt"))
    visit.check("a page")
    hand.close()


def judge(visit: Visit) -> None:
    page, hand, turn = visit.page, visit.hand, visit.turns - 1
    hand.press(act(visit, "up", turn))
    said(visit, turn, "noted as right")
    hand.press(act(visit, "down", 0))
    dialog = page.get_by_role("dialog", name="What would be right?")
    dialog.wait_for()
    visit.check("a correction")
    hand.press(dialog.get_by_role("button", name="This is the right passage").nth(1))
    dialog.wait_for(state="hidden")
    said(visit, 0, "noted as right")
    assert act(visit, "down", 0).evaluate(ACTIVE), "the focus is back where it was"
    assert act(visit, "down", 0).get_attribute("aria-pressed") == "true"


def take_along(visit: Visit, tmp_path: Path) -> None:
    markdown = saved(visit, "Markdown", tmp_path)
    assert f"## {DOSE}" in markdown and "## what is the starting dose of zelvarocitinib?" in markdown
    assert "**35 mg once daily" in markdown and "do not answer this" in markdown
    visit.check("an export")
    bibtex = saved(visit, "BibTeX", tmp_path)
    assert "10.3949/ccjm.87a.ccc060" in bibtex and "Zelvarocitinib in adults" in bibtex


def saved(visit: Visit, name: str, tmp_path: Path) -> str:
    """What a choice of the menu saves."""
    page = visit.page
    visit.hand.press(page.locator(".vb-export summary"))
    with page.expect_download() as download:
        visit.hand.press(page.get_by_role("button", name=name, exact=True))
    page.wait_for_selector(f".vb-exported:has-text('{download.value.suggested_filename}')")
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    return path.read_text(encoding="utf-8")


def reopen(visit: Visit) -> None:
    page = visit.page
    turn = visit.turns - 1
    visit.hand.press(act(visit, "link", turn))
    said(visit, turn, "Link copied")
    link = page.evaluate("navigator.clipboard.readText()")
    assert link.startswith(visit.address)
    other = Visit(page.context.new_page(), type(visit.hand), visit.address)
    other.page.goto(link)
    card = other.answered()
    assert card.inner_text() == page.locator(".vb-turn").last.locator(".vb-card").inner_text()
    other.check("a page opened by a link")
    other.page.close()
    page.bring_to_front()


def remove_it(visit: Visit) -> None:
    page, hand = visit.page, visit.hand
    visit.view("Documents")
    hand.write(page.get_by_label("Search the documents"), "zelvar")
    page.wait_for_function("document.querySelectorAll('.vb-open-doc').length === 1")
    hand.press(page.get_by_role("button", name=f"Remove {TITLE}"))
    dialog = page.get_by_role("dialog")
    dialog.wait_for()
    visit.check("before a document is removed")
    hand.press(dialog.get_by_role("button", name="Remove", exact=True))
    gone = page.locator(".vb-job.vb-is-done", has_text="Removed")
    gone.wait_for()
    box, size = gone.bounding_box(), page.viewport_size
    assert box and size and 0 < box["y"] < size["height"], "it can be seen that it is gone"
    page.wait_for_selector(".vb-empty:has-text('No document fits')")
    visit.view("Ask")
    visit.ask("what is the starting dose of zelvarocitinib?")
    assert visit.last.locator(".vb-short strong:has-text('35 mg')").count() == 0
