"""A follow-up question and the turns before it → the question that is meant, as far as the corpus tells.

`leaning` sees whether a question leans on the turns before it; one that does not costs nothing more. `candidates` makes the
questions that it may stand for, `follow` puts them to the retriever and the reader that it is given, and `score` says which is
answered best. What is known of things and their kinds comes from the corpus (`Kinds`).
"""

from qa.conversation.choosing import Context, Tried, score
from qa.conversation.following import Parts, follow
from qa.conversation.kinds import Kinds
from qa.conversation.leaning import Leaning, leaning
from qa.conversation.rewriting import Candidate, How, candidates

__all__ = [
    "Candidate",
    "Context",
    "How",
    "Kinds",
    "Leaning",
    "Parts",
    "Tried",
    "candidates",
    "follow",
    "leaning",
    "score",
]
