"""Reranking by relevance, and the question with the names of a passage."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from fakes import make_passage

from qa.reader.reranking import CLEAR, DEPTH, rerank
from qa.reader.trained import Read
from qa.reader.wording import worded
from qa.schema import Hit, Passage, Query, Term


def hits(*scores: float) -> list[Hit]:
    return [Hit(make_passage(f"Passage {i}.", start=100 * i), score, i + 1, "hybrid") for i, score in enumerate(scores)]


class Network:
    """Takes a passage for as relevant as it is told, and counts what it reads."""

    def __init__(self, *relevances: float) -> None:
        self._relevances = relevances
        self.read: list[Passage] = []

    def __call__(self, pairs: Sequence[tuple[str, Passage]]) -> list[Read]:
        self.read += [passage for _, passage in pairs]
        return [Read(self._relevances[passage.start // 100], ()) for _, passage in pairs]


def order(found: Sequence[Hit]) -> list[int]:
    return [hit.passage.start // 100 for hit in found]


def test_what_is_relevant_rises_and_ranks_count_from_one() -> None:
    found = rerank(Query("q", "q"), hits(2.0, 1.98, 1.97), Network(-5, -5, 9))
    assert order(found) == [2, 0, 1]
    assert [hit.rank for hit in found] == [1, 2, 3]
    assert [hit.score for hit in found] == sorted((hit.score for hit in found), reverse=True)


def test_a_clear_lead_is_left_and_nothing_read() -> None:
    network = Network(-9, 9)
    given = hits(1.0, 1.0 - CLEAR - 0.01)
    assert rerank(Query("q", "q"), given, network) == given
    assert not network.read


@pytest.mark.parametrize("count", [0, 1])
def test_few_hits_need_no_order(count: int) -> None:
    network = Network(1)
    assert rerank(Query("q", "q"), hits(*[1.0] * count), network) == hits(*[1.0] * count)
    assert not network.read


def test_only_the_first_are_read_and_the_others_stay_behind_them() -> None:
    given = hits(*(2 - i / 1000 for i in range(DEPTH + 4)))
    network = Network(*(float(i) for i in range(DEPTH + 4)))
    found = rerank(Query("q", "q"), given, network)
    assert len(network.read) == DEPTH
    assert order(found) == [*reversed(range(DEPTH)), *range(DEPTH, DEPTH + 4)]
    assert [hit.rank for hit in found] == list(range(1, DEPTH + 5))
    assert [hit.score for hit in found] == sorted((hit.score for hit in found), reverse=True)


def named(surface: str, *variants: tuple[str, ...], name: bool = True) -> Term:
    return Term(surface, variants, 2.0, named=name)


@pytest.mark.parametrize(
    ("terms", "passage", "text"),
    [
        ([named("Orlibra", ("orlibra",), ("zalutinib",))], "Zalutinib was given.", "how much Zalutinib, daily?"),
        ([named("Orlibra", ("orlibra",), ("zalutinib",))], "Orlibra is zalutinib.", "how much Orlibra, daily?"),
        ([named("Orlibra", ("orlibra",), ("zalutinib",))], "Nothing was given.", "how much Orlibra, daily?"),
        ([named("Orlibra", ("orlibra",), ("zalutinib",), name=False)], "Zalutinib.", "how much Orlibra, daily?"),
        ([named("Orlibra", ("orlibra",), ("old", "zalutinib"))], "An old zalutinib.", "how much old zalutinib, daily?"),
        ([named("Orlibra", ("orlibra",), ("old", "zalutinib"))], "Old, not zalutinib.", "how much Orlibra, daily?"),
        ([named("Orlibra", ("zalutinib",))], "Zalutinib.", "how much Zalutinib, daily?"),  # the corpus lacks the brand
        ([named("much", ("zalutinib",))], "Zalutinib.", "how Zalutinib Orlibra, daily?"),
        ([named("Orl", ("zalutinib",))], "Zalutinib.", "how much Orlibra, daily?"),  # no part of a word
    ],
)  # fmt: skip
def test_a_name_is_the_passages_own(terms: list[Term], passage: str, text: str) -> None:
    query = Query("how much Orlibra, daily?", "how much Orlibra, daily?", tuple(terms))
    assert worded(query, make_passage(passage)) == text
