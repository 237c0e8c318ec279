"""The quiet row under an answer: is it right, copy it, a link to it; and what one chooses from to say what is right."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode

from qa.rendering.answer import ABSTENTION, understood_otherwise
from qa.rendering.markup import escape, trail
from qa.schema import Answer, Passage

CHOICES = 6
"""Passages to choose the right one from."""


def actions(number: int, answer: Answer, collection: str = "") -> str:
    """The row under the answer of turn `number`; the script acts on it, and shows there what came of it."""
    from qa.references import plain_answer

    copied = plain_answer(answer) or f"{answer.question.strip()}\n{ABSTENTION}"
    link = link_to(answer, collection)
    return (
        f'<div class="vb-actions" role="group" aria-label="This answer" data-turn="{number}">'
        f'{_thumb("up", "Right")}{_thumb("down", "Wrong")}<span class="vb-gap"></span>'
        f'<button type="button" class="vb-act" data-act="copy" data-text="{escape(copied)}">{_icon("copy")}Copy</button>'
        f'<a class="vb-act" data-act="link" href="{escape(link)}">{_icon("link")}Link</a></div>'
        f'<p class="vb-said" role="status"></p><template class="vb-choices-of">{"".join(_choices(answer))}</template>'
    )


def link_to(answer: Answer, collection: str = "") -> str:
    """What asks the question again when it is opened: a follow-up as it was understood, so that it stands alone.

    Relative to the page, which may lie under any path.
    """
    asked = {"q": answer.query if understood_otherwise(answer) else answer.question.strip()}
    return "?" + urlencode(asked | ({"collection": collection} if collection else {}))


def _thumb(verdict: str, label: str) -> str:
    return (
        f'<button type="button" class="vb-act vb-judge" data-act="{verdict}" aria-pressed="false">'
        f"{_icon(verdict)}{label}</button>"
    )


def _icon(name: str) -> str:
    return f'<i class="vb-icon vb-icon-{name}" aria-hidden="true"></i>'


def _choices(answer: Answer) -> Iterator[str]:
    """The passages that came nearest, each with a button that names it as the right one."""
    for passage in choices_of(answer):
        title = passage.title or passage.doc_id
        heading = trail(passage.section, passage.title)
        where = f"<b>{escape(title)}</b>" + (f" · {escape(heading)}" if heading else "")
        place = f'data-doc="{escape(passage.doc_id)}" data-start="{passage.start}" data-end="{passage.end}"'
        yield (
            f'<li><p class="vb-choice" tabindex="0">{escape(passage.text.strip("| "))}</p><p class="vb-choice-from">{where}</p>'
            f'<button type="button" class="vb-act vb-choose" data-act="passage" {place}>This is the right passage</button></li>'
        )


def choices_of(answer: Answer) -> list[Passage]:
    """The hits, best first, then what else was quoted, each passage once."""
    spans = (*answer.spans, *answer.others, *answer.candidates)
    passages = [hit.passage for hit in answer.hits] + [span.passage for span in spans]
    return list({passage.passage_id: passage for passage in passages}.values())[:CHOICES]


EXPORT = (
    '<details class="vb-export"><summary>Export</summary><div class="vb-menu" role="group" aria-label="Export">'
    '<p>This conversation</p><button type="button" data-export="markdown">Markdown</button>'
    '<p>Its references</p><button type="button" data-export="bibtex">BibTeX</button>'
    '<button type="button" data-export="ris">RIS</button><button type="button" data-export="csl">CSL-JSON</button></div>'
    "</details>"
    '<span class="vb-exported" role="status"></span>'
)
"""The menu that takes the conversation along."""

JUDGING = (
    '<button type="button" class="vb-use" hidden><b>Use the selected words as the right answer</b><span></span></button>'
    '<dialog class="vb-dialog" aria-labelledby="vb-dialog-title">'
    '<header><h2 id="vb-dialog-title">What would be right?</h2>'
    '<button type="button" class="vb-act vb-dismiss" data-act="close" aria-label="Close">&times;</button></header>'
    '<p class="vb-dialog-question"></p><p class="vb-dialog-said" role="status"></p>'
    '<div class="vb-dialog-body"><p class="vb-hint">Choose the passage that answers, or open a source beside the chat and '
    "select the words in it.</p>"
    '<label for="vb-words">The words that answer, as they stand in the passage (if you like)</label>'
    '<input id="vb-words" type="text" maxlength="600" autocomplete="off">'
    '<ol class="vb-choices"></ol>'
    '<button type="button" class="vb-act vb-choose" data-act="none">The documents do not answer this</button>'
    '<label for="vb-comment">Comment (if you like)</label><textarea id="vb-comment" rows="2" maxlength="1000"></textarea>'
    '<button type="button" class="vb-act vb-choose" data-act="comment">Send the comment</button>'
    '<p class="vb-hint">Feedback is kept on this server, with the question and the answer.</p></div></dialog>'
)
"""What is shown to say what would be right: over the page, or where words of a source are selected."""


def outcome(kind: str, **data: object) -> str:
    """What an event tells the script: nothing that is shown by itself."""
    attributes = "".join(f' data-{key}="{escape(str(value))}"' for key, value in data.items())
    return f'<div class="vb-outcome" data-kind="{escape(kind)}"{attributes}></div>'
