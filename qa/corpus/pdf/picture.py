"""A page of a PDF file as an image, drawn in a process of its own, with the limits of `qa.corpus.child`.

The process opens the file only if it is the version that was indexed, told by the hash of the very bytes that it draws from:
places in one version mean nothing in another. The file that was drawn from last stays open, for its next page.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from qa.corpus.child import MAX_FILE, Child, serve_lines
from qa.corpus.files import thing_at
from qa.corpus.sidecar import sidecar_of
from qa.errors import CorpusError

SECONDS = 6.0
"""Wall clock for one page."""

WIDTH = 1400
"""Pixels across a page, enough for a page that is shown larger than the panel is wide."""

MAX_PIXELS = 4_000_000
MAX_IMAGE = 290_000
"""Bytes of an image; a third more as it is sent."""

_CHANGED = "has changed since it was indexed"


@dataclass(frozen=True, slots=True)
class PagePicture:
    """The image of a page as it is shown: `number` of `count` pages, `width` and `height` in points, `data` in base64."""

    number: int
    count: int
    width: float
    height: float
    mime: str
    data: str


class Painter:
    """Draws pages in a process that stays for the next page; used by one thread at a time, the process sees to that."""

    def __init__(self, *, seconds: float = SECONDS, module: str = "qa.corpus.pdf.picture") -> None:
        self._child = Child(seconds=seconds, module=module, doing="draw")

    def draw(self, path: Path, number: int, *, sha256: str, name: str) -> PagePicture:
        """Page `number`, from 1, of the file with that `content_sha256`.

        Raises CorpusError where it is not that file any more, has no such page or cannot be drawn within the limits.
        """
        reply = self._child.ask({"path": str(path.absolute()), "page": number, "sha256": sha256}, name=name)
        try:
            picture = PagePicture(**json.loads(reply))
        except (ValueError, TypeError) as error:
            raise CorpusError("cannot be drawn: no image came of it", path=name) from error
        return picture

    def close(self) -> None:
        """End the process."""
        self._child.close()


class _Drawing:
    """What the process does: it keeps the document that it drew from last."""

    def __init__(self) -> None:
        self._document: Any = None
        self._version = ("", "", 0, 0)

    def draw(self, request: dict[str, Any]) -> bytes:
        """A line of JSON with the picture that a request asks for."""
        path, name, number = Path(request["path"]), str(request["name"]), int(request["page"])
        document = self._open(path, str(request["sha256"]), name)
        if not 1 <= number <= len(document):
            raise CorpusError(f"has no page {number}", path=name)
        page = document[number - 1]
        try:
            picture = _picture(page, number, len(document), name)
        finally:
            page.close()
        return json.dumps(asdict(picture)).encode() + b"\n"

    def _open(self, path: Path, sha256: str, name: str) -> Any:
        import pypdfium2

        if thing_at(path) != "file":
            raise CorpusError("is not there any more", path=name)
        found = path.stat()
        version = (str(path), sha256, found.st_mtime_ns, found.st_size)
        if self._document is not None and self._version == version:
            return self._document
        if self._document is not None:
            self._document.close()
            self._document = None
        if found.st_size > MAX_FILE:
            raise CorpusError(_CHANGED, path=name)
        data = path.read_bytes()
        if _content_sha256(path, data) != sha256:
            raise CorpusError(_CHANGED, path=name)
        try:
            self._document = pypdfium2.PdfDocument(data)
        except pypdfium2.PdfiumError as error:
            raise CorpusError("is not a PDF file that can be read, or is damaged", path=name) from error
        self._version = version
        return self._document


def _content_sha256(path: Path, data: bytes) -> str:
    """`qa.corpus.content_sha256` of bytes that were read already."""
    digest = hashlib.sha256(data)
    sidecar = sidecar_of(path)
    if thing_at(sidecar) == "file":
        digest.update(sidecar.read_bytes())
    return digest.hexdigest()


def _picture(page: Any, number: int, count: int, name: str) -> PagePicture:
    width, height = page.get_size()
    if not (width > 0 and height > 0):
        raise CorpusError(f"page {number} has no size", path=name)
    scale = min(WIDTH / width, (MAX_PIXELS / (width * height)) ** 0.5)
    if min(width, height) * scale < 1:
        raise CorpusError(f"page {number} is too long and thin to be shown", path=name)
    image = page.render(scale=scale).to_pil().convert("RGB")
    mime, data = _encoded(image)
    return PagePicture(number, count, round(width, 2), round(height, 2), mime, base64.b64encode(data).decode())


def _encoded(image: Any) -> tuple[str, bytes]:
    """The image in the first form that is small enough: few colours without loss for text, else ever coarser ones."""
    out = io.BytesIO()
    if image.getcolors(60_000) is not None:  # text and drawings; a photograph has more
        image.quantize(64, method=2, dither=0).save(out, "png")
        if out.tell() <= MAX_IMAGE:
            return "image/png", out.getvalue()
    for quality, size in ((75, 1.0), (50, 1.0), (40, 0.6), (20, 0.4)):
        out = io.BytesIO()
        smaller = image.resize((max(1, int(image.width * size)), max(1, int(image.height * size))))
        smaller.save(out, "webp", quality=quality, method=2)
        if out.tell() <= MAX_IMAGE:
            break
    return "image/webp", out.getvalue()


if __name__ == "__main__":
    import pypdfium2  # noqa: F401  # before the limit on memory is set
    from PIL import PngImagePlugin, WebPImagePlugin  # noqa: F401

    serve_lines(_Drawing().draw)
