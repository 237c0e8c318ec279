"""Payloads in all that a document says of itself, in questions, links, names of files and collections: they stay words.

After each step: no script of theirs ran, no dialog came, nothing was asked of another origin, the browser logged no error (a
blocked request would be one), and each element and attribute that shows words of others is of a kind that the page itself makes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from chat_server import running
from fakes import FakeEmbedder
from make_payloads import drug, file_name, write_notes
from markdown_it import MarkdownIt
from payloads import HOST, PAYLOADS

from qa import index

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import Watched

pytestmark = pytest.mark.browser

COLLECTIONS = [p for p in PAYLOADS if len(p) < 60 and p.isprintable() and p == p.strip()][::20]
LEAVING = ("AbortError", "Connection errored out")
"""What Gradio logs of the requests that are ended when a page is left: no fault."""

LONGEST = 900
"""Characters of several payloads that are put into one question."""

FOREIGN = """() => {
    const own = new Set(["a", "article", "b", "bdi", "blockquote", "button", "caption", "datalist", "details", "dialog", "div",
        "figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "header", "i", "input", "kbd", "label", "li", "mark", "nav",
        "ol", "option", "p", "progress", "section", "select", "small", "span", "strong", "summary", "table", "tbody", "td",
        "template", "textarea", "th", "thead", "time", "tr", "ul"]);
    const plain = "accept autocomplete class datetime disabled for hidden href id inert list max maxlength multiple open "
        + "placeholder rel role rows scope tabindex target title type value";
    const named = new Set(plain.split(" "));
    const address = /^(\\?q=|#ask$|#documents$|\\/?file\\/|https:\\/\\/doi\\.org\\/10\\.)/;
    const found = [];
    const look = (root) => {
        for (const node of root.querySelectorAll("*")) {
            if (node.closest("[data-testid=status-tracker]")) continue; // Gradio's, without words of ours
            const tag = node.localName;
            if (!own.has(tag)) found.push(`<${tag}>`);
            for (const { name, value } of node.attributes) {
                if (!named.has(name) && !/^(data|aria)-[a-z-]+$/.test(name)) found.push(`${tag}[${name}]`);
                if (name === "href" && !address.test(value)) found.push(`href ${value}`);
                if (name === "id" && !/^(vb|html)-/.test(value)) found.push(`id ${value}`);
            }
            if (tag === "template") look(node.content);
        }
    };
    const ours = "start transcript scope take panel library-tools library-jobs library-search library-list judging outbox";
    const roots = ours.split(" ").map((name) => document.querySelector(`#vb-${name}`)).filter((node) => node);
    if (roots.length !== ours.split(" ").length) found.push(`only ${roots.length} parts of the page are looked at`);
    roots.forEach(look);
    const never = "iframe, frame, object, embed, base:not([href='./']), math, form, video, audio, marquee, [http-equiv=refresh]";
    for (const node of document.querySelectorAll(never)) found.push(`<${node.localName}> somewhere`);
    const ids = [...document.querySelectorAll("[id]")].map((node) => node.id);
    ids.filter((id, at) => ids.indexOf(id) !== at).forEach((id) => found.push(`id ${id} twice`));
    if (getComputedStyle(document.querySelector("#vb-page")).display === "none") found.push("the page is hidden");
    return found;
}"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server over documents that carry the payloads, to which files can be added."""
    pytest.importorskip("gradio", reason="gradio is not installed")
    folder = tmp_path_factory.mktemp("payloads")
    notes = folder / "notes"
    write_notes(notes)
    index.build(folder / "index", [notes], FakeEmbedder())
    for name in COLLECTIONS:
        file = next(notes.glob(f"{PAYLOADS.index(name):03} *"))
        index.add(folder / "index", [file], FakeEmbedder(), collection=name)
    with running(folder=str(folder / "index")) as address:
        yield address


@pytest.fixture
def size() -> tuple[int, int]:
    """One size, as what is escaped does not depend on it."""
    return 1280, 800


def words(text: str) -> str:
    """What is compared: white space and what a browser leaves out or puts in its place do not count."""
    return "".join(sign for sign in text if not sign.isspace() and sign not in "\0\ufffd\ufeff")


def check(chat: Watched) -> None:
    """Nothing has happened that should not."""
    chat.wrong[:] = [item for item in chat.wrong if not any(words in item for words in LEAVING)]
    assert chat.wrong == []
    assert chat.page.evaluate("window.pwned") is None
    assert chat.page.evaluate(FOREIGN) == []


def forget(chat: Watched) -> None:
    """Check, and begin anew with an empty page."""
    check(chat)
    chat.page.goto("about:blank")


def in_view(page: Page, selector: str, text: str) -> None:
    """Wait until an element holds the text, letter by letter."""
    page.wait_for_function(
        r"""([selector, text]) => [...document.querySelectorAll(selector)].some(
            (node) => node.textContent.replace(/[\s\0\ufffd\ufeff]/g, "").includes(text))""",
        arg=[selector, words(text)],
    )


def test_there_are_enough_of_them() -> None:
    assert len(set(PAYLOADS)) == len(PAYLOADS) >= 100
    assert sum(HOST in payload for payload in PAYLOADS) >= 20
    assert sum("pwned" in payload for payload in PAYLOADS) >= 60
    assert len(COLLECTIONS) > 2


@pytest.mark.parametrize("part", range(2))
def test_questions_answers_and_sources(chat: Watched, part: int) -> None:
    """Each payload in a question whose answer stands in the document with that payload; its source beside it."""
    page = chat.page
    opened = 0
    for number in range(part, len(PAYLOADS), 2):
        payload = PAYLOADS[number]
        chat.ask(f"What is the dose of {drug(number)}? {payload}")
        turn = page.locator(".vb-turn").last
        assert words(payload) in words(turn.locator(".vb-question").text_content() or "")
        cited = turn.locator(f".vb-answered .vb-cite[data-doc^='{number:03} ']")
        if cited.count():
            opened += 1
            cited.first.click()
            in_view(page, ".vb-open #vb-panel h2", payload)
            in_view(page, "#vb-panel .vb-text", payload)
            page.locator("#vb-panel .vb-about summary").click()
            in_view(page, "#vb-panel .vb-about", payload)
        check(chat)
    assert opened > 40


def test_other_formats(chat: Watched) -> None:
    """All payloads in the headings, paragraphs, captions and cells of a web page, an article, a Word and a text file."""
    page = chat.page
    page.goto(page.url + "#documents")
    page.wait_for_selector(".vb-docs")
    for kind in ("article", "page", "word", "plain"):
        page.get_by_label("Search the documents").fill(kind + " <")
        name = page.locator(f".vb-filename bdi:text-matches('^{kind} <')")
        page.locator(".vb-docs tr", has=name).locator(".vb-open-doc").click()
        in_view(page, "#vb-panel .vb-text", PAYLOADS[-2])
        text = words(page.locator("#vb-panel .vb-text").text_content() or "")
        assert sum(words(payload) in text for payload in PAYLOADS) > len(PAYLOADS) - 6
        check(chat)
        page.keyboard.press("Escape")


def test_judging_copying_and_exporting(chat: Watched, address: str, tmp_path: Path) -> None:
    page = chat.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=address)
    asked = [*range(0, len(PAYLOADS), 11), *(PAYLOADS.index(p) for p in PAYLOADS if "TY  -" in p or "}}, title" in p)]
    for turn, number in enumerate(asked):
        chat.ask(f"What is the dose of {drug(number)}? {PAYLOADS[number]}")
        row = page.locator(f".vb-turn[data-turn='{turn}']")
        row.get_by_role("button", name="Copy").click()
        page.wait_for_selector(f".vb-turn[data-turn='{turn}'] .vb-said:text-is('Copied.')")
        assert "[1]" in page.evaluate("navigator.clipboard.readText()")
        row.get_by_role("button", name="Wrong").click()
        dialog = page.get_by_role("dialog", name="What would be right?")
        dialog.wait_for()
        in_view(page, "dialog[open] .vb-dialog-question", PAYLOADS[number])
        in_view(page, "dialog[open] .vb-choices", PAYLOADS[number])
        dialog.get_by_label("The words that answer").fill(PAYLOADS[number])
        dialog.get_by_label("Comment").fill(PAYLOADS[number])
        dialog.get_by_role("button", name="This is the right passage").last.click()
        page.wait_for_function(
            "!document.querySelector('dialog[open]') || document.querySelector('.vb-dialog-said').textContent"
        )
        check(chat)
        page.keyboard.press("Escape")
        dialog.wait_for(state="hidden")
    files = {name: _saved(page, name, tmp_path) for name in ("Markdown", "BibTeX", "RIS", "CSL-JSON")}
    check(chat)
    parsed = MarkdownIt("commonmark").enable("table").parse(files["Markdown"])
    tokens = [token for top in parsed for token in (top, *(top.children or []))]
    assert not {"html_block", "html_inline", "image"} & {token.type for token in tokens}
    links = [str(token.attrs.get("href")) for token in tokens if token.type == "link_open"]
    assert links and all(link.startswith("https://doi.org/10.5555/") for link in links)
    works = json.loads(files["CSL-JSON"])
    assert len(works) >= len(asked) - 2
    for line in re.split(r"\r\n|\n|\r", files["RIS"]):
        assert re.fullmatch(r"([A-Z][A-Z0-9]  -.*)?", line), line
    assert files["RIS"].count("TY  - ") - files["RIS"].count("name TY  - ") >= len(works)
    assert len(re.findall(r"(?m)^@", files["BibTeX"])) == len(works)


def _saved(page: Page, name: str, tmp_path: Path) -> str:
    page.get_by_text("Export", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("button", name=name, exact=True).click()
    path = tmp_path / name
    download.value.save_as(path)
    return path.read_text(encoding="utf-8")


def _together() -> Iterator[str]:
    """All payloads, several to a question, apart from those that belong to the next one."""
    line = ""
    for payload in PAYLOADS:
        if len(line) + len(payload) > LONGEST:
            yield line
            line = ""
        line += f"{payload} "
    yield line


def test_links(chat: Watched, address: str) -> None:
    """Questions and collections that come with the address, as anybody can send one."""
    for number, line in enumerate(_together()):
        forget(chat)
        name = COLLECTIONS[number // 2 % len(COLLECTIONS)] if number % 2 else line
        chat.page.goto(f"{address}/?q={quote(line)}" + (f"&collection={quote(name)}" if number % 3 else ""))
        in_view(chat.page, ".vb-turn:has(.vb-answered, .vb-unanswered, .vb-abstained, .vb-problem) .vb-question", line)
    check(chat)
    assert number > 4


def test_documents_view(chat: Watched) -> None:
    """Search, collections, and the dialogs that name a document."""
    page = chat.page
    page.goto(page.url + "#documents")
    page.wait_for_selector(".vb-docs")
    in_view(page, ".vb-troubles", "X-Pwned: 1 <img src=x onerror=pwned=1>")
    in_view(page, ".vb-troubles", PAYLOADS[14].replace("/", "\u2215"))
    check(chat)
    seen = 0
    while True:
        seen += page.locator(".vb-docs tbody tr").count()
        for row in page.locator(".vb-docs tbody tr").all()[::6]:
            title = row.locator(".vb-open-doc").inner_text()
            for action in ("Move", "Remove"):
                row.get_by_text(action, exact=True).click()
                in_view(page, "dialog[open] h3", title)
                check(chat)
                page.keyboard.press("Escape")
        onward = page.get_by_role("button", name="Next", exact=True)
        if not onward.count() or onward.is_disabled():
            break
        first = page.locator(".vb-open-doc").first.get_attribute("data-doc")
        onward.click()
        page.wait_for_function("f => document.querySelector('.vb-open-doc').dataset.doc !== f", arg=first)
        check(chat)
    assert seen >= len(PAYLOADS)
    for payload in PAYLOADS[::5]:
        page.get_by_label("Search the documents").fill(payload)
        page.wait_for_timeout(250)
        check(chat)
    page.get_by_label("Search the documents").fill("")
    page.wait_for_function("document.querySelectorAll('.vb-open-doc').length === 50")
    for name in COLLECTIONS:
        page.locator("#vb-filter").select_option(name)
        page.wait_for_function("document.querySelectorAll('.vb-open-doc').length === 1")
        in_view(page, ".vb-docs td.vb-collection", name)
        check(chat)


def test_the_original_files(chat: Watched, address: str) -> None:
    """They are shown as text or saved, with no header that a name has made."""
    page = chat.page
    page.goto(page.url + "#documents")
    page.wait_for_selector(".vb-docs")
    ids = page.locator(".vb-open-doc").evaluate_all("all => all.map((node) => node.dataset.doc)")
    for doc_id in ids:
        answer = page.request.get(f"{address}/file/{quote(doc_id)}")
        assert answer.status == 200, doc_id
        assert answer.headers["content-type"] in ("text/plain; charset=utf-8", "application/octet-stream")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"].startswith("sandbox")
        assert not {"set-cookie", "x-pwned"} & set(answer.headers)
    forget(chat)
    page.goto(f"{address}/file/{quote(ids[0])}")
    assert page.evaluate("document.contentType") == "text/plain"
    assert page.evaluate("window.pwned") is None
    lost = page.request.get(f"{address}/file/{quote(PAYLOADS[0])}")
    assert lost.status == 404 and "<script>" not in lost.text()
    page.goto(address)
    page.wait_for_selector(".vb-welcome")
    check(chat)


def test_uploads_and_changes(chat: Watched) -> None:
    """Files that are called so, into collections that are called so; moved, removed, refused."""
    page = chat.page
    page.goto(page.url + "#documents")
    page.wait_for_selector(".vb-docs")
    _drop(page, [file_name(payload, ".exe") for payload in PAYLOADS])
    page.wait_for_function("n => document.querySelectorAll('.vb-job.vb-is-failed').length === n", arg=len(PAYLOADS))
    in_view(page, ".vb-sending", file_name(PAYLOADS[0], ".exe"))
    check(chat)
    names = [payload.replace("/", "\u2215") + ".txt" for payload in PAYLOADS[3::15]]
    page.get_by_label("Into the collection").fill(COLLECTIONS[1])
    _drop(page, names)
    done = "n => document.querySelectorAll('.vb-job.vb-is-done').length === n"
    page.wait_for_function(done, arg=len(names), timeout=60_000)
    for name in names:
        in_view(page, ".vb-job.vb-is-done bdi", name)
    check(chat)
    page.get_by_label("Search the documents").fill(f"000 {PAYLOADS[0][:8]}")
    page.wait_for_function("document.querySelectorAll('.vb-open-doc').length === 1")
    page.get_by_text("Move", exact=True).click()
    page.locator("#vb-confirm-input").fill("<b onclick=pwned=1>moved</b>")
    page.keyboard.press("Enter")
    in_view(page, ".vb-docs td.vb-collection", "<b onclick=pwned=1>moved</b>")
    check(chat)
    page.get_by_text("Remove", exact=True).click()
    page.locator("#vb-confirm-yes").click()
    page.wait_for_function("document.querySelectorAll('.vb-open-doc').length === 0")
    check(chat)


def _drop(page: Page, names: Sequence[str], text: str = "words") -> None:
    """Drop files with these names, each with text of its own."""
    transfer = page.evaluate_handle(
        """([names, text]) => {
            const transfer = new DataTransfer();
            names.forEach((name, at) => transfer.items.add(new File([`${text} number ${at}\n`], name)));
            return transfer;
        }""",
        [list(names), text],
    )
    page.dispatch_event(".vb-drop", "drop", {"dataTransfer": transfer})
