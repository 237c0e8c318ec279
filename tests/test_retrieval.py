"""Fusion of two rankings: the formula, ties, filters and the same order every time."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from fakes import make_passage, make_query
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from qa.retrieval import DENSE_WEIGHT, DEPTH, HybridRanker
from qa.schema import Passage, Query

QUERY = make_query("dose")


class Fixed:
    """Both rankings at once: scores that are given, one a passage."""

    def __init__(self, values: Sequence[float]) -> None:
        self.values = np.asarray(values, np.float32)

    def nearest(self, query: Query, sentences: int) -> NDArray[np.int64]:
        return np.argsort(-self.values, kind="stable")[:sentences].astype(np.int64)


class FixedLexical(Fixed):
    def scores(self, query: Query) -> NDArray[np.float32]:
        return self.values


class FixedDense(Fixed):
    def scores(self, query: Query, rows: Sequence[int] | NDArray[np.int64]) -> NDArray[np.float32]:
        return self.values[np.asarray(rows, np.int64)]


def passages_of(texts: Sequence[str]) -> list[Passage]:
    return [make_passage(text, doc_id=f"d{i % 3}", start=1000 * i) for i, text in enumerate(texts)]


def ranker_of(texts: Sequence[str], lexical: Sequence[float], dense: Sequence[float], **weights: float) -> HybridRanker:
    return HybridRanker(passages_of(texts), FixedLexical(lexical), FixedDense(dense), **weights)


SCORES = st.lists(
    st.tuples(st.integers(0, 2000).map(lambda n: n / 100), st.integers(-100, 100).map(lambda n: n / 100)),
    min_size=1,
    max_size=40,
)


@given(SCORES, st.integers(1, 60), st.sampled_from([(1.0, 1.0), (0.5, 1.0), (1.0, 0.0)]))
def test_a_score_is_the_weighted_sum_of_both_by_their_largest(
    scores: list[tuple[float, float]], k: int, weights: tuple[float, float]
) -> None:
    lexical, dense = (np.asarray(column, np.float64) for column in zip(*scores, strict=True))
    texts = [f"passage {i}" for i in range(len(scores))]
    hits = ranker_of(texts, lexical, dense, lexical_weight=weights[0], dense_weight=weights[1]).search(QUERY, k)
    fused = weights[0] * lexical / (max(lexical) or 1.0) + weights[1] * dense / (max(dense) if max(dense) > 0 else 1.0)
    assert len(hits) == min(k, len(scores))
    for hit in hits:
        assert hit.score == pytest.approx(fused[texts.index(hit.passage.text)], abs=1e-4)
    assert [hit.rank for hit in hits] == list(range(1, len(hits) + 1))
    assert all(a.score >= b.score - 1.1e-5 for a, b in itertools.pairwise(hits))
    left_out = sorted(set(texts) - {hit.passage.text for hit in hits})
    assert all(fused[texts.index(text)] <= hits[-1].score + 1e-4 for text in left_out)


def test_both_rankings_count_alike_by_default() -> None:
    hits = ranker_of(["a", "b"], [10.0, 5.0], [0.2, 0.4]).search(QUERY, 2)
    assert [(hit.passage.text, round(hit.score, 5)) for hit in hits] == [("a", 1.5), ("b", 1.5)]
    assert DENSE_WEIGHT == 1.0
    assert {hit.ranker for hit in hits} == {"hybrid"}


def test_equal_scores_are_ordered_by_the_words_of_the_passage() -> None:
    texts = ["zeta", "Café", "alpha", "😀", "beta"]
    for order in ([0, 1, 2, 3, 4], [4, 2, 0, 3, 1]):
        hits = ranker_of([texts[i] for i in order], [1.0] * 5, [0.5] * 5).search(QUERY, 5)
        assert [hit.passage.text for hit in hits] == sorted(texts)


def test_differences_below_the_precision_are_ties() -> None:
    hits = ranker_of(["b", "a"], [1.0, 1.0], [0.5, 0.5 - 1e-7]).search(QUERY, 2)
    assert [hit.passage.text for hit in hits] == ["a", "b"]


def test_ties_at_the_cut_do_not_depend_on_the_order_of_the_store() -> None:
    """More equal passages than a ranking puts forward: all of them are looked at."""
    texts = [f"passage {i:03}" for i in range(8 * DEPTH)]
    for order in (texts, texts[::-1]):
        hits = ranker_of(order, [1.0] * len(texts), [0.0] * len(texts)).search(QUERY, 5)
        assert [hit.passage.text for hit in hits] == texts[:5]


def test_a_passage_that_only_one_ranking_finds_is_scored_by_both() -> None:
    n = 5 * DEPTH
    lexical, dense = [0.0] * n, [-0.5] * n
    lexical[n - 1], dense[n - 1] = 4.0, -0.9
    hits = ranker_of([f"p{i}" for i in range(n)], lexical, dense).search(QUERY, 1)
    assert hits[0].passage.text == f"p{n - 1}"
    assert hits[0].score == pytest.approx(1.0 - 0.9)


def test_a_filter_leaves_the_others_out_but_misses_none_of_its_own() -> None:
    n = 5 * DEPTH
    ranker = ranker_of([f"p{i:04}" for i in range(n)], list(range(n)), [0.1] * n)
    hits = ranker.search(QUERY, n, lambda passage: passage.doc_id == "d1")
    assert len(hits) == len([i for i in range(n) if i % 3 == 1])
    assert {hit.passage.doc_id for hit in hits} == {"d1"}
    assert ranker.search(QUERY, 3, lambda passage: False) == []


def test_an_empty_index_gives_no_hits() -> None:
    assert ranker_of([], [], []).search(QUERY, 5) == []


def test_more_than_there_are_gives_all_once() -> None:
    hits = ranker_of(["a", "b", "c"], [0.0, 0.0, 0.0], [0.1, 0.2, 0.3]).search(QUERY, 100)
    assert [hit.passage.text for hit in hits] == ["c", "b", "a"]


_SCRIPT = """
import json, sys, tempfile
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from fakes import FakeEmbedder
from qa import index
from qa.assistant import Assistant
folder = Path(tempfile.mkdtemp(dir=sys.argv[2]))
index.build(folder, [Path(sys.argv[3])], FakeEmbedder())
assistant = Assistant.open(folder, embedder=FakeEmbedder())
out = []
for question in ("what is the baricitinib EUA dose", "which cytokines signal through JAK2?", "blood clots", "ruxo dose"):
    answer = assistant.ask(question, force=True).to_json()
    del answer["elapsed_ms"]
    out.append(answer)
print(json.dumps(out, sort_keys=True))
"""


def test_answers_do_not_depend_on_the_hash_seed(tmp_path: Path) -> None:
    corpus = Path(__file__).resolve().parent.parent / "corpus" / "documents"
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", _SCRIPT, str(Path(__file__).parent), str(tmp_path), str(corpus)],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            stdout=subprocess.PIPE,
            text=True,
        )
        for seed in ("0", "1", "2")
    ]
    results = {run.communicate(timeout=120)[0] for run in runs}
    assert len(results) == 1
    assert len(json.loads(results.pop())) == 4
