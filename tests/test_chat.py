"""The web chat without a browser: what it passes on, refuses and serves."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest
from chat_fake import NOTE, FakeAssistant, make_span
from chat_server import ROOT, running

pytest.importorskip("gradio", reason="gradio is not installed")

import httpx

from qa.chat import Pending
from qa.chat.conversing import FAILED, answer
from qa.chat.sources import open_source
from qa.errors import IndexStateError
from qa.rendering import Place


def data_of(place: Place) -> dict[str, str]:
    """A place as the browser sends it."""
    return {
        "doc": place.doc_id,
        "start": str(place.start),
        "end": str(place.end),
        "quoteStart": str(place.quote_start),
        "quoteEnd": str(place.quote_end),
    }


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with running() as address:
        yield address


def test_answer_or_problem() -> None:
    turn = answer(FakeAssistant(), "EUA dose")
    assert turn.answer is not None and turn.answer.answered and not turn.problem
    turn = answer(FakeAssistant(), " ")
    assert turn.answer is None and "empty" in turn.problem


def test_failure_is_logged_and_told(caplog: pytest.LogCaptureFixture) -> None:
    assert answer(FakeAssistant(), "please break").problem == FAILED
    assert "broken on purpose" in caplog.text


def test_open_source() -> None:
    place = Place.of_span(make_span(NOTE, "The tablet is given together with remdesivir.", "remdesivir"))
    good = data_of(place)
    assert "<mark>remdesivir</mark>" in open_source(FakeAssistant(), good)
    assert "no document" in open_source(FakeAssistant(), {**good, "doc": "../../etc/passwd"})
    assert "not among the documents" in open_source(FakeAssistant(), {**good, "start": "-1"})
    assert "not among the documents" in open_source(FakeAssistant(), {})
    assert "has changed" in open_source(FakeAssistant(), {**good, "quoteEnd": "99999999"})


def test_questions_wait_until_the_assistant_is_open() -> None:
    pending = Pending()
    answers: list[str] = []
    thread = threading.Thread(target=lambda: answers.append(pending.current().ask("EUA dose").short))
    thread.start()
    assert (pending.ready, answers) == (False, [])
    pending.set(FakeAssistant())
    thread.join(5)
    assert answers == ["4 mg of baricitinib once daily for 14 days"]
    assert pending.current().document(NOTE.doc_id) is NOTE


def test_questions_that_wait_hear_why_there_is_no_assistant() -> None:
    pending = Pending()
    pending.fail(IndexStateError("the index is damaged"))
    assert answer(pending, "EUA dose").problem == "the index is damaged"


def test_page_asks_no_other_machine(address: str) -> None:
    response = httpx.get(address)
    assert response.status_code == 200 and "Verbatim" in response.text
    assert "googleapis" not in response.text and "gstatic" not in response.text
    policy = response.headers["content-security-policy"]
    assert "default-src 'self'" in policy and "http" not in policy and "*" not in policy
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["referrer-policy"] == "same-origin"


def test_own_style_and_script_load_nothing_and_inject_no_text() -> None:
    from qa.rendering import script, stylesheet

    assert not re.search(r"url\(|@import|https?:", stylesheet())
    assert not re.search(r"innerHTML|insertAdjacentHTML|document\.write|eval\(|fetch\(|https?:", script())


def test_what_is_not_served(address: str) -> None:
    assert httpx.get(f"{address}/monitoring").status_code in (401, 403, 404)
    for path in ("gradio_api/file=/etc/passwd", "gradio_api/file=app.py", "gradio_api/file=corpus/documents"):
        assert httpx.get(f"{address}/{path}").status_code in (403, 404)
    upload = httpx.post(f"{address}/gradio_api/upload", files={"files": ("a.txt", b"some words")})
    assert upload.status_code in (403, 404, 413)


def test_taken_port_is_told(address: str) -> None:
    port = address.rsplit(":", 1)[1]
    done = subprocess.run(
        [sys.executable, "app.py", "--port", port], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 2 and not done.stdout
    assert f"127.0.0.1:{port}" in done.stderr and "--port" in done.stderr and "Traceback" not in done.stderr
