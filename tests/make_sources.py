"""PDF files whose answering words are red, so that a box can be held against the pixels, and an assistant over them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from chat_fake import FakeAssistant, make_document
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, Table, TableStyle

from qa.corpus import content_sha256, read_document
from qa.index import StoredDocument
from qa.schema import Answer, Document, Source

FILLER = (
    "Janus kinases carry the message of many cytokines",
    "from the membrane to the nucleus of the cell, and",
    "blocking them calms an immune answer that has run",
    "out of hand. The same brake slows the making of",
    "blood cells, which explains most side effects.",
)
COLUMN = ("The dose of baricitinib for adults in the ward is", "[4 mg once daily] by mouth.")
ACROSS = ("In the trial the course of baricitinib went on for", "[14 days or until] the patients had", "gone home.")
TURNED = "On the turned page tofacitinib was given as [5 mg twice daily] to all."
UPSIDE = "On the last page upadacitinib was given as [15 mg once daily] to most."
CELL = "10 mg twice daily"

QUOTES = {
    "column": "4 mg once daily",
    "across": "14 days or until",
    "table": CELL,
    "turned": "5 mg twice daily",
    "upside": "15 mg once daily",
}
"""What to ask for, and the words that answer."""


def make_marked_paper() -> bytes:
    """Two columns with a sentence that goes on over the page, a table, and cropped pages turned by 90 and 270 degrees."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=1)
    canvas.setTitle("Doses of kinase inhibitors in print")
    _lines(canvas, 60, 780, ["Doses of kinase inhibitors in print"], size=18)
    _lines(canvas, 60, 740, [*FILLER * 5, *COLUMN, *FILLER * 4])
    _lines(canvas, 310, 740, [*FILLER * 9, ACROSS[0]])
    canvas.showPage()
    _lines(canvas, 60, 780, [*ACROSS[1:], *FILLER * 2])
    _lines(canvas, 60, 600, ["Table 1. Doses of the drugs of the class"])
    rows = [["Drug", "Targets", "Usual dose"], ["Baricitinib", "JAK1, JAK2", "2 mg once daily"]]
    rows += [["Ruxolitinib", "JAK1, JAK2", f'<font color="red">{CELL}</font>'], ["Tofacitinib", "JAK3", "5 mg daily"]]
    table = Table([[Paragraph(cell) for cell in row] for row in rows], colWidths=[120, 120, 160])
    table.setStyle(TableStyle([("GRID", (0, 0), (-1, -1), 0.5, colors.black)]))
    table.wrapOn(canvas, 400, 300)
    table.drawOn(canvas, 60, 500)
    canvas.showPage()
    for turn, words in ((90, TURNED), (270, UPSIDE)):
        canvas.setPageRotation(turn)
        canvas.setCropBox((40, 100, 500, 580))
        _lines(canvas, 60, 540, [*FILLER, words, *FILLER])
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def _lines(canvas: Canvas, x: float, y: float, lines: Sequence[str], *, size: float = 9) -> None:
    """Lines one below the other, what stands in brackets in red."""
    for line in lines:
        text = canvas.beginText(x, y)
        text.setFont("Helvetica", size)
        before, _, rest = line.partition("[")
        words, _, after = rest.partition("]")
        for part, colour in ((before, colors.black), (words, colors.red), (after, colors.black)):
            text.setFillColor(colour)
            text.textOut(part)
        canvas.drawText(text)
        y -= size * 1.3


LONG = make_document(
    "long.md",
    Source(path="long.md", title="A very long note"),
    "# A very long note\n\n"
    + "\n\n".join(f"Paragraph {i} of the note. " + " ".join(FILLER) for i in range(8000))
    + "\n\n| Drug | Dose |\n| --- | --- |\n"
    + "".join(f"| Drug {i} | {i} mg |\n" for i in range(3000)),
)


@dataclass
class SourceAssistant(FakeAssistant):
    """Answers with each of the marked words in turn, over files in a folder."""

    stored: tuple[StoredDocument, ...] = ()

    @classmethod
    def over(cls, folder: Path) -> SourceAssistant:
        """The files are made in the folder, read, and partly changed or removed afterwards."""
        folder.mkdir(parents=True, exist_ok=True)
        data = make_marked_paper()
        files = [folder / name for name in ("marked.pdf", "gone.pdf", "changed.pdf")]
        for file in files:
            file.write_bytes(data)
        note = folder / "long.md"
        note.write_text(LONG.text, encoding="utf-8")
        stored = [StoredDocument(read_document(file, folder), str(file), content_sha256(file)) for file in files]
        stored.append(StoredDocument(LONG, str(note), content_sha256(note)))
        files[1].unlink()
        files[2].write_bytes(data + b"\n% changed")
        return cls(tuple(item.document for item in stored), tuple(stored))

    @property
    def documents(self) -> tuple[StoredDocument, ...]:
        """The documents with their files."""
        return self.stored

    def ask(self, question: str, **options: object) -> Answer:  # type: ignore[override]
        """Words of `QUOTES` by their names, of the documents named; all of them for "all"."""
        words = question.lower().split()
        marked = next(
            d
            for d in self.sources
            if d.doc_id == ("gone" if "gone" in words else "changed" if "changed" in words else "marked")
        )
        found = [(marked, *find(marked, QUOTES[name])) for name in QUOTES if name in words or "all" in words]
        if "long" in words:
            found = [(LONG, "Paragraph 4000 of the note.", "4000"), (LONG, "| Drug 2500 | 2500 mg |", "2500 mg")]
        return self._answer(question, found)


def find(document: Document, words: str) -> tuple[str, str]:
    """The block that the words stand in, and the words."""
    at = document.text.index(words)
    block = next(block for block in document.blocks if block.start <= at < block.end)
    return document.slice(block.start, block.end), words
