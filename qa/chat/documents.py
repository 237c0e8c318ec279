"""The view of the documents, beside that of the conversation, and the choice of a collection above the question box."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.utils import get_upload_folder

from qa.chat.answering import Assistants
from qa.chat.events import QUIET
from qa.chat.library import Library
from qa.chat.shelf import listing, stamp, wanted
from qa.chat.sources import open_source
from qa.chat.uploads import MB, Limits
from qa.corpus import SUFFIXES
from qa.errors import VerbatimError
from qa.rendering import Job, failed_library, job_list, library_list, library_search, library_tools, loading_library

logger = logging.getLogger(__name__)

SCOPE = (
    '<div class="vb-scope" hidden><label for="vb-collection">Ask</label>'
    '<select id="vb-collection"><option value="">All documents</option></select></div>'
)


def add_scope() -> gr.HTML:
    """The choice of what a question is put to; its value is the name of a collection, or ""."""
    return gr.HTML(
        "",
        html_template=SCOPE,
        elem_id="vb-scope",
        apply_default_css=False,
        js_on_load="verbatim.scope(element, props);",
    )


def add_documents(assistants: Assistants, library: Library | None, panel: gr.HTML) -> None:
    """Add the view to the page; documents can be changed where there is a library, and `panel` shows what is opened."""
    with gr.Column(elem_id="vb-documents"):
        gr.HTML(
            _tools(library),
            elem_id="vb-library-tools",
            apply_default_css=False,
            js_on_load="verbatim.libraryTools(element);",
        )
        intake = gr.HTML(
            job_list([]),
            elem_id="vb-library-jobs",
            apply_default_css=False,
            js_on_load="verbatim.libraryJobs(element, trigger, watch);  // 'act' 'poll'",
        )
        gr.HTML(
            library_search(),
            elem_id="vb-library-search",
            apply_default_css=False,
            js_on_load="verbatim.librarySearch(element);",
        )
        shelf = gr.HTML(
            loading_library(),
            elem_id="vb-library-list",
            apply_default_css=False,
            js_on_load="verbatim.libraryList(element, trigger, watch);  // 'browse' 'cite'",
        )

    def browse(event: gr.EventData) -> str:
        return show(assistants, library, event._data)

    def poll() -> str:
        return _jobs(assistants, library)

    def act(event: gr.EventData) -> str:
        problem = carry_out(library, event._data)
        return _jobs(assistants, library, problem)

    def cite(event: gr.EventData) -> str:
        return open_source(assistants, event._data)

    shelf.browse(browse, None, [shelf], trigger_mode="always_last", concurrency_id="shelf", **QUIET)
    shelf.cite(cite, None, [panel], **QUIET)
    intake.poll(poll, None, [intake], trigger_mode="once", concurrency_id="shelf", **QUIET)
    if library is not None:
        # One after the other whatever `--concurrency` says, so that the same file is not received twice at a time.
        one = {"trigger_mode": "multiple", "concurrency_id": "library", "concurrency_limit": 1}
        intake.act(act, None, [intake], **one, **QUIET)


def show(assistants: Assistants, library: Library | None, data: Mapping[str, Any]) -> str:
    """The list as the browser wants it, or why there is none."""
    if not assistants.ready:
        return loading_library()
    try:
        assistant = assistants.current()
        if library is None:
            return library_list(listing(assistant, wanted(data)))
        told = {job.file for job in library.jobs()}
        uploads = library.uploads
        return library_list(listing(assistant, wanted(data), changing=True, uploaded=uploads.holds, told=told))
    except VerbatimError as error:
        return failed_library(str(error))
    except Exception:
        logger.exception("the documents cannot be listed")
        return failed_library("The documents cannot be listed. The server's log says why.")


def carry_out(library: Library | None, data: Mapping[str, Any]) -> str:
    """Queue the change that the browser asks for; what is wrong with it, or ""."""
    if library is None:
        return "the documents cannot be changed here: the server is started without --allow-uploads"

    def text(key: str) -> str:
        return str(data.get(key, ""))

    def number(then: Callable[[int], None]) -> None:
        if re.fullmatch(r"\d{1,9}", text("number")):
            then(int(text("number")))

    actions: dict[str, Callable[[], None]] = {
        "take": lambda: _take(library, data),
        "remove": lambda: library.remove(text("doc")),
        "move": lambda: library.move([text("doc")], text("collection")),
        "rename": lambda: library.rename(text("name"), text("collection")),
        "retry": lambda: library.retry(text("file")),
        "dismiss": lambda: library.dismiss(text("file")),
        "again": lambda: number(library.again),
        "forget": lambda: number(library.forget),
        "clear": library.clear,
    }
    try:
        actions.get(text("do"), lambda: None)()
    except VerbatimError as error:
        return str(error)
    except Exception:
        logger.exception("no change for %r", text("do"))
        return "That did not work. The server's log says why."
    return ""


def _take(library: Library, data: Mapping[str, Any]) -> None:
    temporary = received(str(data.get("path", "")))
    name = str(data.get("name", ""))[:1000] or temporary.name
    library.take(temporary, name, token=str(data.get("token", ""))[:40], collection=str(data.get("collection", "")))


def received(path: str) -> Path:
    """The file that Gradio has received under this path; the path itself, which does not exist, for anything else.

    The folder that it stands in is named by the hash of what it holds, so that nobody can name a file that he does not have.
    """
    folder = Path(get_upload_folder()).resolve()
    given = Path(path)
    inside = given.is_absolute() and given.parent.resolve().parent == folder and given.name not in ("", ".", "..")
    if inside and re.fullmatch(r"[0-9a-f]{64}", given.parent.name) and not given.is_symlink():
        return given
    return folder / "nothing" / "received"


def _jobs(assistants: Assistants, library: Library | None, problem: str = "") -> str:
    jobs = library.jobs() if library else []
    if problem:
        jobs = [*jobs, Job(0, "Not done", "failed", note=problem)]
    if not assistants.ready:
        return job_list(jobs)
    try:
        assistant = assistants.current()
    except VerbatimError:
        return job_list(jobs)
    told = "-".join(str(job.number) for job in jobs if job.file)  # the list leaves these out
    return job_list(jobs, f"{stamp(assistant.index)} {told}")


def _tools(library: Library | None) -> str:
    if library is None:
        return library_tools(changing=False)
    limits = Limits()
    return library_tools(
        changing=True,
        kinds=", ".join(dict.fromkeys(SUFFIXES.values())),
        accept=",".join(SUFFIXES),
        file_mb=limits.file // MB,
        at_once=limits.at_once,
        total=f"{limits.quota / 1024**3:g} GB",
    )
