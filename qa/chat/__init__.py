"""The web chat: a Gradio page over an assistant, and the server that shows it.

`answering` is what the chat needs of an assistant, `conversing` what happens to a question, `sources` what a citation opens,
`documents` the view of the documents (`shelf` lists them, `library` changes them, `uploads` keeps their files, `scope` puts a
question to one collection), `page` puts all on one page, `serving` serves it, `security` keeps browsers from loading anything
from elsewhere. How things look is the business of `qa.rendering`.
"""

from __future__ import annotations

import os

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # before Gradio is imported anywhere

from qa.chat.answering import Answering, Assistants, Pending
from qa.chat.options import ServeOptions

__all__ = ["Answering", "Assistants", "Pending", "ServeOptions"]
