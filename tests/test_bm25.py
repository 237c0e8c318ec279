"""BM25 against its formula written out."""

from __future__ import annotations

import math
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from fakes import make_passage, make_query, no_file_larger_than

from qa.bm25 import K1, PAIR_WEIGHT, VARIANT_WEIGHT, B, BM25Scorer, passage_tokens
from qa.errors import IndexStateError
from qa.schema import Query, Term
from qa.text import stems

TEXTS = [
    "Baricitinib dose of 4 mg and the baricitinib dose of 2 mg",
    "The emergency use authorization of baricitinib",
    "The EUA names a dose",
    "Café 😀 was open; the café was full of people in café chairs",
    "Baricitinib dose of 4 mg and the baricitinib dose of 2 mg",
    "!!! 😀",
]
TOKENS = [passage_tokens(text) or [""] for text in TEXTS]


def scorer_of(texts: list[str]) -> BM25Scorer:
    return BM25Scorer.build([make_passage(text, start=1000 * i) for i, text in enumerate(texts)])


def bm25(token: str) -> np.ndarray:
    """Scores of one token: idf · f / (f + k1 (1 - b + b |d| / avgdl)), as in Lucene."""
    average = sum(len(tokens) for tokens in TOKENS) / len(TOKENS)
    n = sum(token in tokens for tokens in TOKENS)
    idf = math.log(1 + (len(TOKENS) - n + 0.5) / (n + 0.5))
    scores = []
    for tokens in TOKENS:
        f = Counter(tokens)[token]
        scores.append(idf * f / (f + K1 * (1 - B + B * len(tokens) / average)) if f else 0.0)
    return np.asarray(scores)


def test_tokens_are_stems_and_pairs() -> None:
    assert passage_tokens("Doses of the drug were given") == ["dose", "drug", "given", "dose drug", "drug given"]
    assert passage_tokens("the") == []


@pytest.mark.parametrize("text", ["baricitinib", "dose", "cafe", "mg", "unheard", "chairs"])
def test_one_word_scores_as_the_formula_says(text: str) -> None:
    query = Query(text, text, (Term(text, (tuple(stems(text)),), 1.0),))
    np.testing.assert_allclose(scorer_of(TEXTS).scores(query), bm25(stems(text)[0]), rtol=1e-5)


def test_words_add_up_with_their_pairs() -> None:
    expected = bm25("baricitinib") + bm25("dose") + PAIR_WEIGHT * bm25("baricitinib dose")
    np.testing.assert_allclose(scorer_of(TEXTS).scores(make_query("baricitinib dose")), expected, rtol=1e-5)


def test_a_pair_asked_twice_counts_once() -> None:
    twice = Query("q", "baricitinib dose baricitinib dose", make_query("baricitinib dose").terms)
    expected = bm25("baricitinib") + bm25("dose") + PAIR_WEIGHT * (bm25("baricitinib dose") + bm25("dose baricitinib"))
    np.testing.assert_allclose(scorer_of(TEXTS).scores(twice), expected, rtol=1e-5)


def test_a_term_counts_once_with_its_best_variant() -> None:
    query = make_query("EUA", ["EUA", "emergency use authorization", "dose"])
    long = sum(bm25(stem) for stem in ("emergenc", "use", "author"))
    expected = np.maximum.reduce([bm25("eua"), VARIANT_WEIGHT / math.sqrt(3) * long, VARIANT_WEIGHT * bm25("dose")])
    np.testing.assert_allclose(scorer_of(TEXTS).scores(query), expected, rtol=1e-5)
    assert expected[2] == pytest.approx(bm25("eua")[2])


def test_equal_passages_score_equally_and_others_not_at_all() -> None:
    scores = scorer_of(TEXTS).scores(make_query("baricitinib dose"))
    assert scores[0] == scores[4] > 0
    assert scores[3] == scores[5] == 0


def test_a_question_without_terms_scores_nothing() -> None:
    assert not scorer_of(TEXTS).scores(Query("who is it", "who is it")).any()
    assert scorer_of(TEXTS).scores(Query("who is it", "who is it")).shape == (len(TEXTS),)


@pytest.mark.parametrize("texts", [[], ["!!!"], ["the", "of"], ["dose"]])
def test_small_and_empty_indexes_work_and_survive_the_disk(texts: list[str], tmp_path: Path) -> None:
    scorer = scorer_of(texts)
    scorer.save(tmp_path / "lexical")
    again = BM25Scorer.load(tmp_path / "lexical", len(texts))
    for each in (scorer, again):
        scores = each.scores(make_query("dose"))
        assert scores.shape == (len(texts),)
        assert [bool(score > 0) for score in scores] == [text == "dose" for text in texts]


def test_scores_survive_the_disk(tmp_path: Path) -> None:
    scorer = scorer_of(TEXTS)
    scorer.save(tmp_path / "lexical")
    again = BM25Scorer.load(tmp_path / "lexical", len(TEXTS))
    for question in ("baricitinib dose", "café", "4 mg"):
        np.testing.assert_array_equal(again.scores(make_query(question)), scorer.scores(make_query(question)))


def test_what_does_not_fit_is_refused(tmp_path: Path) -> None:
    scorer_of(TEXTS).save(tmp_path / "lexical")
    with pytest.raises(IndexStateError, match=r"6 passages, the store 5.*qa index"):
        BM25Scorer.load(tmp_path / "lexical", 5)
    with pytest.raises(IndexStateError, match="qa index"):
        BM25Scorer.load(tmp_path / "nowhere", 5)
    for file in (tmp_path / "lexical").iterdir():
        file.write_bytes(b"")
    with pytest.raises(IndexStateError, match="qa index"):
        BM25Scorer.load(tmp_path / "lexical", 6)


def test_a_file_that_did_not_reach_the_disk_in_full_is_an_error(tmp_path: Path) -> None:
    scorer = scorer_of(["a dose of aspirin"] * 3000)  # few words, so that no other file is larger
    scorer.save(tmp_path / "lexical")
    size = (tmp_path / "lexical" / "data.csc.index.npy").stat().st_size
    assert size == max(path.stat().st_size for path in (tmp_path / "lexical").iterdir())
    with no_file_larger_than(size - 1), pytest.raises(OSError, match="in full"):
        scorer.save(tmp_path / "again")
