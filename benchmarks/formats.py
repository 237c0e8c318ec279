"""Do all formats give the answers that Markdown gives? `python benchmarks/formats.py`.

The notes are written as PDF, Word, HTML, JATS, CORD-19 and plain text files, indexed, and asked the development half of the
gold facts. Printed for each format: of the questions that Markdown answers rightly (best candidate), the share that it
answers rightly too, and the share of those cited under the same heading.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from qa import index as indexes
from qa.assistant import DEFAULT_CORPUS, PROJECT, Assistant
from qa.corpus.markdown import read_markdown
from qa.embedding import SentenceTransformerEmbedder
from qa.evaluation import half, read_gold
from qa.evaluation.matching import in_quotes
from qa.schema import Citation, GoldQuestion

sys.path.append(str(PROJECT / "tests"))

import make_cord19
import make_docx
import make_markup
import make_pdf

Answered = dict[str, Citation]


def main() -> None:
    embedder = SentenceTransformerEmbedder()
    asked = [q for q in read_gold(PROJECT / "corpus" / "gold" / "facts.jsonl").questions if half(q) == "dev"]
    makers: dict[str, Callable[[Path], bytes]] = {
        ".md": lambda path: path.read_bytes(),
        ".pdf": lambda path: make_pdf.make_paper([path.read_text("utf-8")]),
        ".docx": lambda path: make_docx.make_paper(make_docx.read_note(path)),
        ".html": lambda path: make_markup.make_html(path.read_text("utf-8")),
        ".xml": lambda path: make_markup.make_jats(path.read_text("utf-8")),
        ".json": lambda path: make_cord19.make_json(make_docx.read_note(path)),
        ".txt": as_text,
    }
    wanted = sys.argv[1:] or list(makers)
    right = {suffix: answers(make, suffix, asked, embedder) for suffix, make in makers.items() if suffix in wanted}
    markdown = right[".md"]
    print(f"{len(asked)} questions; Markdown answers {len(markdown)} rightly")
    for suffix, found in right.items():
        both = [name for name in markdown if name in found]
        placed = sum(heading(found[name]) == heading(markdown[name]) for name in both)
        lost = sorted(set(markdown) - set(found))
        print(
            f"{suffix:6} {len(both)}/{len(markdown)} = {len(both) / len(markdown):.1%} of them, {len(found)} in all; "
            f"same heading {placed}/{len(both)}; lost: {' '.join(lost[:12])}"
        )


def answers(
    make: Callable[[Path], bytes], suffix: str, asked: list[GoldQuestion], embedder: SentenceTransformerEmbedder
) -> Answered:
    """The citation of each question that is answered rightly over the notes in that format."""
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder) / "corpus"
        corpus.mkdir()
        for path in sorted(DEFAULT_CORPUS.glob("*.md")):
            (corpus / path.with_suffix(suffix).name).write_bytes(make(path))
        changes = indexes.build(Path(folder) / "index", [corpus], embedder)
        for error in changes.failed:
            print(error)
        assistant = Assistant.open(Path(folder) / "index", embedder=embedder)
        found = {}
        for gold in asked:
            answer = assistant.ask(gold.question, force=True)
            if answer.citations and in_quotes(answer.quotes, gold):
                found[gold.query_id] = replace(answer.citations[0], context="")
        return found


def heading(citation: Citation) -> str:
    return " ".join(citation.section[-1:]).casefold()


def as_text(path: Path) -> bytes:
    """The note as a plain text file: headings and paragraphs apart, a row of a table a line, its cells apart."""
    note = read_markdown(path.read_text("utf-8"), doc_id="note", path=path.name)
    parts = []
    for block in note.blocks:
        words = note.slice(block.start, block.end)
        if words.startswith("|"):
            words = "   ".join(cell.strip() for cell in words.strip("|").split("|"))
        parts.append(words)
    return ("\n\n".join(parts) + "\n").encode()


if __name__ == "__main__":
    main()
