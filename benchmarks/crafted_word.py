"""Word documents."""

# ruff: noqa: E501 (a file a line reads better than a file a paragraph)

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Callable, Mapping

from crafted_markup import ENTITIES
from make_docx import make_package, make_zip, paragraph, row, run, style, table

Files = dict[str, Callable[[], bytes]]


def bodies() -> dict[str, Callable[[], str]]:
    """The XML of bodies."""
    cell = "<w:tc><w:p><w:r><w:t>a</w:t></w:r></w:p></w:tc>"
    return {
        "three million paragraphs": lambda: "<w:p/>" * 3_000_000,
        "paragraphs": lambda: "<w:p><w:r><w:t>a</w:t></w:r></w:p>" * 100_000,
        "paragraphs empty": lambda: "<w:p/>" * 900_000 + paragraph("words"),
        "paragraphs full": lambda: "<w:p><w:r><w:t>words of it</w:t></w:r></w:p>" * 240_000,
        "runs": lambda: "<w:p>" + "<w:r><w:t>a</w:t></w:r>" * 200_000 + "</w:p>",
        "runs raised": lambda: "<w:p>" + (run("word") + run("1", '<w:vertAlign w:val="superscript"/>')) * 30_000 + "</w:p>",
        "text long": lambda: paragraph("word " * 1_500_000),
        "text 9 MB": lambda: paragraph("x" * 9_900_000),
        "text 15 MB": lambda: paragraph("x" * 15_000_000),
        "text 30 MB": lambda: paragraph("words and " * 1000) * 3000,
        "deep": lambda: "<w:ins>" * 5000,
        "deep 240": lambda: "<w:ins>" * 230 + paragraph("words") + "</w:ins>" * 230,
        "deep runs": lambda: "<w:p>" + "<w:smartTag>" * 230 + run("words") + "</w:smartTag>" * 230 + "</w:p>",
        "deep controls": lambda: "<w:sdt><w:sdtContent>" * 110 + paragraph("words") + "</w:sdtContent></w:sdt>" * 110,
        "deep tables": lambda: "<w:tbl><w:tr><w:tc>" * 70 + paragraph("words") + "</w:tc></w:tr></w:tbl>" * 70,
        "deep boxes": lambda: "<w:p><w:r><w:pict><w:txbxContent>" * 55 + paragraph("words") + "</w:txbxContent></w:pict></w:r></w:p>" * 55,
        "choices": lambda: "<mc:AlternateContent><mc:Choice>" * 100 + paragraph("words") + "</mc:Choice></mc:AlternateContent>" * 100,
        "table wide": lambda: f"<w:tbl><w:tr>{cell * 100_000}</w:tr></w:tbl>",
        "table 999": lambda: f"<w:tbl>{f'<w:tr>{cell * 999}</w:tr>' * 100}</w:tbl>",
        "table long": lambda: f"<w:tbl>{f'<w:tr>{cell * 2}</w:tr>' * 60_000}</w:tbl>",
        "table spans": lambda: "<w:tbl>" + '<w:tr><w:tc><w:tcPr><w:gridSpan w:val="1000"/></w:tcPr><w:p/></w:tc></w:tr>' * 3000 + "</w:tbl>",
        "table span huge": lambda: f'<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val="{"9" * 5000}"/></w:tcPr>{paragraph("a")}</w:tc></w:tr></w:tbl>',
        "table span odd": lambda: f'<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val="-3"/><w:vMerge w:val="x"/></w:tcPr>{paragraph("a")}</w:tc></w:tr></w:tbl>',
        "table span digit": lambda: f'<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val="²"/></w:tcPr>{paragraph("a")}</w:tc></w:tr></w:tbl>',
        "table before": lambda: f'<w:tbl><w:tr><w:trPr><w:gridBefore w:val="999999"/><w:gridAfter w:val="-9"/></w:trPr>{cell}</w:tr></w:tbl>',
        "table merges": lambda: "<w:tbl>" + ('<w:tr>' + '<w:tc><w:tcPr><w:vMerge/></w:tcPr><w:p/></w:tc>' * 300 + "</w:tr>") * 300 + "</w:tbl>",
        "table merged words": lambda: table(row(*(["x" * 499] * 20)), *[f'<w:tr>{"<w:tc><w:tcPr><w:vMerge/></w:tcPr><w:p/></w:tc>" * 20}</w:tr>'] * 3000),
        "table header words": lambda: table(row(*(["h" * 20_000] * 50), properties="<w:tblHeader/>"), *[row(*(["1"] * 50))] * 150),
        "tables": lambda: table(row("a", "b")) * 10_000,
        "fields": lambda: "<w:p>" + '<w:r><w:fldChar w:fldCharType="begin"/></w:r>' * 50_000 + run("words") + "</w:p>",
        "fields ends": lambda: "<w:p>" + '<w:r><w:fldChar w:fldCharType="end"/></w:r>' * 50_000 + run("words") + "</w:p>",
        "field codes": lambda: "<w:p>" + '<w:r><w:fldChar w:fldCharType="begin"/></w:r>' + "<w:r><w:instrText>PAGE </w:instrText></w:r>" * 50_000 + "</w:p>" + paragraph("words"),
        "fields over paragraphs": lambda: '<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r></w:p>' * 20_000 + paragraph("words"),
        "headings": lambda: paragraph("Methods", "Heading1") * 30_000,
        "headings long": lambda: (paragraph("name " * 2000, "Heading1") + paragraph("Text.")) * 800,
        "headings levels": lambda: "".join(paragraph("name", properties=f'<w:outlineLvl w:val="{v}"/>') for v in ("-1", "99", "x", "9" * 5000, "²")),
        "captions": lambda: paragraph("Table 1. Doses", "Beschriftung") * 30_000,
        "captions and tables": lambda: (paragraph("Table 1. " + "long " * 5000, "Beschriftung") + table(*[row("a", "b")] * 20)) * 60,
        "references": lambda: paragraph("References", "Heading1") + paragraph("1. Ash A. 2020.") * 40_000,
        "entries dates": lambda: paragraph("References", "Heading1") + paragraph("1" * 500_000),
        "math": lambda: "<w:p><m:oMath>" + "<m:r><m:t>x</m:t></m:r>" * 80_000 + "</m:oMath></w:p>",
        "math deep": lambda: "<w:p><m:oMath>" + "<m:f><m:num>" * 110 + "<m:r><m:t>x</m:t></m:r>" + "</m:num></m:f>" * 110 + "</m:oMath></w:p>",
        "breaks": lambda: "<w:p>" + "<w:r><w:t>a</w:t><w:br/><w:tab/></w:r>" * 60_000 + "</w:p>",
        "symbols": lambda: '<w:p><w:r><w:sym w:font="Symbol" w:char="F0B1"/><w:sym w:char="zz"/><w:sym w:char="110000"/><w:sym w:char="D800"/><w:sym w:char="-1"/><w:sym/></w:r>' + run("words") + "</w:p>",
        "controls": lambda: paragraph("words &#x1F600; &#xFFFD;"),
        "deleted": lambda: "<w:p>" + "<w:del><w:r><w:delText>a</w:delText></w:r></w:del>" * 60_000 + run("words") + "</w:p>",
        "spaces": lambda: paragraph("a" + " " * 5_000_000 + "b"),
        "soft hyphens": lambda: paragraph("a\u00ad" * 300_000),
        "brackets": lambda: paragraph("[" * 300_000),
        "attributes": lambda: "<w:p " + " ".join(f'w:a{i}="b"' for i in range(60_000)) + "/>" + paragraph("words"),
        "no body": lambda: "",
        "alt chunk": lambda: '<w:altChunk r:id="x" xmlns:r="y"/>' + paragraph("words"),
    }  # fmt: skip


def word_files() -> Files:
    files: Files = {name: lambda make=make: make_package(make()) for name, make in bodies().items()}  # type: ignore[misc]
    files |= {f"stored {name}": lambda make=make: stored(make_package(make())) for name, make in bodies().items()}  # type: ignore[misc]
    files |= {
        name: lambda head=head: make_package(paragraph("&l9; words"), head=head) for name, head in ENTITIES.items()
    }  # type: ignore[misc]
    words = paragraph("words of it")
    styles: Mapping[str, str] = {
        "style circle": style("A", "a", based="B") + style("B", "b", based="A"),
        "style self": style("A", "a", based="A"),
        "style chain": "".join(style(f"S{i}", f"s{i}", based=f"S{i + 1}") for i in range(20_000)),
        "styles many": style("A", "a") * 50_000,
        "styles names": style("A", "heading 99999999999999999999") + style("B", "heading " + "9" * 5000),
    }
    files |= {
        name: lambda xml=xml: make_package("".join(paragraph("words", s) for s in ("A", "B", "S0")), styles=xml)  # type: ignore[misc]
        for name, xml in styles.items()
    }
    flat = (
        b'<?xml version="1.0"?><w:document xmlns:w="x"><w:body><w:p><w:r><w:t>a</w:t></w:r></w:p></w:body></w:document>'
    )
    sound = make_package(words)
    files |= {
        "zip bomb": lambda: make_package(words, extra={"word/media/x.bin": b"\0" * 190_000_000}),
        "zip bomb document": lambda: make_package(f"<!--{' ' * 49_000_000}-->" + words),
        "zip bomb styles": lambda: make_package(words, styles=" " * 45_000_000),
        "zip bomb quiet": lambda: make_package(words, styles="".join(f"<w:x{i}/>" for i in range(900_000))),
        "zip entries": lambda: make_package(words, extra={f"x/{i}": b"" for i in range(3000)}),
        "zip entries 60000": lambda: make_zip({f"x/{i}": b"" for i in range(60_000)}),
        "zip dots": lambda: make_package(words, extra={"../../etc/passwd": b"x"}),
        "zip absolute": lambda: make_package(words, extra={"/etc/passwd": b"x"}),
        "zip drive": lambda: make_package(words, extra={"C:\\x": b"x"}),
        "zip names": lambda: make_package(words, extra={"\ud800".encode("utf-8", "replace").decode(): b"x", "a" * 60_000: b""}),
        "zip case": lambda: make_package(words, extra={"WORD/document.xml": flat}),
        "zip twice": lambda: sound + sound,
        "zip before": lambda: b"PK\x03\x04" + b"x" * 5000 + sound,
        "zip comment": lambda: sound[:-2] + b"\xff\xff" + b"x" * 65_535,
        "zip empty": lambda: make_zip({}),
        "zip other": lambda: make_zip({"a.txt": b"words"}),
        "zip flags": lambda: sound.replace(b"PK\x01\x02\x14\x03\x14\0\0\0", b"PK\x01\x02\x14\x03\x14\0\1\0"),
        "zip method": lambda: sound.replace(b"\x08\0", b"\x63\0"),
        "zip lzma": lambda: _packed(zipfile.ZIP_LZMA, b"x" * 30_000_000),
        "zip bzip2": lambda: _packed(zipfile.ZIP_BZIP2, b"x" * 30_000_000),
        "zip crc": lambda: sound.replace(b"words", b"other"),
        "zip sizes": lambda: _sizes(sound, b"\xff\xff\xff\x7f"),
        "zip sizes zero": lambda: _sizes(sound, b"\0\0\0\0"),
        "zip overlap": _overlap,
        "zip truncated": lambda: sound[:-40],
        "zip half": lambda: sound[: len(sound) // 2],
        "relations out": lambda: make_package(words, relations='<Relationship Id="z" Type="x/styles" Target="../../../etc/passwd"/>'),
        "relations external": lambda: make_package(words, relations='<Relationship Id="z" Type="x/styles" TargetMode="External" Target="http://127.0.0.1:9/"/>'),
        "relations self": lambda: make_package(words, relations='<Relationship Id="z" Type="x/styles" Target="document.xml"/>'),
        "relations many": lambda: make_package(words, relations='<Relationship Id="z" Type="x/y" Target="z"/>' * 100_000),
        "encoding": lambda: make_package(words, head='<?xml version="1.0" encoding="utf-16"?>'),
        "utf16 doctype": lambda: make_package(words, extra={"word/styles2.xml": b"x"}, head='<?xml version="1.0" encoding="utf-7"?>'),
        "flat": lambda: flat,
        "rtf": lambda: b"{\\rtf1 words}",
        "noise part": lambda: _with_part("word/document.xml", random.Random(1).randbytes(9000)),
        "core noise": lambda: make_package(words, title="x" * 3_000_000, creator="; ".join(["A"] * 200_000)),
        "core bad": lambda: _with_part("docProps/core.xml", b"<a"),
        "encrypted": lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 900 + "EncryptedPackage".encode("utf-16-le"),
        "doc": lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 900 + "WordDocument".encode("utf-16-le"),
        "xlsx": lambda: make_zip({"_rels/.rels": b"<R><x Type='a/officeDocument' Target='xl/workbook.xml'/></R>", "xl/workbook.xml": b"<workbook/>"}),
        "odt": lambda: make_zip({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b"<a/>"}),
    }  # fmt: skip
    return files


def stored(data: bytes) -> bytes:
    """The archive without packing, so that no limit on how densely it is packed stands in the way of the others."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(out, "w") as plain:
        for name in archive.namelist():
            plain.writestr(name, archive.read(name))
    return out.getvalue()


def _with_part(name: str, data: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(make_package(paragraph("words")))) as archive:
        parts = {entry: archive.read(entry) for entry in archive.namelist()}
    return make_zip({**parts, name: data})


def _packed(method: int, data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.writestr("_rels/.rels", "<R/>")
        archive.writestr("word/document.xml", data)
    return out.getvalue()


def _sizes(data: bytes, size: bytes) -> bytes:
    """The sizes that the central directory states, changed."""
    changed, at = bytearray(data), 0
    while (at := changed.find(b"PK\x01\x02", at)) >= 0:
        changed[at + 24 : at + 28] = size
        at += 4
    return bytes(changed)


def _overlap() -> bytes:
    """Many entries of the directory that share one packed part."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"x" * 9_000_000)
        first = archive.infolist()[0]
        for i in range(1500):
            copy = zipfile.ZipInfo(f"x{i}")
            for key in ("compress_type", "CRC", "compress_size", "file_size", "header_offset", "flag_bits"):
                setattr(copy, key, getattr(first, key))
            archive.filelist.append(copy)
    return out.getvalue()
