"""What users say of answers: kept in SQLite beside the index, given out as a gold set.

`model` is what one says of an answer, `store` keeps it, `gold` makes questions with evidence of it.
"""

from __future__ import annotations

from qa.feedback.gold import GoldExport, gold_line, gold_of
from qa.feedback.model import Corrected, Entry, Quoted, Verdict
from qa.feedback.store import FILE_NAME, FeedbackStore

__all__ = [
    "FILE_NAME", "Corrected", "Entry", "FeedbackStore", "GoldExport", "Quoted", "Verdict", "gold_line", "gold_of",
]  # fmt: skip
