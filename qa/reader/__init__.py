"""Question and hits → the sentences and words that answer.

Each sentence or table row of the hits is weighed by what is plain to see: how much of the question it holds, how close its
meaning is, whether it holds words of the form that is asked for. The weights are fitted; a trained network reads the best
passages along, unless `VERBATIM_READER` is "plain".
"""

from qa.reader.composing import compose
from qa.reader.evidence import EvidenceReader, ReadPairs
from qa.reader.expects import Expectation, Kind, expect
from qa.reader.hub import HubReader
from qa.reader.keeping import Keeping
from qa.reader.reranking import DEPTH as RERANKED
from qa.reader.reranking import rerank
from qa.reader.sides import sides
from qa.reader.trained import TrainedReader
from qa.reader.values import other_values

__all__ = [
    "RERANKED",
    "EvidenceReader",
    "Expectation",
    "HubReader",
    "Keeping",
    "Kind",
    "ReadPairs",
    "TrainedReader",
    "compose",
    "expect",
    "other_values",
    "rerank",
    "sides",
]
