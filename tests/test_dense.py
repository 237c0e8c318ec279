"""FAISS against inner products by numpy."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import faiss
import numpy as np
import pytest
from fakes import FakeEmbedder, make_passage, make_query, no_file_larger_than

from qa import dense
from qa.errors import IndexStateError
from qa.schema import Passage, Sentence

TEXTS = [
    "Baricitinib was given. The dose was 4 mg.",
    "Ruxolitinib was given. The dose was 5 mg. It was safe.",
    "Café 😀 was open.",
    "The dose was 4 mg. Thrombosis was rare. Café 😀.",
    "Baricitinib was given.",
]


def passages_of(texts: Sequence[str]) -> list[Passage]:
    """Passages whose sentences end in a full stop."""
    passages = []
    for i, text in enumerate(texts):
        begin, sentences = 0, []
        for part in text.split(". "):
            end = begin + len(part)
            sentences.append(Sentence(1000 * i + begin, 1000 * i + min(end + 1, len(text))))
            begin = end + 2
        passages.append(replace(make_passage(text, start=1000 * i), sentences=tuple(sentences)))
    return passages


PASSAGES = passages_of(TEXTS)


def scorer_of(passages: Sequence[Passage], embedder: FakeEmbedder) -> tuple[dense.DenseScorer, np.ndarray]:
    words = [p.slice(s.start, s.end) for p in passages for s in p.sentences]
    vectors = embedder.embed_passages(words)
    return dense.DenseScorer(dense.make_index(vectors), dense.sentence_starts(passages), embedder), vectors


def test_starts_are_the_first_rows() -> None:
    assert dense.sentence_starts(PASSAGES).tolist() == [0, 2, 5, 6, 9, 10]
    assert dense.sentence_starts([]).tolist() == [0]


@pytest.mark.parametrize("question", ["baricitinib dose", "café", "was the ruxolitinib safe", "unheard words"])
def test_scores_are_the_best_cosine_of_a_sentence(question: str, embedder: FakeEmbedder) -> None:
    scorer, vectors = scorer_of(PASSAGES, embedder)
    query = make_query(question)
    cosines = vectors @ embedder.embed_queries([question])[0]
    starts = [0, 2, 5, 6, 9, 10]
    expected = [max(cosines[a:b]) for a, b in itertools.pairwise(starts)]
    np.testing.assert_allclose(scorer.scores(query, range(5)), expected, atol=1e-6)
    np.testing.assert_allclose(scorer.scores(query, [3, 0]), [expected[3], expected[0]], atol=1e-6)
    for row in range(5):
        np.testing.assert_allclose(
            scorer.sentence_scores(query, row), cosines[starts[row] : starts[row + 1]], atol=1e-6
        )


@pytest.mark.parametrize("question", ["baricitinib dose", "café", "thrombosis"])
def test_the_nearest_passages_come_first_and_once(question: str, embedder: FakeEmbedder) -> None:
    scorer, _ = scorer_of(PASSAGES, embedder)
    query = make_query(question)
    found = scorer.nearest(query, 100).tolist()
    assert sorted(found) == [0, 1, 2, 3, 4]
    scores = scorer.scores(query, found)
    assert all(a >= b - 1e-6 for a, b in itertools.pairwise(scores))
    few = scorer.nearest(query, 3).tolist()
    assert 1 <= len(few) == len(set(few)) <= 3
    np.testing.assert_allclose(scorer.scores(query, few), scores[: len(few)], atol=1e-6)


def test_an_index_without_vectors_finds_nothing(embedder: FakeEmbedder) -> None:
    scorer, _ = scorer_of([], embedder)
    assert scorer.nearest(make_query("dose"), 10).tolist() == []
    assert scorer.scores(make_query("dose"), []).tolist() == []


def test_a_question_is_embedded_once_for_ranking_and_reading(embedder: FakeEmbedder) -> None:
    scorer, _ = scorer_of(PASSAGES, embedder)
    for question in ("dose", "dose", "café", "dose"):
        query = make_query(question)
        scorer.nearest(query, 3)
        scorer.scores(query, [0])
        np.testing.assert_array_equal(scorer.embed(query), embedder._rows([embedder._bag(question)])[0])
    assert embedder.asked == ["dose", "café", "dose"]


def test_vectors_survive_the_disk(embedder: FakeEmbedder, tmp_path: Path) -> None:
    _, vectors = scorer_of(PASSAGES, embedder)
    dense.write_index(dense.make_index(vectors), tmp_path / "v.faiss")
    again = dense.read_index(tmp_path / "v.faiss")
    np.testing.assert_array_equal(dense.vectors_of(again), vectors)
    dense.write_index(dense.make_index(vectors[:0]), tmp_path / "e.faiss")
    assert dense.vectors_of(dense.read_index(tmp_path / "e.faiss")).shape == (0, 64)


def test_what_does_not_fit_is_refused(embedder: FakeEmbedder, tmp_path: Path) -> None:
    _, vectors = scorer_of(PASSAGES, embedder)
    index = dense.make_index(vectors)
    with pytest.raises(IndexStateError, match=r"10 vectors for 9 sentences.*qa index"):
        dense.DenseScorer(index, np.asarray([0, 9], np.int64), embedder)
    with pytest.raises(IndexStateError, match=r"vectors of 64 numbers, the model fake gives 32.*qa index"):
        dense.DenseScorer(index, dense.sentence_starts(PASSAGES), FakeEmbedder(dimension=32)).embed(make_query("dose"))
    (tmp_path / "bad.faiss").write_bytes(b"not faiss at all")
    with pytest.raises(IndexStateError, match="qa index"):
        dense.read_index(tmp_path / "bad.faiss")
    other = faiss.IndexFlatL2(8)
    faiss.write_index(other, str(tmp_path / "l2.faiss"))
    with pytest.raises(IndexStateError, match=r"IndexFlatL2|IndexFlat, not a flat"):
        dense.read_index(tmp_path / "l2.faiss")


def test_a_file_that_did_not_reach_the_disk_in_full_is_an_error(tmp_path: Path) -> None:
    index = dense.make_index(np.eye(64, dtype=np.float32))
    dense.write_index(index, tmp_path / "v.faiss")
    with no_file_larger_than((tmp_path / "v.faiss").stat().st_size - 1), pytest.raises(OSError, match="too large"):
        dense.write_index(index, tmp_path / "again.faiss")
