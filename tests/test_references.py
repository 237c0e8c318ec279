"""References: names are taken apart only where they plainly can be, and every file parses again to what went in."""

from __future__ import annotations

import json

import pytest
from chat_fake import HOSTILE, NOTE, PAYLOADS, TABLE, FakeAssistant

from qa.references import bibtex, csl_json, plain_answer, reference_line, ris, split_names, works_of
from qa.references.works import one_line
from qa.schema import Source

HOSTILE_TITLES = [
    *PAYLOADS,
    "Braces {open and } close {{",
    "Back\\slash \\end{document} \\",
    "Two\nlines\r\nand a tab\t@article{x,",
    "100 % of @misc{evil, title={x}}",
    '=HYPERLINK("https://evil.example","x")',
    "ER  - ",
    "\nER  - \nTY  - BOOK\nTI  - Other",
    "~ ^ # $ & _ % and “quotes” \"straight\" 'single'",
    "Café 😀 naïve β-blocker ≥ 5 µg",
    "A } and { alone",
    "a" * 3000,
]


@pytest.mark.parametrize(
    ("authors", "names", "others"),
    [
        ("A. Example, B. Sample", ["Example, A.", "Sample, B."], ""),
        ("Example A, Sample BC", ["Example, A", "Sample, BC"], ""),
        ("Example A, Sample B and 3 others", ["Example, A", "Sample, B"], "3 others"),
        ("Example A, et al.", ["Example, A"], "et al."),
        ("Example, Ada; Sample, Ben", ["Example, Ada", "Sample, Ben"], ""),
        ("Example, Ada and Sample, Ben", ["Example, Ada", "Sample, Ben"], ""),
        ("Example, A., Sample, B.-C.", ["Example, A.", "Sample, B.-C."], ""),
        ("Ada Example, Ben C. Sample & J.-P. de la Cruz", ["Example, Ada", "Sample, Ben C.", "de la Cruz, J.-P."], ""),
        ("Ludwig van Sample", ["van Sample, Ludwig"], ""),
        ("WHO Working Group", ["WHO Working Group"], ""),
        ("A. Example, RECOVERY Collaborative Group", ["Example, A.", "RECOVERY Collaborative Group"], ""),
        ("Centers for Disease Control and Prevention", ["Centers for Disease Control and Prevention"], ""),
        ("Ministry of Health, Labour and Welfare", ["Ministry of Health, Labour and Welfare"], ""),
        ("WHO", ["WHO"], ""),
        ("Pfizer, Moderna", ["Pfizer, Moderna"], ""),
        ("Ana María García López", ["Ana María García López"], ""),
        ("Ö. Ünal, É. Çelik", ["Ünal, Ö.", "Çelik, É."], ""),
        ("", [], ""),
    ],
)
def test_names(authors: str, names: list[str], others: str) -> None:
    found = split_names(authors)
    assert [name.text for name in found.names] == names
    assert found.others == others


def test_no_part_of_a_name_is_made_up() -> None:
    for authors in [*HOSTILE_TITLES, "Example A, Sample B, the staff", "x and y and", ", ; and"]:
        found = split_names(authors)
        for name in found.names:
            for part in filter(None, (name.family, name.given, name.literal)):
                assert part in " ".join(authors.split())


def source(title: str) -> Source:
    return Source("x.md", title=title, authors=f"A. Example, {title} Group", year="2021-03-04", container=title)


def decoded(text: str) -> str:
    """What LaTeX would set, by a library that is not the one that wrote it."""
    from pylatexenc.latex2text import LatexNodes2Text

    return LatexNodes2Text(keep_comments=True, math_mode="verbatim", strict_latex_spaces=True).latex_to_text(text)


@pytest.mark.parametrize("title", HOSTILE_TITLES)
def test_hostile_titles_survive_every_format(title: str) -> None:
    import rispy
    from bibtexparser import parse_string
    from pybtex.database import parse_string as pybtex_parse

    works = works_of([source(title), source("A sober title")])
    clean = one_line(title)
    text = bibtex(works)
    entries = list(pybtex_parse(text, "bibtex").entries.values())
    assert len(entries) == len(parse_string(text).entries) == 2
    assert [entry.fields["title"][1:-1] for entry in entries][1] == "A sober title"
    assert written(entries[0].fields["title"][1:-1]) == clean == written(entries[0].fields["journal"])
    assert [entry["title"] for entry in rispy.loads(ris(works))] == [clean, "A sober title"]
    assert [item["title"] for item in json.loads(csl_json(works))] == [clean, "A sober title"]


def written(latex: str) -> str:
    """The text that was escaped."""
    for sign, command in (("{", "left}"), ("}", "right}")):
        latex = latex.replace(r"{\textbrace" + command, "\x01" if sign == "{" else "\x02")
    for command, sign in (("backslash", "\x03"), ("asciitilde", "~"), ("asciicircum", "^")):
        latex = latex.replace(rf"{{\text{command}}}", sign)
    for sign in "#$%&_":
        latex = latex.replace(f"\\{sign}", sign)
    assert not set(latex) & set("{}\\")
    return latex.translate({1: "{", 2: "}", 3: "\\"})


def test_latex_sets_the_title() -> None:
    work = works_of([Source("x.md", title=r"50 % of C:\x_y & ~z #1 costs $5")])
    line = next(line for line in bibtex(work).splitlines() if "title" in line)
    assert decoded(line.split("=", 1)[1].strip(" ,")).strip("{}") == r"50 % of C:\x_y & ~z #1 costs $5"


def test_fields() -> None:
    (work,) = works_of([NOTE.source, TABLE.source])
    assert work.title == "Kinase inhibitors at the bedside: a teaching review"
    (item,) = json.loads(csl_json([work]))
    assert item == {
        "id": work.key,
        "type": "article-journal",
        "title": work.title,
        "author": [{"family": "Example", "given": "A."}, {"family": "Sample", "given": "B."}],
        "container-title": "Journal of Invented Medicine",
        "issued": {"date-parts": [[2021]]},
        "DOI": "10.5555/jim.2021.0042",
    }
    assert work.key.startswith("example2021kinase-")
    assert "author = {Example, A. and Sample, B.}" in bibtex([work])
    assert ris([work]).startswith("TY  - JOUR\n") and "T2  - Journal of Invented Medicine\n" in ris([work])
    assert "AU  - Example, A." in ris([work]) and "DO  - 10.5555/jim.2021.0042" in ris([work])


def test_others_are_told_in_every_format() -> None:
    works = works_of([Source("x.md", title="T", authors="Example A and 3 others")])
    assert "author = {Example, A and others}" in bibtex(works)
    assert "Further authors: 3 others" in ris(works)
    (item,) = json.loads(csl_json(works))
    assert item["author"] == [{"family": "Example", "given": "A"}] and item["note"] == "Further authors: 3 others"


def test_group_stays_whole_in_bibtex() -> None:
    from pybtex.database import parse_string

    works = works_of([Source("x.md", title="T", authors="Centers for Disease Control and Prevention")])
    (entry,) = parse_string(bibtex(works), "bibtex").entries.values()
    assert len(entry.persons["author"]) == 1


def test_keys_are_unique_and_do_not_hang_on_what_else_is_cited() -> None:
    sources = [
        Source(f"{i}.md", title=f"Same title {i % 3}", authors="A. Example", year=str(2000 + i)) for i in range(9)
    ]
    sources += [Source("a.md", title="Same title", authors="A. Example", year="2021", container=c) for c in "XYZ"]
    works = works_of(sources)
    assert len({work.key for work in works}) == len(works) == 12
    assert [works_of([s])[0].key for s in sources] == [work.key for work in works]


def test_plain_answer() -> None:
    answer = FakeAssistant().ask("EUA dose")
    short, quote, reference = plain_answer(answer).split("\n\n")
    assert short == "4 mg of baricitinib once daily for 14 days [1]"
    assert quote.startswith("“Under the emergency") and quote.endswith("” [1]")
    assert reference == (
        "[1] A. Example, B. Sample. Kinase inhibitors at the bedside: a teaching review. Journal of Invented Medicine, 2021. "
        "Dosing and monitoring, as restated in “Baricitinib: doses and duration”, Emergency use in adults. "
        "https://doi.org/10.5555/jim.2021.0042"
    )
    assert plain_answer(FakeAssistant().ask("what does it cost?")) == ""


def test_reference_of_a_hostile_source_is_one_line() -> None:
    answer = FakeAssistant().ask("payload")
    assert answer.citations[0].doc_id == HOSTILE.doc_id
    assert "\n" not in reference_line(answer.citations[0])
