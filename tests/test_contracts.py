"""What every engine behind a Protocol owes, checked alike for the real ones and the fakes; a new engine adds a line here."""

from __future__ import annotations

import ast
import inspect
import itertools
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pytest
from fakes import FakeEmbedder, make_passage, make_query
from numpy.typing import NDArray

import qa
from qa import dense, schema
from qa.bm25 import BM25Scorer
from qa.embedding import SentenceTransformerEmbedder
from qa.reader import EvidenceReader
from qa.retrieval import HybridRanker
from qa.schema import Embedder, Hit, Passage, Query, Ranker, Reader

TEXTS = [
    "Baricitinib was given at 4 mg for 14 days.",
    "Ruxolitinib was given at 5 mg twice daily.",
    "Café 😀 was open on November 19, 2020.",
    "Thrombosis was rare with baricitinib.",
    "Baricitinib was given at 4 mg for 14 days.",
]
PASSAGES = [make_passage(text, doc_id=f"d{i}", start=100 * i) for i, text in enumerate(TEXTS)]
QUESTIONS = ["baricitinib dose", "when was the café open", "thrombosis", "who is it", "unheard"]

EMBEDDERS = [pytest.param("fake"), pytest.param("default", marks=pytest.mark.model)]


@pytest.fixture(params=EMBEDDERS)
def any_embedder(request: pytest.FixtureRequest) -> Embedder:
    if request.param == "fake":
        return FakeEmbedder()
    found: SentenceTransformerEmbedder = request.getfixturevalue("real_embedder")
    return found


def rankers() -> Iterable[Ranker]:
    embedder = FakeEmbedder()
    vectors = embedder.embed_passages(TEXTS)
    scorer = dense.DenseScorer(dense.make_index(vectors), dense.sentence_starts(PASSAGES), embedder)
    yield HybridRanker(PASSAGES, BM25Scorer.build(PASSAGES), scorer)


def readers() -> Iterable[Reader]:
    def similarity(query: Query, passage: Passage) -> np.ndarray:
        embedder = FakeEmbedder()
        words = [passage.slice(s.start, s.end) for s in passage.sentences]
        return embedder.embed_passages(words) @ embedder.embed_queries([query.text])[0]

    def alone(query: Query, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.linspace(0.1, 0.9, len(texts), dtype=np.float32)

    yield EvidenceReader(similarity, alone)


def test_an_embedder_gives_unit_vectors_one_for_each_span(any_embedder: Embedder) -> None:
    assert any_embedder.name
    assert any_embedder.dimension > 0
    spans = [[(0, 11), (0, len(text))] for text in TEXTS]
    steps: list[int] = []
    rows = any_embedder.embed_passages(TEXTS, spans, steps.append)
    assert sum(steps) == len(TEXTS)
    for vectors, n in ((any_embedder.embed_queries(TEXTS), 5), (any_embedder.embed_passages(TEXTS), 5), (rows, 10)):
        assert vectors.shape == (n, any_embedder.dimension)
        assert vectors.dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert any_embedder.embed_queries([]).shape == any_embedder.embed_passages([]).shape == (0, any_embedder.dimension)


def test_an_embedder_is_the_same_each_time_and_tells_texts_apart(any_embedder: Embedder) -> None:
    first, again = any_embedder.embed_passages(TEXTS), any_embedder.embed_passages(TEXTS)
    np.testing.assert_array_equal(first, again)
    near = any_embedder.embed_queries(TEXTS) @ first.T
    assert all(near[i].argmax() in (i, 0 if i == 4 else i) for i in range(5))
    np.testing.assert_allclose(near[0, 0], near[0, 4], atol=1e-3)


def test_an_embedder_says_who_it_is_and_counts_pieces(any_embedder: Embedder) -> None:
    assert {"name", "sha256"} <= set(any_embedder.identity)
    assert all(isinstance(value, str) and value for value in any_embedder.identity.values())
    assert any_embedder.count_pieces("") == 0
    assert 5 <= any_embedder.count_pieces(TEXTS[0]) <= len(TEXTS[0])
    assert all(word == word.lower() for word in any_embedder.common_words)
    assert "the" in any_embedder.common_words
    assert "ruxolitinib" not in any_embedder.common_words


@pytest.mark.parametrize("ranker", list(rankers()), ids=lambda ranker: type(ranker).__name__)
@pytest.mark.parametrize("k", [1, 3, 5, 50])
def test_a_ranker_gives_hits_best_first(ranker: Ranker, k: int) -> None:
    for question in QUESTIONS:
        hits = ranker.search(make_query(question), k)
        assert len(hits) <= k
        assert [hit.rank for hit in hits] == list(range(1, len(hits) + 1))
        assert all(a.score >= b.score - 1e-5 for a, b in itertools.pairwise(hits))
        assert len({hit.passage.passage_id for hit in hits}) == len(hits)
        assert all(hit.passage in PASSAGES and isinstance(hit.score, float) and hit.ranker for hit in hits)
        assert ranker.search(make_query(question), k) == hits
        assert ranker.search(make_query(question), 50)[: len(hits)] == hits


@pytest.mark.parametrize("reader", list(readers()), ids=lambda reader: type(reader).__name__)
def test_a_reader_gives_one_reading_a_hit_with_spans_that_stand_in_it(reader: Reader) -> None:
    hits = [Hit(passage, 1.0 / rank, rank, "test") for rank, passage in enumerate(PASSAGES, start=1)]
    for question in QUESTIONS:
        query = make_query(question)
        for given in (hits, hits[:1], []):
            readings = reader.read(query, given)
            assert [reading.hit for reading in readings] == given
            assert reader.read(query, given) == readings
            for reading in readings:
                assert 0 <= reading.relevance <= 1
                assert [span.score for span in reading.spans] == sorted((s.score for s in reading.spans), reverse=True)
                for span in reading.spans:
                    assert span.passage is reading.hit.passage
                    assert span.quote_start <= span.start < span.end <= span.quote_end
                    assert span.text == span.passage.slice(span.start, span.end)


@pytest.mark.parametrize(
    ("protocol", "kinds"),
    [
        (Embedder, [SentenceTransformerEmbedder, FakeEmbedder]),
        (Ranker, [HybridRanker]),
        (Reader, [EvidenceReader]),
    ],
)
def test_engines_take_the_arguments_of_their_protocol(protocol: type, kinds: list[type]) -> None:
    for name, member in vars(protocol).items():
        if name.startswith("_") or not callable(member):
            continue
        asked = list(inspect.signature(member).parameters)
        for kind in kinds:
            given = inspect.signature(getattr(kind, name)).parameters
            assert list(given)[: len(asked)] == asked, f"{kind.__name__}.{name}"
            extra = list(given.values())[len(asked) :]
            assert all(parameter.default is not parameter.empty for parameter in extra)


def test_a_heavy_library_is_imported_where_it_is_first_needed() -> None:
    heavy = {"torch", "faiss", "sentence_transformers", "transformers", "gradio", "bm25s", "huggingface_hub"}
    for path in Path(qa.__file__).parent.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in tree.body:
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            imported = heavy & {name.split(".")[0] for name in names}
            assert imported <= ({"gradio"} if path.parent.name == "chat" else set()), path  # what qa serve loads


def test_every_dataclass_is_frozen() -> None:
    for kind in vars(schema).values():
        if hasattr(kind, "__dataclass_fields__"):
            assert kind.__dataclass_params__.frozen, kind
            assert "__slots__" in vars(kind), kind
