"""The web chat: a Gradio page over an assistant, and the server that shows it.

`answering` is what the chat needs of an assistant, `conversing` what happens to a question, `sources` what a citation opens,
`page` puts them on one page, `serving` serves it, `security` keeps browsers from loading anything from elsewhere. How things
look is the business of `qa.rendering`.
"""

from __future__ import annotations

from qa.chat.answering import Answering, Assistants, Pending
from qa.chat.options import ServeOptions

__all__ = ["Answering", "Assistants", "Pending", "ServeOptions"]
