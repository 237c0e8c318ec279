"""Asks the questions of a gold set and judges what comes back."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import platform
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import qa
from qa.errors import GoldError, QuestionError
from qa.evaluation import evidence as evidences
from qa.evaluation import matching, own_corpus
from qa.evaluation.gold import read_gold
from qa.evaluation.journal import Journal
from qa.evaluation.measures import DEPTH, retrieval_scores
from qa.evaluation.model import GoldSet, Half, half, word_overlap
from qa.evaluation.outcome import Evaluation, Loss, Outcome
from qa.schema import Answer, Embedder, GoldQuestion, Hit, Passage

if TYPE_CHECKING:
    from qa.assistant import Assistant, Considered
    from qa.index import Progress

RANKED_PASSAGES = 100
"""Passages that are ranked where whole documents are judged, so that ten documents are among them."""

PROJECT = Path(qa.__file__).resolve().parent


def evaluate(
    gold: GoldSet | Sequence[GoldQuestion],
    assistant: Assistant | None = None,
    *,
    index: Path | str | None = None,
    journal: Path | None = None,
    progress: Progress | None = None,
) -> Evaluation:
    """Ask every question of an assistant (by default that over `index`, see `qa.ask`) and judge its answers.

    Retrieval and answers are judged on the best candidate, whatever the threshold says; refusal is judged apart. With
    `journal`, a file, outcomes are kept as they come, and a run that was stopped goes on where it was. Raises GoldError
    where evidence is not in the documents.
    """
    if assistant is None:
        from qa.assistant import Assistant

        assistant = Assistant.open(index)
    if not isinstance(gold, GoldSet):
        gold = GoldSet("questions", "JSONL", tuple(gold), (), _digest(repr(item) for item in gold))
    _check(gold.questions)
    return _run(gold, assistant, _about(gold, assistant), journal, progress)


def _run(
    gold: GoldSet, assistant: Assistant, about: dict[str, Any], journal: Path | None, progress: Progress | None
) -> Evaluation:
    """Every question of a checked gold set, asked and judged; what is found out on the way is added to `about`."""
    documents = {stored.document.doc_id: stored.document for stored in assistant.documents}
    questions, lost = evidences.resolve(gold.questions, documents)
    about["gold"]["evidence_not_in_documents"] = lost
    by_document: dict[str, list[Passage]] = {}
    for passage in assistant.index.passages:
        by_document.setdefault(passage.doc_id, []).append(passage)
    outcomes: list[Outcome] = []
    assistant.embedder.embed_passages(["warm"])  # loading the model is no part of the time that a question takes
    with Journal.open(journal, _key(about)) as kept:
        for number, question in enumerate(questions, start=1):
            outcome = kept.get(question.query_id) or _judge(question, assistant, by_document)
            kept.add(outcome)
            outcomes.append(outcome)
            if progress:
                progress("answering questions", number, len(questions))
        kept.complete()
    return Evaluation(tuple(outcomes), about)


def evaluate_files(
    paths: Path | str | Sequence[Path | str],
    *,
    index: Path | str | None = None,
    embedder: Embedder | None = None,
    corpus_from_gold: bool = False,
    only: Half | None = None,
    use_evidence: bool = True,
    work: Path | None = None,
    progress: Progress | None = None,
) -> Evaluation:
    """Read a gold set and evaluate the assistant over an index on it; what `qa eval` does.

    With `corpus_from_gold`, and for BEIR always, the documents that the set brings along are indexed below `work` (see
    `own_corpus.cache_folder`) and searched; other evidence of a SQuAD set is looked for in whatever is indexed. `only`
    takes one half of the questions. Without `use_evidence` retrieval is not judged. A call that was stopped is continued
    by the next like it. Raises GoldError before anything is opened where the set is malformed.
    """
    gold = read_gold(paths)
    if only:
        questions = tuple(question for question in gold.questions if half(question) == only)
        gold = replace(gold, questions=questions)
    work = work or own_corpus.cache_folder()
    unread, overlap = 0, None
    contexts = {document.doc_id: document.text for document in gold.documents}
    if corpus_from_gold or gold.format == "BEIR":
        if index is not None:
            raise GoldError("the documents of a gold set are indexed apart (see --work): give no --index")
        if not gold.documents:
            raise GoldError(f"{gold.name} brings no documents along: SQuAD and BEIR sets do")
        from qa.embedding import SentenceTransformerEmbedder

        embedder = embedder or SentenceTransformerEmbedder()
        overlap = word_overlap(evidences.in_any_document(gold.questions, contexts))
        own = own_corpus.index_documents(gold, embedder, work=work, progress=progress)
        index, gold, unread = own.folder, own.gold, len(own.unread)
    elif gold.documents:
        gold = replace(gold, questions=evidences.in_any_document(gold.questions, contexts))
    if not use_evidence:
        gold = replace(gold, questions=tuple(replace(question, evidence=()) for question in gold.questions))
    from qa.assistant import Assistant

    assistant = Assistant.open(index, embedder=embedder)
    _check(gold.questions)
    about = _about(gold, assistant)
    evaluation = _run(gold, assistant, about, work / f"{_key(about)[:16]}.run", progress)
    evaluation.about["gold"] |= {
        "half": only or "all",
        "documents_unread": unread,
        "corpus_from_gold": overlap is not None,
    }
    if overlap is not None:
        evaluation.about["gold"]["words_in_evidence"] = overlap
    return evaluation


def _check(questions: Sequence[GoldQuestion]) -> None:
    """Refuse what cannot be evaluated: nothing, something else than questions, two questions of one id."""
    if not questions:
        raise GoldError("there is no question to evaluate")
    seen: set[str] = set()
    for question in questions:
        if not isinstance(question, GoldQuestion):
            raise GoldError(f"a gold set is a list of GoldQuestion, not of {type(question).__name__}")
        if not question.question.strip():
            raise GoldError(f"question {question.query_id!r} is empty")
        if question.query_id in seen:
            raise GoldError(f"two questions have the id {question.query_id!r}")
        seen.add(question.query_id)


def _judge(
    gold: GoldQuestion,
    assistant: Assistant,
    passages: Mapping[str, Sequence[Passage]],
) -> Outcome:
    """One question, asked and judged; one that cannot be put counts as refused."""
    outcome = Outcome(
        query_id=gold.query_id,
        question=gold.question,
        kind=gold.kind,
        half=half(gold),
        answerable=gold.answerable,
        history=gold.history,
        accepted=gold.answers_all or gold.answers,
        evidence=tuple(dict.fromkeys(item.quote for item in gold.evidence)),
    )
    if gold.relevant:
        return _judge_ranking(gold, assistant, outcome)
    places = {item.doc_id for item in gold.evidence}
    relevant = evidences.relevant_passages(gold, (p for name in places for p in passages.get(name, ())))
    outcome = replace(outcome, relevant=relevant)
    try:
        considered = assistant.consider(gold.question, k=DEPTH, history=gold.history)
        given, best = assistant.decide(considered), assistant.decide(considered, force=True)
    except QuestionError:
        considered, given, best = None, Answer(gold.question, ""), Answer(gold.question, "")
    correct = gold.answerable and matching.in_quotes(best.quotes, gold)
    outcome = replace(
        outcome,
        answered=given.answered,
        correct=correct,
        confidence=best.confidence,
        short=best.short,
        quotes=best.quotes,
        ranking=tuple(_ranked(hit, relevant) for hit in best.hits),
        elapsed_ms=given.elapsed_ms,
        lost=_lost(gold, considered, best, given.answered, correct),
    )
    if best.citations:
        first = best.citations[0]
        where = f"page {first.page}" if first.page else f"line {first.line}" if first.line else ""
        outcome = replace(outcome, place=", ".join(filter(None, (first.doc_id, where))))
    return replace(outcome, metrics=_scores(gold, outcome, best))


def _ranked(hit: Hit, relevant: Mapping[str, int]) -> str:
    """The id that a hit counts as: that of a relevant passage where one of the same words is."""
    return next((p.passage_id for p in (hit.passage, *hit.same) if p.passage_id in relevant), hit.passage.passage_id)


def _judge_ranking(gold: GoldQuestion, assistant: Assistant, outcome: Outcome) -> Outcome:
    """A question for which only the order of documents is judged: each stands where its best passage does."""
    begin = time.perf_counter()
    try:
        hits = assistant.retrieve(gold.question, RANKED_PASSAGES)
    except QuestionError:
        hits = []
    elapsed = 1000 * (time.perf_counter() - begin)
    ranking = tuple(dict.fromkeys(hit.passage.doc_id for hit in hits))[:DEPTH]
    relevant = dict(gold.relevant)
    scores = retrieval_scores(ranking, relevant)
    found = scores[f"success@{DEPTH}"] > 0
    lost: Loss = "" if found else "not retrieved"
    return replace(outcome, ranking=ranking, relevant=relevant, metrics=scores, lost=lost, elapsed_ms=elapsed)


def _scores(gold: GoldQuestion, outcome: Outcome, best: Answer) -> dict[str, float]:
    """Every figure of one question that applies to it."""
    if not gold.answerable:
        return {"refused_unanswerable": float(not outcome.answered)}
    accepted = matching.accepted_answers(gold)
    scores = {
        "exact_match": matching.exact_match(best.short, accepted),
        "f1": matching.f1(best.short, accepted),
        "answer_in_quote": float(outcome.correct),
        "answered_right": float(outcome.correct and outcome.answered),
        "refused_answerable": float(not outcome.answered),
    }
    if gold.answers_all:
        scores["list_f1"] = matching.set_f1([span.text for span in best.spans], gold.answers_all)
        scores["exact_match"] = float(scores["list_f1"] == 1)  # in any order
    if gold.evidence:
        scores |= retrieval_scores(outcome.ranking, outcome.relevant) if outcome.relevant else _nothing_found()
        scores["citation_precision"], scores["citation_recall"] = evidences.citation_scores(gold, best.spans)
    return scores


def _nothing_found() -> dict[str, float]:
    """The scores where the evidence stands in no passage: none can be found."""
    return dict.fromkeys(retrieval_scores((), {"none": 1}), 0.0)


def _lost(gold: GoldQuestion, considered: Considered | None, best: Answer, answered: bool, correct: bool) -> Loss:
    """Where the question was lost, by its evidence, or without any by the words of its answers."""
    if not gold.answerable:
        return "wrongly answered" if answered else ""
    if correct:
        return "" if answered else "wrongly refused"
    if considered is None:
        return "wrongly refused"

    def right(passage: Passage, start: int, end: int) -> bool:
        if gold.evidence:
            return evidences.overlaps(gold.evidence, passage.doc_id, start, end)
        return any(matching.holds(passage.slice(start, end), words) for words in gold.answers_all or gold.answers)

    if not any(right(hit.passage, hit.passage.start, hit.passage.end) for hit in considered.hits):
        return "not retrieved"
    if not any(right(span.passage, span.quote_start, span.quote_end) for span in considered.spans):
        return "retrieved but not read"
    if not any(right(span.passage, span.quote_start, span.quote_end) for span in best.spans):
        return "read but not chosen"
    return "chosen but incomplete"


def _about(gold: GoldSet, assistant: Assistant) -> dict[str, Any]:
    """What the figures were measured with; neither places nor names of machines."""
    from qa.assistant import THRESHOLD

    manifest = assistant.index.manifest
    texts = (f"{passage.passage_id}\t{passage.index_text}" for passage in assistant.index.passages)
    unanswerable = sum(not question.answerable for question in gold.questions)
    return {
        "version": qa.__version__,
        "code_sha256": code_sha256(),
        "date": dt.datetime.now(dt.UTC).replace(microsecond=0).isoformat(),
        "gold": {
            "name": gold.name,
            "format": gold.format,
            "sha256": gold.sha256,
            "questions": len(gold.questions),
            "unanswerable": unanswerable,
            "words_in_evidence": word_overlap(gold.questions),
        },
        "index": {**manifest["counts"], "passages_sha256": _digest(texts), "chunker": manifest["chunker"]},
        "model": dict(assistant.embedder.identity),
        "reader": type(assistant.reader).__qualname__,
        "network": assistant.network,
        "threshold": THRESHOLD,
        "machine": {"cpu": _cpu(), "cores": len(os.sched_getaffinity(0)), "python": platform.python_version()},
    }


def _key(about: Mapping[str, Any]) -> str:
    """What must be equal for two halves of a run to be one: everything but when and where."""
    return _digest([repr({name: value for name, value in about.items() if name not in ("date", "machine")})])


@lru_cache(maxsize=1)
def code_sha256() -> str:
    """Hash of the code, the tables and the weights of this package: outcomes of two versions are never mixed."""
    files = sorted(path for path in PROJECT.rglob("*") if path.suffix in (".py", ".toml", ".safetensors"))
    return _digest(f"{path.relative_to(PROJECT)}\t{hashlib.sha256(path.read_bytes()).hexdigest()}" for path in files)


def _digest(parts: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.encode("utf-8", "surrogatepass") + b"\n")
    return digest.hexdigest()


def _cpu() -> str:
    """Name of the processor, as far as the system tells."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
