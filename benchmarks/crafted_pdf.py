"""PDF files written by hand: pages in circles, streams that unpack to much, numbers beyond all sizes."""

# ruff: noqa: E501 (a file a line reads better than a file a paragraph)

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Callable, Sequence

from make_markup import CAFE
from make_pdf import make_canvas, make_encrypted, make_paper, make_scan

Files = dict[str, Callable[[], bytes]]
FONT = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"
WORDS = b"BT /F1 12 Tf 72 700 Td (The dose is 4 mg a day.) Tj ET "
CATALOG = b"<</Type/Catalog/Pages 2 0 R>>"
PAGES = b"<</Type/Pages/Kids[3 0 R]/Count 1>>"


def file(objects: Sequence[bytes], trailer: bytes = b"", *, xref: bool = True) -> bytes:
    """The objects numbered from 1, the first the catalog."""
    out, places = bytearray(b"%PDF-1.7\n"), []
    for number, thing in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, thing)
    at = len(out)
    if xref:
        out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
        out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, trailer, at)
    return bytes(out)


def stream(data: bytes, extra: bytes = b"") -> bytes:
    return b"<<%s/Length %d>>stream\n%s\nendstream" % (extra, len(data), data)


def page(content: bytes, *more: bytes, box: bytes = b"[0 0 612 792]", extra: bytes = b"", font: bytes = FONT) -> bytes:
    """One page; `content` is its stream object, `more` stand behind the font from object 6 on."""
    leaf = b"<</Type/Page/Parent 2 0 R/MediaBox%s/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>%s>>>>" % (box, extra)
    return file([CATALOG, PAGES, leaf, content, font, *more])


def words(data: bytes, **extra: bytes) -> bytes:
    return page(stream(data), **extra)


def bomb(unit: bytes, megabytes: int, layers: int = 1) -> bytes:
    """A page whose content unpacks to so much."""
    packer = zlib.compressobj(9)
    block = unit * (2**20 // len(unit))
    data = b"".join(packer.compress(block) for _ in range(megabytes)) + packer.flush()
    for _ in range(layers - 1):
        data = zlib.compress(data, 9)
    return page(stream(data, b"/Filter[%s]" % (b"/FlateDecode" * layers)))


def _trees() -> Files:
    """Trees of pages, objects and references."""
    leaf = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>"
    content = stream(WORDS)
    return {
        "tree circle": lambda: file([CATALOG, b"<</Type/Pages/Kids[2 0 R 2 0 R]/Count 9>>"]),
        "tree circle two": lambda: file([CATALOG, b"<</Type/Pages/Kids[3 0 R]/Count 2>>", b"<</Type/Pages/Kids[2 0 R]/Parent 2 0 R/Count 2>>"]),
        "tree parent": lambda: file([CATALOG, PAGES, b"<</Type/Page/Parent 3 0 R/Contents 4 0 R>>", content, FONT]),
        "tree count": lambda: file([CATALOG, b"<</Type/Pages/Kids[3 0 R]/Count 2147483647>>", leaf, content, FONT]),
        "tree count 1999": lambda: file([CATALOG, b"<</Type/Pages/Kids[3 0 R]/Count 1999>>", leaf, content, FONT]),
        "tree negative": lambda: file([CATALOG, b"<</Type/Pages/Kids[3 0 R]/Count -5>>", leaf, content, FONT]),
        "tree same page 500": lambda: file([CATALOG, b"<</Type/Pages/Kids[%s]/Count 500>>" % (b"3 0 R " * 500), leaf, content, FONT]),
        "tree same page 1900": lambda: file([CATALOG, b"<</Type/Pages/Kids[%s]/Count 1900>>" % (b"3 0 R " * 1900), leaf, stream(WORDS * 20), FONT]),
        "tree same page big": lambda: file([CATALOG, b"<</Type/Pages/Kids[%s]/Count 500>>" % (b"3 0 R " * 500), leaf, stream(zlib.compress(WORDS * 2000), b"/Filter/FlateDecode"), FONT]),
        "tree same page heavy": lambda: file([CATALOG, b"<</Type/Pages/Kids[%s]/Count 500>>" % (b"3 0 R " * 500), leaf, stream(zlib.compress(b"q Q " * 500_000), b"/Filter/FlateDecode"), FONT]),
        "tree many": lambda: file([CATALOG, b"<</Type/Pages/Kids[%s]/Count 99999>>" % (b"3 0 R " * 99_999), leaf, content, FONT]),
        "tree deep": lambda: file([CATALOG, *(b"<</Type/Pages/Kids[%d 0 R]/Count 1>>" % (i + 3) for i in range(20_000)), leaf]),
        "tree wide deep": lambda: file([CATALOG, *(b"<</Type/Pages/Kids[%s]/Count 1000>>" % (b"%d 0 R " % (i + 3) * 10) for i in range(12)), leaf, content, FONT]),
        "pages none": lambda: file([b"<</Type/Catalog>>"]),
        "pages null": lambda: file([CATALOG, b"null"]),
        "pages number": lambda: file([CATALOG, b"5"]),
        "kids null": lambda: file([CATALOG, b"<</Type/Pages/Kids[null 9 0 R 5]/Count 3>>"]),
        "root circle": lambda: file([b"1 0 R"]),
        "root stream": lambda: file([stream(b"x")]),
        "length circle": lambda: file([CATALOG, PAGES, leaf, b"<</Length 4 0 R>>stream\n" + WORDS + b"\nendstream", FONT]),
        "length wrong": lambda: file([CATALOG, PAGES, leaf, b"<</Length 99999999>>stream\n" + WORDS + b"\nendstream", FONT]),
        "length negative": lambda: file([CATALOG, PAGES, leaf, b"<</Length -1>>stream\n" + WORDS + b"\nendstream", FONT]),
        "contents circle": lambda: file([CATALOG, PAGES, leaf, b"[4 0 R 4 0 R]", FONT]),
        "contents many": lambda: file([CATALOG, PAGES, leaf, b"[%s]" % (b"6 0 R " * 20_000), FONT, content]),
        "contents many big": lambda: file([CATALOG, PAGES, leaf, b"[%s]" % (b"6 0 R " * 3000), FONT, stream(zlib.compress(b"q Q " * 250_000), b"/Filter/FlateDecode")]),
        "arrays deep": lambda: file([CATALOG, PAGES, leaf, b"[" * 100_000, FONT]),
        "names deep": lambda: file([CATALOG, PAGES, b"<</A" * 100_000, content, FONT]),
        "no xref": lambda: file([CATALOG, PAGES, leaf, content, FONT], xref=False),
        "xref circle": lambda: file([CATALOG, PAGES, leaf, content, FONT], b"/Prev 9"),
        "xref self": lambda: _xref_self(file([CATALOG, PAGES, leaf, content, FONT])),
        "xref huge": lambda: file([CATALOG, PAGES, leaf, content, FONT]).replace(b"xref\n0 6", b"xref\n0 999999999"),
        "size huge": lambda: file([CATALOG, PAGES, leaf, content, FONT]).replace(b"/Size 6", b"/Size 99999999999"),
        "objects many": lambda: file([CATALOG, PAGES, leaf, content, FONT, *[b"null"] * 200_000]),
        "object streams": _object_streams,
        "object stream big": lambda: _object_stream(2_000_000),
        "encrypt odd": lambda: file([CATALOG, PAGES, leaf, content, FONT], b"/Encrypt<</Filter/Standard/V 9/R 99/O()/U()/P 0>>"),
        "encrypt": lambda: make_encrypted([CAFE]),
        "outlines circle": lambda: file([CATALOG[:-2] + b"/Outlines 6 0 R>>", PAGES, leaf, content, FONT, b"<</First 6 0 R/Next 6 0 R/Last 6 0 R>>"]),
        "script": lambda: file([CATALOG[:-2] + b"/OpenAction<</S/JavaScript/JS(while(1){})>>>>", PAGES, leaf, content, FONT]),
        "launch": lambda: file([CATALOG[:-2] + b"/OpenAction<</S/Launch/F(/bin/sh)>>>>", PAGES, leaf, content, FONT]),
        "info": lambda: _info(b"(" + b"x" * 5_000_000 + b")"),
        "info utf16": lambda: _info(b"<feffd800>"),
        "info utf16 odd": lambda: _info(b"<feff00>"),
        "info utf16 pair": lambda: _info(b"<feffdc00d80000410042>"),
        "info circle": lambda: _info(b"6 0 R"),
        "info name": lambda: _info(b"/Name"),
        "info controls": lambda: _info(b"(\\000\\001\\033[31m title of it)"),
    }  # fmt: skip


def _info(title: bytes) -> bytes:
    leaf = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>"
    return file(
        [CATALOG, PAGES, leaf, stream(WORDS), FONT, b"<</Title %s/Author %s>>" % (title, title)], b"/Info 6 0 R"
    )


def _xref_self(data: bytes) -> bytes:
    at = data.rfind(b"xref\n0 ")
    return data.replace(b"/Root", b"/Prev %d/Root" % at)


def _object_stream(size: int) -> bytes:
    inner = zlib.compress(b"6 0 " + b"[" * size, 9)
    return page(stream(WORDS), stream(inner, b"/Type/ObjStm/N 1/First 4/Filter/FlateDecode"))


def _object_streams() -> bytes:
    """Object streams that say of each other that they stand in them, and a table of references that says so too."""
    objects = [
        CATALOG,
        stream(b"3 0 <<>>", b"/Type/ObjStm/N 1/First 4/Extends 3 0 R"),
        stream(b"2 0 <<>>", b"/Type/ObjStm/N 1/First 4/Extends 2 0 R"),
    ]
    out, places = bytearray(b"%PDF-1.7\n"), [0]
    for number, thing in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, thing)
    rows = (
        struct.pack(">BIB", 0, 0, 0)
        + struct.pack(">BIB", 2, 2, 0)
        + struct.pack(">BIB", 2, 3, 0)
        + struct.pack(">BIB", 2, 2, 0)
    )
    at = len(out)
    out += (
        b"4 0 obj\n" + stream(rows, b"/Type/XRef/Size 4/W[1 4 1]/Root 1 0 R") + b"\nendobj\nstartxref\n%d\n%%%%EOF" % at
    )
    return bytes(out)


def _contents() -> Files:
    """What pages hold."""
    line = b"BT /F1 %s Tf %s %s Td (The dose is 4 mg a day.) Tj ET "
    rng = random.Random(5)
    scattered = b"".join(
        b"BT /F1 %d Tf %d %d Td (a%d) Tj ET " % (rng.randint(1, 30), rng.randint(0, 600), rng.randint(0, 780), i)
        for i in range(9000)
    )
    form = stream(
        b"/X Do /X Do " + WORDS,
        b"/Type/XObject/Subtype/Form/BBox[0 0 600 800]/Resources<</Font<</F1 5 0 R>>/XObject<</X 6 0 R>>>>",
    )
    forms = [
        stream(
            b"/X Do " * 10, b"/Type/XObject/Subtype/Form/BBox[0 0 600 800]/Resources<</XObject<</X %d 0 R>>>>" % (7 + i)
        )
        for i in range(9)
    ]
    last = stream(WORDS, b"/Type/XObject/Subtype/Form/BBox[0 0 600 800]/Resources<</Font<</F1 5 0 R>>>>")
    cmap = b"1 begincodespacerange <00> <ff> endcodespacerange 1 beginbfrange <00> <ff> %s endbfrange"
    files: Files = {
        "flate 600 MB": lambda: bomb(b"0 ", 600),
        "flate 614 MB twice": lambda: bomb(b"0 ", 614, 2),
        "flate 2 GB thrice": lambda: bomb(b"q Q ", 2000, 3),
        "flate 400 MB": lambda: bomb(b"q Q ", 400),
        "flate 60 MB": lambda: bomb(b"0 0 m 1 1 l S ", 60),
        "flate 100 MB words": lambda: bomb(WORDS, 100),
        "flate 20 MB spaces": lambda: bomb(b"BT ET ", 20),
        "flate saves": lambda: bomb(b"q ", 30),
        "flate brackets": lambda: bomb(b"[", 30),
        "flate dictionaries": lambda: bomb(b"<<", 10),
        "flate pictures": lambda: bomb(b"BI /W 9999 /H 9999 ID x EI ", 5),
        "flate noise": lambda: page(stream(rng.randbytes(9000), b"/Filter/FlateDecode")),
        "filters": lambda: page(stream(b"x" * 9000, b"/Filter[%s]" % (b"/ASCIIHexDecode" * 2000))),
        "filter run length": lambda: page(stream(b"\x81 " * 500_000, b"/Filter[/RunLengthDecode/RunLengthDecode]")),
        "filter lzw": lambda: page(stream(rng.randbytes(500_000), b"/Filter/LZWDecode")),
        "filter predictor": lambda: page(stream(zlib.compress(b"x" * 99_999), b"/Filter/FlateDecode/DecodeParms<</Predictor 15/Columns 2147483647/Colors 99/BitsPerComponent 64>>")),
        "filter jbig2": lambda: page(stream(rng.randbytes(9000), b"/Filter/JBIG2Decode")),
        "form circle": lambda: page(stream(b"/X Do"), form, extra=b"/XObject<</X 6 0 R>>"),
        "forms 10 to the 9": lambda: page(stream(b"/X Do"), *forms, last, extra=b"/XObject<</X 6 0 R>>"),
        "picture huge": lambda: page(stream(b"/X Do " + WORDS), stream(b"x", b"/Type/XObject/Subtype/Image/Width 99999/Height 99999/BitsPerComponent 8/ColorSpace/DeviceRGB"), extra=b"/XObject<</X 6 0 R>>"),
        "scan": make_scan,
        "characters 59000": lambda: words(b"BT /F1 1 Tf 1 1 Td " + b"(aaaaaaaaa ) Tj " * 5900 + b"ET"),
        "characters apart": lambda: words(b"BT /F1 1 Tf 1 1 Td " + b"(a) Tj 5 0 Td " * 50_000 + b"ET"),
        "characters 70000": lambda: words(b"BT /F1 1 Tf 1 1 Td " + b"(aaaaaaaaa ) Tj " * 7000 + b"ET"),
        "characters million": lambda: words(b"BT /F1 1 Tf 1 1 Td " + b"(aaaaaaaaa ) Tj " * 100_000 + b"ET"),
        "string long": lambda: words(b"BT /F1 1 Tf 1 1 Td (" + b"a" * 59_000 + b") Tj ET"),
        "one place": lambda: words(b"BT /F1 9 Tf 99 99 Td " + b"(a b) Tj 0 0 Td " * 15_000 + b"ET"),
        "scattered": lambda: words(scattered),
        "columns many": lambda: words(b"".join(line % (b"4", b"%d" % (i % 60 * 10), b"%d" % (i // 60 * 5)) for i in range(2000))),
        "grid": lambda: words(b"".join(b"BT /F1 3 Tf %d %d Td (%d) Tj ET " % (i % 100 * 6, i // 100 * 6, i) for i in range(12_000))),
        "rules": lambda: words(b"".join(b"%d %d m %d %d l S " % (i % 600, 0, i % 600, 790) for i in range(5000)) + WORDS),
        "rules grid": lambda: words(b"".join(b"%f 0 m %f 790 l S 0 %f m 610 %f l S " % (i / 4, i / 4, i / 3, i / 3) for i in range(2000)) + scattered[:90_000]),
        "rectangles": lambda: words(b"".join(b"%d %d 9 9 re S " % (i % 60 * 10, i // 60 * 10) for i in range(4000)) + scattered[:200_000]),
        "rectangles table": lambda: words(b"".join(b"%d %d 10 10 re S BT /F1 4 Tf %d %d Td (a) Tj ET " % (i % 60 * 10, i // 60 * 10, i % 60 * 10 + 2, i // 60 * 10 + 2) for i in range(3900))),
        "paths long": lambda: words(b"0 0 m " + b"1 1 l " * 500_000 + b"S " + WORDS),
        "paths many": lambda: words(b"0 0 m 9 9 l S " * 200_000 + WORDS),
        "clips": lambda: words(b"q 0 0 9 9 re W n " * 20_000 + WORDS),
        "matrix": lambda: words(b"1e30 0 0 1e30 0 0 cm " + WORDS),
        "matrix zero": lambda: words(b"0 0 0 0 0 0 cm " + WORDS),
        "matrix odd": lambda: words(b"1e-30 nan inf -1e38 9e99 0 cm " + WORDS),
        "spacing": lambda: words(b"BT /F1 12 Tf 9e9 Tc -9e9 Tw 0 Tz 72 700 Td (The dose is 4 mg.) Tj ET"),
        "directions": lambda: words(b"".join(b"BT /F1 9 Tf %s 300 400 Tm (words here) Tj ET " % m for m in (b"1 0 0 1", b"0 1 -1 0", b"-1 0 0 -1", b"0 -1 1 0", b".7 .7 -.7 .7", b"1 0 0 -1"))),
        "marked": lambda: words(b"/P <</ActualText(x)>> BDC " * 20_000 + WORDS),
        "font none": lambda: words(WORDS, font=b"null"),
        "font self": lambda: words(WORDS, font=b"<</Type/Font/Subtype/Type0/BaseFont/X/Encoding/Identity-H/DescendantFonts[5 0 R]>>"),
        "font type 3": lambda: words(WORDS, font=b"<</Type/Font/Subtype/Type3/FontBBox[0 0 9 9]/FontMatrix[1 0 0 1 0 0]/CharProcs<</a 4 0 R>>/Encoding<</Differences[84/a]>>/FirstChar 84/LastChar 84/Widths[9]/Resources<</Font<</F1 5 0 R>>>>>>"),
        "font widths": lambda: words(WORDS, font=b"<</Type/Font/Subtype/TrueType/BaseFont/X/FirstChar -9/LastChar 2147483647/Widths[1e30 nan -5]>>"),
        "font name": lambda: words(WORDS, font=b"<</Type/Font/Subtype/Type1/BaseFont/%s>>" % (b"A" * 100_000)),
        "font file": lambda: page(stream(WORDS), b"<</Type/FontDescriptor/FontFile2 7 0 R>>", stream(rng.randbytes(50_000)), font=b"<</Type/Font/Subtype/TrueType/BaseFont/X/FontDescriptor 6 0 R>>"),
        "font map huge": lambda: page(stream(WORDS), stream(cmap % b"<0041>" + b" <00> <ff> <0041>" * 200_000), font=FONT[:-2] + b"/ToUnicode 6 0 R>>"),
        "font map surrogates": lambda: page(stream(WORDS), stream(cmap % b"<d800>"), font=FONT[:-2] + b"/ToUnicode 6 0 R>>"),
        "font map long": lambda: page(stream(WORDS), stream(cmap % (b"<" + b"0041" * 20_000 + b">")), font=FONT[:-2] + b"/ToUnicode 6 0 R>>"),
        "font map controls": lambda: page(stream(WORDS), stream(cmap % b"<0000>"), font=FONT[:-2] + b"/ToUnicode 6 0 R>>"),
        "font map pipes": lambda: page(stream(WORDS), stream(cmap % b"<0020>"), font=FONT[:-2] + b"/ToUnicode 6 0 R>>"),
        "two notes": lambda: make_paper([CAFE, CAFE]),
        "page large": lambda: make_canvas(lambda c: c.drawString(9, 9, "words of it"), size=(1e6, 1e6)),
        "pages 1500": lambda: make_canvas(*[lambda c: c.drawString(72, 700, "The dose is 4 mg of it a day in adults.")] * 1500),
        "pages words": lambda: _many_words(250, 480),
        "pages words more": lambda: _many_words(1500, 480),
    }  # fmt: skip
    for size in (b"0", b"-5", b"0.0001", b"5", b"99", b"9999", b"1e30", b"nan", b"999999999999"):
        files[f"size {size.decode()}"] = lambda size=size: words(line % (size, b"72", b"700"))  # type: ignore[misc]
    boxes = (b"[0 0 0 0]", b"[0 0 1e30 1e30]", b"[612 792 0 0]", b"[-1e9 -1e9 1e9 1e9]", b"[nan nan nan nan]", b"[0 0]", b"null", b"3 0 R", b"[0 0 1 1]", b"[0 0 612 0]", b"[3e38 3e38 -3e38 -3e38]", b"[(a) /b null 4 0 R]")  # fmt: skip
    for i, box in enumerate(boxes):
        files[f"box {i}"] = lambda box=box: words(WORDS, box=box)  # type: ignore[misc]
        files[f"crop {i}"] = lambda box=box: words(WORDS, box=b"[0 0 612 792]/CropBox" + box)  # type: ignore[misc]
    for i, turn in enumerate((b"90", b"45", b"-90", b"99999999999", b"1e9", b"/a", b"3 0 R")):
        files[f"turn {i}"] = lambda turn=turn: words(WORDS, box=b"[0 0 612 792]/Rotate " + turn)  # type: ignore[misc]
        files[f"unit {i}"] = lambda turn=turn: words(WORDS, box=b"[0 0 612 792]/UserUnit " + turn)  # type: ignore[misc]
    return files


def _many_words(pages: int, lines: int) -> bytes:
    """Pages full of short words, all of one content."""
    leaf = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>"
    content = b"".join(b"BT /F1 1.4 Tf 9 %.2f Td (%s) Tj ET " % (780 - i * 1.6, b"a b1 " * 10) for i in range(lines))
    kids = b"<</Type/Pages/Kids[%s]/Count %d>>" % (b"3 0 R " * pages, pages)
    return file([CATALOG, kids, leaf, stream(zlib.compress(content), b"/Filter/FlateDecode"), FONT])


def pdf_files() -> Files:
    sound = make_paper([CAFE])
    files = _trees() | _contents()
    for i in range(1, 12):
        files[f"truncated {i}"] = lambda i=i: sound[: len(sound) * i // 12]  # type: ignore[misc]
    files["tail only"] = lambda: sound[len(sound) // 2 :]
    files["twice"] = lambda: sound + sound
    files["noise before"] = lambda: b"x" * 900 + sound
    files["noise far before"] = lambda: b"x" * 90_000 + sound
    files["html before"] = lambda: b"<html>404</html>\n" + sound
    files["crlf"] = lambda: sound.replace(b"\n", b"\r\n")
    files["version"] = lambda: b"%PDF-9.9" + sound[8:]
    return files
