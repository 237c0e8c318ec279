"""What a citation opens: boxes over the very words, files that are gone, changed or hostile, long documents, the file itself."""

from __future__ import annotations

import base64
import io
import os
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest
from chat_fake import PAYLOADS, TABLE, make_document
from make_pdf import make_canvas
from make_sources import LONG, QUOTES, SourceAssistant, find, make_marked_paper
from PIL import Image
from reportlab.pdfgen.canvas import Canvas
from starlette.applications import Starlette
from starlette.testclient import TestClient

from qa.chat.files import file_route
from qa.chat.originals import KEPT_PAGES, RETRY_SECONDS, Originals
from qa.chat.sources import CHANGED, GONE, MOVED, UNREADABLE, open_source
from qa.corpus import content_sha256
from qa.corpus.pdf.picture import MAX_IMAGE, PagePicture, Painter
from qa.errors import CorpusError
from qa.index import StoredDocument
from qa.rendering import Part, Place
from qa.schema import Box, Document, Source

TESTS = Path(__file__).resolve().parent


@pytest.fixture(scope="module")
def painter() -> Iterator[Painter]:
    painter = Painter()
    yield painter
    painter.close()


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> SourceAssistant:
    return SourceAssistant.over(tmp_path_factory.mktemp("files"))


@pytest.fixture
def originals(painter: Painter) -> Originals:
    return Originals(painter)


def data_of(document: Document, words: str) -> dict[str, str]:
    """What the browser sends for the words, with the block around them as the quote."""
    passage, _ = find(document, words)
    start, quote_start = document.text.index(words), document.text.index(passage)
    ends = start + len(words), quote_start + len(passage)
    return {
        "doc": document.doc_id,
        "start": str(start),
        "end": str(ends[0]),
        "quoteStart": str(quote_start),
        "quoteEnd": str(ends[1]),
    }


def image_of(picture: PagePicture) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(picture.data))).convert("RGB")


def red_box(image: Image.Image) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of what is red, as shares of the image."""
    red, green, _ = image.split()
    strong = Image.eval(red, lambda value: 255 if value > 150 else 0)
    weak = Image.eval(green, lambda value: 255 if value < 90 else 0)
    box = Image.composite(weak, Image.new("L", image.size), strong).getbbox()
    assert box is not None
    return box[0] / image.width, box[1] / image.height, box[2] / image.width, box[3] / image.height


def around(boxes: tuple[Box, ...]) -> Box:
    found = boxes[0]
    for box in boxes[1:]:
        found = found.joined(box)
    return found


@pytest.mark.parametrize("name", QUOTES)
def test_boxes_lie_over_the_red_words(assistant: SourceAssistant, originals: Originals, name: str) -> None:
    document = assistant.sources[0]
    start = document.text.index(QUOTES[name])
    box = around(document.boxes_of(start, start + len(QUOTES[name])))
    picture = originals.page(assistant.stored[0], box.page)
    if name == "across":  # the only page with red words in two places
        assert (box.page, picture.count) == (2, 4)
        return
    image = image_of(picture)
    if name == "table":
        image.paste((255, 255, 255), (0, 0, image.width, image.height // 4))
    left, top, right, bottom = red_box(image)
    assert box.left / picture.width == pytest.approx(left, abs=3 / picture.width)
    assert box.right / picture.width == pytest.approx(right, abs=3 / picture.width)
    assert box.top / picture.height == pytest.approx(top, abs=3 / picture.height)
    assert box.bottom / picture.height == pytest.approx(bottom, abs=3 / picture.height)


def shown_boxes(panel: str) -> list[tuple[str, float, float]]:
    """Kind, left and top in percent of the boxes in a panel."""
    found = re.findall(r'<span class="(vb-box[^"]*)" aria-hidden="true" style="left:([\d.]+)%;top:([\d.]+)%', panel)
    return [(kind, float(left), float(top)) for kind, left, top in found]


def test_page_with_quote_and_words(assistant: SourceAssistant, originals: Originals) -> None:
    panel = open_source(assistant, data_of(assistant.sources[0], QUOTES["column"]), originals)
    kinds = [kind for kind, _, _ in shown_boxes(panel)]
    assert kinds == ["vb-box", "vb-box", "vb-box vb-box-words"]  # two lines, and the words on the second
    assert "data:image/png;base64," in panel and "Page 1 of 4" in panel and " data-home" in panel
    assert "with a box around the quote: “The dose of baricitinib for adults in the ward is 4 mg once daily" in panel
    assert 'href="file/marked#page=1"' in panel and "Open PDF" in panel
    assert 'data-view="text"' in panel


def test_quote_across_two_pages_is_told_on_each(assistant: SourceAssistant, originals: Originals) -> None:
    data = data_of(assistant.sources[0], QUOTES["across"])
    first = open_source(assistant, data, originals)
    assert "Page 2 of 4" in first and ">Page 1</button>" in first and "also stands on" in first
    assert [kind for kind, _, _ in shown_boxes(first)] == ["vb-box", "vb-box", "vb-box vb-box-words"]
    other = open_source(assistant, {**data, "page": "1"}, originals)
    assert [kind for kind, _, _ in shown_boxes(other)] == ["vb-box"] and " data-home" not in other
    beyond = open_source(assistant, {**data, "page": "3"}, originals)
    assert shown_boxes(beyond) == [] and "Back to the quote" in beyond and "box around" not in beyond


def test_text_view_when_asked_for(assistant: SourceAssistant, originals: Originals) -> None:
    panel = open_source(assistant, {**data_of(assistant.sources[0], QUOTES["column"]), "view": "text"}, originals)
    assert "<mark>4 mg once daily</mark>" in panel and "<img" not in panel and 'data-view="page"' in panel


@pytest.mark.parametrize(("number", "problem"), [(1, GONE), (2, CHANGED)])
def test_file_that_is_not_what_was_indexed_shows_the_text(
    assistant: SourceAssistant, originals: Originals, number: int, problem: str
) -> None:
    panel = open_source(assistant, data_of(assistant.sources[number], QUOTES["column"]), originals)
    assert problem in panel and "<mark>4 mg once daily</mark>" in panel
    assert "<img" not in panel and "vb-box" not in panel and "href=" not in panel


def test_file_that_cannot_be_read(
    assistant: SourceAssistant, originals: Originals, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: Path) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("qa.chat.originals.content_sha256", refuse)
    assert UNREADABLE in open_source(assistant, data_of(assistant.sources[0], QUOTES["column"]), originals)


def test_what_cannot_be_opened_is_told_in_words(assistant: SourceAssistant, originals: Originals) -> None:
    data = data_of(assistant.sources[0], QUOTES["column"])
    assert "no document “nowhere”" in open_source(assistant, {**data, "doc": "nowhere"}, originals)
    assert MOVED in open_source(assistant, {**data, "quoteEnd": "99999999"}, originals)
    assert "has no page 99" in open_source(assistant, {**data, "page": "99"}, originals)
    assert "Page 1 of 4" in open_source(assistant, {**data, "page": "-1"}, originals)
    assert "Page 1 of 4" in open_source(assistant, {**data, "page": "²"}, originals)
    broken = replace(assistant)
    broken.document = None  # type: ignore[assignment, method-assign]
    assert "could not be opened" in open_source(broken, data, originals)


def test_a_page_of_another_version_is_never_drawn(painter: Painter, tmp_path: Path) -> None:
    file = tmp_path / "a.pdf"
    file.write_bytes(make_marked_paper())
    sha256 = content_sha256(file)
    assert painter.draw(file, 1, sha256=sha256, name="a.pdf").number == 1
    before = file.stat()
    file.write_bytes(file.read_bytes().replace(b"daily", b"DAILY") + b"%")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns + 1))
    with pytest.raises(CorpusError, match="has changed since it was indexed"):
        painter.draw(file, 1, sha256=sha256, name="a.pdf")
    file.unlink()
    with pytest.raises(CorpusError, match="is not there any more"):
        painter.draw(file, 1, sha256=sha256, name="a.pdf")


def test_a_sidecar_is_part_of_the_version(painter: Painter, originals: Originals, tmp_path: Path) -> None:
    file = tmp_path / "a.pdf"
    file.write_bytes(make_marked_paper())
    (tmp_path / "a.pdf.yaml").write_text("title: A title\n")
    stored = StoredDocument(TABLE, str(file), content_sha256(file))
    assert originals.state(stored) == "same"
    assert originals.page(stored, 2).number == 2
    (tmp_path / "a.pdf.yaml").write_text("title: Another\n")
    assert originals.state(stored) == "changed"


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("crash", "signal 11"),
        ("hang", "more than 2 s"),
        ("swell", "512 MB of memory"),
        ("forge", "no image came of it"),
    ],
)
def test_a_page_that_misbehaves_is_an_error_and_the_next_is_drawn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, word: str, reason: str
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(TESTS))
    painter = Painter(seconds=2.0, module="hostile_painter")
    (tmp_path / "bad.pdf").write_text(word)
    (tmp_path / "good.pdf").write_text("fine")
    try:
        with pytest.raises(CorpusError, match=reason):
            painter.draw(tmp_path / "bad.pdf", 1, sha256="", name="bad.pdf")
        assert painter.draw(tmp_path / "good.pdf", 1, sha256="", name="good.pdf").data == "fine"
    finally:
        painter.close()


def test_pages_are_kept_and_failures_for_a_while(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[int] = []

    class Counting(Painter):
        def draw(self, path: Path, number: int, *, sha256: str, name: str) -> PagePicture:
            drawn.append(number)
            if number == 7:
                raise CorpusError("cannot be drawn", path=name)
            return PagePicture(number, 99, 1.0, 1.0, "image/png", "")

    originals = Originals(Counting())
    stored = StoredDocument(TABLE, str(tmp_path / "a.pdf"), "")
    for _ in range(3):
        assert originals.page(stored, 1).number == 1
        with pytest.raises(CorpusError, match="cannot be drawn") as raised:
            originals.page(stored, 7)
    assert drawn == [1, 7]
    assert len(raised.traceback) < 4  # not one entry more for each time
    later = time.monotonic() + RETRY_SECONDS + 1
    monkeypatch.setattr("qa.chat.originals.time.monotonic", lambda: later)
    with pytest.raises(CorpusError):
        originals.page(stored, 7)
    assert drawn == [1, 7, 7]
    for number in range(10, 10 + KEPT_PAGES):
        originals.page(stored, number)
    originals.page(stored, 1)
    assert drawn[-1] == 1 and len(originals._pages) == KEPT_PAGES


def draw_noise(canvas: Canvas) -> None:
    noise = Image.effect_noise((1000, 1400), 120)
    colours = Image.merge("RGB", [noise, noise.rotate(90).resize(noise.size), noise.rotate(180)])
    canvas.drawInlineImage(colours, 0, 0, 595, 842)
    canvas.drawString(60, 60, "Some words over a photograph of nothing.")


@pytest.mark.parametrize(
    "size",
    [(595.0, 842.0), (14_400.0, 14_400.0), (20.0, 9000.0), (9000.0, 20.0)],
    ids=["noise", "vast", "tall", "wide"],
)
def test_images_stay_small(painter: Painter, tmp_path: Path, size: tuple[float, float]) -> None:
    file = tmp_path / "a.pdf"
    file.write_bytes(make_canvas(draw_noise, size=size))
    picture = painter.draw(file, 1, sha256=content_sha256(file), name="a.pdf")
    assert len(base64.b64decode(picture.data)) <= MAX_IMAGE
    image = image_of(picture)
    assert (
        0.7 < image.width / image.height * picture.height / picture.width < 1.4
    )  # whole pixels, of which few are left


def test_a_page_is_drawn_quickly_once_the_process_is_there(painter: Painter, tmp_path: Path) -> None:
    file = tmp_path / "a.pdf"
    file.write_bytes(make_marked_paper())
    sha256 = content_sha256(file)
    painter.draw(file, 1, sha256=sha256, name="a.pdf")
    times = []
    for number in (2, 3, 4):
        begin = time.monotonic()
        painter.draw(file, number, sha256=sha256, name="a.pdf")
        times.append(time.monotonic() - begin)
    assert min(times) < 0.5


@pytest.mark.parametrize("words", ["Paragraph 0 of", "Paragraph 4000 of", "2500 mg", "2999 mg"])
def test_a_long_document_opens_quickly_around_the_place(
    assistant: SourceAssistant, originals: Originals, words: str
) -> None:
    data = data_of(LONG, words)
    open_source(assistant, data, originals)
    begin = time.monotonic()
    panel = open_source(assistant, data, originals)
    assert time.monotonic() - begin < 0.5
    assert f"<mark>{words}</mark>" in panel and len(panel) < 400_000
    assert ("Show the text after this" in panel) == words.startswith("Paragraph")
    assert ("Show the text before this" in panel) == (words != "Paragraph 0 of")


def test_parts_of_a_long_document_leave_nothing_out(assistant: SourceAssistant, originals: Originals) -> None:
    part = Part.around(LONG, Place(LONG.doc_id, 1_000_000, 1_000_000, 1_000_000, 1_000_010))
    assert LONG.blocks[part.first].start < 1_000_000 < LONG.blocks[part.last - 1].end
    seen = part.last - part.first
    last = part.last
    while last < part.count:
        after = Part.after(LONG, last)
        assert after.first == last
        last, seen = after.last, seen + after.last - after.first
    first = part.first
    while first > 0:
        before = Part.before(LONG, first)
        assert before.last == first
        first, seen = before.first, seen + before.last - before.first
    assert seen == len(LONG.blocks)
    data = data_of(LONG, "Paragraph 4000 of")
    assert "Paragraph 0 of" in open_source(assistant, {**data, "before": "30"}, originals)
    for nonsense in ("0", "9999999", "x", "-3"):
        for way in ("before", "after"):
            assert "vb-text" in open_source(assistant, {**data, way: nonsense}, originals)


def test_one_vast_paragraph_is_cut_around_the_place() -> None:
    note = make_document("vast", Source(path="vast.md"), "word " * 400_000 + "the dose is 4 mg " + "word " * 10_000)
    assistant = SourceAssistant((note,))
    panel = open_source(assistant, data_of(note, "the dose is 4 mg"))
    assert "<mark>the dose is 4 mg</mark>" in panel and "characters are not shown here" in panel
    assert len(panel) < 400_000


def test_words_of_documents_are_escaped_in_the_panel(assistant: SourceAssistant, originals: Originals) -> None:
    marked = assistant.sources[0]
    for payload in PAYLOADS:
        source = replace(marked.source, title=payload, path=payload, doi=payload)
        named = replace(marked, doc_id=payload, source=source)
        hostile = replace(assistant, sources=(named,), stored=(replace(assistant.stored[0], document=named),))
        panel = open_source(hostile, {**data_of(named, QUOTES["column"]), "doc": payload}, originals)
        assert "vb-leaf" in panel
        tags = {tag.lower() for tag in re.findall(r"<\s*([a-zA-Z]\w*)", panel)}
        assert tags <= set("article header nav button span h2 p div a details summary figure img kbd".split())
        assert re.findall(r"<img [^>]*?src=\"([^\"]{10})", panel) == ["data:image"]
        assert not re.search(r'<[^>]*"[^"=<>]*\son\w+=', re.sub(r'"[^"]*"', '""', panel))


# The file itself.


def client_over(*stored: StoredDocument) -> TestClient:
    assistant = SourceAssistant(tuple(item.document for item in stored), stored)
    return TestClient(Starlette(routes=[file_route(assistant)]))


def stored_at(file: Path, doc_id: str = "d") -> StoredDocument:
    return StoredDocument(replace(TABLE, doc_id=doc_id), str(file), content_sha256(file))


def test_pdf_and_text_are_shown(assistant: SourceAssistant) -> None:
    client = client_over(*assistant.stored)
    response = client.get("/file/marked")
    assert response.status_code == 200 and response.content == make_marked_paper()
    assert response.headers["content-type"] == "application/pdf"
    assert response.headers["content-disposition"].startswith("inline")
    assert response.headers["x-content-type-options"] == "nosniff"
    assert "script" not in response.headers["content-security-policy"]
    assert "default-src 'none'" in response.headers["content-security-policy"]
    part = client.get("/file/marked", headers={"range": "bytes=0-3"})
    assert (part.status_code, part.content) == (206, b"%PDF")
    assert client.head("/file/marked").status_code == 200
    assert client.post("/file/marked").status_code == 405
    text = client.get("/file/long.md")
    assert (
        text.headers["content-type"].startswith("text/plain") and "sandbox" in text.headers["content-security-policy"]
    )


@pytest.mark.parametrize("suffix", [".html", ".xml", ".svg", ".json", ".docx", ".xhtml", ".HTM", ""])
def test_what_could_run_scripts_is_downloaded(tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"page{suffix}"
    file.write_text("<script>alert(1)</script>")
    response = client_over(stored_at(file)).get("/file/d")
    assert response.headers["content-disposition"].startswith("attachment")
    assert response.headers["content-type"] == "application/octet-stream"
    assert response.headers["content-security-policy"].startswith("sandbox")


@pytest.mark.parametrize(
    "name",
    [
        'a"b.pdf',
        "a\nb.pdf",
        "a\r\nSet-Cookie: x=1.pdf",
        "Café 😀.pdf",
        "a;b.pdf",
        "\u202efdp.exe.pdf",
        "a\\b.pdf",
        "%2e%2e.pdf",
    ],
)
def test_names_cannot_break_the_header(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.write_bytes(b"%PDF-1.4")
    response = client_over(stored_at(file)).get("/file/d")
    told = response.headers["content-disposition"]
    assert response.status_code == 200 and told.isascii() and "\n" not in told and "set-cookie" not in response.headers
    assert not re.search(r'filename="[^"]*[\\"][^"]+"', told)


@pytest.mark.parametrize("doc_id", ["a b", "Café 😀", "a/b", "50%", "a?b#c", 'a"b', "a\nb", "a/../b", "<script>"])
def test_ids_come_through_the_address(tmp_path: Path, doc_id: str) -> None:
    file = tmp_path / "a.pdf"
    file.write_bytes(b"%PDF-1.4")
    assert client_over(stored_at(file, doc_id)).get(f"/file/{quote(doc_id, safe='')}").status_code == 200


@pytest.mark.parametrize(
    "doc_id",
    ["../../etc/passwd", "%2e%2e/%2e%2e/etc/passwd", "/etc/passwd", "etc/passwd", "", "marked.pdf", "MARKED", "\0"],
)
def test_only_documents_of_the_index_are_served(assistant: SourceAssistant, doc_id: str) -> None:
    response = client_over(*assistant.stored).get(f"/file/{quote(doc_id, safe='%/')}")
    assert response.status_code == 404 and "root:" not in response.text


def test_a_file_that_is_gone_changed_or_something_else_is_told(tmp_path: Path) -> None:
    file = tmp_path / "a.pdf"
    file.write_bytes(b"%PDF-1.4")
    client = client_over(stored_at(file))
    assert client.get("/file/d").status_code == 200
    file.write_bytes(b"%PDF-1.5 and more")
    assert "has changed since it was indexed" in client.get("/file/d").text
    file.unlink()
    assert "no longer where it was" in client.get("/file/d").text

    def tell() -> tuple[int, str]:
        response = client.get("/file/d")
        return response.status_code, re.sub("<[^>]+>", " ", response.text)

    secret = tmp_path / "secret"
    secret.write_text("the secret words")
    for make in (
        lambda: file.symlink_to(secret),
        lambda: file.symlink_to("/dev/zero"),
        lambda: file.symlink_to(file),
        lambda: file.mkdir(),
        lambda: os.mkfifo(file),
    ):
        make()
        status, words = tell()
        assert status == 404 and "This file cannot be opened" in words and "secret" not in words
        file.rmdir() if file.is_dir() else file.unlink()


def test_a_link_that_was_indexed_as_one_is_served(tmp_path: Path) -> None:
    (tmp_path / "real.pdf").write_bytes(b"%PDF-1.4")
    link = tmp_path / "link.pdf"
    link.symlink_to(tmp_path / "real.pdf")
    assert client_over(stored_at(link)).get("/file/d").status_code == 200
