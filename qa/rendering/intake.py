"""What stands above the list of documents: search, the place where files are dropped, and what becomes of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from qa.rendering.markup import action, escape

State = Literal["waiting", "working", "done", "same", "failed"]


@dataclass(frozen=True, slots=True)
class Job:
    """A change to the documents: `step` says what is being done, `done` of `total` how far that is, `note` how it ended.

    `token` is the browser's name for an upload; `file` is not empty where a failed one can be tried again.
    """

    number: int
    name: str
    state: State = "waiting"
    step: str = ""
    done: int = 0
    total: int = 0
    note: str = ""
    token: str = ""
    file: str = ""


def job_list(jobs: Sequence[Job], stamp: str = "") -> str:
    """The changes under way and those just ended, newest last; `stamp` changes whenever the documents have."""
    busy = sum(job.state in ("waiting", "working") for job in jobs)
    ended = any(job.state in ("done", "same") for job in jobs)
    clear = action("Clear what is done", do="clear") if ended else ""
    rows = "".join(map(_job, jobs))
    body = f'<ul class="vb-jobs" aria-label="Changes under way">{rows}</ul>{clear}' if jobs else ""
    return f'<div class="vb-intake" data-busy="{busy}" data-stamp="{escape(stamp)}">{body}</div>'


def _job(job: Job) -> str:
    name = escape(job.name)
    known = job.state == "working" and job.total > 0
    value = f' value="{job.done}" max="{job.total}"' if known else ""
    bar = f'<progress aria-label="{name}"{value}></progress>' if job.state == "working" else ""
    words = job.note or (
        f"{job.step} {job.done:,} of {job.total:,}" if known and job.total > 1 else job.step or "Waiting"
    )
    buttons = ""
    if job.state == "failed":
        number = str(job.number)
        if job.file:
            buttons = action("Try again", f"Try {job.name} again", do="again", number=number)
        buttons += action("Dismiss", f"Dismiss {job.name}", do="forget", number=number)
    return (
        f'<li class="vb-job vb-is-{job.state}" data-token="{escape(job.token)}"><b><bdi>{name}</bdi></b>'
        f'<span class="vb-stage" role="status">{escape(words)}</span>{bar}<span class="vb-buttons">{buttons}</span></li>'
    )


def library_tools(
    *, changing: bool, kinds: str = "", accept: str = "", file_mb: int = 0, at_once: int = 0, total: str = ""
) -> str:
    """The heading, and where documents can be changed the place where files are dropped and the dialog; drawn once."""
    return (
        f'<div class="vb-adding" data-limit="{file_mb}" data-at-once="{at_once}" data-accept="{escape(accept)}">'
        f"<h2>Documents</h2>{_drop(kinds, accept, file_mb, at_once, total) if changing else ''}"
        f'<ul class="vb-jobs vb-sending" aria-label="Files on their way"></ul>{_DIALOG if changing else ""}</div>'
    )


def library_search() -> str:
    """Search, and the choice of a collection, above the list; drawn once."""
    return (
        '<div class="vb-find"><label class="vb-hidden" for="vb-search">Search the documents</label>'
        '<input type="search" id="vb-search" placeholder="Search title, authors, file or collection" autocomplete="off">'
        '<label class="vb-hidden" for="vb-filter">Collection</label>'
        '<select id="vb-filter" hidden><option value="">All collections</option></select></div>'
    )


def _drop(kinds: str, accept: str, file_mb: int, at_once: int, total: str) -> str:
    return (
        '<div class="vb-drop"><div><p><b>Drop files here</b> or '
        '<button type="button" class="vb-pick" id="vb-choose">choose files</button></p>'
        f"<p>{escape(kinds)}. Up to {file_mb} MB each, {at_once} at once, {escape(total)} in all.</p>"
        "<p>Everybody who can open this page sees, searches and can remove these documents.</p></div>"
        '<label class="vb-into" for="vb-into">Into the collection<input id="vb-into" list="vb-names" maxlength="60"'
        ' placeholder="none" autocomplete="off"></label><datalist id="vb-names"></datalist>'
        f'<input type="file" id="vb-files" multiple accept="{escape(accept)}" hidden aria-label="Files to add"></div>'
    )


_DIALOG = (
    '<dialog class="vb-confirm" id="vb-confirm" aria-labelledby="vb-confirm-title"><h3 id="vb-confirm-title"></h3>'
    '<p class="vb-confirm-text"></p><label class="vb-confirm-name">Collection'
    '<input id="vb-confirm-input" list="vb-names" maxlength="60" placeholder="none" autocomplete="off"></label>'
    '<div class="vb-confirm-buttons"><button type="button" class="vb-quiet" id="vb-confirm-no">Cancel</button>'
    '<button type="button" class="vb-loud" id="vb-confirm-yes"></button></div></dialog>'
)
