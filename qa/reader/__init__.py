"""Question and hits → the sentences and words that answer.

A linear model over what is plain to see of a sentence (how much of the question it holds, how close its meaning is, whether
it holds words of the form that is asked for) picks the sentences that a small cross-encoder reads; a second one weighs both
into the probability that the sentence answers.
"""

from qa.reader.evidence import EvidenceReader, Relevance
from qa.reader.expects import Expectation, Kind, expect
from qa.reader.relevance import RelevanceModel

__all__ = ["EvidenceReader", "Expectation", "Kind", "Relevance", "RelevanceModel", "expect"]
