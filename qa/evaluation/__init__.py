"""How good the assistant is on a gold set of questions, and whether one version is better than another.

    from qa.evaluation import compare, evaluate, read_gold

    before = evaluate(read_gold("gold.jsonl"))
    before.metrics["answer_in_quote"], before.intervals["answer_in_quote"]

A gold set is a list of `GoldQuestion`, or a `GoldSet` as `read_gold` gives it.
"""

from qa.evaluation.comparison import Change, Comparison, Difference, compare
from qa.evaluation.gold import read_gold
from qa.evaluation.measures import METRICS
from qa.evaluation.model import HALVES, GoldDocument, GoldSet, half, word_overlap
from qa.evaluation.outcome import Evaluation, Outcome
from qa.evaluation.run import evaluate, evaluate_files
from qa.schema import Evidence, GoldQuestion

__all__ = [
    "HALVES",
    "METRICS",
    "Change",
    "Comparison",
    "Difference",
    "Evaluation",
    "Evidence",
    "GoldDocument",
    "GoldQuestion",
    "GoldSet",
    "Outcome",
    "compare",
    "evaluate",
    "evaluate_files",
    "half",
    "read_gold",
    "word_overlap",
]
